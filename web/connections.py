"""Connections: how long a head of a request may take, and how many one address may have open.

The server's own class times connections that are idle between two requests, and neither a first
head that never ends nor one that comes a byte at a time.
"""

import asyncio
from collections.abc import Sequence
from ipaddress import IPv4Network, IPv6Network, ip_address
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol

from web.places import network_of

HEAD_SECONDS = 15.0
"""From the beginning of a connection, or the end of an answer, to the end of the next head."""

CONNECTIONS_OF_ONE = 512
"""Twice as many as requests are taken, so that health is still told to whoever uses those up."""

FULL = (
    b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\nContent-Length: 0\r\n"
    b"Connection: close\r\n\r\n"
)


class Connection(H11Protocol):
    """A connection that is closed if no request comes in time, or if its address has too many."""

    most = CONNECTIONS_OF_ONE
    head_seconds = HEAD_SECONDS
    proxies: Sequence[IPv4Network | IPv6Network] = ()
    """Addresses that bring the connections of many clients, so that they have no share."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.address = ""
        self._head_timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for a head; refuse the connection if its address has too many."""
        super().connection_made(transport)
        if self.client and not self._is_proxy(self.client[0]):
            self.address = network_of(self.client[0])
        if self._is_one_too_many():
            transport.write(FULL)
            transport.close()
            return
        self._watch()

    def data_received(self, data: bytes) -> None:
        """Take what came, and no longer wait once it has a head."""
        if self.transport.is_closing():
            return
        super().data_received(data)
        self._watch()

    def on_response_complete(self) -> None:
        """Begin to wait for the next head, after all that is on its way already."""
        super().on_response_complete()
        self._watch()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no longer."""
        self._stop_watching()
        super().connection_lost(exc)

    def _is_proxy(self, address: str) -> bool:
        return any(ip_address(address) in network for network in self.proxies)

    def _is_one_too_many(self) -> bool:
        if not self.address:
            return False
        # A loop over some hundreds, and no count that could go wrong.
        others = [getattr(one, "address", "") for one in self.connections]
        return others.count(self.address) > self.most

    def _watch(self) -> None:
        is_answering = self.cycle is not None and not self.cycle.response_complete
        if is_answering:
            self._stop_watching()
        elif self._head_timer is None:
            self._head_timer = self.loop.call_later(self.head_seconds, self._close)

    def _stop_watching(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None

    def _close(self) -> None:
        """Cut the connection, also if the client does not read the end of its answer."""
        self._head_timer = None
        self.transport.abort()


def connections(proxies: Sequence[IPv4Network | IPv6Network]) -> type[Connection]:
    """Return the class of connections for a server that is behind these proxies."""
    return type("Connection", (Connection,), {"proxies": tuple(proxies)})
