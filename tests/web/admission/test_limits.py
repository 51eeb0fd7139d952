"""Limits before any route: bytes, requests under way, requests in a while."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from typing import Any, cast

import pytest
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Scope

from service.errors import BadInput
from web.admission.exchange import Exchange
from web.admission.limits import Limits, Window
from web.admission.places import Place, Pool, count_to, network_of
from web.bodies import lines_of
from web.problems import Problem

Under = asyncio.Task[tuple[int, dict[str, str]]]


class Client:
    """Calls an ASGI application from one address."""

    def __init__(self, app: ASGIApp, address: str = "127.0.0.1") -> None:
        self._app = app
        self._address = address

    async def post(
        self, *parts: bytes | None, length: int | None = None, path: str = "/", query: bytes = b""
    ) -> tuple[int, dict[str, str]]:
        """Send a body in parts; None if nothing more comes of it, though it is not all."""
        headers = [] if length is None else [(b"content-length", str(length).encode())]
        scope: Scope = {
            "type": "http",
            "method": "POST",
            "path": path,
            "raw_path": path.encode(),
            "query_string": query,
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
            if body is None:
                await asyncio.Event().wait()
            return {"type": "http.request", "body": body, "more_body": bool(left)}

        async def send(message: Message) -> None:
            sent.append(message)

        await self._app(scope, receive, send)
        return sent[0]["status"], {
            name.decode(): value.decode() for name, value in sent[0]["headers"]
        }


def limited(
    at_once: int = 10,
    share: int = 10,
    most: int = 100,
    seconds: int = 60,
    body_seconds: float = 20,
) -> tuple[ASGIApp, asyncio.Event]:
    """Return an application that reads its body, and answers once the event is set."""
    go_on = asyncio.Event()

    async def answer(request: Request) -> PlainTextResponse:
        body = await request.body()
        if name := request.query_params.get("caller"):
            count_to(request, name)
        await go_on.wait()
        return PlainTextResponse(str(len(body)))

    async def refused(_: Request, error: Exception) -> PlainTextResponse:
        if isinstance(error, HTTPException):
            return PlainTextResponse(error.detail, error.status_code)
        assert isinstance(error, Problem)
        return PlainTextResponse(error.detail, error.status, error.headers)

    app = Starlette(
        routes=[Route(path, answer, methods=["POST"]) for path in ("/", "/x/events", "/healthz")],
        exception_handlers={Problem: refused, HTTPException: refused},
    )
    return Limits(
        app,
        max_body=10,
        uploads={},
        at_once=at_once,
        share=share,
        window=Window(most, seconds),
        body_seconds=body_seconds,
    ), go_on


async def begun(*calls: Coroutine[Any, Any, tuple[int, dict[str, str]]]) -> list[Under]:
    """Let calls begin, and come as far as they can."""
    tasks = [asyncio.create_task(call) for call in calls]
    for _ in range(20):
        await asyncio.sleep(0)
    return tasks


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


async def test_a_body_that_does_not_come_gives_its_place_back() -> None:
    app, go_on = limited(at_once=1, body_seconds=0.05)
    go_on.set()
    client = Client(app)

    status, headers = await client.post(b"{", None, length=10)

    assert (status, headers["connection"]) == (408, "close")
    assert (await client.post(b"1"))[0] == 200


async def test_a_body_that_comes_a_byte_at_a_time_has_an_end_too() -> None:
    taken: list[int] = []

    async def receive() -> Message:
        await asyncio.sleep(0.03)
        return {"type": "http.request", "body": b"1", "more_body": True}

    async def send(_: Message) -> None:
        raise AssertionError("nothing is answered")

    exchange = Exchange(receive, send, limit=10**6, headers={}, body_seconds=0.1)
    with pytest.raises(HTTPException, match="in time"):
        async with asyncio.timeout(10):
            while True:
                taken.append(len((await exchange.receive())["body"]))
    assert 1 <= sum(taken) <= 4


async def test_one_address_cannot_take_all_places() -> None:
    app, go_on = limited(at_once=4, share=2)
    client, other = Client(app), Client(app, "127.0.0.2")
    under_way = await begun(*(client.post(b"1") for _ in range(2)))

    status, headers = await client.post(b"1")
    assert (status, headers["retry-after"]) == (503, "1")
    under_way += await begun(other.post(b"1"))
    assert not under_way[-1].done(), "taken"

    go_on.set()
    assert [status for status, _ in await asyncio.gather(*under_way)] == [200] * 3


async def test_one_caller_cannot_take_all_places_from_many_addresses() -> None:
    app, go_on = limited(at_once=4, share=2)
    clients = [Client(app, f"127.0.0.{number}") for number in range(1, 4)]
    under_way = await begun(*(client.post(b"1", query=b"caller=ada") for client in clients[:2]))

    status, headers = await clients[2].post(b"1", query=b"caller=ada")
    assert (status, headers["retry-after"]) == (503, "1")
    under_way += await begun(clients[2].post(b"1", query=b"caller=bob"))
    assert not under_way[-1].done(), "taken"

    go_on.set()
    assert [status for status, _ in await asyncio.gather(*under_way)] == [200] * 3
    assert (await clients[2].post(b"1", query=b"caller=ada"))[0] == 200


@pytest.mark.parametrize(
    ("path", "query"),
    [("/x/events", b""), ("/", b"wait=60"), ("/", b"wait=0&wait=60"), ("/", b"w%61it=+60")],
)
async def test_streams_and_long_waits_take_no_places_of_calls(path: str, query: bytes) -> None:
    app, go_on = limited(at_once=1, share=1)
    client = Client(app)
    under_way = await begun(client.post(b"1", path=path, query=query))

    assert (await client.post(b"1", path="/x/events"))[0] == 503
    under_way += await begun(client.post(b"1", query=b"wait=0"))
    assert not under_way[-1].done(), "taken"

    go_on.set()
    assert [status for status, _ in await asyncio.gather(*under_way)] == [200] * 2


async def test_health_is_told_when_no_place_is_left() -> None:
    app, go_on = limited(at_once=1, share=1)
    client = Client(app)
    under_way = await begun(client.post(b"1"), client.post(b"1", path="/healthz"))
    assert not any(task.done() for task in under_way)

    go_on.set()
    assert [status for status, _ in await asyncio.gather(*under_way)] == [200] * 2


def test_places_that_are_left_are_forgotten() -> None:
    pool = Pool(2, 1)
    place = Place(pool, "127.0.0.1")
    place.claim("ada")
    assert pool.refusal("127.0.0.1") is not None

    place.leave()

    assert pool.refusal("127.0.0.1") is None
    assert pool.callers.refusal("ada") is None


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3::4", "2001:db8:1:2::/64"),
        ("::1", "::1"),
        ("unknown", "unknown"),
    ],
)
def test_all_addresses_of_an_ipv6_network_count_as_one(address: str, network: str) -> None:
    assert network_of(address) == network


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
