"""Limits before any route: bytes, requests under way, requests in a while."""

import asyncio
from collections.abc import AsyncIterator
from typing import cast

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Scope

from service.errors import BadInput
from web.bodies import lines_of
from web.limits import Limits, Window
from web.problems import Problem


class Client:
    """Calls an ASGI application from one address."""

    def __init__(self, app: ASGIApp, address: str = "127.0.0.1") -> None:
        self._app = app
        self._address = address

    async def post(self, *parts: bytes, length: int | None = None) -> tuple[int, dict[str, str]]:
        headers = [] if length is None else [(b"content-length", str(length).encode())]
        scope: Scope = {
            "type": "http",
            "method": "POST",
            "path": "/",
            "raw_path": b"/",
            "query_string": b"",
            "headers": headers,
            "client": (self._address, 1),
            "server": ("127.0.0.1", 80),
            "scheme": "http",
            "http_version": "1.1",
            "root_path": "",
        }
        sent: list[Message] = []
        left = list(parts)

        async def receive() -> Message:
            body = left.pop(0) if left else b""
            return {"type": "http.request", "body": body, "more_body": bool(left)}

        async def send(message: Message) -> None:
            sent.append(message)

        await self._app(scope, receive, send)
        return sent[0]["status"], {
            name.decode(): value.decode() for name, value in sent[0]["headers"]
        }


def limited(at_once: int = 10, most: int = 100, seconds: int = 60) -> tuple[ASGIApp, asyncio.Event]:
    """Return an application that reads its body, and answers once the event is set."""
    go_on = asyncio.Event()

    async def answer(request: Request) -> PlainTextResponse:
        body = await request.body()
        await go_on.wait()
        return PlainTextResponse(str(len(body)))

    async def refused(_: Request, error: Exception) -> PlainTextResponse:
        assert isinstance(error, Problem)
        return PlainTextResponse(error.detail, error.status)

    app = Starlette(
        routes=[Route("/", answer, methods=["POST"])], exception_handlers={Problem: refused}
    )
    window = Window(most, seconds)
    return Limits(app, max_body=10, uploads={}, at_once=at_once, window=window), go_on


async def test_a_body_has_a_limit_whether_it_is_announced_or_not() -> None:
    app, go_on = limited()
    go_on.set()
    client = Client(app)

    assert (await client.post(b"0123456789", length=10))[0] == 200
    assert (await client.post(length=11))[0] == 413
    assert (await client.post(b"012345", b"678901"))[0] == 413
    assert (await client.post(b"01", length=99999999999999999999999))[0] == 413


async def test_more_requests_than_are_taken_come_back_later() -> None:
    app, go_on = limited(at_once=2)
    client = Client(app)
    under_way = [asyncio.create_task(client.post(b"1")) for _ in range(2)]
    await asyncio.sleep(0)

    status, headers = await client.post(b"1")

    assert (status, headers["retry-after"]) == (503, "1")
    go_on.set()
    assert [status for status, _ in await asyncio.gather(*under_way)] == [200, 200]
    assert (await client.post(b"1"))[0] == 200


async def test_an_address_has_its_share_and_is_told_of_it() -> None:
    app, go_on = limited(most=2)
    go_on.set()
    client, other = Client(app), Client(app, "127.0.0.2")

    _, headers = await client.post()
    assert headers["ratelimit-policy"] == '"default";q=2;w=60'
    assert headers["ratelimit"].startswith('"default";r=1;t=')
    await client.post()
    status, headers = await client.post()

    assert status == 429
    assert 1 <= int(headers["retry-after"]) <= 60
    assert (await other.post())[0] == 200


def test_the_addresses_that_are_remembered_are_bounded() -> None:
    window = Window(1, 60)
    for number in range(window.MAX_CLIENTS + 10):
        window.take(str(number))

    assert window.take("0"), "forgotten, so it counts anew"
    assert not window.take(str(window.MAX_CLIENTS + 9))


@pytest.mark.parametrize("size", [1, 3, 1_000])
async def test_lines_are_read_as_they_come(size: int) -> None:
    body = b'{"a":1}\n\n  \n' + b"x" * 50 + b"\nlast"

    class Stream:
        async def stream(self) -> AsyncIterator[bytes]:
            for place in range(0, len(body), size):
                yield body[place : place + size]

    found = [line async for line in lines_of(cast(Request, Stream()), longest=20)]

    assert [number for number, _ in found] == [1, 4, 5]
    assert found[0][1] == b'{"a":1}'
    assert isinstance(found[1][1], BadInput)
    assert found[2][1] == b"last"
