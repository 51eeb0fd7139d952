"""What the ledgers hold, written into a workbook page by page.

What an audit does not compare, such as who a customer is, is left out.
"""

from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from functools import partial
from typing import TypeVar

from bootstrap import LedgerProviders
from models import Action, ArchivedOrder, ExpenseEdit, Listed, StoredExpense
from providers.records import ActionLog
from service.access.log import MAX_ENTRIES
from service.audit.runs import each
from service.audit.workbook import Row, Sheet, Workbook
from workflows.identity import order_workflow_id, receipt_workflow_id

Item = TypeVar("Item")

CHARGE, REFUND, RESERVATION, SHIPMENT = "charges", "refunds", "reservations", "shipments"
EXPENSE, ARCHIVED = "expenses", "archived"


async def copy_ledgers(ledgers: LedgerProviders, book: Workbook) -> None:
    """Copy everything but stock and objects; raise the ProviderError of the ledger that failed."""
    # First: what an order did that is archived by now is in all that is read afterwards.
    await _copy(book, Sheet.ORDERS, ledgers.orders.all_archived(), _archived)
    await _copy(book, Sheet.ORDERS, ledgers.payments.charges(), partial(_effect, CHARGE))
    await _copy(book, Sheet.ORDERS, ledgers.payments.refunds(), partial(_effect, REFUND))
    await _copy(book, Sheet.ORDERS, ledgers.inventory.reservations(), partial(_effect, RESERVATION))
    await _copy(book, Sheet.ORDERS, ledgers.shipping.shipments(), partial(_effect, SHIPMENT))
    # Before the expenses: what somebody has edited was saved before.
    async for edits in ledgers.edits.edits():
        unlogged = await each(partial(_unlogged, ledgers.log), edits)
        book.add(Sheet.EDITS, [(edit.expense_id, "edit", "", edit) for edit in edits])
        book.add(Sheet.EDITS, [(id, "unlogged", "", None) for id in unlogged if id])
    async for expenses in ledgers.expenses.saved():
        copy_expenses(book, expenses)
    async for keys in ledgers.sent_mails.sent_keys():
        book.add(Sheet.SENT, [(key, "sent", "", None) for key in keys])


def copy_expenses(book: Workbook, expenses: Sequence[StoredExpense]) -> None:
    """Copy some expenses, and by what their edits and objects find them."""
    book.add(Sheet.RECEIPTS, map(_expense, expenses))
    book.add(Sheet.EXPENSES, [(one.expense_id, EXPENSE, "", None) for one in expenses])
    book.add(Sheet.PICTURES, [(one.object_key, EXPENSE, "", None) for one in expenses])


async def _copy(
    book: Workbook,
    sheet: Sheet,
    pages: AsyncIterator[Sequence[Item]],
    row_of: Callable[[Item], Row],
) -> None:
    async for page in pages:
        rows: Iterable[Row] = map(row_of, page)
        book.add(sheet, rows)


def _effect(kind: str, effect: Listed) -> Row:
    return order_workflow_id(effect.order_id), kind, effect.idempotency_key, effect


def _archived(row: ArchivedOrder) -> Row:
    bare = row.model_copy(update={"content": {}, "token_digests": frozenset(), "customer_id": ""})
    return row.workflow_id, ARCHIVED, "", bare


def _expense(expense: StoredExpense) -> Row:
    bare = expense.model_copy(update={"merchant": None})
    return receipt_workflow_id(expense.receipt_id), EXPENSE, expense.receipt_id, bare


async def _unlogged(log: ActionLog, edit: ExpenseEdit) -> str | None:
    """Return the id of an expense of whose edit the log of actions says nothing."""
    wanted = Action.DELETE_EXPENSE if edit.is_deleted else Action.EDIT_EXPENSE
    rows = await log.list(edit.expense_id, limit=MAX_ENTRIES)
    is_logged = any(row.action is wanted and row.who == edit.edited_by for row in rows)
    return None if is_logged else edit.expense_id
