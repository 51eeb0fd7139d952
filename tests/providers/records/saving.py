"""What other processes save in the same database."""

import asyncio
import datetime as dt
import os
import signal
from multiprocessing.connection import Connection
from threading import Barrier

from models import ExpenseToSave
from providers.records.sql import SqlRecords

COFFEE = ExpenseToSave(
    receipt_id="ada-1",
    user_id="ada",
    merchant="Café Łódź 茶",
    total_cents=1230,
    currency="EUR",
    date=dt.date(2026, 2, 28),
    parser="rules",
    object_key="receipts/1.png",
    is_distinct=True,  # these tests are about rows; duplicates have their own tests
)


def save_twenty(url: str, both_are_ready: Barrier) -> None:
    """Save twenty receipts at the same time as another process."""

    async def save() -> None:
        records = SqlRecords(url)
        both_are_ready.wait()
        for number in range(20):
            await records.save(COFFEE.model_copy(update={"receipt_id": f"ada-{number}"}))
        await records.close()

    asyncio.run(save())


def save_and_die(url: str, tells: "Connection[str, str]") -> None:
    """Save a receipt, tell its id, and be killed."""

    async def save() -> None:
        tells.send((await SqlRecords(url).save(COFFEE)).expense_id)
        os.kill(os.getpid(), signal.SIGKILL)

    asyncio.run(save())


def migrate_together(url: str, both_are_ready: Barrier) -> None:
    """Migrate at the same time as another process, which has seen the same old schema."""

    async def migrate() -> None:
        records = SqlRecords(url)
        assert (await records.schema()).is_older or url.startswith("sqlite:")
        both_are_ready.wait()
        await records.migrate()
        await records.close()

    asyncio.run(migrate())
