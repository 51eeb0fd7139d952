"""The server is killed while it accepts: what it answered with 202 exists, and exists once."""

import asyncio
from dataclasses import dataclass, field

import aiohttp

from models import Role
from tests.support.desk import eventually
from tests.support.http_door import Door, Person
from tests.support.pdf_files import cafe_receipt
from tests.web.test_orders import camel_case

ORDERS, RECEIPTS = 6, 1
ACCEPTED_FIRST = 2


@dataclass
class Accepted:
    """The run ids that were answered with 202, by what was posted."""

    run_ids: dict[str, str] = field(default_factory=dict)
    enough: asyncio.Event = field(default_factory=asyncio.Event)

    def add(self, name: str, run_id: str) -> None:
        self.run_ids[name] = run_id
        if len(self.run_ids) >= ACCEPTED_FIRST:
            self.enough.set()


async def post_all(person: Person, receipts: list[bytes], accepted: Accepted) -> None:
    """Post orders and receipts at once; the connections of some break."""

    async def order(number: int) -> None:
        answer = await person.post("/orders", camel_case(f"killed-{number}"))
        if answer.status in (200, 202):
            accepted.add(f"order-killed-{number}", answer.body["runId"])

    async def receipt(data: bytes) -> None:
        answer = await person.post("/receipts", data=data)
        if answer.status == 202:
            accepted.add(f"receipt-{answer.body['receiptId']}", answer.body["runId"])

    posts = [*map(order, range(ORDERS)), *map(receipt, receipts)]
    ends = await asyncio.gather(*posts, return_exceptions=True)
    others = [end for end in ends if end and not isinstance(end, (aiohttp.ClientError, OSError))]
    assert others == []


async def test_what_was_answered_202_exists_once(
    door: Door, session: aiohttp.ClientSession
) -> None:
    nora = Person(door.url, door.key("nora", Role.SUBMIT), session)
    olga = Person(door.url, door.key("olga", Role.OPERATE), session)
    receipts = [cafe_receipt(90_000 + number) for number in range(RECEIPTS)]
    before = Accepted()
    posting = asyncio.create_task(post_all(nora, receipts, before))
    async with asyncio.timeout(60):
        await before.enough.wait()
    door.shop.stack.kill("server")
    await posting
    assert ACCEPTED_FIRST <= len(before.run_ids) < ORDERS + RECEIPTS, "it was killed in between"

    door.shop.stack.restart("server")
    again = Accepted()
    await post_all(nora, receipts, again)
    assert before.run_ids.items() <= again.run_ids.items()
    assert len(again.run_ids) == ORDERS + RECEIPTS

    for number in range(ORDERS):
        assert (await olga.post(f"/orders/killed-{number}/expedite")).status == 200

    async def completed(kind: str) -> int:
        reply = await nora.get(f"/{kind}?status=completed&limit=200")
        return len(reply.body["items"])

    async with asyncio.timeout(120):
        await eventually(lambda: completed("orders"), lambda count: count == ORDERS)
        await eventually(lambda: completed("receipts"), lambda count: count == RECEIPTS)
    for number in range(ORDERS):
        assert door.shop.keys("charges", f"killed-{number}") == [f"order-killed-{number}:charge"]
    assert len(door.shop.expenses("nora")) == RECEIPTS
    assert door.shop.starter("audit", "--json").code == 0
