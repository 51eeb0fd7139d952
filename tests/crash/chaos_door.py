"""A program that submits orders over HTTP while the server, too, is killed."""

from http import HTTPStatus
from typing import Self

import aiohttp

from models import Order, Role
from sandbox.stack import Stack
from service.access.keys import add_key
from service.access.records import opened_access
from service.errors import Unreachable

SERVER = "server"
"""The part of the stack that answers over HTTP."""

REQUESTS_PER_MINUTE = 1_000_000


def start_door(stack: Stack) -> None:
    """Start ``server.py`` beside a stack, for a program in a hurry."""
    chosen = {"server_requests_per_minute": REQUESTS_PER_MINUTE}
    stack.settings = stack.settings.model_copy(update=chosen)
    stack.start_server()


class Program:
    """Posts orders with an access key of its own."""

    def __init__(self, stack: Stack, session: aiohttp.ClientSession, key: str) -> None:
        self._url = f"http://{stack.settings.server_host}:{stack.settings.server_port}"
        self._session = session
        self._key = key

    @classmethod
    async def known_to(cls, stack: Stack, session: aiohttp.ClientSession) -> Self:
        """Return a program whose key the server knows."""
        async with opened_access(stack.settings) as access:
            added = await add_key(access.keys, "chaos", Role.SUBMIT)
        return cls(stack, session, added.text.get_secret_value())

    async def post(self, order: Order) -> str:
        """Post an order; return its workflow id. Raise Unreachable if it must be posted again."""
        headers = {"Authorization": f"Bearer {self._key}", "Content-Type": "application/json"}
        body = order.model_dump_json()
        try:
            async with self._session.post(
                f"{self._url}/orders", data=body, headers=headers
            ) as answer:
                said = await answer.json()
        except (aiohttp.ClientError, TimeoutError) as error:
            raise Unreachable(f"the server does not answer: {error}") from None
        if answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            raise Unreachable(said["detail"])
        if answer.status not in (HTTPStatus.OK, HTTPStatus.ACCEPTED):
            raise RuntimeError(f"an order of the plan was answered {answer.status}: {said}")
        workflow_id: str = said["instanceId"]
        return workflow_id
