"""What an audit compares: the runs that Temporal knows, and what every ledger holds.

Runs are listed before the ledgers are read, so that whatever a closed run did is in them, and
once more afterwards: what began meanwhile must not look like an effect without a run.
"""

import asyncio
import datetime as dt
from collections.abc import Callable, Coroutine, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, TypeVar

from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest
from temporalio.client import Client

from bootstrap import ledger_providers
from config import Settings
from models import (
    Action,
    ArchivedOrder,
    ExpenseEdit,
    ListedCharge,
    ListedReceipt,
    ListedRefund,
    ListedReservation,
    ListedShipment,
    ListedStock,
    OrderResult,
    OrderStatus,
    ReceiptResult,
    StoredExpense,
)
from providers.records import ActionLog
from service.access.log import MAX_ENTRIES
from service.audit.mails import MailRun, mail_run, own_mails, run_of_mail
from service.orders.ended import STATUSES
from service.orders.missing import missing_in, own_order
from service.runs.ends import is_foreign, latest_that_count, runs_that_count
from service.runs.executions import COMPLETED, Execution, latest_executions
from service.runs.history import read_history
from service.runs.reading import reader_of
from workflows.identity import mail_workflow_id
from workflows.mail.workflow import MailWorkflow
from workflows.order.workflow import OrderWorkflow
from workflows.receipt.workflow import ReceiptWorkflow
from workflows.search_attributes import TOTAL_CENTS

AT_ONCE = 16
"""Results that are fetched at a time."""

LISTED_LATE = dt.timedelta(minutes=1)
"""How long after its start a run may first appear in a list; it takes the server a second."""

Item = TypeVar("Item")
Answer = TypeVar("Answer")


@dataclass(frozen=True)
class OrderRun:
    """How an order ended, by its latest run that did something; ``status`` is None while open.

    A run that Temporal closed in any other way than by a result has its status from that. What
    Temporal has forgotten is as the archive says, and ``is_forgotten``. ``try_number`` is None if
    nobody knows it. ``is_refused`` if there was no other run that anybody knows.
    """

    workflow_id: str
    status: OrderStatus | None
    total_cents: int | None
    result: OrderResult | None = None
    run_id: str = ""
    is_forgotten: bool = False
    try_number: int | None = None
    is_refused: bool = False


@dataclass(frozen=True)
class ReceiptRun:
    """The latest run of a receipt; ``result`` is None unless it completed."""

    workflow_id: str
    is_open: bool
    result: ReceiptResult | None = None


@dataclass(frozen=True)
class Ledgers:
    """What was done, by those who did it."""

    charges: tuple[ListedCharge, ...] = ()
    refunds: tuple[ListedRefund, ...] = ()
    reservations: tuple[ListedReservation, ...] = ()
    shipments: tuple[ListedShipment, ...] = ()
    stock: tuple[ListedStock, ...] = ()
    expenses: tuple[StoredExpense, ...] = ()
    edits: tuple[ExpenseEdit, ...] = ()
    unlogged: frozenset[str] = frozenset()
    """Ids of the expenses whose edit is not in the log of actions."""
    objects: tuple[ListedReceipt, ...] = ()
    mails: frozenset[str] = frozenset()
    """Idempotency keys of the mails that were recorded as sent."""
    archive: tuple[ArchivedOrder, ...] = ()


@dataclass(frozen=True)
class Books:
    """Both sides. ``since`` (UTC) is how far back Temporal remembers closed runs.

    ``not_archived`` are the workflow ids of orders that ended without a row in the archive.
    """

    since: dt.datetime
    read_at: dt.datetime
    orders: dict[str, OrderRun] = field(default_factory=dict)
    receipts: dict[str, ReceiptRun] = field(default_factory=dict)
    mails: dict[str, MailRun] = field(default_factory=dict)
    ledgers: Ledgers = field(default_factory=Ledgers)
    not_archived: frozenset[str] = frozenset()

    def own_mails(self) -> tuple[set[str], set[str]]:
        """Return the keys of the mails that runs say they sent, and those that they could not.

        Whether the latter were sent later is known only of runs that Temporal remembers.
        """
        orders = [run for run in self.orders.values() if run.result is not None]
        remembered = [run.result for run in orders if run.result and not run.is_forgotten]
        receipts = [run.result for run in self.receipts.values() if run.result is not None]
        told, _ = own_mails([run.result for run in orders if run.result], receipts)
        _, untold = own_mails(remembered, receipts)
        return told, untold


