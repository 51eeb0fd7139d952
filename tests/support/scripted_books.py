"""Books that a test has written, audited as those of a real shop: page by page, part by part."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass, replace
from types import SimpleNamespace
from typing import Any, TypeVar, cast

from bootstrap import LedgerProviders
from models import Action, ListedStock, StoredExpense
from service.audit.books import Books, Ledgers
from service.audit.ledgers import copy_ledgers
from service.audit.parts import Parts
from service.audit.rules import Audit, audit_books, close_audit
from service.audit.workbook import Sheet, Workbook

Item = TypeVar("Item")


@dataclass(frozen=True)
class ScriptedLedgers(Ledgers):
    """Ledgers with what is on the shelves."""

    stock: tuple[ListedStock, ...] = ()


class _Ledgers:
    """All that an audit reads, a row a page."""

    def __init__(self, held: Ledgers) -> None:
        self._held = held

    def charges(self) -> AsyncIterator[Sequence[Any]]:
        return _singly(self._held.charges)

    def refunds(self) -> AsyncIterator[Sequence[Any]]:
        return _singly(self._held.refunds)

    def reservations(self) -> AsyncIterator[Sequence[Any]]:
        return _singly(self._held.reservations)

    def shipments(self) -> AsyncIterator[Sequence[Any]]:
        return _singly(self._held.shipments)

    def all_archived(self) -> AsyncIterator[Sequence[Any]]:
        return _singly(self._held.archive)

    def saved(self) -> AsyncIterator[Sequence[StoredExpense]]:
        return _singly(self._held.expenses)

    def edits(self) -> AsyncIterator[Sequence[Any]]:
        return _singly(self._held.edits)

    def sent_keys(self) -> AsyncIterator[Sequence[str]]:
        return _singly(self._held.mails)

    async def list(self, subject: str, **_: int) -> Sequence[Any]:
        logged = [edit for edit in self._held.edits if edit.expense_id == subject]
        return [
            SimpleNamespace(
                action=Action.DELETE_EXPENSE if edit.is_deleted else Action.EDIT_EXPENSE,
                who=edit.edited_by,
            )
            for edit in logged
            if subject not in self._held.unlogged
        ]


async def _singly(rows: Iterable[Item]) -> AsyncIterator[Sequence[Item]]:
    for row in rows:
        yield [row]


def audit_of(books: Books) -> Audit:
    """Audit everything; ``not_archived`` is believed."""
    return asyncio.run(_audit_of(books))


async def _audit_of(books: Books) -> Audit:
    held, audit = books.ledgers, Audit()
    with Workbook() as book:
        book.add(Sheet.ORDERS, [(id, "run", "", run) for id, run in books.orders.items()])
        book.add(Sheet.RECEIPTS, [(id, "run", "", run) for id, run in books.receipts.items()])
        pictures = [(id.rpartition("-")[2], "receipt", "", None) for id in books.receipts]
        book.add(Sheet.PICTURES, pictures)
        book.add(Sheet.MAILS, [(id, "run", "", run) for id, run in books.mails.items()])
        one = cast(Any, _Ledgers(held))
        await copy_ledgers(LedgerProviders(*[one] * 9), book)
        await book.sort(*Sheet)
        parts = Parts(book, books.since, books.read_at)
        for part in parts.orders():
            here = frozenset(part.books.orders) & books.not_archived
            audit.add(audit_books(replace(part.books, not_archived=here)))
        for other in (*parts.receipts(), *parts.mails(), *parts.edits()):
            audit.add(audit_books(other))
        for stored in held.objects:
            audit.add(audit_books(parts.objects([stored])))
        doubled = (*book.doubled(Sheet.ORDERS), *book.doubled(Sheet.RECEIPTS))
        close_audit(audit, doubled, getattr(held, "stock", ()))
    return audit
