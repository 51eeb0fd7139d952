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

from config import Settings, SettingsError, load_settings
from lifecycle import leave
from web.app import create_app

logger = logging.getLogger("server")

GRACE_SECONDS = 20
"""How long requests that are under way have to finish after SIGTERM."""


class PortTaken(Exception):
    """Nobody can listen at the address; the message says why."""


async def serve(settings: Settings) -> None:
    """Serve until SIGTERM or Ctrl-C; raise PortTaken or SettingsError."""
    listening = _listen(settings)
    config = uvicorn.Config(
        create_app(settings),
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=GRACE_SECONDS,
        h11_max_incomplete_event_size=64 * 1024,
    )
    server = uvicorn.Server(config)
    logger.info("serving at %s", settings.server_address)
    with listening:
        await server.serve(sockets=[listening])


def _listen(settings: Settings) -> socket.socket:
    host, port = settings.server_host, settings.server_port
    try:
        return socket.create_server((host, port), backlog=1024)
    except OSError as error:
        raise PortTaken(f"nothing can listen at {host}:{port}: {error.strerror}") from None


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve, and return the exit code."""
    argparse.ArgumentParser(prog="server.py", description="Serve the HTTP door.").parse_args(
        arguments
    )
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s: %(message)s")
    try:
        asyncio.run(serve(load_settings()))
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
    leave(main())
