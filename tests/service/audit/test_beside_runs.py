"""An audit in a worker leaves the event loop to the runs beside it, and says what it lacks."""

import asyncio
import datetime as dt
import threading
from types import SimpleNamespace
from typing import Any

import pytest

from config import Settings
from models import OrderStatus
from service.audit import report, workbook
from service.audit.books import OrderRun
from service.audit.runs import Runs
from service.audit.workbook import Sheet, Workbook
from service.errors import Unreachable

PARTS = 5
ORDERS_A_PART = 10


@pytest.fixture
def ledgers(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Return empty ledgers of a shop whose orders make so many parts."""

    async def copy(runs: Runs) -> None:
        ids = [f"order-{number}" for number in range(PARTS * ORDERS_A_PART)]
        runs._book.add(
            Sheet.ORDERS, [(id, "run", "", OrderRun(id, OrderStatus.FAILED, 700)) for id in ids]
        )

    async def nothing(*_: object) -> None:
        return

    async def retention(_: object) -> dt.timedelta:
        return dt.timedelta(days=30)

    monkeypatch.setattr(workbook, "PART_SUBJECTS", ORDERS_A_PART)
    monkeypatch.setattr(Runs, "copy", copy)
    monkeypatch.setattr(Runs, "copy_late", nothing)
    monkeypatch.setattr(report, "copy_ledgers", nothing)
    monkeypatch.setattr(report, "_retention", retention)
    return SimpleNamespace(receipts=SimpleNamespace(receipt_pages=lambda: iter(())))


async def test_others_have_their_turn_between_any_two_parts(ledgers: Any) -> None:
    turns = 0

    async def beside() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    going_on = asyncio.create_task(beside())
    client: Any = None
    with Workbook() as book:
        had = [turns async for _ in report.read_parts(client, ledgers, book)]
    going_on.cancel()

    assert len(had) == PARTS
    assert sorted(set(had)) == had, "a heartbeat that is not sent makes its step run twice"


async def test_an_audit_that_is_given_up_waits_for_no_query_of_its_own() -> None:
    began = threading.Event()

    def queried(_: object) -> int:
        began.set()
        return 0

    with Workbook() as book:
        book._db.create_function("for_ever", 1, queried)
        endless = (
            "WITH RECURSIVE up(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM up)"
            " SELECT count(for_ever(n)) FROM up"
        )
        query = asyncio.create_task(book.aside(lambda: book._db.execute(endless).fetchone()))
        await asyncio.to_thread(began.wait)
        query.cancel()
    with pytest.raises(asyncio.CancelledError):
        await query


async def test_a_disk_that_is_full_is_said_in_a_sentence(
    ledgers: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Small(Workbook):
        def __init__(self, *_: Any) -> None:
            super().__init__()
            self._db.execute("PRAGMA max_page_count = 20")

    monkeypatch.setattr(report, "Workbook", Small)
    monkeypatch.setattr(report, "ledger_providers", lambda *_: ledgers)
    client: Any = None
    with pytest.raises(Unreachable) as said:
        await report.audit(client, Settings())
    assert str(said.value) == (
        "cannot audit: the file in the folder for temporary files (TMPDIR) cannot be used: "
        "database or disk is full"
    )
