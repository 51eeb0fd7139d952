"""Everything that an audit reads, in one piece: for tests, whose books are small."""

import dataclasses
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack
from typing import Any, TypeVar

from temporalio.client import Client

from bootstrap import ledger_providers
from config import Settings
from service.audit.books import Books, Ledgers
from service.audit.report import read_parts
from service.audit.workbook import Workbook

Item = TypeVar("Item")


async def gathered(pages: AsyncIterator[Sequence[Item]]) -> list[Item]:
    """Return what all pages hold."""
    return [item async for page in pages for item in page]


async def read_books(client: Client, settings: Settings) -> Books:
    """Return all parts of an audit as one."""
    async with AsyncExitStack() as closing:
        with Workbook() as book:
            ledgers = ledger_providers(settings, closing)
            parts = [part async for part in read_parts(client, ledgers, book)]
    held: dict[str, Any] = {
        field.name: type(getattr(Ledgers(), field.name))(
            row for part in parts for row in getattr(part.ledgers, field.name)
        )
        for field in dataclasses.fields(Ledgers)
    }
    return dataclasses.replace(
        parts[0],
        orders={id: run for part in parts for id, run in part.orders.items()},
        receipts={id: run for part in parts for id, run in part.receipts.items()},
        mails={id: run for part in parts for id, run in part.mails.items()},
        ledgers=Ledgers(**held),
    )
