"""The archive of orders on SQLite and on a real PostgreSQL: the same tests and results."""

import datetime as dt
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from models import OrderResult, OrderStatus, OrderStep, OrderToArchive
from providers.errors import StorageUnavailable
from providers.records import token_digest
from providers.records.orders import SqlOrderArchive
from providers.records.sql import SqlRecords
from providers.records.tables import ORDERS

ENDED = dt.datetime(2026, 1, 5, 9, 0, 1, 234_567, tzinfo=dt.UTC)
CARD = "tok_visa_4242"


def ended_order(order_id: str = "o1", **changes: Any) -> OrderToArchive:
    result = {
        "order_id": order_id,
        "status": OrderStatus.COMPLETED,
        "total_cents": 2_000,
        "currency": "USD",
        "transaction_id": "ch-1",
        "approval": {"approved": True, "decided_by": "ada\0", "channel": "starter.py"},
        **changes.pop("result", {}),
    }
    return OrderToArchive.model_validate(
        {
            "order_id": order_id,
            "customer_id": "c1",
            "customer_email": "ada@customer.example",
            "payment_token": CARD,
            "items": [{"sku": "mug", "quantity": 2, "unit_price_cents": 1_000}],
            "workflow_id": f"order-{order_id}",
            "run_id": "run-1",
            "first_run_id": "run-1",
            "step": OrderStep.CONFIRM,
            "result": OrderResult.model_validate(result),
            "started_at": ENDED - dt.timedelta(hours=1),
            "ended_at": ENDED,
            **changes,
        }
    )


@pytest.fixture
def archive(records: SqlRecords) -> SqlOrderArchive:
    return SqlOrderArchive(records)


def engine_of(url: str) -> AsyncEngine:
    with_driver = url.replace("sqlite:", "sqlite+aiosqlite:")
    return create_async_engine(with_driver.replace("postgresql:", "postgresql+psycopg:"))


async def test_an_order_comes_back_as_it_ended_without_its_token(
    archive: SqlOrderArchive, url: str
) -> None:
    order = ended_order(cancel_refused="already shipped as sh-1", owed=("20.00 USD",))

    assert (await archive.archive(order)).written
    (row,) = (await archive.archived(["o1", "o2"])).values()

    kept = ("workflow_id", "run_id", "first_run_id", "step", "result", "owed")
    for name in (*kept, "cancel_refused", "started_at", "ended_at", "order_id", "customer_id"):
        assert getattr(row, name) == getattr(order, name), name
    assert row.ended_at.utcoffset() == dt.timedelta(0)
    assert row.content == {
        "order_id": "o1",
        "customer_id": "c1",
        "customer_email": "ada@customer.example",
        "currency": "USD",
        "items": [{"sku": "mug", "quantity": 2, "unit_price_cents": 1_000}],
    }
    assert row.token_digests == {token_digest(order)}
    engine = engine_of(url)
    async with engine.connect() as connection:
        stored = (await connection.execute(text("SELECT * FROM orders"))).all()
    await engine.dispose()
    assert CARD not in str(stored)


async def test_a_row_of_before_it_said_what_is_owed_is_read(
    archive: SqlOrderArchive, url: str
) -> None:
    await archive.archive(ended_order())
    engine = engine_of(url)
    async with engine.begin() as connection:
        stored = (await connection.execute(select(ORDERS.c.outcome))).scalar_one()
        before = {name: value for name, value in stored.items() if name != "owed"}
        await connection.execute(update(ORDERS).values(outcome=before))
    await engine.dispose()

    (row,) = (await archive.archived(["o1", "o2"])).values()
    assert row.owed == ()


async def test_who_submitted_an_order_is_archived_beside_it(archive: SqlOrderArchive) -> None:
    for order_id, shop in (("o1", "shop"), ("o2", None)):
        await archive.archive(ended_order(order_id, submitted_by=shop))

    rows = await archive.archived(["o1", "o2"])

    assert rows["o1"].content == {**rows["o2"].content, "order_id": "o1", "submitted_by": "shop"}


async def test_an_order_that_another_process_archives_is_found_at_the_next_look(
    archive: SqlOrderArchive, url: str
) -> None:
    await archive.archive(ended_order("o0"))
    assert await archive.archived(["o1"]) == {}

    other = SqlRecords(url)
    await SqlOrderArchive(other).archive(ended_order("o1"))
    assert set(await archive.archived(["o1"])) == {"o1"}
    await other.close()


