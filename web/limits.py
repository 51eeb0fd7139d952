"""What a client may send: so many bytes, so many requests at a time, so many in a while.

Below every route, because a body that nobody limits is in memory before a route can refuse it.
"""

import asyncio
import time
from collections import OrderedDict
from collections.abc import MutableMapping
from contextlib import suppress
from http import HTTPStatus

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from web.problems import Problem, problem

MAX_DIGITS = 20
"""Of an announced size: more digits than any size has."""

DRAIN_BYTES = 32 * 1024 * 1024
DRAIN_SECONDS = 5.0

EVENTS = "/events"
"""How the paths of streams end."""

BUSY_SECONDS = 1
"""When to come back to a server that has all hands full."""


class Limits:
    """An ASGI application around another one, which refuses what is too much before it is read.

    ``max_body`` is in bytes; ``max_uploads`` in bytes for the paths in ``uploads``;
    ``at_once`` requests are under way at a time, and as many streams of events besides: whoever
    listens for hours must not keep others from asking.
    """

    def __init__(
        self,
        app: ASGIApp,
        max_body: int,
        uploads: MutableMapping[str, int],
        at_once: int,
        window: "Window",
    ) -> None:
        self._app = app
        self._max_body = max_body
        self._uploads = uploads
        self._at_once = at_once
        self._window = window
        self._under_way = {False: 0, True: 0}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer 413, 429 or 503 where a limit is reached; else let the application answer."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        limit = self._uploads.get(scope["path"], self._max_body)
        client = (scope["client"] or ("unknown",))[0]
        if refusal := self._refusal(scope, limit, client):
            await refusal(scope, receive, _draining(send, receive))
            return
        is_stream = _is_stream(scope)
        self._under_way[is_stream] += 1
        try:
            rate = self._window.headers(client)
            answering = _draining(_with_headers(send, rate), receive)
            await self._app(scope, _counted(receive, limit), answering)
        finally:
            self._under_way[is_stream] -= 1

    def _refusal(self, scope: Scope, limit: int, client: str) -> Response | None:
        """Return the answer to a request that is not taken."""
        request = Request(scope)
        # What was announced is not read, so the connection cannot be used again.
        headers = {"Connection": "close"}
        if _announced(request.headers) > limit:
            return problem(request, HTTPStatus.REQUEST_ENTITY_TOO_LARGE, _too_large(limit), headers)
        if self._under_way[_is_stream(scope)] >= self._at_once:
            detail = f"{self._at_once} requests are under way, which is as many as are taken"
            headers["Retry-After"] = str(BUSY_SECONDS)
            return problem(request, HTTPStatus.SERVICE_UNAVAILABLE, detail, headers)
        if not self._window.take(client):
            window = self._window
            detail = f"more than {window.most} requests in {window.seconds} s came from {client}"
            headers |= {**window.headers(client), "Retry-After": str(window.left_seconds())}
            return problem(request, HTTPStatus.TOO_MANY_REQUESTS, detail, headers)
        return None


class Window:
    """Requests of each address in a fixed window of time: the count and when it begins anew.

    By address, not by key: whoever guesses keys would be somebody else each time.

    At most ``MAX_CLIENTS`` are remembered, those that came last.
    """

    MAX_CLIENTS = 10_000
    """About a megabyte."""

    def __init__(self, most: int, seconds: int) -> None:
        self.most = most
        self.seconds = seconds
        self._began = time.monotonic()
        self._counts: OrderedDict[str, int] = OrderedDict()

    def take(self, client: str) -> bool:
        """Count one request; return whether it is within the limit."""
        now = time.monotonic()
        if now - self._began >= self.seconds:
            self._began = now
            self._counts.clear()
        count = self._counts.pop(client, 0) + 1
        self._counts[client] = count
        if len(self._counts) > self.MAX_CLIENTS:
            self._counts.popitem(last=False)
        return count <= self.most

    def left_seconds(self) -> int:
        """Return the seconds until counting begins anew, at least one."""
        return max(1, round(self._began + self.seconds - time.monotonic()))

    def headers(self, client: str) -> dict[str, str]:
        """Return the fields of the IETF draft "RateLimit header fields for HTTP"."""
        left = max(0, self.most - self._counts.get(client, 0))
        return {
            "RateLimit-Policy": f'"default";q={self.most};w={self.seconds}',
            "RateLimit": f'"default";r={left};t={self.left_seconds()}',
        }


def _is_stream(scope: Scope) -> bool:
    return bool(scope["path"].endswith(EVENTS))


def _announced(headers: Headers) -> int:
    text = headers.get("content-length", "0")
    if not text.isdecimal():
        return 0
    return int(text) if len(text) < MAX_DIGITS else 10**MAX_DIGITS


def _too_large(limit: int) -> str:
    return f"the body has more than {limit} bytes, which is as much as is taken here"


def _counted(receive: Receive, limit: int) -> Receive:
    """Return a ``receive`` that raises Problem 413 for more bytes than the limit."""
    taken = 0

    async def counted() -> Message:
        nonlocal taken
        message = await receive()
        taken += len(message.get("body", b""))
        if taken > limit:
            raise Problem(
                HTTPStatus.REQUEST_ENTITY_TOO_LARGE, _too_large(limit), {"Connection": "close"}
            )
        return message

    return counted


def _with_headers(send: Send, extra: dict[str, str]) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            added: list[tuple[bytes, bytes]] = [
                (name.lower().encode(), value.encode()) for name, value in extra.items()
            ]
            message = {**message, "headers": [*message.get("headers", []), *added]}
        await send(message)

    return sending


def _draining(send: Send, receive: Receive) -> Send:
    """Return a ``send`` that reads a body that is too large before it says so, up to a limit.

    A client that is still sending would see its connection cut, and not the answer.
    """

    async def sending(message: Message) -> None:
        is_start = message["type"] == "http.response.start"
        if is_start and message["status"] == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
            with suppress(TimeoutError):
                await asyncio.wait_for(_drain(receive), DRAIN_SECONDS)
        await send(message)

    return sending


async def _drain(receive: Receive) -> None:
    left, has_more = DRAIN_BYTES, True
    while left > 0 and has_more:
        message = await receive()
        left -= len(message.get("body", b""))
        has_more = message.get("more_body", False)
