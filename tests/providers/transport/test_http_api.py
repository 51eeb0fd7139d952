"""Hostile answers: each becomes the right error, and no secret leaks."""

import asyncio
import gzip
import json
import time
import tracemalloc
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
from aiohttp import web
from pydantic import SecretStr

from models import Model
from providers.errors import (
    IdempotencyKeyReused,
    InvalidRequest,
    OutOfStock,
    PaymentDeclined,
    ProviderError,
    ProviderRateLimited,
    ProviderUnavailable,
    Unauthorized,
    UnexpectedAnswer,
)
from providers.transport.http_api import HttpApi
from providers.transport.http_session import MAX_BODY_BYTES, HttpSession
from tests.support.provider_api_server import serving

KEY = SecretStr("sk-very-secret")
CARD = SecretStr("tok_of_a_card")
Respond = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Thing(Model):
    thing_id: str
    amount_cents: int


class Provider:
    """A fake provider with one answer for every request, which records the requests."""

    def __init__(self, respond: Respond) -> None:
        self._respond = respond
        self.requests: list[tuple[str, str, dict[str, str], str]] = []

    async def handle(self, request: web.Request) -> web.StreamResponse:
        headers = {name.lower(): value for name, value in request.headers.items()}
        got = (request.method, request.path_qs, headers, await request.text())
        self.requests.append(got)
        return await self._respond(request)


@asynccontextmanager
async def provider(
    respond: Respond, timeout_seconds: float = 5.0
) -> AsyncIterator[tuple[HttpApi, Provider]]:
    fake = Provider(respond)
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", fake.handle)
    async with serving(app) as url:
        api = HttpApi(f"{url}/v2/", KEY, HttpSession(timeout_seconds=timeout_seconds))
        try:
            yield api, fake
        finally:
            await api.close()


def answering(
    status: int = 200,
    body: bytes | str = b"",
    content_type: str = "application/json",
    **headers: str,
) -> Respond:
    async def respond(_: web.Request) -> web.StreamResponse:
        content = body.encode() if isinstance(body, str) else body
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        return web.Response(status=status, body=content, content_type=content_type, headers=names)

    return respond


def problem(code: str, message: str = "") -> str:
    return json.dumps({"error": {"code": code, "message": message}})


async def charge(api: HttpApi) -> Thing:
    return await api.send(
        "POST",
        "/things",
        Thing,
        body={"payment_token": CARD.get_secret_value()},
        idempotency_key="order-7:charge",
        refusals={"out_of_stock": OutOfStock},
        secret=CARD,
    )


async def test_sends_key_and_body_and_gives_the_model() -> None:
    good = answering(body='{"thing_id": "t1", "amount_cents": 5, "more": true}')
    async with provider(good) as (api, fake):
        assert await charge(api) == Thing(thing_id="t1", amount_cents=5)
        await api.send("GET", "/things", Thing, query={"key": "a&b:c/d e"})
    (method, path, headers, body), (_, query, listing_headers, _) = fake.requests
    assert (method, path) == ("POST", "/v2/things")
    assert headers["authorization"] == "Bearer sk-very-secret"
    assert headers["idempotency-key"] == "order-7:charge"
    assert headers["content-type"] == "application/json"
    assert json.loads(body) == {"payment_token": "tok_of_a_card"}
    assert query == "/v2/things?key=a%26b:c/d+e"
    assert "idempotency-key" not in listing_headers


HTML = "<html><body>502 from a proxy, tok_of_a_card sk-very-secret</body></html>"
ANSWERS: list[tuple[Respond, type[ProviderError]]] = [
    (answering(500, HTML, "text/html"), ProviderUnavailable),
    (answering(503, problem("unavailable")), ProviderUnavailable),
    (answering(408, problem("timeout")), ProviderUnavailable),
    (answering(409, problem("idempotency_key_in_use")), ProviderUnavailable),
    (answering(425, problem("too_early")), ProviderUnavailable),
    (answering(429, HTML, "text/html"), ProviderRateLimited),
    (answering(401, problem("unauthorized", "bad key sk-very-secret")), Unauthorized),
    (answering(403, HTML, "text/html"), Unauthorized),
    (answering(402, problem("card_declined", "tok_of_a_card")), PaymentDeclined),
    (answering(422, problem("idempotency_key_reused")), IdempotencyKeyReused),
    (answering(422, problem("out_of_stock")), OutOfStock),
    (answering(409, problem("out_of_stock")), OutOfStock),
    (answering(422, problem("whatever")), InvalidRequest),
    (answering(400, problem("invalid_request")), InvalidRequest),
    (answering(404, problem("not_found")), InvalidRequest),
    (answering(404, HTML, "text/html"), UnexpectedAnswer),
    (answering(400, "[]"), UnexpectedAnswer),
    (answering(400, '{"error": "text"}'), UnexpectedAnswer),
    (answering(402, ""), UnexpectedAnswer),
    (answering(302, Location="/elsewhere"), UnexpectedAnswer),
    (answering(307, Location="http://169.254.169.254/"), UnexpectedAnswer),
    (answering(304), UnexpectedAnswer),
    (answering(200, HTML, "text/html"), UnexpectedAnswer),
    (answering(200, '{"thing_id": "t", "amount_cents": 5}', "text/plain"), UnexpectedAnswer),
    (answering(200, ""), UnexpectedAnswer),
    (answering(204), UnexpectedAnswer),
    (answering(200, "null"), UnexpectedAnswer),
    (answering(200, "[]"), UnexpectedAnswer),
    (answering(200, '{"thing_id": "t"}'), UnexpectedAnswer),
    (answering(200, '{"thing_id": 5, "amount_cents": 5}'), UnexpectedAnswer),
    (answering(200, '{"thing_id": "t", "amount_cents": "5"}'), UnexpectedAnswer),
    (answering(200, '{"thing_id": "t", "amount_cents": 5.5}'), UnexpectedAnswer),
    (answering(200, '{"thing_id": "t", "amount_cents": true}'), UnexpectedAnswer),
    (answering(200, '{"thing_id": "t", "amount_cents": NaN}'), UnexpectedAnswer),
    (answering(200, '{"thing_id": "t", "amount_'), UnexpectedAnswer),
    (answering(200, b"\xff\xfe\x00"), UnexpectedAnswer),
    (answering(200, "[" * 100_000), UnexpectedAnswer),
    (answering(200, gzip.compress(b"{}"), Content_Encoding="gzip"), UnexpectedAnswer),
]


