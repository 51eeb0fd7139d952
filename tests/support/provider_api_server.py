"""The sandbox provider API for tests: in this process, or in one that can be killed."""

import os
import signal
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path
from typing import Any, cast

import aiohttp
from aiohttp import web
from aiohttp.typedefs import Handler
from pydantic import SecretStr
from yarl import URL

from sandbox.provider_api.server import build_app
from sandbox.stack import free_ports
from tests.support.warm import Forked

API_KEY = "test-provider-key"
DEADLINE_SECONDS = 60.0
_BETWEEN_QUESTIONS_SECONDS = 0.05


@asynccontextmanager
async def serving(app: web.Application) -> AsyncIterator[str]:
    """Serve the app on a free port; yield its URL."""
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        host, port = runner.addresses[0][:2]
        yield f"http://{host}:{port}"
    finally:
        await runner.cleanup()


class Caller:
    """A plain client, so that the server is not tested through our own providers."""

    def __init__(self, session: aiohttp.ClientSession) -> None:
        self._session = session
        self.arrived: list[str] = []
        """Paths of all changes that a server in this process was asked for, by anybody."""

    async def call(
        self, method: str, path: str, body: Any = None, key: str | None = None
    ) -> tuple[int, Any, aiohttp.ClientResponse]:
        """Send a request; return status, body and the response."""
        headers = {} if key is None else {"Idempotency-Key": key}
        async with self._session.request(method, path, json=body, headers=headers) as response:
            return response.status, await response.json(), response

    async def data(self, path: str) -> list[dict[str, Any]]:
        """Return the rows of a listing."""
        status, body, _ = await self.call("GET", path)
        assert status == 200, body
        return cast(list[dict[str, Any]], body["data"])


@asynccontextmanager
async def calling(base_url: str, api_key: str = API_KEY) -> AsyncIterator[Caller]:
    """Yield a client of the server with its API key."""
    headers = {"Authorization": f"Bearer {api_key}"}
    async with aiohttp.ClientSession(URL(base_url), headers=headers) as session:
        yield Caller(session)


@asynccontextmanager
async def sandbox_api(database: Path) -> AsyncIterator[tuple[str, Caller]]:
    """Yield URL and client of a provider API in this process."""
    app = build_app(database, API_KEY)
    arrived: list[str] = []

    @web.middleware
    async def keep(request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.method == "POST":
            arrived.append(request.path)
        return await handler(request)

    app.middlewares.append(keep)
    async with serving(app) as url, calling(url) as caller:
        caller.arrived = arrived
        yield url, caller


class ApiProcess:
    """The provider API in a process of its own, always on the same port and ledger."""

    def __init__(self, folder: Path, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self.key = SecretStr(API_KEY)
        self._database = folder / "ledger.sqlite3"
        self._log = folder / "provider-api.log"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, crash_at: str = "") -> None:
        """Start it and wait until it answers; ``crash_at`` is ``SANDBOX_CRASH_AT``."""
        environment = os.environ | {
            "PROVIDER_API_URL": self.url,
            "PROVIDER_API_KEY": API_KEY,
            "SANDBOX_CRASH_AT": crash_at,
        }
        command = ("-m", "sandbox.provider_api", "--database", str(self._database))
        self._process = Forked(command, environment, self._log)
        deadline = time.monotonic() + DEADLINE_SECONDS
        while not self._answers():
            # Asked without a break, it would have to share its core with the asking.
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(_BETWEEN_QUESTIONS_SECONDS)
            assert self._process.poll() is None, self._log.read_text()
            assert time.monotonic() < deadline, "the provider API did not start in time"

    def kill(self) -> None:
        """Kill it with SIGKILL."""
        assert self._process is not None
        self._process.send_signal(signal.SIGKILL)
        self._process.wait(timeout=DEADLINE_SECONDS)

    def exit_code(self) -> int:
        """Wait for its end; return the exit code."""
        assert self._process is not None
        return self._process.wait(timeout=DEADLINE_SECONDS)

    def stop(self) -> int:
        """Send it SIGTERM, wait for its end, and return the exit code."""
        assert self._process is not None
        self._process.terminate()
        return self.exit_code()

    def end(self) -> None:
        """Kill it if it still runs."""
        if self._process is not None and self._process.poll() is None:
            self.kill()

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/health", timeout=1):  # noqa: S310
                return True
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            return False


@contextmanager
def api_process(folder: Path) -> Iterator[ApiProcess]:
    """Yield a provider API on a free port, not started yet; end it after the test."""
    (port,) = free_ports(1)
    process = ApiProcess(folder, port)
    try:
        yield process
    finally:
        process.end()
