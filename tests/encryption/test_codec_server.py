"""The codec server: who operates reads histories in the Temporal UI and command, and no others."""

import asyncio
import io
import re
import socket
import sys
from base64 import b64decode
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from google.protobuf.json_format import MessageToDict, ParseDict
from temporalio.api.common.v1 import Payloads
from temporalio.converter import WorkflowSerializationContext

from config import Settings
from models import OrderStatus, Role
from service.payloads import MAX_PAYLOADS
from tests.encryption.conftest import FileServer
from tests.encryption.keys import NEW, OLD, converter_with, settings_with
from tests.support.browser import Browser
from tests.support.fakes import World
from tests.support.http_door import Person
from tests.support.oidc_door import SESSION_KEY, OpenDoor, serving
from tests.support.pipelines import Pipelines, large_order, own_namespace
from tests.support.watching import until_order
from web.codec.origin import origin_of_ui

UI = "http://127.0.0.1:8233"
FROM_UI = {"Origin": UI}


async def door_with(folder: Path, *keys: str) -> AsyncIterator[OpenDoor]:
    """Yield a server whose payloads have these keys."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port: int = listening.getsockname()[1]
        given = settings_with(*keys).model_dump(include={"payload_encryption_keys"})
        settings = Settings(
            state_dir=folder, server_port=port, server_session_key=SESSION_KEY, **given
        )
        async with serving(settings, listening):
            url = f"http://127.0.0.1:{port}"
            yield OpenDoor(url, None, settings)  # type: ignore[arg-type] # there is no stack


@pytest.fixture
async def door(tmp_path: Path) -> AsyncIterator[OpenDoor]:
    async for door in door_with(tmp_path, NEW):
        yield door


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


@pytest.fixture
async def olga(door: OpenDoor, session: aiohttp.ClientSession) -> Person:
    """Somebody who operates."""
    return Person(door.url, await door.key("olga", Role.OPERATE), session)


async def encrypted(*texts: str, key: str = NEW) -> dict[str, Any]:
    """Return a document of payloads of a run, as it stands in its history."""
    of_run = WorkflowSerializationContext("shop", "order-o1")
    payloads = await converter_with(key).with_context(of_run).encode(texts)
    document: dict[str, Any] = MessageToDict(Payloads(payloads=payloads))
    return document


async def read_in(document: dict[str, Any]) -> list[str]:
    """Return the texts that an answer's payloads hold."""
    payloads = ParseDict(document, Payloads()).payloads
    return await converter_with().decode(payloads, [str] * len(payloads))


async def test_an_operator_reads_what_was_encrypted_in_its_order(olga: Person) -> None:
    read = await olga.post("/codec/decode", await encrypted("one", "two"))

    assert await read_in(read.body) == ["one", "two"]


@pytest.mark.parametrize("role", [Role.SUBMIT, Role.APPROVE])
async def test_nobody_else_reads_it(
    door: OpenDoor, session: aiohttp.ClientSession, role: Role
) -> None:
    sent = await encrypted("one")
    grace = Person(door.url, await door.key("grace", role), session)

    refused = await grace.post("/codec/decode", sent)
    assert "the role operate is needed" in refused.problem(403)
    for nobody in (Person(door.url, None, session), Person(door.url, "wrong", session)):
        (await nobody.post("/codec/decode", sent)).problem(401)


async def test_what_cannot_be_decrypted_stays_as_it_is(olga: Person) -> None:
    ours, theirs = await encrypted("one"), await encrypted("two", key=OLD)
    sent = {"payloads": [*ours["payloads"], *theirs["payloads"]]}

    answered = (await olga.post("/codec/decode", sent)).body["payloads"]

    assert answered[1] == theirs["payloads"][0]
    assert await read_in({"payloads": answered[:1]}) == ["one"]


async def test_what_is_sent_is_not_encrypted_because_nobody_says_for_which_run(
    olga: Person,
) -> None:
    plain = {"payloads": [{"metadata": {"encoding": "anNvbi9wbGFpbg=="}, "data": "e30="}]}

    assert (await olga.post("/codec/encode", plain)).body == plain


@pytest.mark.parametrize("body", ["", "[]", "{", '{"payloads": 7}', "[" * 5_000, "\xff"])
async def test_nonsense_is_refused(olga: Person, body: str) -> None:
    reply = await olga.post("/codec/decode", data=body)

    assert "payloads" in reply.problem(400)


