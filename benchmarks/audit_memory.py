"""Measure the memory of an audit by the number of orders: ``python -m benchmarks.audit_memory``.

For each size a stack of its own: as many orders, shipped and paid, stand in the sandbox's ledger
and in the archive, with a sent mail and an expense each, all older than Temporal remembers. They
are written into the stores directly, as running them would take hours, so Temporal's own list is
empty here; ``tests/service/audit/test_flat_memory.py`` has a long one. Then ``starter.py audit``
runs as a process of its own, whose peak memory is reported.
"""

import argparse
import datetime as dt
import json
import os
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import psycopg

from benchmarks.references.postgres import postgres
from config import ROOT
from sandbox.stack import Stack

AT_A_TIME = 5_000
LONG_AGO = dt.datetime(2026, 1, 5, 12, tzinfo=dt.UTC)
CENTS = 700

Rows = Iterator[tuple[Any, ...]]

# Columns of the two databases, in the order of the rows below.
EFFECTS = {
    "charges": "transaction_id, idempotency_key, order_id, created_at, amount_cents, currency",
    "reservations": "reservation_id, idempotency_key, order_id, created_at, items, status",
    "shipments": "shipment_id, idempotency_key, order_id, created_at, reservation_id",
}
RECORDS = {
    "orders": "order_id, customer_id, status, total_cents, currency, try_number, workflow_id,"
    " run_id, first_run_id, started_at, ended_at, token_digests, content, outcome",
    "sent_mails": "idempotency_key, message_id, sent_at",
    "expenses": "expense_id, receipt_id, user_id, merchant, total_cents, currency, parser,"
    " object_key, created_at",
}


def effects_of(number: int) -> dict[str, tuple[Any, ...]]:
    """Return the rows of an order at its providers, by table."""
    order, at = f"o{number:06}", LONG_AGO.isoformat(timespec="milliseconds")
    items = json.dumps([{"sku": "mug", "quantity": 1}])
    return {
        "charges": (f"txn_{order}", f"order-{order}:charge", order, at, CENTS, "USD"),
        "reservations": (f"res_{order}", f"order-{order}:reserve", order, at, items, "shipped"),
        "shipments": (f"shp_{order}", f"order-{order}:ship", order, at, f"res_{order}"),
    }


def records_of(number: int) -> dict[str, tuple[Any, ...]]:
    """Return the rows of an order and a receipt in our own database, by table."""
    order, workflow_id, run = f"o{number:06}", f"order-o{number:06}", f"run-{number}"
    result = {
        "order_id": order,
        "status": "completed",
        "total_cents": CENTS,
        "currency": "USD",
        "customer_told": True,
    }
    outcome = json.dumps({"step": "confirm", "result": result, "cancel_refused": None, "owed": []})
    at, digest = LONG_AGO, f"{number:064x}"
    ids = (workflow_id, run, run)
    return {
        "orders": (order, "ada", "completed", CENTS, "USD", 1, *ids, at, at, "", "{}", outcome),
        "sent_mails": (f"{workflow_id}:confirm", f"<{order}@shop>", at),
        "expenses": (
            *(f"exp_{number:016}", f"ada-{digest[:16]}-{number}", "ada", "Corner Cafe", CENTS),
            *("USD", "rules", f"receipts/{digest}.jpg", at),
        ),
    }


def fill(stack: Stack, url: str | None, size: int) -> None:
    """Write ``size`` orders and receipts into the stores of a stack."""
    state = stack.settings.state_dir
    with closing(sqlite3.connect(state / "provider-api.sqlite3")) as ledger, ledger:
        for first in range(0, size, AT_A_TIME):
            numbers = range(first, min(size, first + AT_A_TIME))
            for table, columns in EFFECTS.items():
                rows = (effects_of(number)[table] for number in numbers)
                ledger.executemany(_insert(table, columns, "?"), rows)
        change = "UPDATE stock SET total = total + ?1, shipped = shipped + ?1 WHERE sku = 'mug'"
        ledger.execute(change, (size,))
    if url is None:
        # As our own driver writes them: in UTC, without a time zone.
        sqlite3.register_adapter(dt.datetime, lambda at: f"{at:%Y-%m-%d %H:%M:%S}.000000")
        with closing(sqlite3.connect(state / "expenses.db")) as records, records:
            _fill_records(records, "?", size)
    else:
        with psycopg.connect(url) as postgres:
            _fill_records(postgres.cursor(), "%s", size)


def _fill_records(records: Any, place: str, size: int) -> None:
    for first in range(0, size, AT_A_TIME):
        numbers = range(first, min(size, first + AT_A_TIME))
        for table, columns in RECORDS.items():
            rows = (records_of(number)[table] for number in numbers)
            records.executemany(_insert(table, columns, place), rows)


def _insert(table: str, columns: str, place: str) -> str:
    places = ", ".join([place] * len(columns.split(",")))
    return f"INSERT INTO {table} ({columns}) VALUES ({places})"  # noqa: S608 - our own words


def measure(size: int, with_postgres: bool) -> dict[str, Any]:
    """Audit ``size`` orders; return the peak memory in MB, its CPU time, and what was compared."""
    with ExitStack() as running:
        folder = Path(running.enter_context(tempfile.TemporaryDirectory()))
        stack = running.enter_context(Stack.isolated(folder / "stack"))
        environment, url = stack.environment(), None
        if with_postgres:
            url = running.enter_context(postgres(folder / "postgres"))
            environment["DATABASE_URL"] = url
        starter = (sys.executable, "starter.py")
        subprocess.run([*starter, "migrate"], cwd=ROOT, env=environment, check=True)  # noqa: S603
        fill(stack, url, size)
        audit = subprocess.Popen(  # noqa: S603 - our own command line
            [*starter, "audit", "--json"], cwd=ROOT, env=environment, stdout=subprocess.PIPE
        )
        assert audit.stdout is not None
        lines = [json.loads(line) for line in audit.stdout]
        # Of this process alone; resource.getrusage would tell the largest of all children.
        _, status, used = os.wait4(audit.pid, 0)
        audit.returncode = os.waitstatus_to_exitcode(status)
    return {
        "orders": lines[-1]["orders"],
        "expenses": lines[-1]["expenses"],
        "findings": len(lines) - 1,
        "exit_code": audit.returncode,
        "cpu_seconds": round(used.ru_utime + used.ru_stime, 1),
        "peak_mb": round(used.ru_maxrss / 1024, 1),
    }


def main() -> None:
    """Measure each size in turn."""
    parser = argparse.ArgumentParser(description="Measure the memory of an audit.")
    parser.add_argument("--sizes", default="1000,10000,100000", help="numbers of orders")
    parser.add_argument("--postgres", action="store_true", help="our records in PostgreSQL")
    arguments = parser.parse_args()
    for size in map(int, arguments.sizes.split(",")):
        sys.stdout.write(json.dumps(measure(size, arguments.postgres)) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
