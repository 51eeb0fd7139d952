"""Texts that nobody can store, charsets that are none, clients that leave, faults of our own.

On a server in this process, without Temporal: what is refused is refused before anybody is asked.
"""

import logging
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from fastapi import FastAPI

from config import Settings
from models import Role
from service.access.keys import add_key
from service.access.records import opened_access
from tests.support.browser import TOKEN, Browser, Page
from tests.support.http_door import Person, Reply
from tests.support.oidc_door import SESSION_KEY, serving
from web.app import create_app

pytestmark = pytest.mark.asyncio(loop_scope="module")

CHARSETS = ("undefined", "punycode", "utf-7", "no-such")
SURROGATE = b"+2AA-"
"""Half of a character in UTF-7."""
AWAY = "postgresql://svc:hidden@127.0.0.1:1/prod"
A_KEY = "dpk_aaaaaaaaaaaa_" + "a" * 43
PATHS = (
    "/desk/approvals",
    "/desk/expenses/x/edit",
    "/desk/mails/again",
    "/desk/orders/x/reject",
    "/desk/receipts/x/confirm",
    "/desk/sign-in",
    "/desk/sign-out",
    "/desk/upload",
)

Parts = list[tuple[str, bytes]]


class Server:
    """A server, and a browser in which an operator is signed in, who calls the API too."""

    def __init__(self, url: str, browser: Browser, key: str) -> None:
        self.browser = browser
        self.key = key
        self.token = ""
        self.olga = Person(url, key, browser.session)
        self.nobody = Person(url, None, browser.session)

    async def sign_in(self) -> None:
        await self.browser.sign_in(self.key)
        page = await self.browser.show("/desk/upload")
        self.token = page.form("/upload").fields[TOKEN]

    async def send(self, person: Person, path: str, charset: str, parts: Parts) -> Reply:
        """Post a form of parts, of which each has its name, and says what it is in."""
        body = b"".join(
            b"--B\r\nContent-Disposition: form-data; name=%s\r\n\r\n%s\r\n" % (name.encode(), value)
            for name, value in parts
        )
        kind = f"multipart/form-data{charset}; boundary=B"
        data = body + b"--B--\r\n"
        return await person.post(
            path, data=data, headers={"Content-Type": kind}, allow_redirects=False
        )

    async def fill(self, path: str, charset: str, parts: Parts) -> Reply:
        parts = [(TOKEN, self.token.encode()), *parts]
        return await self.send(self.nobody, path, charset, parts)


@asynccontextmanager
async def served(folder: Path, **more: Any) -> AsyncIterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port: int = listening.getsockname()[1]
        settings = Settings(
            state_dir=folder, server_port=port, server_session_key=SESSION_KEY, **more
        )
        async with serving(settings, listening):
            yield f"http://127.0.0.1:{port}"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def server(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Server]:
    folder = tmp_path_factory.mktemp("server")
    async with opened_access(Settings(state_dir=folder)) as access:
        key = (await add_key(access.keys, "olga", Role.OPERATE)).text.get_secret_value()
    async with served(folder) as url, Browser(url) as browser:
        server = Server(url, browser, key)
        await server.sign_in()
        yield server


@pytest.mark.parametrize("charset", CHARSETS)
async def test_forms_are_taken_in_utf_8_alone(server: Server, charset: str) -> None:
    for path in PATHS:
        reply = await server.fill(path, f"; charset={charset}", [("reason", SURROGATE)])
        assert (reply.status, "UTF-8 alone" in reply.text) == (415, True), (path, reply)
    posted = await server.send(
        server.olga, "/receipts", f"; charset={charset}", [("file; filename=+2AA-.jpg", b"x")]
    )
    assert "UTF-8 alone" in posted.problem(415)


@pytest.mark.parametrize("charset", ["", "; charset=utf-8", '; charset="UTF-8"', "; charset=UTF8"])
async def test_forms_in_utf_8_are_taken(server: Server, charset: str) -> None:
    reply = await server.fill("/desk/sign-out", charset, [("reason", b"Caf\xc3\xa9")])

    assert reply.status == 303
    await server.sign_in()


@pytest.mark.parametrize("value", [b"a\0b", b"\0"])
async def test_a_form_with_a_nul_is_refused(server: Server, value: bytes) -> None:
    for path in PATHS:
        for field in ("reason", "order", "merchant", "mail", "file; filename=a\0.jpg"):
            reply = await server.fill(path, "", [(field, value)])
            why = "files" if path == "/desk/sign-in" and "file" in field else "NUL character"
            assert (reply.status, why in reply.text) == (400, True), (path, reply)
    for field in ("notify", "userId", 'file; filename="a\0.jpg"'):
        posted = await server.send(server.olga, "/receipts", "", [(field, value), ("file", b"x")])
        assert posted.problem(400), posted


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/expenses?cursor=%00"),
        ("GET", "/expenses?userId=%00"),
        ("GET", "/orders?customerId=a%00"),
        ("GET", "/orders?status=%00"),
        ("GET", "/orders?id=%00"),
        ("GET", "/orders/%00"),
        ("GET", "/orders/%00/events"),
        ("POST", "/orders/a%00/approve"),
        ("POST", "/orders/pause?id=a%00"),
        ("GET", "/receipts?cursor=%00"),
        ("GET", "/receipts/%00/image"),
        ("PATCH", "/expenses/%00"),
        ("DELETE", "/expenses/%00"),
    ],
)
async def test_an_address_with_a_nul_is_refused(server: Server, method: str, path: str) -> None:
    reply = await server.olga.call(method, path, json={"total": "12.30"})

    assert "a NUL character" in reply.problem(400)


