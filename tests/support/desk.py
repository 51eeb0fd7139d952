"""A person's terminal in this process, because starting one for each command takes a second."""

import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest
from temporalio.client import Client

import starter
from tests.support.leaks import found_in
from tests.support.terminal import DEADLINE_SECONDS, Terminal

Objects = list[dict[str, Any]]


class Desk:
    """Runs commands beside a stack; fails if one prints a secret."""

    def __init__(
        self, shop: Terminal, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        self._shop = shop
        self._capsys = capsys
        self._monkeypatch = monkeypatch
        for name, value in shop.stack.environment().items():
            monkeypatch.setenv(name, value)

    async def run(self, *arguments: str) -> tuple[int, str, str]:
        """Run a command; return its exit code, stdout and stderr."""
        code = await starter.run(starter.build_parser().parse_args(arguments))
        said = self._capsys.readouterr()
        assert found_in(said.out + said.err) == []
        return code, said.out, said.err

    async def objects(self, *arguments: str) -> Objects:
        """Run a command with ``--json``; return what it printed."""
        _, out, _ = await self.run(*arguments, "--json")
        return [json.loads(line) for line in out.splitlines()]

    async def client(self) -> Client:
        return await self._shop.connect()


async def eventually(look: Callable[[], Any], is_right: Callable[[Any], object]) -> Any:
    async with asyncio.timeout(DEADLINE_SECONDS):
        while True:
            seen = await look()
            if is_right(seen):
                return seen
            await asyncio.sleep(0.05)