@pytest.mark.parametrize(("respond", "kind"), ANSWERS)
async def test_every_answer_has_its_error_and_is_asked_for_once(
    respond: Respond, kind: type[ProviderError]
) -> None:
    async with provider(respond) as (api, fake):
        with pytest.raises(ProviderError) as caught:
            await charge(api)
    assert type(caught.value) is kind
    assert len(fake.requests) == 1
    assert "sk-very-secret" not in repr(caught.value)
    assert "tok_of_a_card" not in repr(caught.value)
    for_customers = (PaymentDeclined, OutOfStock, IdempotencyKeyReused)
    assert ("http://127.0.0.1" in str(caught.value)) == (kind not in for_customers)
    assert len(str(caught.value)) < 500


async def test_a_refusal_says_what_the_provider_said_without_control_characters() -> None:
    said = "\x1b[31m\nlast-one: 2 asked, 1 in stock" + "!" * 10_000
    async with provider(answering(422, problem("out_of_stock", said))) as (api, _):
        with pytest.raises(OutOfStock, match=r"last-one: 2 asked, 1 in stock") as caught:
            await charge(api)
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 500


async def test_a_body_of_50_mb_is_an_error_and_not_kept_in_memory() -> None:
    sent = 0

    async def respond(request: web.Request) -> web.StreamResponse:
        nonlocal sent
        response = web.StreamResponse(headers={"Content-Type": "application/json"})
        await response.prepare(request)
        for _ in range(50):
            await response.write(b" " * 1_000_000)
            sent += 1
        return response

    async with provider(respond) as (api, _):
        tracemalloc.start()
        with pytest.raises(UnexpectedAnswer, match=f"larger than {MAX_BODY_BYTES} bytes"):
            await charge(api)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert sent < 50
    # Includes the memory of the server, which runs in this process.
    assert peak < 15_000_000


async def test_a_connection_that_never_answers_ends_in_time() -> None:
    async def respond(_: web.Request) -> web.StreamResponse:
        await asyncio.Event().wait()
        raise AssertionError

    before = time.monotonic()
    async with provider(respond, timeout_seconds=0.2) as (api, _):
        with pytest.raises(ProviderUnavailable, match=r"no answer within 0\.2 seconds"):
            await charge(api)
    assert time.monotonic() - before < 10


async def test_an_answer_that_drips_ends_in_time_too() -> None:
    async def respond(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "application/json"})
        await response.prepare(request)
        await response.write(b'{"thing_id": ')
        await asyncio.Event().wait()
        raise AssertionError

    async with provider(respond, timeout_seconds=0.2) as (api, _):
        with pytest.raises(ProviderUnavailable, match=r"no answer within 0\.2 seconds"):
            await charge(api)


@pytest.mark.parametrize("method", ["GET", "DELETE", "POST"])
@pytest.mark.parametrize("half", [False, True])
async def test_a_dropped_connection_is_unavailable_and_not_retried(method: str, half: bool) -> None:
    async def respond(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Length": "1000"})
        if half:
            await response.prepare(request)
            await response.write(b'{"thing_id": ')
        assert request.transport is not None
        request.transport.abort()
        return response

    async with provider(respond) as (api, fake):
        with pytest.raises(ProviderUnavailable):
            await api.send(method, "/things", Thing)
    assert len(fake.requests) == 1


async def test_an_unreachable_server_is_named() -> None:
    async with provider(answering()) as (api, _):
        pass
    with pytest.raises(ProviderUnavailable, match=r"http://127\.0\.0\.1:\d+/v2/things"):
        await charge(api)
    await api.close()


async def test_credentials_in_the_url_are_in_no_message() -> None:
    api = HttpApi("http://user:hidden-password@127.0.0.1:9", KEY)
    with pytest.raises(ProviderUnavailable) as caught:
        await api.send("GET", "/things", Thing, query={"who": "somebody"})
    await api.close()
    assert "hidden-password" not in repr(caught.value)
    assert "somebody" not in repr(caught.value)


@pytest.mark.parametrize("status", [429, 503])
async def test_the_time_that_the_provider_named_is_kept(status: int) -> None:
    async with provider(answering(status, problem("later"), Retry_After="7")) as (api, _):
        with pytest.raises(ProviderError) as caught:
            await charge(api)
    assert caught.value.retry_after_seconds == 7.0