@pytest.mark.parametrize("path", ["/expenses?text=%00", "/expenses/%00", "/find?id=%00"])
async def test_a_page_with_a_nul_in_its_address(server: Server, path: str) -> None:
    page = await server.browser.get(f"/desk{path}")

    assert (page.status, "a NUL character" in page.text) == (400, True)


@pytest.mark.parametrize("body", ['{"a\\ud800": 1}', '{"merchant": "\\ud800"}', '{"\\u0000": 1}'])
async def test_halves_of_characters_in_json(server: Server, body: str) -> None:
    headers = {"Content-Type": "application/json"}

    for path in ("/orders/x/approve", "/receipts/x/correct", "/orders"):
        reply = await server.olga.post(path, data=body, headers=headers)
        assert reply.problem(422), path


async def test_a_fault_of_ours_is_answered_and_logged_once(
    server: Server, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def fails(*_: object) -> None:
        raise RuntimeError("tok_in_no_answer")

    monkeypatch.setattr("web.api.expenses.expenses_page", fails)
    monkeypatch.setattr("web.desk.expenses.saved_expenses", fails)

    reply = await server.olga.get("/expenses")
    page: Page = await server.browser.get("/desk/expenses")

    assert "noted in the log" in reply.problem(500)
    assert (page.status, "noted in the log" in page.text) == (500, True)
    assert len(logged(caplog)) == 2


async def test_who_sends_a_mail_elsewhere_is_named(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Any] = []

    async def connect(_: Settings, **_options: object) -> object:
        return object()

    async def tell_again(_: object, *given: Any) -> None:
        asked.extend(given)

    monkeypatch.setattr("web.backend.connect", connect)
    monkeypatch.setattr("web.desk.mails.tell_again", tell_again)

    reply = await server.fill("/desk/mails/again", "", [("mail", b"m"), ("to", b"eve@x.example")])

    assert reply.status == 303
    assert (asked[:2], asked[2].who) == (["m", "eve@x.example"], "olga")


async def test_a_cursor_of_no_list_is_refused(server: Server) -> None:
    for cursor in ("nope", "exp_0000000000000000"):
        reply = await server.olga.get(f"/expenses?cursor={cursor}")
        assert "nextCursor of the page before" in reply.problem(400)


async def test_a_form_that_is_too_large_is_said_to_be(server: Server) -> None:
    async def parts() -> AsyncIterator[bytes]:
        yield b'--B\r\nContent-Disposition: form-data; name="x"; filename="x"\r\n\r\n'
        for _ in range(3):
            yield bytes(500_000)

    kind = {"Content-Type": "multipart/form-data; boundary=B"}
    reply = await server.nobody.post("/desk/orders/x/reject", data=parts(), headers=kind)

    assert (reply.status, "more than 1000000 bytes" in reply.text) == (413, True)


def logged(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [one.getMessage() for one in caplog.records if one.levelno >= logging.WARNING]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def asked(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[tuple[FastAPI, str]]:
    """Yield an application that no server runs, and a key."""
    settings = Settings(state_dir=tmp_path_factory.mktemp("asked"))
    async with opened_access(settings) as access:
        key = (await add_key(access.keys, "ada", Role.SUBMIT)).text.get_secret_value()
    app = create_app(settings)
    async with app.router.lifespan_context(app):
        yield app, key


@pytest.mark.parametrize("path", ["/desk/sign-in", "/receipts", "/orders/batch"])
@pytest.mark.parametrize("kind", ["multipart/form-data; boundary=B", "application/octet-stream"])
async def test_a_client_that_leaves_is_answered_nothing(
    asked: tuple[FastAPI, str], path: str, kind: str
) -> None:
    app, key = asked
    received = iter([{"type": "http.request", "body": b"--B\r\n", "more_body": True}])
    sent: list[str] = []

    async def receive() -> Any:
        return next(received, {"type": "http.disconnect"})

    async def send(message: Any) -> None:
        sent.append(message["type"])

    headers = {"content-type": kind, "x-api-key": key, "transfer-encoding": "chunked"}
    scope = {
        "type": "http",
        "method": "POST",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 2),
        "scheme": "http",
        "http_version": "1.1",
    }
    await app(scope, receive, send)  # and nothing is raised, which the server would log

    has_begun = path == "/orders/batch"
    is_no_form = path == "/desk/sign-in" and "multipart" not in kind  # its body is not read
    assert bool(sent) is (has_begun or is_no_form)


async def test_callers_are_not_told_where_the_database_is(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with served(tmp_path, database_url=AWAY) as url, Browser(url) as browser:
        nobody, guest = (Person(url, key, browser.session) for key in (None, A_KEY))
        ready = await nobody.get("/readyz")
        refused = await guest.get("/expenses")
        page = await browser.show("/desk/sign-in")
        at_desk = await browser.submit(page.form("/sign-in"), {"key": A_KEY})

    assert ready.body["parts"]["database"] == "the database does not answer"
    assert refused.problem(503) == "the database does not answer"
    assert (at_desk.status, "database does not answer" in at_desk.text) == (503, True)
    for answer in (ready.text, refused.text, at_desk.text):
        assert not any(part in answer for part in ("127.0.0.1", "svc", "prod", "psycopg"))
    assert sum("127.0.0.1:1/prod" in line for line in logged(caplog)) == 3
    assert not any("hidden" in line for line in logged(caplog))
