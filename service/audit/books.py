"""What an audit compares: the runs that Temporal knows, and what every ledger holds of them.

Books may be of a part: of some orders with all that was done for them, of some receipts with their
expenses. What such a part needs to know of the rest is said beside it.
"""

import datetime as dt
from dataclasses import dataclass, field, replace

from models import (
    ArchivedOrder,
    ExpenseEdit,
    ListedCharge,
    ListedReceipt,
    ListedRefund,
    ListedReservation,
    ListedShipment,
    OrderResult,
    OrderStatus,
    ReceiptResult,
    StoredExpense,
)
from service.audit.mails import MailRun, own_mails


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
    expenses: tuple[StoredExpense, ...] = ()
    edits: tuple[ExpenseEdit, ...] = ()
    saved: frozenset[str] = frozenset()
    """Ids of expenses of other parts."""
    unlogged: frozenset[str] = frozenset()
    """Ids of the expenses whose edit is not in the log of actions."""
    objects: tuple[ListedReceipt, ...] = ()
    pictures: frozenset[str] = frozenset()
    """Keys of objects, or what receipt ids have of them, that other parts name."""
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
    handed_over: frozenset[str] = frozenset()
    """Workflow ids of mails of other parts."""
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


def with_row(run: OrderRun | None, row: ArchivedOrder) -> OrderRun:
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
