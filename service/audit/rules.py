"""The rules of an audit: what must agree between runs and ledgers, to the minor unit.

Pure comparison, so that every rule can be tested with books that no honest system would write.
"""

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from models import (
    Listed,
    ListedCharge,
    ListedRefund,
    ListedReservation,
    ListedShipment,
    ListedStock,
    ReceiptResult,
    StoredExpense,
)
from service.audit.books import Books, ReceiptRun
from service.audit.mails import earlier_key
from service.audit.orders import (
    Finding,
    Sums,
    audit_archive,
    audit_orders,
    disagreeing,
    order_of,
    sum_up,
)
from workflows import wording
from workflows.identity import content_of, mail_workflow_id, receipt_workflow_id

SUBMITTING = dt.timedelta(minutes=1)
"""An object so young may belong to a receipt whose run is just being started."""


Units = Counter[tuple[str, str]]
"""How much of a SKU reservations of a status have."""

_COUNTS = (
    *("orders", "open_orders", "receipts", "open_receipts", "open_mails", "untold", "expenses"),
    *("edited_expenses", "deleted_expenses", "archived_orders", "forgotten"),
)


@dataclass
class Audit:
    """What was compared, and what does not agree."""

    orders: int = 0
    open_orders: int = 0
    receipts: int = 0
    open_receipts: int = 0
    open_mails: int = 0
    untold: int = 0
    expenses: int = 0
    edited_expenses: int = 0
    deleted_expenses: int = 0
    archived_orders: int = 0
    """Orders that Temporal has forgotten and the archive knows."""
    forgotten: int = 0
    """Effects that neither knows an order of."""
    sums: dict[str, Sums] = field(default_factory=dict)
    units: Units = field(default_factory=Counter)
    findings: list[Finding] = field(default_factory=list)

    def add(self, part: "Audit") -> None:
        """Add what was compared of another part."""
        for name in _COUNTS:
            setattr(self, name, getattr(self, name) + getattr(part, name))
        for currency, sums in part.sums.items():
            self.sums.setdefault(currency, Sums()).add(sums)
        self.units.update(part.units)
        self.findings += part.findings

    def summary(self) -> dict[str, Any]:
        """Return the counts and sums for a program."""
        return {
            **{name: getattr(self, name) for name in _COUNTS if name != "forgotten"},
            "older_than_temporal_remembers": self.forgotten,
            "sums": {currency: vars(sums) for currency, sums in sorted(self.sums.items())},
            "findings": len(self.findings),
        }


def audit_books(books: Books) -> Audit:
    """Compare everything in some books with everything, but for what only all parts together say.

    See ``close_audit`` for that.
    """
    ledgers = books.ledgers
    effects = [*ledgers.charges, *ledgers.refunds, *ledgers.reservations, *ledgers.shipments]
    orphans = [row for row in effects if order_of(row) not in books.orders]
    recent = [row for row in orphans if row.created_at >= books.since]
    sums = sum_up(books)
    findings = [
        *(_orphan(row) for row in recent),
        *audit_orders(books),
        *audit_archive(books),
        *_receipts(books),
        *_edits(books),
        *_objects(books),
        *_mails(books),
    ]
    return Audit(
        orders=len(books.orders),
        open_orders=sum(run.status is None for run in books.orders.values()),
        receipts=len(books.receipts),
        open_receipts=sum(run.is_open for run in books.receipts.values()),
        open_mails=sum(mail.is_open for mail in books.mails.values()),
        untold=sum(mail.is_untold for mail in books.mails.values()),
        expenses=len(ledgers.expenses),
        edited_expenses=sum(not edit.is_deleted for edit in ledgers.edits),
        deleted_expenses=sum(edit.is_deleted for edit in ledgers.edits),
        archived_orders=sum(run.is_forgotten for run in books.orders.values()),
        forgotten=len(orphans) - len(recent),
        sums=sums,
        units=_units(ledgers.reservations),
        findings=findings,
    )


def close_audit(
    audit: Audit, doubled: Iterable[tuple[str, str, int]], stock: Iterable[ListedStock]
) -> None:
    """Add what only all parts together say.

    ``doubled`` has the ledger, the key and the number of effects under it of each that has several.
    """
    audit.findings += [
        *(
            Finding("doubled_key", key, f"{times} {ledger} under one key")
            for ledger, key, times in doubled
        ),
        *_stock(audit.units, stock),
        *disagreeing(audit.sums),
    ]


