"""Connect to Temporal: with the SDK's own settings, our data converter and one clear error.

``temporalio.envconfig`` reads ``TEMPORAL_ADDRESS``, ``TEMPORAL_NAMESPACE``,
``TEMPORAL_API_KEY``, TLS settings and profiles, so a Temporal cluster or Temporal Cloud needs
configuration only.
"""

import asyncio
import logging
from collections.abc import Sequence
from typing import Any

from temporalio.api.common.v1 import Payload
from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest
from temporalio.client import Client
from temporalio.contrib.pydantic import PydanticPayloadConverter
from temporalio.converter import (
    DataConverter,
    DefaultFailureConverter,
    DefaultFailureConverterWithEncodedAttributes,
    FailureConverter,
)
from temporalio.envconfig import ClientConfigProfile, ClientConnectConfig
from temporalio.runtime import (
    LogForwardingConfig,
    LoggingConfig,
    PrometheusConfig,
    Runtime,
    TelemetryConfig,
    TelemetryFilter,
)
from temporalio.service import RPCError

from config import Settings, SettingsError
from connection.causes import cause_of
from connection.certificates import check_certificates
from connection.fairness import FairStart
from encryption.codec import Layers
from encryption.keyring import Keyring
from encryption.payloads import EncryptingCodec, KeylessCodec
from encryption.pseudonyms import Pseudonyms
from encryption.tokens import TokenCodec
from observability.metrics import prometheus
from observability.tracing import run_spans

LOCAL_ADDRESS = "127.0.0.1:7233"
CONNECT_SECONDS = 5.0


class AnyPayloadConverter(PydanticPayloadConverter):
    """Pydantic models as JSON; what cannot be read where any value may come is itself the value.

    Inputs and signals may be anything, also what only somebody else's converter can read. Without
    this it would fail the workflow's task again and again, instead of being refused.
    """

    def from_payloads(
        self, payloads: Sequence[Payload], type_hints: list[type] | None = None
    ) -> list[Any]:
        """Return the values; raises for a payload that should be of a type and is not."""
        if type_hints is not None:
            return super().from_payloads(payloads, type_hints)
        return [self._value(payload) for payload in payloads]

    def _value(self, payload: Payload) -> object:
        try:
            (value,) = super().from_payloads([payload])
        except Exception:  # whatever any converter raises
            return payload
        return value


def data_converter(settings: Settings) -> DataConverter:
    """Return the data converter: pydantic models as JSON, with payment tokens encrypted.

    With keys for payloads everything is encrypted, messages and traces of failures, too.
    """
    failures: type[FailureConverter]
    tokens, keys = TokenCodec(settings.token_encryption_keys), settings.payload_encryption_keys
    if keys is None:
        codec, failures = Layers([tokens, KeylessCodec()]), DefaultFailureConverter
    else:
        codec = Layers([tokens, EncryptingCodec(Keyring.of(keys))], Pseudonyms.by(keys))
        failures = DefaultFailureConverterWithEncodedAttributes
    return DataConverter(
        payload_converter_class=AnyPayloadConverter,
        payload_codec=codec,
        failure_converter_class=failures,
    )


def address() -> str:
    """Return the host and port that ``connect`` uses; raises SettingsError."""
    host = connect_config().get("target_host") or LOCAL_ADDRESS
    return host.rpartition("@")[2]  # what stands before it may be a password


def connect_config() -> ClientConnectConfig:
    """Return the SDK's own settings; raises SettingsError if they cannot be used."""
    try:
        profile = ClientConfigProfile.load()
    except (RuntimeError, ValueError, OSError) as error:
        reason = " ".join(str(error).split())
        if "not valid unicode" in reason:  # the SDK quotes the value, which may be the key
            reason = "a value is not valid Unicode"
        raise SettingsError(
            f"Temporal's settings (TEMPORAL_PROFILE, TEMPORAL_CONFIG_FILE, ...): {reason}"
        ) from None
    if profile.tls is not None and not profile.tls.disabled:
        check_certificates(profile.tls)
    return profile.to_client_connect_config()


def runtime_of(settings: Settings) -> Runtime:
    """Return the runtime of a process that serves its metrics, if METRICS_PORT is set.

    It is made once a process. Raise SettingsError if nothing can listen at that port.
    """
    metrics = prometheus(settings)
    try:
        return quiet_runtime(metrics)
    except ValueError as error:
        where = metrics and metrics.bind_address
        raise SettingsError(f"METRICS_PORT: nothing can listen at {where}: {error}") from None


def quiet_runtime(metrics: PrometheusConfig | None = None) -> Runtime:
    """Return a runtime that sends the log of the SDK's core to Python's logging.

    By default the core prints to stdout, where it would break the output of ``--json``.
    """
    forwarding = LogForwardingConfig(logging.getLogger("temporalio.core"))
    levels = TelemetryFilter(core_level="WARN", other_level="ERROR")
    return Runtime(
        telemetry=TelemetryConfig(
            logging=LoggingConfig(filter=levels, forwarding=forwarding),
            metrics=metrics,
            attach_service_name=False,
        )
    )


async def connect(
    settings: Settings,
    *,
    has_namespace: bool = True,
    identity: str | None = None,
    runtime: Runtime | None = None,
) -> Client:
    """Connect to the configured server and return the client.

    Raises TemporalUnreachable if nobody answers within ``CONNECT_SECONDS``, and SettingsError if
    the server can never be used with these settings, such as one without their namespace; unless
    that has still to be created, and so ``has_namespace`` is False. ``identity`` is what Temporal
    shows of who asks; None: process and machine. ``runtime`` is of a process which serves metrics.
    """
    config = connect_config()
    config.setdefault("target_host", LOCAL_ADDRESS)
    try:
        return await asyncio.wait_for(
            _connected(
                config, settings, identity, runtime or quiet_runtime(), has_namespace=has_namespace
            ),
            CONNECT_SECONDS,
        )
    except ValueError as error:
        raise SettingsError(f"TEMPORAL_ADDRESS is {address()!r}: {error}") from None
    except (RuntimeError, RPCError, TimeoutError) as error:
        raise await cause_of(error, address(), config) from error


async def _connected(
    config: ClientConnectConfig,
    settings: Settings,
    identity: str | None,
    runtime: Runtime,
    *,
    has_namespace: bool,
) -> Client:
    client = await Client.connect(
        **config,
        identity=identity,
        data_converter=data_converter(settings),
        interceptors=[*run_spans(), *([FairStart()] if settings.fair_share else [])],
        runtime=runtime,
    )
    if has_namespace:
        # The SDK does not look for it, and every later call would fail in words of its own.
        await client.workflow_service.describe_namespace(
            DescribeNamespaceRequest(namespace=client.namespace)
        )
    return client
