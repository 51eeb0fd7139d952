"""Saved expenses that somebody corrects or deletes: logged first, and laid over what was saved."""

import datetime as dt
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from typing import TypeVar

from pydantic import JsonValue

from bootstrap import expense_book
from config import Settings
from models import (
    Action,
    Correction,
    ExpenseEdit,
    StoredExpense,
    digits_of,
    money_as_text,
)
from providers.errors import InvalidExpense
from providers.records import ExpenseBook
from service.access.log import Doer
from service.access.records import recorded
from service.errors import BadInput, NotFound

Answer = TypeVar("Answer")


async def find_expense(
    settings: Settings, expense_id: str, user_id: str | None = None
) -> StoredExpense:
    """Return an expense, of one user if one is named.

    Raise NotFound if there is none, if it is another user's or deleted, and DatabaseUnreachable.
    """
    found = await _with_book(settings, lambda book: book.find(expense_id))
    if found is None or user_id not in (None, found.user_id):
        raise NotFound(f"there is no expense {expense_id[:100]!r}")
    return found


async def change_of(settings: Settings, expense_id: str | None) -> ExpenseEdit | None:
    """Return how somebody has changed or deleted what a receipt's run saved; None if nobody has.

    Raise DatabaseUnreachable.
    """
    if expense_id is None:
        return None
    return await _with_book(settings, lambda book: book.edit_of(expense_id))


async def edit_expense(
    settings: Settings, expense: StoredExpense, correction: Correction, doer: Doer
) -> StoredExpense:
    """Correct an expense; what the correction leaves out stays. Return it as it is now.

    Raise BadInput for what cannot be stored, NotFound if it was deleted meanwhile, and
    DatabaseUnreachable.
    """
    edit = ExpenseEdit.model_validate(
        {
            **expense.model_dump(include=set(ExpenseEdit.model_fields)),
            **correction.said(),
            "edited_by": doer.who,
            "edited_at": dt.datetime.now(dt.UTC),
            "is_merchant_confirmed": correction.merchant is not None,
        }
    )
    before = shown(expense)
    async with doer.doing(Action.EDIT_EXPENSE, expense.expense_id, before) as change:
        await _lay_over(settings, edit)
        edited = await find_expense(settings, expense.expense_id)
        change.after = shown(edited)
    return edited


def kept_total(expense: StoredExpense, currency: str | None) -> int:
    """Return the total that stays, in minor units; raise BadInput where it would be another.

    1230 is 12.30 USD, and 1,230 JPY.
    """
    if digits_of(currency or expense.currency) != digits_of(expense.currency):
        amount = money_as_text(expense.total_cents, expense.currency)
        raise BadInput(
            f"the total is {amount}, and {currency} has other decimals: say the total in {currency}"
        )
    return expense.total_cents


async def delete_expense(settings: Settings, expense: StoredExpense, doer: Doer) -> None:
    """Delete an expense, which its receipt's run never brings back; raise DatabaseUnreachable."""
    values = expense.model_dump(include=set(ExpenseEdit.model_fields))
    edit = ExpenseEdit(
        **values, is_deleted=True, edited_by=doer.who, edited_at=dt.datetime.now(dt.UTC)
    )
    async with doer.doing(Action.DELETE_EXPENSE, expense.expense_id, shown(expense)):
        await _lay_over(settings, edit)


def shown(expense: StoredExpense) -> dict[str, JsonValue]:
    """Return the values that people change, for the log of actions."""
    named = {"merchant", "total_cents", "currency", "date"}
    values: dict[str, JsonValue] = expense.model_dump(mode="json", include=named)
    return values


async def _lay_over(settings: Settings, edit: ExpenseEdit) -> None:
    try:
        await _with_book(settings, lambda book: book.edit(edit))
    except InvalidExpense as error:
        raise BadInput(str(error)) from None


async def _with_book(settings: Settings, ask: Callable[[ExpenseBook], Awaitable[Answer]]) -> Answer:
    async with AsyncExitStack() as closing:
        return await recorded(ask(expense_book(settings, closing)))
