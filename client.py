"""How we connect to Temporal: the SDK's own settings, our data converter, one clear error.

``temporalio.envconfig`` reads ``TEMPORAL_ADDRESS``, ``TEMPORAL_NAMESPACE``,
``TEMPORAL_API_KEY``, TLS settings and profiles, so that a Temporal cluster or Temporal Cloud
is a matter of configuration.
"""

import asyncio

from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.envconfig import ClientConfig
from temporalio.service import RPCError

LOCAL_ADDRESS = "127.0.0.1:7233"
CONNECT_SECONDS = 5.0


class TemporalUnreachable(Exception):
    """No Temporal server answered; the message names the address."""


def address() -> str:
    """Give the host and port that ``connect`` tries."""
    return ClientConfig.load_client_connect_config().get("target_host") or LOCAL_ADDRESS


async def connect() -> Client:
    """Connect to the configured server; raises TemporalUnreachable within seconds."""
    config = ClientConfig.load_client_connect_config()
    config.setdefault("target_host", LOCAL_ADDRESS)
    try:
        return await asyncio.wait_for(
            Client.connect(**config, data_converter=pydantic_data_converter), CONNECT_SECONDS
        )
    except (RuntimeError, RPCError, TimeoutError) as error:
        raise TemporalUnreachable(f"no Temporal server answers at {address()}") from error
