"""Connections that no request comes over, and whose address counts."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import aiohttp
import pytest
import pytest_asyncio

from tests.support.http_door import Person
from tests.support.local_issuer import LocalIssuer
from tests.support.oidc_door import OpenDoor, opened
from web.admission.connections import MAX_FIELDS, MAX_HEAD_BYTES, MAX_PIPELINED, Connection

pytestmark = pytest.mark.asyncio(loop_scope="module")

HALF_A_HEAD = b"GET /healthz HTTP/1.1\r\nHost: x\r\n"
HEALTH = HALF_A_HEAD + b"\r\n"
DOCUMENT = HEALTH.replace(b"healthz", b"openapi.json")
HALF_A_CALL = b"POST /orders/x/approve HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{"
HEAD_SECONDS = 0.3
PATIENCE_SECONDS = 30


@pytest_asyncio.fixture(loop_scope="module")
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(force_close=True)) as session:
        yield session


@asynccontextmanager
async def connected(
    door: OpenDoor,
) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    reader, writer = await asyncio.open_connection("127.0.0.1", door.settings.server_port)
    try:
        yield reader, writer
    finally:
        writer.close()


async def status_in(reader: asyncio.StreamReader) -> int:
    """Read one answer with a length; return its status."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        head = await reader.readuntil(b"\r\n\r\n")
        fields = dict(line.lower().split(b": ", 1) for line in head.splitlines()[1:-1])
        await reader.readexactly(int(fields[b"content-length"]))
    return int(head.split()[1])


async def until_closed(reader: asyncio.StreamReader) -> bytes:
    async with asyncio.timeout(PATIENCE_SECONDS):
        return await reader.read()


@pytest.mark.parametrize("begin", [b"", HALF_A_HEAD])
async def test_a_head_that_does_not_come_whole_ends_its_connection_and_no_other(
    here: OpenDoor, monkeypatch: pytest.MonkeyPatch, begin: bytes
) -> None:
    monkeypatch.setattr(Connection, "head_seconds", HEAD_SECONDS)
    async with connected(here) as (calling, call), connected(here) as (reader, writer):
        call.write(HALF_A_CALL)
        await call.drain()
        writer.write(begin)

        assert await until_closed(reader) == b""

        call.write(b"}")
        assert await status_in(calling) == 401


async def test_a_second_head_that_comes_a_byte_at_a_time_ends_its_connection(
    here: OpenDoor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Connection, "head_seconds", HEAD_SECONDS)
    async with connected(here) as (reader, writer):
        writer.write(HEALTH)
        assert await status_in(reader) == 200

        writer.write(b"GET /")
        closed = asyncio.create_task(until_closed(reader))
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not closed.done():
                writer.write(b"x")
                await asyncio.sleep(0.02)
        with suppress(ConnectionError):  # what is written meanwhile is refused
            assert await closed == b""


@pytest.fixture
def lost(monkeypatch: pytest.MonkeyPatch) -> asyncio.Event:
    """Return what tells that the server has given a connection up.

    The system keeps little for a client meanwhile, which otherwise is up to four megabytes.
    """
    made, lost, is_lost = Connection.connection_made, Connection.connection_lost, asyncio.Event()

    def connection_made(connection: Connection, transport: asyncio.Transport) -> None:
        kept = transport.get_extra_info("socket")
        kept.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
        made(connection, transport)

    def connection_lost(connection: Connection, error: Exception | None) -> None:
        lost(connection, error)
        is_lost.set()

    monkeypatch.setattr(Connection, "connection_made", connection_made)
    monkeypatch.setattr(Connection, "connection_lost", connection_lost)
    monkeypatch.setattr(Connection, "unread_seconds", HEAD_SECONDS)
    return is_lost


async def test_a_client_that_does_not_read_its_answers_is_cut(
    here: OpenDoor, lost: asyncio.Event
) -> None:
    with socket.socket() as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.connect(("127.0.0.1", here.settings.server_port))
        client.sendall(DOCUMENT * MAX_PIPELINED)

        await asyncio.wait_for(lost.wait(), PATIENCE_SECONDS)


