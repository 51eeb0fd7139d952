"""What an audit holds in memory does not grow with the number of runs that Temporal lists."""

import datetime as dt
import tracemalloc
from typing import Any

import pytest
from temporalio.client import Client
from temporalio.common import TypedSearchAttributes

from models import OrderResult, OrderStatus
from service.audit import runs as audit_runs
from service.audit import workbook
from service.audit.parts import Parts
from service.audit.rules import Audit, audit_books
from service.audit.runs import Runs
from service.audit.workbook import Sheet, Workbook
from service.runs.executions import COMPLETED, Execution
from workflows.identity import order_id_of

NOW = dt.datetime(2026, 3, 2, 12, tzinfo=dt.UTC)
PAGE = 200


class LongList:
    """Stands in for a Temporal server that lists so many completed orders, and nothing else."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, orders: int) -> None:
        self._left = orders

        async def page(_: Client, query: str, size: int, __: bytes) -> Any:
            if "Order" not in query:
                return [], b""
            first = self._left
            self._left -= size
            return [_run(first - number) for number in range(size)], b"more" * (self._left > 0)

        async def all_count(_: Client, latest: list[Execution]) -> list[Execution]:
            return latest

        async def result(_: Client, run: Execution, __: type) -> OrderResult:
            return OrderResult(
                order_id=order_id_of(run.workflow_id) or "",
                status=OrderStatus.COMPLETED,
                total_cents=700,
                currency="USD",
                customer_told=True,
            )

        monkeypatch.setattr(audit_runs, "PAGE_SIZE", PAGE)
        monkeypatch.setattr(workbook, "PART_SUBJECTS", PAGE // 2)
        monkeypatch.setattr(audit_runs, "page_of_executions", page)
        monkeypatch.setattr(audit_runs, "runs_that_count", all_count)
        monkeypatch.setattr(audit_runs, "_result", result)


def _run(number: int) -> Execution:
    ids = (f"order-{number}", f"run-{number}", "OrderWorkflow", COMPLETED)
    return Execution(*ids, NOW, NOW, TypedSearchAttributes.empty)


async def peak_mb(monkeypatch: pytest.MonkeyPatch, orders: int) -> float:
    """Copy and count so many orders; return the most memory that Python held for it."""
    LongList(monkeypatch, orders)
    counted = Audit()
    tracemalloc.start()
    with Workbook() as book:
        client: Any = None
        await Runs(client, book).copy()
        await book.sort(*Sheet)
        for part in Parts(book, NOW, NOW).orders():
            one = audit_books(part.books)
            one.findings.clear()  # no ledger has anything
            counted.add(one)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert counted.orders == orders
    return peak / 1e6


async def test_ten_times_the_orders_take_the_same_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    few = await peak_mb(monkeypatch, PAGE)
    many = await peak_mb(monkeypatch, 10 * PAGE)
    assert many < 2 * few, f"{few:.1f} MB, then {many:.1f} MB"
