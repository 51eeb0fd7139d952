"""The HTTP client of a language model, which does not trust the endpoint's answers.

Without it a redirect would send the receipt, and maybe the key, to another host; and an endpoint
that never stops would fill the worker's memory.
"""

from collections.abc import AsyncIterator

import httpx2

MAX_BYTES = 1024 * 1024
"""Largest body of an answer: a receipt's fields are a few hundred bytes."""


class AnswerTooLarge(Exception):
    """An answer has more bytes than it may have, or may unpack to more."""


def bounded_client(seconds: float) -> httpx2.AsyncClient:
    """Return a client that follows no redirect, and ends an answer that is too large.

    ``seconds`` is the limit of each part: connecting, sending, and each wait for more.
    """
    return httpx2.AsyncClient(
        timeout=seconds,
        follow_redirects=False,
        headers={"Accept-Encoding": "identity"},
        event_hooks={"request": [_asks_plainly], "response": [_bounded]},
    )


async def _asks_plainly(request: httpx2.Request) -> None:
    request.headers["Accept-Encoding"] = "identity"


async def _bounded(response: httpx2.Response) -> None:
    if response.headers.get("Content-Encoding", "identity") != "identity":
        raise AnswerTooLarge("the answer is compressed, which was not asked for")
    response.stream = _Bounded(response.stream)


class _Bounded(httpx2.AsyncByteStream):
    """The body of an answer up to the limit."""

    def __init__(self, stream: httpx2.AsyncByteStream | httpx2.SyncByteStream) -> None:
        assert isinstance(stream, httpx2.AsyncByteStream)
        self._stream = stream

    async def __aiter__(self) -> AsyncIterator[bytes]:
        size = 0
        async for chunk in self._stream:
            size += len(chunk)
            if size > MAX_BYTES:
                raise AnswerTooLarge(f"the answer is larger than {MAX_BYTES} bytes")
            yield chunk

    async def aclose(self) -> None:
        await self._stream.aclose()
