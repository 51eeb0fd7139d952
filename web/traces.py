"""A trace for each request, which goes on in the run that the request starts.

Neither paths nor queries are in it: there stand ids that people chose, and links that sign in.
"""

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from observability.doors import Door, are_traced, door_span
from web.admission.limits import HEALTH

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
"""Any other word is the client's own."""

FAILED_FROM = 500
"""Lowest HTTP status that a server's span counts as an error."""


def traced(app: ASGIApp) -> ASGIApp:
    """Return the application with a trace for each request, or as it is if traces are off."""
    return Traced(app) if are_traced() else app


class Traced:
    """An ASGI application around another one; health probes have no trace."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the application answer, within a span."""
        if scope["type"] != "http" or scope["path"] in HEALTH:
            await self._app(scope, receive, send)
            return
        method = scope["method"] if scope["method"] in METHODS else "_OTHER"
        with door_span(method, caller=Headers(scope=scope).get("traceparent")) as door:
            door.say("http.request.method", method)

            async def sending(message: Message) -> None:
                if message["type"] == "http.response.start":
                    _answered(door, message["status"])
                await send(message)

            try:
                await self._app(scope, receive, sending)
            finally:
                _say_route(door, method, scope)


def _answered(door: Door, status: int) -> None:
    door.say("http.response.status_code", status)
    if status >= FAILED_FROM:
        door.fail(str(status))


def _say_route(door: Door, method: str, scope: Scope) -> None:
    """Name it by the route's pattern, which the router has left in the scope."""
    path = getattr(scope.get("route"), "path", None)
    if path is not None:
        door.named(f"{method} {path}")
        door.say("http.route", path)