async def read_books(client: Client, settings: Settings) -> Books:
    """Read everything. Raise RPCError, or the ProviderError of the ledger that failed."""
    now = dt.datetime.now(dt.UTC)
    retention = await _retention(client)
    since = now - retention if retention else dt.datetime.min.replace(tzinfo=dt.UTC)
    latest = await latest_executions(client, OrderWorkflow.__name__)
    orders = [run for run in await runs_that_count(client, latest) if run is not None]
    receipts = await latest_that_count(client, ReceiptWorkflow.__name__)
    order_runs = {r.workflow_id: r for r in await _each(partial(_order_run, client), orders)}
    receipt_runs = {r.workflow_id: r for r in await _each(partial(_receipt_run, client), receipts)}
    books = Books(since, now, order_runs, receipt_runs)
    mails = await _mails(client, books)
    mail_runs = {r.workflow_id: r for r in await _each(partial(mail_run, client), mails)}
    ledgers = await _ledgers(settings)
    listed = {run.run_id for run in latest}
    for late in await latest_executions(client, OrderWorkflow.__name__, _first_missing(latest)):
        if late.run_id not in listed:
            order_runs.setdefault(late.workflow_id, OrderRun(late.workflow_id, None, None))
    for late in await latest_executions(client, ReceiptWorkflow.__name__, _first_missing(receipts)):
        receipt_runs.setdefault(late.workflow_id, ReceiptRun(late.workflow_id, is_open=True))
    for row in ledgers.archive:
        order_runs[row.workflow_id] = _with_row(order_runs.get(row.workflow_id), row)
    for run in latest:
        refused = OrderRun(run.workflow_id, OrderStatus.FAILED, None, is_refused=True)
        order_runs.setdefault(run.workflow_id, refused)
    missing = missing_in({row.order_id: row for row in ledgers.archive}, orders)
    not_archived = frozenset(filter(None, await _each(partial(_own_id, client), missing)))
    return replace(books, mails=mail_runs, ledgers=ledgers, not_archived=not_archived)


async def _retention(client: Client) -> dt.timedelta:
    """Return how long closed runs are kept; zero is for ever."""
    described = await client.workflow_service.describe_namespace(
        DescribeNamespaceRequest(namespace=client.namespace)
    )
    return described.config.workflow_execution_retention_ttl.ToTimedelta()


async def _mails(client: Client, books: Books) -> list[Execution]:
    """Return the run that counts of each mail that its run could not send.

    One that was started with nonsense did nothing, and is nobody's mail. Those that the runs
    should have handed over are asked for by their id: a list may lag behind.
    """
    latest = await latest_executions(client, MailWorkflow.__name__)
    named = [run for run in latest if not is_foreign(run)]
    mails = {run.workflow_id: run for run in await runs_that_count(client, named) if run}
    _, untold = books.own_mails()
    missing = [id for key in sorted(untold) if (id := mail_workflow_id(key)) not in mails]
    found = await _each(partial(run_of_mail, client), missing)
    return [*mails.values(), *(run for run in found if run is not None)]


def _first_missing(listed: list[Execution]) -> dt.datetime | None:
    """Return when a run that is not yet listed can have begun, by the server's own clock.

    A list costs the dev server half a millisecond a run: thousands are not asked for twice.
    """
    newest = max((run.started_at for run in listed), default=None)
    return newest - LISTED_LATE if newest else None


