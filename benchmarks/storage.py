"""Measure what orders and receipts leave on disk: ``python -m benchmarks.storage``.

A stack runs the real worker, with its records in PostgreSQL. Orders run to their end, then photos
of receipts, each of a user of its own so that none is taken for a duplicate. After each of the two
the stores are measured, and the growth is divided by the number of runs. Bytes a run:

- ``history``: what Temporal counts as a run's history, which Temporal Cloud bills;
- ``temporal``: the dev server's file, without free pages; histories and what finds them;
- ``records``: all tables of ours with their indexes;
- ``bucket``: the objects, which are the files as they were submitted.
"""

import argparse
import asyncio
import sqlite3
import subprocess
import sys
import tempfile
from contextlib import closing
from pathlib import Path

import psycopg
from temporalio.client import Client

from benchmarks.references.postgres import postgres
from benchmarks.rig.comparison import Sample, report
from benchmarks.rig.stage import small_order
from client import data_converter
from config import ROOT
from sandbox.samples import RECEIPTS
from sandbox.stack import Stack
from service.orders.start import start_order
from service.receipts.start import submit_receipt, submitting
from workflows.order.workflow import OrderWorkflow

AT_ONCE = 20
PHOTOS = ("baeckerei-angle", "grocery", "hardware-cash", "pub-pounds")
"""Those that are read without a doubt."""

PARTS = ("temporal", "records", "bucket")
_ALL_TABLES = "SELECT sum(pg_total_relation_size(relid)) FROM pg_stat_user_tables"


class Shop:
    """A stack whose stores are measured."""

    def __init__(self, stack: Stack, client: Client, database_url: str) -> None:
        self._stack = stack
        self._client = client
        self._database_url = database_url

    async def order(self, number: int) -> int:
        """Run an order to its end; return the bytes of its history."""
        order = small_order(f"stored-{number}")
        started = await start_order(self._client, order, self._stack.settings.task_queue)
        handle = self._client.get_workflow_handle(started.workflow_id)
        await handle.signal(OrderWorkflow.expedite)
        await handle.result()
        return await self._history_bytes(started.workflow_id)

    async def receipt(self, number: int) -> int:
        """Submit a sample photo and wait until it is an expense; return its history's bytes."""
        name = PHOTOS[number % len(PHOTOS)]
        photo = with_comment((RECEIPTS / f"{name}.jpg").read_bytes(), f"number {number}")
        with submitting(self._client, self._stack.settings, f"user-{number}", None) as submission:
            started = await submit_receipt(submission, photo)
        await self._client.get_workflow_handle(started.workflow_id).result()
        return await self._history_bytes(started.workflow_id)

    async def _history_bytes(self, workflow_id: str) -> int:
        described = await self._client.get_workflow_handle(workflow_id).describe()
        return described.raw_description.workflow_execution_info.history_size_bytes

    def stored(self) -> Sample:
        """Return the bytes in each store."""
        folder = self._stack.settings.state_dir
        with psycopg.connect(self._database_url) as connection:
            (records,) = connection.execute(_ALL_TABLES).fetchone() or (0,)
        objects = (path for path in (folder / "s3").rglob("*") if path.is_file())
        return {
            "temporal": compact_bytes(folder / "temporal/temporal.db"),
            "records": float(records),
            "bucket": sum(path.stat().st_size for path in objects),
        }


def compact_bytes(database: Path) -> int:
    """Return the size of an SQLite file without its free pages."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "copy.db"
        with closing(sqlite3.connect(database, timeout=60)) as connection:
            connection.execute("VACUUM INTO ?", (str(copy),))
        return copy.stat().st_size


def with_comment(jpeg: bytes, words: str) -> bytes:
    """Return the same picture as another file, which the bucket keeps as an object of its own."""
    start, comment = jpeg[:2], words.encode()
    return start + b"\xff\xfe" + (len(comment) + 2).to_bytes(2) + comment + jpeg[2:]


async def grown_by(shop: Shop, pipeline: str, count: int) -> Sample:
    """Run ``count`` orders or receipts; return the bytes that each left, by store."""
    run = {"orders": shop.order, "receipts": shop.receipt}[pipeline]
    await asyncio.gather(run(-1), run(-2))  # the first ones also fill pages that were nearly empty
    before = await asyncio.to_thread(shop.stored)
    sizes: list[int] = []
    for first in range(0, count, AT_ONCE):
        sizes += await asyncio.gather(*map(run, range(first, min(first + AT_ONCE, count))))
        sys.stderr.write(f"{len(sizes)} {pipeline}\n")
    after = await asyncio.to_thread(shop.stored)
    grown = {part: round((after[part] - before[part]) / count) for part in PARTS}
    return {"history": round(sum(sizes) / count), **grown}


async def _measure(stack: Stack, database_url: str, orders: int, receipts: int) -> None:
    converter = data_converter(stack.settings)
    client = await Client.connect(stack.temporal_address, data_converter=converter)
    shop = Shop(stack, client, database_url)
    bytes_each = {
        "orders": await grown_by(shop, "orders", orders),
        "receipts": await grown_by(shop, "receipts", receipts),
    }
    report("storage", {"runs": {"orders": orders, "receipts": receipts}, "bytes_each": bytes_each})


def main() -> None:
    """Run the measurement."""
    parser = argparse.ArgumentParser(description="Measure what orders and receipts leave on disk.")
    parser.add_argument("--orders", type=int, default=1000)
    parser.add_argument("--receipts", type=int, default=100)
    args = parser.parse_args()
    with (
        tempfile.TemporaryDirectory() as folder,
        postgres(Path(folder)) as database_url,
    ):
        stack = Stack.isolated(Path(folder) / "stack")
        changed = {"database_url": database_url, "ocr_niceness": 0}
        stack.settings = stack.settings.model_copy(update=changed)
        with stack:
            subprocess.run(
                [sys.executable, "starter.py", "migrate"],
                cwd=ROOT,
                env=stack.environment(),
                stdout=sys.stderr,
                check=True,
            )
            stack.start_worker()
            asyncio.run(_measure(stack, database_url, args.orders, args.receipts))


if __name__ == "__main__":
    main()