@pytest.mark.usefixtures("lost")
async def test_a_client_that_reads_gets_all_its_answers(here: OpenDoor) -> None:
    async with connected(here) as (reader, writer):
        writer.write(DOCUMENT * MAX_PIPELINED)
        assert [await status_in(reader) for _ in range(MAX_PIPELINED)] == [200] * MAX_PIPELINED


BEGIN = b"POST /orders/x/approve HTTP/1.1\r\nHost: x\r\n"
LARGE = b"x" * (MAX_HEAD_BYTES + 1)


@pytest.mark.parametrize(
    ("sent", "status", "words"),
    [
        (b"\0\1\2\r\n\r\n", 400, "Invalid HTTP"),
        (b"GET /\xff HTTP/1.1\r\n\r\n", 400, "Invalid HTTP"),
        (b"GET /" + LARGE + b" HTTP/1.1\r\n\r\n", 431, "at most"),
        (BEGIN + b"X-Large: " + LARGE + b"\r\n\r\n", 431, "at most"),
        (BEGIN + b"X-Endless: " + LARGE, 431, "at most"),
        (BEGIN + b"X-Many: 1\r\n" * MAX_FIELDS + b"\r\n", 431, "at most"),
    ],
)
async def test_a_request_that_no_route_sees_is_a_problem_too(
    here: OpenDoor, sent: bytes, status: int, words: str
) -> None:
    async with connected(here) as (reader, writer):
        writer.write(sent)

        head, body = (await until_closed(reader)).split(b"\r\n\r\n")[-2:]

    assert b"application/problem+json" in head
    assert (json.loads(body)["status"], words in json.loads(body)["detail"]) == (status, True)


@pytest.mark.parametrize("begin", [b"0\r\nX-Endless: ", b"2;x="])
async def test_what_comes_beside_a_body_has_an_end(here: OpenDoor, begin: bytes) -> None:
    async with connected(here) as (reader, writer):
        # This one's body is read before anybody asks who calls.
        writer.write(BEGIN + b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n" + begin)
        answered = asyncio.create_task(reader.readuntil(b"}"))
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not answered.done():
                writer.write(b"x" * 10_000)
                await asyncio.sleep(0.02)

        assert b" 431 " in (await answered).splitlines()[0]


async def test_requests_that_wait_for_their_turn_are_few(here: OpenDoor) -> None:
    async with connected(here) as (reader, writer):
        writer.write(HEALTH * MAX_PIPELINED)
        for _ in range(MAX_PIPELINED):
            assert await status_in(reader) == 200

    async with connected(here) as (reader, writer):
        writer.write(HEALTH * 1_000)

        assert b"requests came before an answer" in await until_closed(reader)


async def test_an_address_has_its_share_of_connections(
    alone: OpenDoor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Connection, "most", 1)
    async with connected(alone) as (reader, writer):
        writer.write(HEALTH)
        assert await status_in(reader) == 200

        async with connected(alone) as (refused, _):
            assert b" 503 " in (await until_closed(refused)).splitlines()[0]

        writer.write(HEALTH)
        assert await status_in(reader) == 200


@pytest.mark.parametrize(
    ("proxies", "statuses"), [(None, [200, 200, 429]), ("127.0.0.0/8, ::1", [200, 200, 200])]
)
async def test_only_a_proxy_that_is_named_says_who_calls(
    issuer: LocalIssuer,
    tmp_path: Path,
    session: aiohttp.ClientSession,
    proxies: str | None,
    statuses: list[int],
) -> None:
    limits = {"server_requests_per_minute": 2, "server_trusted_proxies": proxies}
    async with opened(tmp_path, issuer, **limits) as door:
        person = Person(door.url, None, session)
        said = [{"X-Forwarded-For": f"192.0.2.{number}"} for number in range(3)]
        answers = [await person.get("/healthz", headers=headers) for headers in said]

    assert [answer.status for answer in answers] == statuses


@pytest.mark.parametrize("name", ["X-Forwarded-For", "Forwarded"])
async def test_whoever_a_proxy_brings_does_not_sit_at_this_machine(
    here: OpenDoor, session: aiohttp.ClientSession, name: str
) -> None:
    person = Person(here.url, None, session)

    answer = await person.get("/desk/sign-in/link?token=x", headers={name: "127.0.0.1"})

    assert answer.status == 403
    assert "counts only on the machine itself" in answer.text
