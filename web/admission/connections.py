"""Connections: how large the head of a request is, how long it takes, and how many one client has.

The server's own class times connections that are idle between two requests, and neither a first
head that never ends nor one that comes a byte at a time, and waits as long as anybody likes for a
client that does not read its answer; and takes heads of any size.
"""

import asyncio
from collections.abc import Sequence
from http import HTTPStatus
from ipaddress import IPv4Network, IPv6Network, ip_address
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from web.admission.places import network_of
from web.problems import PROBLEM_JSON, ProblemDetails

HEAD_SECONDS = 15.0
"""From the beginning of a connection, or the end of an answer, to the end of the next head."""

UNREAD_SECONDS = 60.0
"""How long a client may leave an answer unread, of which more is written than the system takes."""

CONNECTIONS_OF_ONE = 512
"""Twice as many as requests are taken, so that health is still told to whoever uses those up."""

MAX_HEAD_BYTES = 64 * 1024
"""Of the address and the fields of a request; and of what may come between two parts of a body."""

MAX_FIELDS = 100

MAX_PIPELINED = 8
"""Requests of one connection that wait for their turn: each is in memory with all its fields."""

FULL = (
    b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\nContent-Length: 0\r\n"
    b"Connection: close\r\n\r\n"
)


class _Refused(ValueError):
    """A request is more than is taken: the message says of what; the parser answers with it."""

    def __init__(self, status: HTTPStatus, detail: str) -> None:
        super().__init__(detail)
        self.status = status


class Connection(HttpToolsProtocol):
    """A connection that is closed if no request comes in time, or if its address has too many."""

    most = CONNECTIONS_OF_ONE
    head_seconds = HEAD_SECONDS
    unread_seconds = UNREAD_SECONDS
    proxies: Sequence[IPv4Network | IPv6Network] = ()
    """Addresses that bring the connections of many clients, so that they have no share."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.address = ""
        self._head_timer: asyncio.TimerHandle | None = None
        self._unread_timer: asyncio.TimerHandle | None = None
        self._head_bytes = 0
        self._unheard_bytes = 0  # since a head ended or a part of a body came
        self._refused: _Refused | None = None

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
        self._unheard_bytes += len(data)
        super().data_received(data)  # answers by send_400_response what is malformed or refused
        if self._unheard_bytes > MAX_HEAD_BYTES and not self.transport.is_closing():
            self._refused = _too_large()
            self.send_400_response(str(self._refused))
        self._watch()

    def on_message_begin(self) -> None:
        """Begin to count the bytes of a head."""
        super().on_message_begin()
        self._head_bytes = 0

    def on_url(self, url: bytes) -> None:
        """Take a part of the address."""
        self._count(len(url))
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a field, of the head or behind a body."""
        self._count(len(name) + len(value))
        if len(self.headers) >= MAX_FIELDS:
            raise self._refuse(_too_large())
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """Answer a request, or let it wait for those before it."""
        self._unheard_bytes = 0
        if len(self.pipeline) >= MAX_PIPELINED:
            detail = f"more than {MAX_PIPELINED} requests came before an answer"
            raise self._refuse(_Refused(HTTPStatus.BAD_REQUEST, detail))
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """Take a part of a body."""
        self._unheard_bytes = 0
        super().on_body(body)

    def send_400_response(self, msg: str) -> None:
        """Say what is wrong with a request that no route sees, and close the connection."""
        refused = self._refused or _Refused(HTTPStatus.BAD_REQUEST, msg)
        self.transport.write(_answer_to(refused))
        self.transport.close()

    def on_response_complete(self) -> None:
        """Begin to wait for the next head, after all that is on its way already."""
        super().on_response_complete()
        self._watch()

    def pause_writing(self) -> None:
        """Write no more for now, and begin to wait for a client that does not read."""
        super().pause_writing()
        self._unread_timer = self.loop.call_later(self.unread_seconds, self.transport.abort)

    def resume_writing(self) -> None:
        """Go on: the client has read most of what was written."""
        self._stop_waiting_for_reader()
        super().resume_writing()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no longer."""
        self._stop_watching()
        self._stop_waiting_for_reader()
        super().connection_lost(exc)

    def _count(self, size: int) -> None:
        self._head_bytes += size
        if self._head_bytes > MAX_HEAD_BYTES:
            raise self._refuse(_too_large())

    def _refuse(self, refused: _Refused) -> _Refused:
        self._refused = refused
        return refused

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

    def _stop_waiting_for_reader(self) -> None:
        if self._unread_timer is not None:
            self._unread_timer.cancel()
            self._unread_timer = None

    def _close(self) -> None:
        """Cut the connection, also if the client does not read the end of its answer."""
        self._head_timer = None
        self.transport.abort()


def connections(proxies: Sequence[IPv4Network | IPv6Network]) -> type[Connection]:
    """Return the class of connections for a server that is behind these proxies."""
    return type("Connection", (Connection,), {"proxies": tuple(proxies)})


def _too_large() -> _Refused:
    return _Refused(
        HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
        f"a request has at most {MAX_FIELDS} fields, which have {MAX_HEAD_BYTES} bytes "
        "with its address",
    )


def _answer_to(refused: _Refused) -> bytes:
    details = ProblemDetails(
        title=refused.status.phrase, status=refused.status, detail=str(refused), instance="/"
    )
    body = details.model_dump_json(exclude_none=True).encode()
    head = (
        f"HTTP/1.1 {refused.status.value} {refused.status.phrase}\r\n"
        f"Content-Type: {PROBLEM_JSON}\r\nContent-Length: {len(body)}\r\n"
        "Connection: close\r\n\r\n"
    )
    return head.encode() + body
