"""A TCP proxy that holds back one request, or the answer to it.

Only between a provider and its client can the moments "the request is on its way" and "the effect
has happened and nobody knows" be held without changing either side. It works for HTTP, S3 and SMTP,
because on each of their connections a request is followed by its answer.
"""

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from enum import StrEnum

from tests.crash.points import Points

_CHUNK = 1 << 16
_GO_ON = b"HTTP/1.1 100 "
"""An interim answer (RFC 9110, section 15.2.1), which is followed by the real one."""

_LENGTH = re.compile(rb"\r\nContent-Length: *(\d+)", re.IGNORECASE)


class Side(StrEnum):
    """What is held back."""

    REQUEST = "request"
    ANSWER = "answer"


class Then(StrEnum):
    """What becomes of it when the point is released."""

    LOSE = "lose"
    DELIVER = "deliver"
    KEEP = "keep"
    """The request is kept until its sender has gone, to be sent by ``HoldingProxy.send_kept``."""


@dataclass
class Hold:
    """The first request that matches ``request``, or its answer, waits at ``point``."""

    point: str
    request: re.Pattern[bytes]
    side: Side = Side.ANSWER
    then: Then = Then.LOSE
    is_over: bool = True
    """Whether later requests pass; otherwise those are lost, too."""

    forwarded: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when a request that waited is with the server."""

    kept: bytes = b""


class HoldingProxy:
    """Forwards connections to one server."""

    def __init__(self, host: str, port: int, points: Points) -> None:
        self._target = host, port
        self._points = points
        self.holds: list[Hold] = []
        self.port = 0

    @contextlib.asynccontextmanager
    async def serving(self) -> AsyncIterator["HoldingProxy"]:
        """Listen on a free port of the loopback address, in ``port``."""
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            server.close()

    async def send_kept(self, hold: Hold) -> bytes:
        """Send the request that was kept, over a connection of its own; return the answer."""
        reader, writer = await asyncio.open_connection(*self._target)
        try:
            writer.write(hold.kept)
            await writer.drain()
            return await reader.read(_CHUNK)
        finally:
            writer.transport.abort()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = _Connection(self, self._points)
        try:
            server_reader, server_writer = await asyncio.open_connection(*self._target)
        except OSError:
            writer.transport.abort()
            return
        there = asyncio.create_task(connection.requests(reader, server_writer))
        back = asyncio.create_task(connection.answers(server_reader, writer))
        # When the client disconnects, the server's side is closed too, which ends the answers.
        await asyncio.wait({there, back}, return_when=asyncio.FIRST_COMPLETED)
        await back
        there.cancel()
        for side in (writer, server_writer):
            side.transport.abort()


class _Connection:
    """One client's connection, with the requests since the last answer."""

    def __init__(self, proxy: HoldingProxy, points: Points) -> None:
        self._proxy = proxy
        self._points = points
        self._asked = bytearray()

    async def requests(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            try:
                while chunk := await reader.read(_CHUNK):
                    self._asked += chunk
                    hold = self._hold_on(Side.REQUEST)
                    if hold is None:
                        writer.write(chunk)
                        await writer.drain()
                    elif not await self._held(hold, chunk, reader, writer):
                        return
            finally:
                writer.write_eof()

    async def answers(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while chunk := await reader.read(_CHUNK):
                if not chunk.startswith(_GO_ON):
                    hold = self._hold_on(Side.ANSWER)
                    if hold and await self._points.stop_at(hold.point) and hold.then is Then.LOSE:
                        return
                    self._asked.clear()
                writer.write(chunk)
                await writer.drain()

    def _hold_on(self, side: Side) -> Hold | None:
        for hold in self._proxy.holds:
            if hold.side is side and hold.request.search(self._asked):
                return hold
        return None

    async def _held(
        self,
        hold: Hold,
        chunk: bytes,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
    ) -> bool:
        """Hold back a request, all of it; return whether it was delivered."""
        while not _is_whole(self._asked) and (more := await reader.read(_CHUNK)):
            self._asked += more
            chunk += more
        if hold.then is Then.KEEP and self._points.take(hold.point):
            hold.kept = bytes(self._asked)
            await reader.read()
            return False
        stopped = await self._points.stop_at(hold.point)
        if hold.then is Then.LOSE and (stopped or not hold.is_over):
            return False
        writer.write(chunk)
        await writer.drain()
        if stopped:
            hold.forwarded.set()
        return True


def _is_whole(request: bytearray) -> bool:
    head, separator, body = request.partition(b"\r\n\r\n")
    length = _LENGTH.search(head)
    return bool(separator) and (length is None or len(body) >= int(length[1]))
