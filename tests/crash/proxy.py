"""A TCP proxy that holds back the answer to one request.

Only between a provider and its client can the moment "the effect has happened and nobody knows" be
held without changing either side. It works for HTTP, S3 and SMTP, because on each of their
connections a request is followed by its answer.
"""

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

from tests.crash.points import Points

_CHUNK = 1 << 16
_GO_ON = b"HTTP/1.1 100 "
"""An interim answer (RFC 9110, section 15.2.1), which is followed by the real one."""


@dataclass
class Hold:
    """The answer to the first request that matches ``request`` waits at ``point``."""

    point: str
    request: re.Pattern[bytes]
    deliver: bool = field(default=False)
    """Whether the answer is delivered when the point is released, or lost."""


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
                    writer.write(chunk)
                    await writer.drain()
            finally:
                writer.write_eof()

    async def answers(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while chunk := await reader.read(_CHUNK):
                if not chunk.startswith(_GO_ON):
                    if not await self._may_pass():
                        return
                    self._asked.clear()
                writer.write(chunk)
                await writer.drain()

    async def _may_pass(self) -> bool:
        for hold in self._proxy.holds:
            if hold.request.search(self._asked):
                stopped = await self._points.stop_at(hold.point)
                return hold.deliver or not stopped
        return True
