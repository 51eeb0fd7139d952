"""The story of a run as server-sent events: step by step, and where somebody stopped listening."""

import asyncio
import json
from dataclasses import dataclass
from typing import Any

import aiohttp

from models import Role
from tests.support.http_door import Door, Person
from tests.support.terminal import Terminal
from tests.web.test_orders import LARGE, camel_case, stands


@dataclass(frozen=True)
class Event:
    id: int
    name: str
    words: str


async def listen(person: Person, path: str, after: int | None = None) -> list[Event]:
    """Listen until the stream ends; return what it told."""
    headers = {"Authorization": f"Bearer {person.key}"}
    if after is not None:
        headers["Last-Event-ID"] = str(after)
    async with (
        asyncio.timeout(60),
        person.session.get(person.url + path, headers=headers) as answer,
    ):
        assert answer.status == 200
        assert answer.headers["Content-Type"].startswith("text/event-stream")
        blocks = (await answer.text()).split("\n\n")
    return [_event(block) for block in blocks if block.startswith("id:")]


def _event(block: str) -> Event:
    fields: dict[str, Any] = dict(line.split(": ", 1) for line in block.splitlines())
    assert json.loads(fields["data"])["at"].endswith("Z")
    return Event(int(fields["id"]), fields["event"], json.loads(fields["data"])["words"])


async def test_an_order_tells_its_story_until_its_end(
    ada: Person, grace: Person, olga: Person
) -> None:
    await ada.post("/orders", camel_case("story", LARGE))
    listening = asyncio.create_task(listen(ada, "/orders/story/events"))
    await stands(ada, "story", status="awaiting_approval")
    await grace.post("/orders/story/approve", {"reason": "a good customer"})
    await stands(ada, "story", status="waiting_for_business_day")
    await olga.post("/orders/story/expedite")

    told = await listening

    words = [event.words for event in told]
    assert words[0] == "started"
    assert any(one.startswith("waits for somebody to approve 1,200.00 USD until ") for one in words)
    assert any("grace" in one and "a good customer" in one for one in words)
    assert "done: charge 1,200.00 USD" in words
    assert "done: reserve 2 x mug" in words
    assert "expedited: the wait for the business day is skipped" in words
    assert (told[-1].name, told[-1].words) == ("end", "ended: completed")
    assert [event.id for event in told] == sorted({event.id for event in told})

    middle = told[len(told) // 2]
    assert await listen(ada, "/orders/story/events", middle.id) == [
        event for event in told if event.id > middle.id
    ]
    assert await listen(ada, "/orders/story/events", told[-1].id) == []


async def test_whose_key_is_revoked_hears_no_more(
    door: Door, session: aiohttp.ClientSession, grace: Person, shop: Terminal
) -> None:
    eve = Person(door.url, door.key("eve-listens", Role.SUBMIT), session)
    await eve.post("/orders", camel_case("overheard", LARGE))
    await stands(eve, "overheard", status="awaiting_approval")
    listening = asyncio.create_task(listen(eve, "/orders/overheard/events"))
    assert (await eve.get("/orders/overheard")).status == 200  # the stream was asked for before

    assert shop.starter("keys", "revoke", "eve-listens").code == 0
    await grace.post("/orders/overheard/reject", {"reason": "not for eve"})

    assert not any("not for eve" in event.words for event in await listening)


async def test_nobody_listens_to_the_order_of_another(ada: Person, bob: Person) -> None:
    await ada.post("/orders", camel_case("quiet"))

    assert (await bob.get("/orders/quiet/events")).problem(404) == "there is no order 'quiet'"
    assert (await ada.get("/receipts/quiet/events")).status == 404
    wrong = {"Last-Event-ID": "yesterday"}
    assert (await ada.get("/orders/quiet/events", headers=wrong)).status == 422
