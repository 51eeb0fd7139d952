"""Programs that call the HTTP door of a stack, each with a key of its own."""

import asyncio
import json
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
from pydantic import SecretStr

from models import Role
from service.access.keys import add_key
from service.access.records import opened_access
from tests.support.leaks import found_in
from tests.support.terminal import Terminal, beside_a_stack, meanwhile

APPROVERS = "approvers@shop.example"


@dataclass(frozen=True)
class Reply:
    """An answer, with its body as JSON if it is."""

    status: int
    headers: Mapping[str, str]
    text: str

    @property
    def body(self) -> Any:
        return json.loads(self.text)

    def problem(self, status: int) -> str:
        """Check that it is problem details with this status; return what it says."""
        assert self.status == status, self
        assert self.headers["Content-Type"] == "application/problem+json"
        assert {"type", "title", "status", "detail", "instance"} <= set(self.body)
        assert self.body["status"] == status
        detail: str = self.body["detail"]
        return detail


class Person:
    """Calls the door with one key; fails if an answer shows a secret."""

    def __init__(self, url: str, key: str | None, session: aiohttp.ClientSession) -> None:
        self.url = url
        self.key = key
        self.session = session

    async def get(self, path: str, **options: Any) -> Reply:
        return await self.call("GET", path, **options)

    async def post(self, path: str, document: object = None, **options: Any) -> Reply:
        if document is not None:
            options["json"] = document
        return await self.call("POST", path, **options)

    async def call(self, method: str, path: str, **options: Any) -> Reply:
        key = {"Authorization": f"Bearer {self.key}"} if self.key else {}
        headers = {**key, **options.pop("headers", {})}
        async with self.session.request(
            method, self.url + path, headers=headers, **options
        ) as answer:
            reply = Reply(answer.status, answer.headers, await answer.text())
        assert found_in(reply.text) == [], reply
        return reply


class Door:
    """The door of a stack, and its people."""

    def __init__(self, shop: Terminal) -> None:
        self.shop = shop
        self.url = f"http://127.0.0.1:{shop.stack.settings.server_port}"
        self._keys: dict[tuple[str, Role], str] = {}

    def key(self, name: str, role: Role) -> str:
        """Return somebody's key, made when it is first asked for, also while a loop runs."""
        if (name, role) not in self._keys:
            adding = meanwhile(lambda: asyncio.run(self._added(name, role)))
            self._keys[name, role] = adding.result()
        return self._keys[name, role]

    async def _added(self, name: str, role: Role) -> str:
        async with opened_access(self.shop.stack.settings) as access:
            return (await add_key(access.keys, name, role)).text.get_secret_value()


@contextmanager
def open_door(folder: Path, **chosen: Any) -> Iterator[Door]:
    """Start a stack, a worker and a server with these settings; stop them at the block's end."""
    with beside_a_stack(folder, worker=False) as shop:
        stack = shop.stack
        stack.settings = stack.settings.model_copy(update=chosen)
        stack.start_worker()
        # So that tests can sign what the local stack signs.
        key = SecretStr(secrets.token_urlsafe(32))
        of_server = {"server_session_key": key, "notify_approvers": APPROVERS}
        stack.settings = stack.settings.model_copy(update=of_server)
        stack.start_server()
        yield Door(shop)
