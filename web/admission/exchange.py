"""One request and its answer as they pass the limits: the body is counted, and timed as it comes.

FastAPI reads the body of JSON before it asks who calls, so that a body which never comes whole
would hold its place for as long as anybody likes.
"""

import asyncio
from contextlib import suppress
from http import HTTPStatus

from starlette.exceptions import HTTPException
from starlette.types import Message, Receive, Send

DRAIN_BYTES = 32 * 1024 * 1024
DRAIN_SECONDS = 5.0

BODY_SECONDS = 20.0
"""How long a body may stand still; and how long it may take, beside what its bytes allow."""

SLOWEST_BYTES = 1_000
"""Of a body, how many have to come in each second after that: far less than any network."""

CLOSE = {"Connection": "close"}
"""What was not read of a body would be taken for the next request."""


class Exchange:
    """The ``receive`` and ``send`` of one request, around the server's own.

    ``receive`` raises HTTPException 413 for more bytes than ``limit`` and 408 for a body that does
    not come: as that, because the framework makes 400 of all others. Once the answer has begun
    there is none to give; then the client counts as gone. ``headers`` go with every answer.
    """

    def __init__(
        self,
        receive: Receive,
        send: Send,
        *,
        limit: int,
        headers: dict[str, str],
        body_seconds: float = BODY_SECONDS,
    ) -> None:
        self._receive = receive
        self._send = send
        self._limit = limit
        self._headers = headers
        self._body_seconds = body_seconds
        self._taken = 0
        self._waited = 0.0
        self._has_more = True
        self._has_begun = False
        self._is_cut = False

    async def receive(self) -> Message:
        """Return the next part of the body, or that the client has gone."""
        if not self._has_more:
            return await self._receive()
        if self._is_cut:
            return {"type": "http.disconnect"}
        try:
            message = await self._next_part()
        except TimeoutError:
            return self._cut(HTTPStatus.REQUEST_TIMEOUT, "the body did not come in time")
        self._taken += len(message.get("body", b""))
        self._has_more = message.get("more_body", False)
        if self._taken > self._limit:
            return self._cut(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, too_large(self._limit))
        return message

    async def send(self, message: Message) -> None:
        """Send a part of the answer; that a body is too large once that is read, up to a limit.

        A client that is still sending would see its connection cut, and not the answer.
        """
        if message["type"] == "http.response.start":
            self._has_begun = True
            if message["status"] == HTTPStatus.REQUEST_ENTITY_TOO_LARGE and self._has_more:
                with suppress(TimeoutError):
                    await asyncio.wait_for(_drain(self._receive), DRAIN_SECONDS)
            message = with_headers(message, self._headers | (CLOSE if self._is_cut else {}))
        await self._send(message)

    async def _next_part(self) -> Message:
        """Return what the server has received; raise TimeoutError if it comes too slowly."""
        clock = asyncio.get_running_loop().time
        in_all = self._body_seconds + self._taken / SLOWEST_BYTES
        began = clock()
        try:
            async with asyncio.timeout(min(self._body_seconds, in_all - self._waited)):
                return await self._receive()
        finally:
            self._waited += clock() - began

    def _cut(self, status: HTTPStatus, words: str) -> Message:
        self._is_cut = True
        if self._has_begun:
            return {"type": "http.disconnect"}
        raise HTTPException(status, words, CLOSE)


def with_headers(message: Message, extra: dict[str, str]) -> Message:
    """Return the beginning of an answer with fields that it has not set itself."""
    headers: list[tuple[bytes, bytes]] = list(message.get("headers", []))
    known = {name.lower() for name, _ in headers}
    headers += [
        (name.lower().encode(), value.encode())
        for name, value in extra.items()
        if name.lower().encode() not in known
    ]
    return {**message, "headers": headers}


def too_large(limit: int) -> str:
    """Say that a body has more than so many bytes."""
    return f"the body has more than {limit} bytes, which is as much as is taken here"


async def _drain(receive: Receive) -> None:
    left, has_more = DRAIN_BYTES, True
    while left > 0 and has_more:
        message = await receive()
        left -= len(message.get("body", b""))
        has_more = message.get("more_body", False)
