"""A program that submits orders over HTTP while the server, too, is killed."""

import json
import subprocess
import sys
from http import HTTPStatus

import aiohttp

from config import ROOT
from models import Order
from sandbox.stack import Stack
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

    def __init__(self, stack: Stack, session: aiohttp.ClientSession) -> None:
        self._url = f"http://{stack.settings.server_host}:{stack.settings.server_port}"
        self._session = session
        made = subprocess.run(
            (sys.executable, "starter.py", "keys", "add", "chaos", "--role", "submit", "--json"),
            cwd=ROOT,
            env=stack.environment(),
            capture_output=True,
            check=True,
        )
        self._key = json.loads(made.stdout)["key"]

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