async def test_too_much_is_refused(olga: Person) -> None:
    many: dict[str, Any] = {"payloads": [{}] * (MAX_PAYLOADS + 1)}

    assert f"at most {MAX_PAYLOADS}" in (await olga.post("/codec/decode", many)).problem(400)
    huge = await olga.post("/codec/decode", data=io.BytesIO(b" " * (16 * 1024 * 1024 + 1)))
    huge.problem(413)


# --- in the browser of the UI -----------------------------------------------------------------


async def test_pages_of_the_ui_alone_may_read_it(olga: Person) -> None:
    for path in ("/codec/decode", "/desk/codec/decode", "/codec/encode"):
        asked = await olga.call("OPTIONS", path, headers=FROM_UI)
        assert asked.status == 204
        assert asked.headers["Access-Control-Allow-Origin"] == UI
        assert asked.headers["Access-Control-Allow-Credentials"] == "true"
        assert "X-Namespace" in asked.headers["Access-Control-Allow-Headers"]
    elsewhere = await olga.post(
        "/codec/decode", await encrypted("one"), headers={"Origin": "https://evil.example"}
    )
    assert elsewhere.headers["Access-Control-Allow-Origin"] == UI
    other = await olga.get("/expenses", headers=FROM_UI)
    assert "Access-Control-Allow-Origin" not in other.headers


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://Temporal.Shop.example:443/ui", "https://temporal.shop.example"),
        ("http://temporal.shop.example:80", "http://temporal.shop.example"),
        ("http://temporal.shop.example:443", "http://temporal.shop.example:443"),
        ("https://ops@temporal.shop.example", "https://temporal.shop.example"),
    ],
)
def test_the_origin_of_the_ui_is_what_browsers_call_it(url: str, origin: str) -> None:
    assert origin_of_ui(Settings(temporal_ui_url=url)) == origin


async def test_a_session_of_the_desk_counts_from_the_ui(door: OpenDoor) -> None:
    sent = await encrypted("one")
    async with Browser(door.url) as browser:
        person = Person(door.url, None, browser.session)
        (await person.post("/desk/codec/decode", sent, headers=FROM_UI)).problem(401)
        await browser.sign_in(await door.key("olga", Role.OPERATE))
        read = await person.post("/desk/codec/decode", sent, headers=FROM_UI)
        assert await read_in(read.body) == ["one"]
        assert read.headers["Access-Control-Allow-Origin"] == UI
        for origin in ({"Origin": "https://evil.example"}, {}):
            (await person.post("/desk/codec/decode", sent, headers=origin)).problem(403)
    async with Browser(door.url) as browser:
        await browser.sign_in(await door.key("grace", Role.APPROVE))
        person = Person(door.url, None, browser.session)
        (await person.post("/desk/codec/decode", sent, headers=FROM_UI)).problem(403)


async def test_without_encryption_there_is_none(
    tmp_path: Path, session: aiohttp.ClientSession
) -> None:
    async for door in door_with(tmp_path):
        olga = Person(door.url, await door.key("olga", Role.OPERATE), session)
        (await olga.post("/codec/decode", {"payloads": []})).problem(404)
        reply = await olga.call("OPTIONS", "/codec/decode", headers=FROM_UI)
        assert "Access-Control-Allow-Origin" not in reply.headers


# --- the command line -------------------------------------------------------------------------


async def test_the_stock_command_line_reads_a_history(
    file_server: FileServer, door: OpenDoor, olga: Person
) -> None:
    env = await own_namespace(file_server.address, converter_with(NEW))
    pipelines = Pipelines(env, World())
    async with pipelines.worker():
        run = await pipelines.order(large_order())
        await until_order(run, status=OrderStatus.AWAITING_APPROVAL)

    show = ("workflow", "show", "--workflow-id", run.id, "--output", "json")
    at = ("--address", file_server.address, "--namespace", env.client.namespace)
    codec = ("--codec-endpoint", f"{door.url}/codec", "--codec-auth", f"Bearer {olga.key}")
    with_codec = data_in(await _temporal(*show, *at, *codec))
    without = data_in(await _temporal(*show, *at))

    assert b"ada.lovelace@customer.example" in with_codec
    assert b"tok_visa" not in with_codec
    assert b"ada.lovelace" not in without
    await run.terminate()


def data_in(history: str) -> bytes:
    """Return what all payloads of a history hold."""
    return b"".join(b64decode(data) for data in re.findall(r'"data": "([^"]*)"', history))


async def _temporal(*arguments: str) -> str:
    command = await asyncio.create_subprocess_exec(
        Path(sys.executable).with_name("temporal"),
        *arguments,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    written, errors = await command.communicate()
    assert command.returncode == 0, errors
    return written.decode()