# --- every ledger -------------------------------------------------------------------------------


def _orphan(row: Listed) -> Finding:
    what = {
        ListedCharge: "charge",
        ListedRefund: "refund",
        ListedReservation: "reservation",
        ListedShipment: "shipment",
    }[type(row)]
    return Finding("orphan", order_of(row), f"a {what} of {row.created_at:%F %T} without an order")


def _units(reservations: Iterable[ListedReservation]) -> Units:
    units: Units = Counter()
    for reservation in reservations:
        for item in reservation.items:
            units[reservation.status, item.sku] += item.quantity
    return units


def _stock(units: Units, stock: Iterable[ListedStock]) -> Iterator[Finding]:
    for shelf in stock:
        held, shipped = units["held", shelf.sku], units["shipped", shelf.sku]
        if (shelf.available, shelf.reserved, shelf.shipped) != (
            shelf.total - held - shipped,
            held,
            shipped,
        ):
            yield Finding(
                "stock",
                shelf.sku,
                f"{shelf.total} at first; {shelf.available} left, {shelf.reserved} reserved, "
                f"{shelf.shipped} shipped, but the reservations hold {held} and shipped {shipped}",
            )


# --- receipts -----------------------------------------------------------------------------------


def _receipts(books: Books) -> Iterator[Finding]:
    saved = defaultdict(list)
    for expense in books.ledgers.expenses:
        workflow_id = receipt_workflow_id(expense.receipt_id)
        saved[workflow_id].append(expense)
        if workflow_id not in books.receipts and expense.created_at >= books.since:
            yield Finding("orphan", workflow_id, f"expense {expense.expense_id} without a run")
    for run in books.receipts.values():
        yield from _receipt(run, saved[run.workflow_id])


def _receipt(run: ReceiptRun, saved: list[StoredExpense]) -> Iterator[Finding]:
    if run.result is None:
        return
    if len(saved) != 1:
        kind = "doubled" if saved else "lost"
        yield Finding(kind, run.workflow_id, f"completed, but {len(saved)} expenses saved")
    elif _as_saved(run.result) != _as_saved(saved[0]):
        yield Finding(
            "wrong_amount",
            run.workflow_id,
            f"completed as {_as_saved(run.result)}, but saved as {_as_saved(saved[0])}",
        )


def _as_saved(expense: ReceiptResult | StoredExpense) -> str:
    return f"{expense.expense_id} over {wording.money(expense.total_cents, expense.currency)}"


def _edits(books: Books) -> Iterator[Finding]:
    """An edit lies over what a run has saved, which stays; and the log says who made it."""
    for edit in books.ledgers.edits:
        what = "deleted" if edit.is_deleted else "edited"
        by = f"{what} by {edit.edited_by} at {wording.moment(edit.edited_at)}"
        if edit.expense_id not in books.ledgers.saved:
            yield Finding("orphan", edit.expense_id, f"{by}, but no such expense was saved")
        if edit.expense_id in books.ledgers.unlogged:
            yield Finding("unlogged", edit.expense_id, f"{by}, which is not in the log of actions")


def _objects(books: Books) -> Iterator[Finding]:
    pictures = books.ledgers.pictures
    for stored in books.ledgers.objects:
        is_due = books.since <= stored.stored_at <= books.read_at - SUBMITTING
        if (
            is_due
            and stored.object_key not in pictures
            and content_of(stored.object_key) not in pictures
        ):
            yield Finding("orphan", stored.object_key, "an object without a run or an expense")


# --- mails --------------------------------------------------------------------------------------


def _mails(books: Books) -> Iterator[Finding]:
    """A mail that is being tried, or was given up and is listed, is no finding; a lost one is."""
    sent = books.ledgers.mails
    told, untold = books.own_mails()
    told |= {mail.result.idempotency_key for mail in books.mails.values() if mail.result}
    for key in sorted(told):
        if not {key, earlier_key(key)} & sent:
            yield Finding("mail", _run_of(key), f"the mail {key} has no record of leaving")
    for key in sorted(untold):
        is_sent = bool({key, earlier_key(key)} & sent)
        if not is_sent and mail_workflow_id(key) not in books.handed_over:
            yield Finding("mail", _run_of(key), "nobody was told, and nobody is being told")


def _run_of(key: str) -> str:
    return key.partition(":")[0]
