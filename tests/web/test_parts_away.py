"""A part that the door needs is away: 503, nothing half done, and the same again is accepted."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager

from tests.support.desk import eventually
from tests.support.http_door import Door, Person, Reply
from tests.support.pdf_files import cafe_receipt
from tests.web.test_orders import camel_case


@contextmanager
def away(door: Door, part: str) -> Iterator[None]:
    door.shop.stack.kill(part)
    try:
        yield
    finally:
        door.shop.stack.restart(part)


def is_told_to_come_back(reply: Reply) -> str:
    assert int(reply.headers["Retry-After"]) > 0
    return reply.problem(503)


async def accepted(post: Callable[[], Awaitable[Reply]]) -> Reply:
    """Post until the part has been found again: the first answers may still be 503."""
    reply: Reply = await eventually(post, lambda reply: reply.status == 202)
    return reply


async def test_without_temporal_nothing_is_half_done(door: Door, ada: Person) -> None:
    order, picture = camel_case("away-1"), cafe_receipt(41_250)
    with away(door, "temporal"):
        ready, *others = await asyncio.gather(
            ada.get("/readyz"),
            ada.post("/orders", order),
            ada.post("/receipts", data=picture),
            ada.get("/orders/away-1"),
            ada.get("/orders"),
        )
        for reply in others:
            assert "Temporal" in is_told_to_come_back(reply)
        assert (ready.status, ready.body["parts"]["database"]) == (503, "ok")
        assert "Temporal" in ready.body["parts"]["temporal"]
        assert int(ready.headers["Retry-After"]) > 0
        assert (await ada.get("/healthz")).status == 200

    posted = await accepted(lambda: ada.post("/orders", order))
    receipt = await accepted(lambda: ada.post("/receipts", data=picture))

    assert (await ada.post("/orders", order)).body["runId"] == posted.body["runId"]
    assert (await ada.post("/receipts", data=picture)).body["runId"] == receipt.body["runId"]
    assert (await ada.get("/readyz")).body["parts"]["temporal"] == "ok"
    where = receipt.headers["Location"]
    await eventually(lambda: ada.get(where), lambda at: at.body["status"] == "completed")


async def test_without_the_object_store_no_run_is_started(door: Door, ada: Person) -> None:
    picture = cafe_receipt(41_260)
    before = (await ada.get("/receipts?limit=200")).body["items"]
    with away(door, "s3"):
        assert "S3" in is_told_to_come_back(await ada.post("/receipts", data=picture))
        assert (await ada.get("/receipts?limit=200")).body["items"] == before

    receipt = await accepted(lambda: ada.post("/receipts", data=picture))

    assert receipt.status == 202
