"""A local stack whose parts can be killed, a worker that stops at points, and proxies in between.

Only the worker uses the proxies; the harness itself reads every ledger directly.
"""

import asyncio
import contextlib
import dataclasses
import email
import email.policy
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urlsplit

import aiohttp
from temporalio.client import Client
from temporalio.runtime import Runtime, TelemetryConfig

from bootstrap import access_records, ledger_providers
from client import data_converter
from config import ROOT, Settings
from models import Role
from sandbox.mailbox import StoredMail, list_mails
from sandbox.parts import server_part
from sandbox.processes import Part, ProcessGroup, RunningPart
from sandbox.stack import Stack
from service.access.keys import add_key
from tests.crash.calls import CallLog
from tests.crash.crash_worker import CALLS_FILE, POINTS_FOLDER
from tests.crash.points import Points
from tests.crash.proxy import HoldingProxy
from tests.crash.steps import Victim
from tests.crash.with_stripe import paying_with_stripe
from tests.support.http_door import Person
from tests.support.provider_api_server import calling

START_SECONDS = 120.0


class Arena:
    """Everything that a crash test needs; made by ``open_arena``."""

    def __init__(
        self, stack: Stack, folder: Path, client: Client, proxies: dict[Victim, HoldingProxy]
    ) -> None:
        self.stack = stack
        self.settings = stack.settings
        self.client = client
        self.proxies = proxies
        self.points = Points(folder / POINTS_FOLDER)
        self.calls = CallLog(folder / CALLS_FILE)
        self._closing = contextlib.AsyncExitStack()
        self.ledgers = ledger_providers(self.settings, self._closing)
        self._folder = folder
        self._group = ProcessGroup()
        self._worker: RunningPart | None = None
        self._door: asyncio.Task[Person] | None = None

    def proxied(self) -> Settings:
        """Settings with which a process reaches the servers through the proxies."""
        ports = {victim: proxy.port for victim, proxy in self.proxies.items()}
        changed = {
            "provider_api_url": f"http://127.0.0.1:{ports[Victim.PROVIDER_API]}",
            "s3_endpoint_url": f"http://127.0.0.1:{ports[Victim.S3]}",
            "smtp_port": ports[Victim.MAILBOX],
        }
        return self.settings.model_copy(update=changed)

    def settings_of(self, pays_with_stripe: bool) -> Settings:
        """Return the settings of a worker; that which pays with Stripe has its own task queue."""
        return paying_with_stripe(self.settings) if pays_with_stripe else self.settings

    async def kill(self, victim: Victim) -> None:
        """Kill the victim with SIGKILL, and wait until it is dead."""
        if victim not in (Victim.WORKER, Victim.KEYS):
            await asyncio.to_thread(self.stack.kill, victim)
        elif self._worker is not None:
            await asyncio.to_thread(self._worker.kill)

    async def bring_back(self, victim: Victim) -> None:
        """Restart the victim with the data that it left, and wait until it is ready."""
        if victim is Victim.KEYS:
            await self.forget_keys()
        if victim in (Victim.WORKER, Victim.KEYS):
            await self.start_worker()
        else:
            await asyncio.to_thread(self.stack.restart, victim)

    async def forget_keys(self) -> None:
        """Have the provider API forget all idempotency keys."""
        key = self.settings.provider_api_key.get_secret_value()
        async with calling(self.settings.provider_api_url, key) as caller:
            status, answer, _ = await caller.call("POST", "/forget-keys", {})
            if status != 200:
                raise RuntimeError(f"the provider API forgets nothing: {answer}")

    async def start_worker(self) -> None:
        """Start the worker that stops at points, and wait until it is ready."""
        through = self.proxied()
        environment = self.stack.environment() | {
            "PROVIDER_API_URL": through.provider_api_url,
            "S3_ENDPOINT_URL": through.s3_endpoint_url or "",
            "SMTP_PORT": str(through.smtp_port),
        }
        part = Part(
            name="worker",
            command=(sys.executable, "-u", "-m", "tests.crash.crash_worker", str(self._folder)),
            is_ready=lambda output: "worker ready" in output,
        )
        log = self.stack.log("worker")
        self._worker = RunningPart(part, self._group, environment, ROOT, log)
        deadline = time.monotonic() + START_SECONDS
        await asyncio.to_thread(self._worker.wait_until_ready, deadline)

    async def program(self) -> Person:
        """Return a program with an operator's key, who calls a server that stops at points.

        The server is started when it is first asked for: few cases need one.
        """
        if self._door is None:
            self._door = asyncio.create_task(self._open_door())
        return await asyncio.shield(self._door)

    async def _open_door(self) -> Person:
        command = (sys.executable, "-u", "-m", "tests.crash.crash_server", str(self._folder))
        part = dataclasses.replace(server_part(self.settings), command=command)
        await asyncio.to_thread(self.stack.start_part, part)
        access = access_records(self.settings, self._closing)
        key = (await add_key(access.keys, "program", Role.OPERATE)).text.get_secret_value()
        session = await self._closing.enter_async_context(aiohttp.ClientSession())
        return Person(self.settings.server_address, key, session)

    def mails_to(self, address: str) -> list[StoredMail]:
        """Return the mails in the mailbox for an address."""
        mails = list_mails(self.settings.state_dir / "mailbox")
        return [mail for mail in mails if mail.to == address]

    def body_of(self, mail: StoredMail) -> str:
        """Return what a mail says, in one line."""
        stored = (self.settings.state_dir / "mailbox" / mail.file).read_bytes()
        content: str = email.message_from_bytes(stored, policy=email.policy.default).get_content()
        return " ".join(content.split())

    async def close(self) -> None:
        """End the worker and close all connections."""
        self._group.close()
        await self._closing.aclose()


@contextlib.asynccontextmanager
async def open_arena(folder: Path) -> AsyncIterator[Arena]:
    """Start an isolated stack with proxies and a worker; stop all of it at the end."""
    stack = Stack.isolated(folder / "state")
    await asyncio.to_thread(stack.start)
    try:
        async with contextlib.AsyncExitStack() as parts:
            points = Points(folder / POINTS_FOLDER)
            proxies = {
                victim: await parts.enter_async_context(HoldingProxy(*address, points).serving())
                for victim, address in _addresses(stack.settings).items()
            }
            client = await Client.connect(
                stack.temporal_address,
                data_converter=data_converter(stack.settings),
                # The cases report what was killed; do not log every retried call as well.
                runtime=Runtime(telemetry=TelemetryConfig(logging=None)),
            )
            arena = Arena(stack, folder, client, proxies)
            parts.push_async_callback(arena.close)
            await arena.start_worker()
            yield arena
    finally:
        await asyncio.to_thread(stack.stop)


def _addresses(settings: Settings) -> dict[Victim, tuple[str, int]]:
    def of(url: str) -> tuple[str, int]:
        parts = urlsplit(url)
        return parts.hostname or "", parts.port or 0

    return {
        Victim.PROVIDER_API: of(settings.provider_api_url),
        Victim.S3: of(settings.s3_endpoint_url or ""),
        Victim.MAILBOX: (settings.smtp_host, settings.smtp_port),
    }
