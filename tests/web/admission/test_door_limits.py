"""Limits as a client meets them at a real server: who may take how much, and what it is told."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import aiohttp
import pytest
import pytest_asyncio

from models import Role
from tests.support.http_door import Person
from tests.support.local_issuer import LocalIssuer
from tests.support.oidc_door import OpenDoor, opened
from web.desk.pages import HEADERS

pytestmark = pytest.mark.asyncio(loop_scope="module")

PLACES = 8
SHARE = 2
STALLED = b"POST /orders/x/approve HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{"
MOST_BYTES = 1_000_000


@pytest_asyncio.fixture(loop_scope="module")
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(force_close=True)) as session:
        yield session


@pytest_asyncio.fixture(loop_scope="module")
async def small(issuer: LocalIssuer, tmp_path: Path) -> AsyncIterator[OpenDoor]:
    """Yield a server with few places."""
    async with opened(tmp_path, issuer, server_requests_at_once=PLACES) as door:
        yield door


@asynccontextmanager
async def stalled(door: OpenDoor, count: int) -> AsyncIterator[list[asyncio.StreamReader]]:
    """Send so many requests whose bodies never come, until the end of the block."""
    port = door.settings.server_port
    async with AsyncExitStack() as closing:
        readers = []
        for _ in range(count):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            closing.callback(writer.close)
            writer.write(STALLED)
            readers.append(reader)
        # The server has read what the last ones of them sent when those beyond the share hear so.
        for reader in readers[SHARE:]:
            assert b" 503 " in await asyncio.wait_for(reader.readline(), 30)
        yield readers


async def test_bodies_that_never_come_shut_out_nobody_else(small: OpenDoor) -> None:
    elsewhere = aiohttp.TCPConnector(local_addr=("127.0.0.2", 0))
    async with (
        stalled(small, 2 * PLACES),
        aiohttp.ClientSession(connector=elsewhere) as other,
        aiohttp.ClientSession() as same,
    ):
        for path in ("/healthz", "/desk/sign-in"):
            assert (await Person(small.url, None, other).get(path)).status == 200
        assert (await Person(small.url, None, same).get("/healthz")).status == 200

        refused = await Person(small.url, None, same).get("/desk/sign-in")
    refused.problem(503)
    assert refused.headers["Retry-After"] == "1"
    assert set(HEADERS.items()) <= set(refused.headers.items())


async def test_one_key_does_not_take_all_places_from_many_addresses(small: OpenDoor) -> None:
    ada, bob = [await small.key(name, Role.SUBMIT) for name in ("ada", "bob")]
    port = small.settings.server_port
    async with AsyncExitStack() as closing:
        reading = []
        for number in range(SHARE + 1):
            reader, writer = await asyncio.open_connection(
                "127.0.0.1", port, local_addr=(f"127.0.0.{number + 2}", 0)
            )
            closing.callback(writer.close)
            # The key is known before the body of an order is read.
            head = f"POST /orders HTTP/1.1\r\nHost: x\r\nX-Api-Key: {ada}\r\nContent-Length: 9"
            writer.write(f"{head}\r\n\r\n{{".encode())
            reading.append(asyncio.create_task(reader.readline()))
        # Whichever comes last is refused, and the others have what there is.
        done, _ = await asyncio.wait(reading, timeout=10, return_when=asyncio.FIRST_COMPLETED)
        async with aiohttp.ClientSession() as session:
            refused = await Person(small.url, ada, session).get("/expenses")
            other = await Person(small.url, bob, session).get("/expenses")

    assert [b" 503 " in task.result() for task in done] == [True]
    assert refused.problem(503).startswith(f"{SHARE} requests of ada are under way")
    assert refused.headers["Retry-After"] == "1"
    assert other.status == 200


@pytest.mark.parametrize("path", ["/orders/x/approve", "/receipts/x/correct", "/expenses/x"])
async def test_a_body_without_a_length_that_is_too_large_is_told_so(
    here: OpenDoor, session: aiohttp.ClientSession, path: str
) -> None:
    async def parts() -> AsyncIterator[bytes]:
        for _ in range(12):
            yield b"0" * (MOST_BYTES // 10)

    person = Person(here.url, await here.key("grace", Role.APPROVE), session)
    json = {"Content-Type": "application/json"}
    method = "PATCH" if path.startswith("/expenses") else "POST"

    said = (await person.call(method, path, data=parts(), headers=json)).problem(413)

    assert str(MOST_BYTES) in said


@pytest.mark.parametrize("path", ["/orders/", "/desk/upload/", "/receipts/", "/desk/sign-in/"])
async def test_nobody_is_sent_to_the_host_that_they_named(
    here: OpenDoor, session: aiohttp.ClientSession, path: str
) -> None:
    person = Person(here.url, None, session)

    answer = await person.get(path, headers={"Host": "evil.example"}, allow_redirects=False)

    assert answer.status == 404
    assert "evil.example" not in f"{answer.headers} {answer.text}"


@pytest.mark.parametrize("path", ["/desk/sign-in", "/desk/upload"])
async def test_what_limits_answer_at_the_desk_has_the_headers_of_the_desk(
    issuer: LocalIssuer, tmp_path: Path, session: aiohttp.ClientSession, path: str
) -> None:
    async with opened(
        tmp_path, issuer, server_requests_per_minute=1, server_max_upload_bytes=MOST_BYTES
    ) as door:
        person = Person(door.url, None, session)
        answers = [await person.post(path, data=b"0" * (MOST_BYTES + 1))]
        answers += [await person.get(path) for _ in range(2)]

    assert [answers[0].status, answers[-1].status] == [413, 429]
    for answer in answers:
        assert set(HEADERS.items()) <= set(answer.headers.items())


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/expenses", 200),
        ("/expenses?format=csv", 200),
        ("/healthz", 200),
        ("/openapi.json", 200),
        ("/orders?limit=many", 422),
        ("/nothing", 404),
    ],
)
async def test_answers_of_the_api_are_kept_nowhere_and_are_what_they_say(
    here: OpenDoor, session: aiohttp.ClientSession, path: str, status: int
) -> None:
    person = Person(here.url, await here.key("ada", Role.SUBMIT), session)

    answer = await person.get(path)

    assert answer.status == status
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