async def test_a_look_does_not_keep_others_from_writing_nor_miss_a_locked_row(
    tmp_path: Path,
) -> None:
    file = tmp_path / "expenses.db"
    records = SqlRecords(f"sqlite:///{file}")
    archive = SqlOrderArchive(records)
    await archive.archive(ended_order("o1"))
    assert await archive.archived(["o2"]) == {}

    other = sqlite3.connect(file, isolation_level=None, timeout=0)
    other.execute("BEGIN EXCLUSIVE")
    other.execute("DELETE FROM orders")
    assert set(await archive.archived(["o1"])) == {"o1"}
    other.execute("COMMIT")
    assert await archive.archived(["o1"]) == {}
    other.close()
    await records.close()


async def test_archiving_twice_is_one_row(archive: SqlOrderArchive) -> None:
    for _ in range(2):
        assert (await archive.archive(ended_order())).written
    (row,) = await archive.list_archived()
    assert row.token_digests == {token_digest(ended_order())}


async def test_a_later_try_replaces_and_both_tokens_are_known(archive: SqlOrderArchive) -> None:
    first = ended_order(result={"status": OrderStatus.PAYMENT_FAILED})
    second = ended_order(
        payment_token="tok_other",
        result={"try_number": 2},
        run_id="run-2",
        first_run_id="run-2",
    )
    await archive.archive(first)

    assert (await archive.archive(second)).written
    assert not (await archive.archive(first)).written

    (row,) = await archive.list_archived()
    assert (row.result.try_number, row.run_id) == (2, "run-2")
    assert row.result.status is OrderStatus.COMPLETED
    assert row.token_digests == {token_digest(first), token_digest(second)}


async def test_a_later_try_that_failed_does_not_take_back_that_an_order_was_shipped(
    archive: SqlOrderArchive,
) -> None:
    failed = ended_order(
        result={"try_number": 2, "status": OrderStatus.FAILED}, run_id="run-2", first_run_id="run-2"
    )
    await archive.archive(ended_order())

    assert not (await archive.archive(failed)).written

    (row,) = await archive.list_archived()
    assert (row.result.status, row.run_id) == (OrderStatus.COMPLETED, "run-1")


async def test_the_token_of_a_first_try_without_a_row_is_known(archive: SqlOrderArchive) -> None:
    await archive.archive(ended_order(first_token_digest="ab" * 32))
    (row,) = await archive.list_archived()
    assert row.token_digests == {token_digest(ended_order()), "ab" * 32}


async def test_the_end_of_a_reset_run_replaces_and_that_of_a_second_start_does_not(
    archive: SqlOrderArchive,
) -> None:
    later = ENDED + dt.timedelta(days=1)
    await archive.archive(ended_order())
    reset = ended_order(run_id="run-reset", ended_at=later)
    beside = ended_order(run_id="run-9", first_run_id="run-9", ended_at=later)

    assert (await archive.archive(reset)).written
    assert not (await archive.archive(beside)).written
    assert not (await archive.archive(ended_order())).written

    assert (await archive.archived(["o1"]))["o1"].run_id == "run-reset"


async def test_ten_thousand_orders_are_looked_up_with_one_query(archive: SqlOrderArchive) -> None:
    for order_id in ("o1", "o9999"):
        await archive.archive(ended_order(order_id))

    found = await archive.archived([f"o{number}" for number in range(10_000)])

    assert set(found) == {"o1", "o9999"}


async def test_orders_are_listed_last_ended_first_of_one_status_or_all(
    archive: SqlOrderArchive,
) -> None:
    for number, status in enumerate(["completed", "rejected", "completed"]):
        ended_at = ENDED + dt.timedelta(minutes=number)
        await archive.archive(
            ended_order(f"o{number}", ended_at=ended_at, result={"status": status})
        )

    async def ids(status: OrderStatus | None = None, limit: int | None = None) -> list[str]:
        return [row.order_id for row in await archive.list_archived(status, limit)]

    assert await ids() == ["o2", "o1", "o0"]
    assert await ids(limit=1) == ["o2"]
    assert await ids(OrderStatus.COMPLETED) == ["o2", "o0"]
    assert await ids(OrderStatus.FAILED) == []


async def test_a_file_that_cannot_be_opened_is_unavailable(tmp_path: Any) -> None:
    (tmp_path / "expenses.db").mkdir()
    records = SqlRecords(f"sqlite:///{tmp_path / 'expenses.db'}")
    with pytest.raises(StorageUnavailable, match="could not look up orders"):
        await SqlOrderArchive(records).archived(["o1"])
    await records.close()
