"""Fields that every answer has, be it of a route, of a limit or of the last resort for errors."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from web.admission.exchange import with_headers
from web.desk.pages import HEADERS as OF_DESK
from web.desk.signed_in.sessions import PATH as DESK

OF_API = {
    # What is answered is for who asked, and stands in no cache of a proxy or a browser.
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
}


class WithHeaders:
    """An ASGI application around another one, whose answers all have the fields of their path."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the application answer, and add the fields that it has not set itself."""
        path = scope.get("path", "")
        fields = OF_DESK if path == DESK or path.startswith(f"{DESK}/") else OF_API

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                message = with_headers(message, fields)
            await send(message)

        await self._app(scope, receive, sending)
