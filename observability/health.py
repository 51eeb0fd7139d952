"""Whether a worker lives, and whether it serves, for whoever starts it again or sends it work.

Without it an orchestrator knows only that the process is there: one whose event loop hangs, or
whose key Temporal no longer takes, would count as well.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import TYPE_CHECKING

from config import Settings, SettingsError

if TYPE_CHECKING:
    from aiohttp import web

STARTING, STOPPING = "it is starting", "it is stopping"


class Health:
    """What a worker's probes are answered.

    ``/healthz`` is answered as long as the event loop runs; ``/readyz`` with 200 only while the
    worker serves and Temporal sees it do so. Neither names an address, a key or a run.
    """

    def __init__(self) -> None:
        self._not_serving: str | None = STARTING
        self._ask: Callable[[], Awaitable[str | None]] | None = None

    def serving(self, ask: Callable[[], Awaitable[str | None]]) -> None:
        """Say from now on what ``ask`` returns: why the worker gets no work, or None."""
        self._ask, self._not_serving = ask, None

    def stopping(self) -> None:
        """Say from now on that the worker takes no more work."""
        self._not_serving = STOPPING

    async def why_not_ready(self) -> str | None:
        """Return why the worker should get no work; None if it may."""
        if self._not_serving is None and self._ask is not None:
            return await self._ask()
        return self._not_serving


@asynccontextmanager
async def answering_probes(settings: Settings) -> AsyncIterator[Health]:
    """Answer probes at HEALTH_PORT, if that is set, until the end of the block.

    Raise SettingsError if nothing can listen there.
    """
    health = Health()
    host, port = settings.monitoring_host, settings.health_port
    if port is None:
        yield health
        return
    # Here, as the OCR process has no port, and aiohttp would be a tenth of what it loads.
    from aiohttp import web

    # On the worker's own loop: one that hangs must not look as if it lived.
    runner = web.AppRunner(_application(health), access_log=None)
    await runner.setup()
    try:
        try:
            await web.TCPSite(runner, host, port).start()
        except OSError as error:
            raise SettingsError(
                f"HEALTH_PORT: nothing can listen at {host}:{port}: {error.strerror}"
            ) from None
        yield health
    finally:
        await runner.cleanup()


def _application(health: Health) -> "web.Application":
    from aiohttp import web

    async def healthz(_request: web.Request) -> web.Response:
        return web.json_response({"status": "ok"})

    async def readyz(_request: web.Request) -> web.Response:
        why_not = await health.why_not_ready()
        if why_not is None:
            return web.json_response({"status": "ok"})
        return web.json_response(
            {"status": "unavailable", "worker": why_not}, status=HTTPStatus.SERVICE_UNAVAILABLE
        )

    application = web.Application()
    application.router.add_get("/healthz", healthz)
    application.router.add_get("/readyz", readyz)
    return application
