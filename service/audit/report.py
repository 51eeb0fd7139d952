"""One audit: read both sides, compare them part by part, say what does not agree."""

import asyncio
import datetime as dt
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from dataclasses import replace
from functools import partial
from itertools import chain

from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest
from temporalio.client import Client
from temporalio.service import RPCError

from bootstrap import LedgerProviders, ledger_providers
from config import Settings
from models import ListedReceipt
from providers.errors import ProviderError
from service.audit.books import Books
from service.audit.ledgers import ARCHIVED, EXPENSE, copy_ledgers
from service.audit.parts import Parts
from service.audit.rules import Audit, audit_books, close_audit
from service.audit.runs import Runs, each
from service.audit.workbook import Sheet, Workbook
from service.calls import reached
from service.errors import AnotherDatabase, Unreachable
from service.orders.missing import own_order
from service.runs.executions import Execution
from service.runs.history import read_history
from service.runs.reading import reader_of


async def audit(
    client: Client, settings: Settings, on_page: Callable[[], None] = lambda: None
) -> Audit:
    """Compare everything with everything; changes nothing.

    ``on_page`` is called while it goes on. Raise AnotherDatabase if DATABASE_URL is not what the
    runs wrote to, Unreachable if a ledger or Temporal does not answer, or the disk is full.
    """
    try:
        with Workbook(on_page) as book:
            return await reached(_audit(client, settings, book))
    except (ProviderError, RPCError) as error:
        raise Unreachable(f"cannot audit: {error}") from None
    except sqlite3.Error as error:
        raise Unreachable(
            f"cannot audit: the file in the folder for temporary files (TMPDIR) cannot be used: "
            f"{error}"
        ) from None


async def read_parts(
    client: Client, ledgers: LedgerProviders, book: Workbook
) -> AsyncIterator[Books]:
    """Copy both sides into a workbook, and yield it part by part.

    Raise RPCError, TemporalGone, AnotherDatabase, or the ProviderError of the ledger that failed.
    """
    now = dt.datetime.now(dt.UTC)
    retention = await _retention(client)
    since = now - retention if retention else dt.datetime.min.replace(tzinfo=dt.UTC)
    runs = Runs(client, book)
    await runs.copy()
    await copy_ledgers(ledgers, book)
    await runs.copy_late()
    await book.sort(*Sheet)
    await book.aside(partial(_check_database, book))
    parts = Parts(book, since, now)
    async for part in book.each_aside(parts.orders()):
        ids = await each(partial(_own_id, client), part.not_archived)
        yield replace(part.books, not_archived=frozenset(id for id in ids if id))
    async for books in book.each_aside(chain(parts.receipts(), parts.mails(), parts.edits())):
        yield books
    async for listed in _objects(ledgers):
        yield parts.objects(listed)


async def _audit(client: Client, settings: Settings, book: Workbook) -> Audit:
    whole = Audit()
    async with AsyncExitStack() as closing:
        ledgers = ledger_providers(settings, closing)
        async for books in read_parts(client, ledgers, book):
            whole.add(await asyncio.to_thread(audit_books, books))
        stock = await ledgers.inventory.stock()
    doubled = await book.aside(lambda: (*book.doubled(Sheet.ORDERS), *book.doubled(Sheet.RECEIPTS)))
    close_audit(whole, doubled, stock)
    return whole


def _check_database(book: Workbook) -> None:
    """Raise AnotherDatabase if nothing that runs say they wrote is in the database.

    A run's last step writes its row, so a database that has lost some rows still has others.
    """
    orders, receipts = book.count(Sheet.ORDERS, "ended"), book.count(Sheet.RECEIPTS, "ended")
    wrote = (
        (Sheet.ORDERS, "ended", Sheet.ORDERS, ARCHIVED),
        (Sheet.RECEIPTS, "ended", Sheet.RECEIPTS, EXPENSE),
        (Sheet.TOLD, "told", Sheet.SENT, "sent"),
    )
    if orders + receipts and not any(book.has_both(*one) for one in wrote):
        raise AnotherDatabase(
            f"DATABASE_URL names a database without a row of any of the {orders} orders and "
            f"{receipts} receipts that ended in Temporal: it is another than the one that their "
            "workers write to, and nothing was compared"
        )


async def _objects(ledgers: LedgerProviders) -> AsyncIterator[list[ListedReceipt]]:
    pages = ledgers.receipts.receipt_pages()
    while (page := await asyncio.to_thread(next, pages, None)) is not None:
        yield page


async def _retention(client: Client) -> dt.timedelta:
    """Return how long closed runs are kept; zero is for ever."""
    described = await client.workflow_service.describe_namespace(
        DescribeNamespaceRequest(namespace=client.namespace)
    )
    return described.config.workflow_execution_retention_ttl.ToTimedelta()


async def _own_id(client: Client, run: Execution) -> str | None:
    """Return the id of a run that should be archived; None if it is not the end of an order."""
    reader = reader_of(client, run.workflow_id)
    order = await own_order(reader, run, await read_history(client, run))
    return None if order is None else run.workflow_id
