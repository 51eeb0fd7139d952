"""The parts of a workbook as books: some orders, receipts, mails, edits or objects at a time."""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from models import (
    ArchivedOrder,
    ExpenseEdit,
    ListedCharge,
    ListedReceipt,
    ListedRefund,
    ListedReservation,
    ListedShipment,
    OrderStatus,
    StoredExpense,
)
from service.audit.books import Books, Ledgers, OrderRun, ReceiptRun, with_row
from service.audit.ledgers import ARCHIVED, CHARGE, EXPENSE, REFUND, RESERVATION, SHIPMENT
from service.audit.mails import MailRun, earlier_key
from service.audit.runs import Listed
from service.audit.workbook import Sheet, Workbook
from service.orders.missing import missing_in
from service.runs.executions import Execution
from workflows.identity import content_of, mail_workflow_id

_MODELS: dict[str, type[Any]] = {
    CHARGE: ListedCharge,
    REFUND: ListedRefund,
    RESERVATION: ListedReservation,
    SHIPMENT: ListedShipment,
    ARCHIVED: ArchivedOrder,
    EXPENSE: StoredExpense,
    "counts": Listed,
}
_RUNS: dict[Sheet, type[Any]] = {
    Sheet.ORDERS: OrderRun,
    Sheet.RECEIPTS: ReceiptRun,
    Sheet.MAILS: MailRun,
}

Found = dict[str, list[Any]]
"""What there is of one subject, by kind; None for what has no value."""


@dataclass(frozen=True)
class OrderPart:
    """Books of some orders, and the runs of them that may have to be archived."""

    books: Books
    not_archived: list[Execution] = field(default_factory=list)


class Parts:
    """Reads a workbook, all of whose sheets are sorted, part by part."""

    def __init__(self, book: Workbook, since: dt.datetime, read_at: dt.datetime) -> None:
        self._book = book
        self._empty = Books(since, read_at)

    def orders(self) -> Iterator[OrderPart]:
        """Yield all orders and effects: those of one order in the same part."""
        for part in self._found(Sheet.ORDERS):
            runs = {id: run for id, found in part.items() if (run := _order_run(id, found))}
            archive = _all(part, ARCHIVED)
            books = replace(
                self._empty,
                orders=runs,
                ledgers=Ledgers(
                    charges=tuple(_all(part, CHARGE)),
                    refunds=tuple(_all(part, REFUND)),
                    reservations=tuple(_all(part, RESERVATION)),
                    shipments=tuple(_all(part, SHIPMENT)),
                    archive=tuple(archive),
                ),
            )
            counting = [listed.execution() for listed in _all(part, "counts")]
            missing = missing_in({row.order_id: row for row in archive}, counting)
            yield OrderPart(self._with_mails(books), missing)

    def receipts(self) -> Iterator[Books]:
        """Yield all receipts and expenses: those of one receipt in the same part."""
        for part in self._found(Sheet.RECEIPTS):
            runs = {
                id: (found.get("run") or [ReceiptRun(id, is_open=True)])[0]
                for id, found in part.items()
                if "run" in found or "late" in found
            }
            ledgers = Ledgers(expenses=tuple(_all(part, EXPENSE)))
            yield self._with_mails(replace(self._empty, receipts=runs, ledgers=ledgers))

    def mails(self) -> Iterator[Books]:
        """Yield the mails that their runs could not send."""
        for part in self._found(Sheet.MAILS):
            runs = {id: found["run"][-1] for id, found in part.items()}
            keys = [run.result.idempotency_key for run in runs.values() if run.result]
            sent = self._book.among(Sheet.SENT, keys)
            yield replace(self._empty, mails=runs, ledgers=Ledgers(mails=sent))

    def edits(self) -> Iterator[Books]:
        """Yield what people have made of expenses."""
        for part in self._book.parts(Sheet.EDITS):
            rows = [row for rows in part.values() for row in rows]
            ledgers = Ledgers(
                edits=tuple(
                    self._book.read(row["value"], ExpenseEdit)
                    for row in rows
                    if row["kind"] == "edit"
                ),
                unlogged=frozenset(row["subject"] for row in rows if row["kind"] == "unlogged"),
                saved=self._book.among(Sheet.EXPENSES, part.keys()),
            )
            yield replace(self._empty, ledgers=ledgers)

    def objects(self, listed: Sequence[ListedReceipt]) -> Books:
        """Return a page of stored objects as books."""
        names = {one.object_key for one in listed} | {content_of(one.object_key) for one in listed}
        pictures = self._book.among(Sheet.PICTURES, names)
        return replace(self._empty, ledgers=Ledgers(objects=tuple(listed), pictures=pictures))

    def _found(self, sheet: Sheet) -> Iterator[dict[str, Found]]:
        for part in self._book.parts(sheet):
            yield {subject: self._of(sheet, rows) for subject, rows in part.items()}

    def _of(self, sheet: Sheet, rows: Sequence[Any]) -> Found:
        found: Found = {}
        for row in rows:
            kind, value = row["kind"], row["value"]
            model = _RUNS[sheet] if kind == "run" else _MODELS.get(kind)
            found.setdefault(kind, []).append(self._book.read(value, model) if model else None)
        return found

    def _with_mails(self, books: Books) -> Books:
        """Return books with those mails, of all, that their own runs speak of."""
        told, untold = books.own_mails()
        keys = told | untold
        sent = self._book.among(Sheet.SENT, keys | {earlier_key(key) for key in keys})
        handed_over = self._book.among(Sheet.MAILS, {mail_workflow_id(key) for key in untold})
        return replace(books, handed_over=handed_over, ledgers=replace(books.ledgers, mails=sent))


def _all(part: Mapping[str, Found], kind: str) -> list[Any]:
    return [value for found in part.values() for value in found.get(kind, ())]


def _order_run(workflow_id: str, found: Found) -> OrderRun | None:
    """Return how an order ended by all who know; None if there are effects of it alone."""
    run: OrderRun | None = found["run"][-1] if "run" in found else None
    if run is None and "late" in found:
        run = OrderRun(workflow_id, None, None)
    if ARCHIVED in found:
        return with_row(run, found[ARCHIVED][-1])
    if run is None and "listed" in found:
        return OrderRun(workflow_id, OrderStatus.FAILED, None, is_refused=True)
    return run
