"""Fields that every answer has, be it of a route, of a limit or of the last resort for errors."""

from collections.abc import Mapping

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from web.admission.exchange import with_headers
from web.codec.origin import is_of_codec
from web.desk.pages import HEADERS as OF_DESK
from web.desk.signed_in.sessions import PATH as DESK

OF_API = {
    # What is answered is for who asked, and stands in no cache of a proxy or a browser.
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
}


class WithHeaders:
    """An ASGI application around another one, whose answers all have the fields of their path."""

    def __init__(self, app: ASGIApp, of_codec: Mapping[str, str]) -> None:
        self._app = app
        self._of_codec = of_codec

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the application answer, and add the fields that it has not set itself."""
        path = scope.get("path", "")
        fields = OF_DESK if path == DESK or path.startswith(f"{DESK}/") else OF_API
        if is_of_codec(path):
            fields = {**fields, **self._of_codec}

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                message = with_headers(message, fields)
            await send(message)

        await self._app(scope, receive, sending)
