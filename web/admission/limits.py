"""What a client may send: so many bytes, so many requests at a time, so many in a while.

Below every route, because a body that nobody limits is in memory before a route can refuse it.
"""

import time
from collections import OrderedDict
from collections.abc import MutableMapping
from http import HTTPStatus
from urllib.parse import parse_qsl

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from web.admission.exchange import BODY_SECONDS, CLOSE, Exchange, too_large
from web.admission.places import BUSY_SECONDS, Place, Pool, network_of
from web.problems import problem

MAX_DIGITS = 20
"""Of an announced size: more digits than any size has."""

EVENTS = "/events"
"""How the paths of streams end."""

HEALTH = ("/healthz", "/readyz")
"""What is answered also when no place is left: a server that has much to do is not dead."""

UNKNOWN = "unknown"
"""The address of a client that has none, such as one at a Unix socket."""


class Limits:
    """An ASGI application around another one, which refuses what is too much before it is read.

    ``max_body`` is in bytes; ``max_uploads`` in bytes for the paths in ``uploads``;
    ``at_once`` requests are under way at a time, and as many streams and long waits besides:
    whoever listens for hours must not keep others from asking. Of each, ``share`` is for one
    address or one caller. ``body_seconds`` is how long a body may stand still.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        max_body: int,
        uploads: MutableMapping[str, int],
        at_once: int,
        share: int,
        window: "Window",
        body_seconds: float = BODY_SECONDS,
    ) -> None:
        self._app = app
        self._max_body = max_body
        self._uploads = uploads
        self._window = window
        self._body_seconds = body_seconds
        self._calls = Pool(at_once, share)
        self._waits = Pool(at_once, share)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer 408, 413, 429 or 503 where a limit is reached; else let the application answer."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        limit = self._uploads.get(scope["path"], self._max_body)
        client = network_of((scope["client"] or (UNKNOWN,))[0])
        pool = self._pool_of(scope)
        refusal = self._refusal(scope, limit, client, pool)
        exchange = Exchange(
            receive,
            send,
            limit=limit,
            headers={} if refusal else self._window.headers(client),
            body_seconds=self._body_seconds,
        )
        answer = refusal or self._app
        if refusal or pool is None:
            await answer(scope, exchange.receive, exchange.send)
            return
        place = scope.setdefault("state", {})["place"] = Place(pool, client)
        try:
            await self._app(scope, exchange.receive, exchange.send)
        finally:
            place.leave()

    def _pool_of(self, scope: Scope) -> Pool | None:
        """Return which places a request is for; None if it needs none."""
        if scope["path"] in HEALTH:
            return None
        return self._waits if _may_take_long(scope) else self._calls

    def _refusal(self, scope: Scope, limit: int, client: str, pool: Pool | None) -> Response | None:
        """Return the answer to a request that is not taken."""
        request = Request(scope)
        # What was announced is not read, so the connection cannot be used again.
        headers = dict(CLOSE)
        if _announced(request.headers) > limit:
            return problem(request, HTTPStatus.REQUEST_ENTITY_TOO_LARGE, too_large(limit), headers)
        if pool is not None and (detail := pool.refusal(client)):
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


def _may_take_long(scope: Scope) -> bool:
    """Tell whether a request is for a stream, or asks to be answered later."""
    if scope["path"].endswith(EVENTS):
        return True
    if not scope["query_string"]:
        return False
    query = parse_qsl(scope["query_string"].decode("latin-1"))
    return any(name == "wait" and value != "0" for name, value in query)


def _announced(headers: Headers) -> int:
    text = headers.get("content-length", "0")
    if not text.isdecimal():
        return 0
    return int(text) if len(text) < MAX_DIGITS else 10**MAX_DIGITS
