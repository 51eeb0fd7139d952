"""HTTP exchanges that are bounded in time and in bytes, and follow no redirects.

Without bounds a provider that never answers would block a step for ever, a body of 50 MB would
fill the worker's memory, and a redirect could send a charge to another host. Nothing is retried
here; Temporal retries.
"""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass

import aiohttp
from yarl import URL

from providers.errors import ProviderUnavailable, UnexpectedAnswer
from providers.spans import Call, provider_call, route_of

TIMEOUT_SECONDS = 25.0
"""For the whole exchange. Below an activity's limit of 30 s, so that the error says why."""

MAX_BODY_BYTES = 1024 * 1024
"""Largest body of an answer."""


@dataclass(frozen=True)
class HttpAnswer:
    """An answer of any status; ``where`` names the call in error messages."""

    where: str
    status: int
    headers: Mapping[str, str]
    content_type: str
    body: bytes


class HttpSession:
    """A connection pool that opens on the first call."""

    def __init__(
        self, *, timeout_seconds: float = TIMEOUT_SECONDS, max_body_bytes: int = MAX_BODY_BYTES
    ) -> None:
        self._timeout_seconds = timeout_seconds
        self._max_body_bytes = max_body_bytes
        self._session: aiohttp.ClientSession | None = None

    async def exchange(
        self,
        method: str,
        url: URL,
        *,
        headers: Mapping[str, str],
        body: bytes | str | None = None,
    ) -> HttpAnswer:
        """Send a request and return its answer; a redirect is returned, not followed.

        Raises ProviderUnavailable if no complete answer came in time, UnexpectedAnswer if the
        body is larger than ``max_body_bytes``.
        """
        # Credentials in the URL would conflict with ours, and appear in every error message.
        url = url.with_user(None)
        where = f"{method} {url.with_query(None)}"
        with http_call(method, url) as call:
            try:
                async with self._open().request(
                    method, url, headers=headers, data=body, allow_redirects=False
                ) as response:
                    data = await self._read(response, where)
            except TimeoutError:
                raise ProviderUnavailable(
                    f"{where}: no answer within {self._timeout_seconds:g} seconds"
                ) from None
            except (aiohttp.ClientError, OSError) as error:
                raise ProviderUnavailable(f"{where}: {error or type(error).__name__}") from None
            call.answered(response.status)
        return HttpAnswer(where, response.status, response.headers, response.content_type, data)

    async def close(self) -> None:
        """Close the connections."""
        if self._session is not None:
            await self._session.close()

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                timeout=aiohttp.ClientTimeout(total=self._timeout_seconds),
                # A small compressed answer must not unpack to a huge one in memory.
                headers={"Accept-Encoding": "identity"},
                auto_decompress=False,
                cookie_jar=aiohttp.DummyCookieJar(),
                middlewares=(_only_once,),
            )
        return self._session

    async def _read(self, response: aiohttp.ClientResponse, where: str) -> bytes:
        data = bytearray()
        async for chunk in response.content.iter_any():
            data += chunk
            if len(data) > self._max_body_bytes:
                response.close()
                raise UnexpectedAnswer(
                    f"{where}: the answer is larger than {self._max_body_bytes} bytes"
                )
        return bytes(data)


def http_call(method: str, url: URL) -> AbstractContextManager[Call]:
    """Have a span around a request: its method, host and route, without ids or a query."""
    route = route_of(url.raw_path)
    attributes: dict[str, str | int] = {
        "http.request.method": method,
        "server.address": url.host or "",
        "server.port": url.port or 0,
        "url.template": route,
    }
    return provider_call(f"{method} {route}", attributes)


async def _only_once(
    request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType
) -> aiohttp.ClientResponse:
    try:
        return await handler(request)
    except (aiohttp.ClientOSError, aiohttp.ServerDisconnectedError) as error:
        # aiohttp would resend a GET or DELETE by itself after one of these errors.
        raise aiohttp.ClientError(str(error)) from error
