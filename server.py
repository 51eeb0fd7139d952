"""The HTTP door: ``python server.py`` serves the API for programs and the desk for people.

Exits with 0 after SIGTERM or Ctrl-C, 2 if a setting cannot be used, 3 if the port is taken.
Temporal and the database may start later: until they answer, calls that need them get 503.
"""

import argparse
import asyncio
import logging
import socket
import sys
from collections.abc import Sequence

import uvicorn
from temporalio.runtime import Runtime

from config import Settings, SettingsError, load_settings
from environment import Part, check
from lifecycle import keep_files_private, leave
from observability.logs import set_up_logging
from observability.tracing import tracing
from service.calls import runtime_of
from service.readiness.schema import require_schema
from settings.values import networks_in
from web.admission.connections import connections
from web.app import create_app

logger = logging.getLogger("server")

GRACE_SECONDS = 20
"""How long requests that are under way have to finish after SIGTERM."""

KEEP_ALIVE_SECONDS = 5
"""How long a connection may stay open without a request."""


class PortTaken(Exception):
    """Nobody can listen at the address; the message says why."""


def config_of(settings: Settings, runtime: Runtime | None = None) -> uvicorn.Config:
    """Return how the application is served."""
    proxies = networks_in(settings.server_trusted_proxies)
    return uvicorn.Config(
        create_app(settings, runtime),
        http=connections(proxies),
        # Whoever is not named here could choose another address for each request.
        proxy_headers=bool(proxies),
        forwarded_allow_ips=[str(network) for network in proxies],
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )


async def serve(settings: Settings) -> None:
    """Serve until SIGTERM or Ctrl-C; raise PortTaken or SettingsError."""
    newer = await require_schema(settings)
    if newer is not None:
        logger.warning(newer)
    listening = _listen(settings)
    # Here, because what the application raises as it starts is logged with its traceback.
    runtime = runtime_of(settings)
    server = uvicorn.Server(config_of(settings, runtime))
    logger.info("serving at %s", settings.server_address)
    with listening:
        await server.serve(sockets=[listening])


def _listen(settings: Settings) -> socket.socket:
    host, port = settings.server_host, settings.server_port
    try:
        listening = socket.create_server((host, port), backlog=1024)
    except OSError as error:
        raise PortTaken(f"nothing can listen at {host}:{port}: {error.strerror}") from None
    # Connections inherit it. asyncio sets it only where the protocol is named, and here it is not;
    # without it the body of an answer waits 40 ms until its head is acknowledged.
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listening


def checked_settings() -> Settings:
    """Return the settings; raise SettingsError if the door must not be opened with them."""
    settings = load_settings()
    tells_people = settings.notify_approvers or settings.notify_reviewers
    parts = set(Part) if tells_people else set(Part) - {Part.MAIL}
    for warning in check(settings, parts):
        logger.warning(warning)
    return settings


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve, and return the exit code."""
    argparse.ArgumentParser(prog="server.py", description="Serve the HTTP door.").parse_args(
        arguments
    )
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s: %(message)s")
    try:
        settings = checked_settings()
        set_up_logging(settings)
        with tracing(settings, "server"):
            asyncio.run(serve(settings))
    except SettingsError as error:
        sys.stderr.write(f"server.py: {error}\n")
        return 2
    except PortTaken as error:
        sys.stderr.write(f"server.py: {error}; set SERVER_PORT\n")
        return 3
    except KeyboardInterrupt:
        return 0
    return 0


if __name__ == "__main__":
    keep_files_private()
    leave(main())