async def _each(
    fetch: Callable[[Item], Coroutine[Any, Any, Answer]], items: Sequence[Item]
) -> list[Answer]:
    """Fetch a few at a time, however many there are."""
    answers: list[Answer] = []
    for first in range(0, len(items), AT_ONCE):
        answers += await asyncio.gather(*map(fetch, items[first : first + AT_ONCE]))
    return answers


async def _order_run(client: Client, run: Execution) -> OrderRun:
    cents = run.search_attributes.get(TOTAL_CENTS)
    if run.is_open:
        return OrderRun(run.workflow_id, None, cents)
    if run.status != COMPLETED:
        status = STATUSES.get(run.status, OrderStatus.FAILED)
        return OrderRun(run.workflow_id, status, cents, run_id=run.run_id)
    result = await _result(client, run, OrderResult)
    return OrderRun(
        run.workflow_id,
        result.status,
        result.total_cents,
        result,
        run.run_id,
        try_number=result.try_number,
    )


def run_in_archive(row: ArchivedOrder) -> OrderRun:
    """Return the run of an order that Temporal has forgotten."""
    result = row.result
    return OrderRun(
        row.workflow_id,
        result.status,
        result.total_cents,
        result,
        row.run_id,
        is_forgotten=True,
        try_number=result.try_number,
    )


def _with_row(run: OrderRun | None, row: ArchivedOrder) -> OrderRun:
    """Return how an order ended, of which the archive has a row.

    It ends once it is shipped: a later run that says otherwise could not find that out.
    """
    if run is None:
        return run_in_archive(row)
    is_shipped = row.result.status is OrderStatus.COMPLETED
    if is_shipped and run.result is None and run.status is not None:
        return replace(run_in_archive(row), is_forgotten=False)
    is_its_row = run.run_id == row.run_id and run.try_number is None
    return replace(run, try_number=row.result.try_number) if is_its_row else run


async def _own_id(client: Client, run: Execution) -> str | None:
    """Return the id of a run that should be archived; None if it is not the end of an order."""
    reader = reader_of(client, run.workflow_id)
    order = await own_order(reader, run, await read_history(client, run))
    return None if order is None else run.workflow_id


async def _receipt_run(client: Client, run: Execution) -> ReceiptRun:
    if run.status != COMPLETED:
        return ReceiptRun(run.workflow_id, run.is_open)
    return ReceiptRun(run.workflow_id, run.is_open, await _result(client, run, ReceiptResult))


async def _result(client: Client, run: Execution, result_type: type[Answer]) -> Answer:
    handle = client.get_workflow_handle(run.workflow_id, run_id=run.run_id, result_type=result_type)
    result: Answer = await handle.result()
    return result


async def _unlogged(log: ActionLog, edit: ExpenseEdit) -> str | None:
    """Return the id of an expense of whose edit the log of actions says nothing."""
    wanted = Action.DELETE_EXPENSE if edit.is_deleted else Action.EDIT_EXPENSE
    rows = await log.list(edit.expense_id, limit=MAX_ENTRIES)
    is_logged = any(row.action is wanted and row.who == edit.edited_by for row in rows)
    return None if is_logged else edit.expense_id


async def _ledgers(settings: Settings) -> Ledgers:
    async with AsyncExitStack() as closing:
        ledgers = ledger_providers(settings, closing)
        # Before the expenses: what somebody has edited was saved before.
        edits = tuple(await ledgers.edits.edits())
        return Ledgers(
            # First: what an order did that is archived by now is in all that is read afterwards.
            archive=tuple(await ledgers.orders.list_archived()),
            charges=await ledgers.payments.charges(),
            refunds=await ledgers.payments.refunds(),
            reservations=await ledgers.inventory.reservations(),
            shipments=await ledgers.shipping.shipments(),
            stock=await ledgers.inventory.stock(),
            expenses=tuple(await ledgers.expenses.list()),
            edits=edits,
            unlogged=frozenset(filter(None, await _each(partial(_unlogged, ledgers.log), edits))),
            objects=tuple(await asyncio.to_thread(ledgers.receipts.list_receipts)),
            mails=frozenset(await ledgers.sent_mails.sent_keys()),
        )
