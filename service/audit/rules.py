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
    ReceiptResult,
    StoredExpense,
)
from service.audit.books import Books, ReceiptRun
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
from workflows.order.steps import CANCELLATION, REFUNDED

SUBMITTING = dt.timedelta(minutes=1)
"""An object so young may belong to a receipt whose run is just being started."""


@dataclass
class Audit:
    """What was compared, and what does not agree."""

    orders: int
    open_orders: int
    receipts: int
    open_receipts: int
    open_mails: int
    untold: int
    expenses: int
    edited_expenses: int
    deleted_expenses: int
    archived_orders: int
    """Orders that Temporal has forgotten and the archive knows."""
    forgotten: int
    """Effects that neither knows an order of."""
    sums: dict[str, Sums]
    findings: list[Finding] = field(default_factory=list)

    def summary(self) -> dict[str, Any]:
        """Return the counts and sums for a program."""
        return {
            "orders": self.orders,
            "open_orders": self.open_orders,
            "receipts": self.receipts,
            "open_receipts": self.open_receipts,
            "open_mails": self.open_mails,
            "untold": self.untold,
            "expenses": self.expenses,
            "edited_expenses": self.edited_expenses,
            "deleted_expenses": self.deleted_expenses,
            "archived_orders": self.archived_orders,
            "older_than_temporal_remembers": self.forgotten,
            "sums": {currency: vars(sums) for currency, sums in sorted(self.sums.items())},
            "findings": len(self.findings),
        }


def audit_books(books: Books) -> Audit:
    """Compare everything with everything."""
    ledgers = books.ledgers
    effects = [*ledgers.charges, *ledgers.refunds, *ledgers.reservations, *ledgers.shipments]
    orphans = [row for row in effects if order_of(row) not in books.orders]
    recent = [row for row in orphans if row.created_at >= books.since]
    sums = sum_up(books)
    findings = [
        *_doubled_keys(books),
        *(_orphan(row) for row in recent),
        *audit_orders(books),
        *audit_archive(books),
        *_stock(books),
        *_receipts(books),
        *_edits(books),
        *_objects(books),
        *_mails(books),
        *disagreeing(sums),
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
        findings=findings,
    )


# --- every ledger -------------------------------------------------------------------------------


def _doubled_keys(books: Books) -> Iterator[Finding]:
    ledgers = books.ledgers
    named: dict[str, Iterable[str]] = {
        "charges": (row.idempotency_key for row in ledgers.charges),
        "refunds": (row.idempotency_key for row in ledgers.refunds),
        "reservations": (row.idempotency_key for row in ledgers.reservations),
        "shipments": (row.idempotency_key for row in ledgers.shipments),
        "expenses": (row.receipt_id for row in ledgers.expenses),
    }
    for ledger, keys in named.items():
        for key, times in Counter(keys).items():
            if times > 1:
                yield Finding("doubled_key", key, f"{times} {ledger} under one key")


def _orphan(row: Listed) -> Finding:
    what = {
        ListedCharge: "charge",
        ListedRefund: "refund",
        ListedReservation: "reservation",
        ListedShipment: "shipment",
    }[type(row)]
    return Finding("orphan", order_of(row), f"a {what} of {row.created_at:%F %T} without an order")


def _stock(books: Books) -> Iterator[Finding]:
    units: dict[str, Counter[str]] = defaultdict(Counter)
    for reservation in books.ledgers.reservations:
        for item in reservation.items:
            units[reservation.status][item.sku] += item.quantity
    for shelf in books.ledgers.stock:
        held, shipped = units["held"][shelf.sku], units["shipped"][shelf.sku]
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
    saved = {expense.expense_id for expense in books.ledgers.expenses}
    for edit in books.ledgers.edits:
        what = "deleted" if edit.is_deleted else "edited"
        by = f"{what} by {edit.edited_by} at {wording.moment(edit.edited_at)}"
        if edit.expense_id not in saved:
            yield Finding("orphan", edit.expense_id, f"{by}, but no such expense was saved")
        if edit.expense_id in books.ledgers.unlogged:
            yield Finding("unlogged", edit.expense_id, f"{by}, which is not in the log of actions")


def _objects(books: Books) -> Iterator[Finding]:
    recorded = {expense.object_key for expense in books.ledgers.expenses}
    read = {workflow_id.rpartition("-")[2] for workflow_id in books.receipts}
    for stored in books.ledgers.objects:
        is_due = books.since <= stored.stored_at <= books.read_at - SUBMITTING
        if (
            is_due
            and stored.object_key not in recorded
            and content_of(stored.object_key) not in read
        ):
            yield Finding("orphan", stored.object_key, "an object without a run or an expense")


# --- mails --------------------------------------------------------------------------------------


def _mails(books: Books) -> Iterator[Finding]:
    """A mail that is being tried, or was given up and is listed, is no finding; a lost one is."""
    # Earlier versions had one key for every end without a shipment.
    sent = books.ledgers.mails
    sent |= {key.replace(f":{CANCELLATION}", f":{REFUNDED}") for key in sent}
    told, untold = books.own_mails()
    told |= {mail.result.idempotency_key for mail in books.mails.values() if mail.result}
    for key in sorted(told - sent):
        yield Finding("mail", _run_of(key), f"the mail {key} has no record of leaving")
    for key in sorted(untold - sent):
        if mail_workflow_id(key) not in books.mails:
            yield Finding("mail", _run_of(key), "nobody was told, and nobody is being told")


def _run_of(key: str) -> str:
    return key.partition(":")[0]
