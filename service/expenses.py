"""The saved expenses, also as CSV that a spreadsheet shows and never runs.

A merchant called ``=HYPERLINK(...)`` would otherwise be a formula on the accountant's machine
(OWASP: CSV injection).
"""

import csv
import re
from collections.abc import Iterable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from decimal import Decimal
from typing import TextIO

from bootstrap import expense_book
from config import Settings
from models import PurchaseDetails, StoredExpense, amount_as_text
from providers.errors import ProviderError
from service.categories import Categories
from service.errors import BadInput, DatabaseUnreachable
from workflows import purchase_wording

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
"""Includes tabs and line breaks: some programs begin a new cell there, quoted or not."""
_FORMULA = re.compile(
    r"(^|;)(?=[\s\"'\u00ad\u061c\u200b-\u200f\u2060\ufeff]*[=+\-@\uff1d\uff0b\uff0d\uff20])"
)
"""Where a formula would begin: at the start of a cell, or behind the semicolon at which Excel
parts cells in many countries; also in full-width forms, and behind blanks and characters without
width, which are trimmed."""


_FIRST = ("date", "merchant", "total", "currency")
_DETAILS = ("tax", "tip", "taxes", "payment_method", "items")
_LAST = ("receipt_id", "expense_id", "object_key")
COLUMNS = (
    *_FIRST,
    *(
        name
        for name in StoredExpense.model_fields
        if name not in {*_FIRST, *_LAST, *PurchaseDetails.model_fields}
    ),
    *_DETAILS,
    *_LAST,
)
"""What people read comes first, ids last."""
CATEGORY = "category"


def safe_cell(value: object) -> object:
    """Return the value as text on one line that no spreadsheet takes for a formula.

    Numbers stay numbers. The apostrophe that is put before a formula is the sign by which a
    spreadsheet itself marks text.
    """
    if not isinstance(value, str):
        return value
    return _FORMULA.sub(r"\1'", _CONTROL.sub(" ", value))


async def saved_expenses(settings: Settings, user_id: str | None = None) -> list[StoredExpense]:
    """Return the expenses of one user or of all, oldest first; raise DatabaseUnreachable."""
    async with AsyncExitStack() as closing:
        try:
            return await expense_book(settings, closing).list(user_id)
        except ProviderError as error:
            raise DatabaseUnreachable(str(error)) from None


async def saved_receipts(settings: Settings, user_id: str) -> frozenset[str]:
    """Return the ids of a user's receipts that were saved as expenses, also if deleted since.

    Raise DatabaseUnreachable.
    """
    async with AsyncExitStack() as closing:
        try:
            return frozenset(await expense_book(settings, closing).receipts(user_id))
        except ProviderError as error:
            raise DatabaseUnreachable(str(error)) from None


def write_csv(
    saved: Sequence[StoredExpense],
    file: TextIO,
    categories: Categories | None = None,
    with_head: bool = True,
) -> None:
    """Write all fields, safe to open in a spreadsheet; ``total`` is the amount as people write it.

    ``total_cents`` is in minor units, which only mean something with the currency's digits.
    """
    writer = csv.writer(file, quoting=csv.QUOTE_NONNUMERIC)
    if with_head:
        writer.writerow((*COLUMNS, *([CATEGORY] if categories else [])))
    writer.writerows(table_row(expense, categories) for expense in saved)


def table_row(expense: StoredExpense, categories: Categories | None = None) -> list[object]:
    """Return the cells of an expense, by ``COLUMNS``, and its category where there are any."""
    row = {
        **expense.model_dump(mode="json", exclude=set(PurchaseDetails.model_fields)),
        "total": _amount(expense.total_cents, expense.currency),
        **_details(expense),
    }
    category = [categories.of(expense.merchant) or ""] if categories else []
    return [*(safe_cell(row[name]) for name in COLUMNS), *category]


def _details(expense: StoredExpense) -> dict[str, object]:
    """Return what else is known of a purchase; what there may be several of is one text."""
    currency = expense.currency
    return {
        "tax": _amount(expense.tax_cents, currency),
        "tip": _amount(expense.tip_cents, currency),
        "taxes": "; ".join(purchase_wording.tax_row(row, currency) for row in expense.tax_rows),
        "payment_method": expense.payment_method,
        "items": "; ".join(purchase_wording.line_item(item, currency) for item in expense.items),
    }


def _amount(cents: int | None, currency: str) -> Decimal | None:
    return None if cents is None else Decimal(amount_as_text(cents, currency))


@dataclass(frozen=True)
class ExpenseFilter:
    """Which expenses are meant; what is empty leaves out none.

    ``text`` is part of a merchant, a user, an id or a date; ``month`` is written as 2026-03.
    """

    text: str = ""
    month: str = ""
    currency: str = ""

    def matches(self, expense: StoredExpense) -> bool:
        """Tell whether an expense is meant."""
        date = str(expense.date or "")
        ids = (expense.user_id, expense.receipt_id, expense.expense_id)
        known = (expense.merchant or "", date, *ids)
        return (
            any(self.text.casefold() in one.casefold() for one in known)
            and self.month in ("", month_of(expense))
            and self.currency.upper() in ("", expense.currency)
        )


@dataclass(frozen=True)
class MonthTotal:
    """What was spent in a month in one currency, in minor units; ``month`` may be empty."""

    month: str
    currency: str
    total_cents: int
    count: int


def month_of(expense: StoredExpense) -> str:
    """Return the month of a purchase as 2026-03; empty if its date is not known."""
    return f"{expense.date:%Y-%m}" if expense.date else ""


def totals_by_month(expenses: Iterable[StoredExpense]) -> list[MonthTotal]:
    """Return the totals of each month and currency, the latest month first."""
    sums: dict[tuple[str, str], list[int]] = {}
    for expense in expenses:
        sums.setdefault((month_of(expense), expense.currency), []).append(expense.total_cents)
    newest_first = sorted(sums, key=lambda key: key[1])
    newest_first.sort(key=lambda key: key[0], reverse=True)
    return [MonthTotal(*key, sum(sums[key]), len(sums[key])) for key in newest_first]


async def expenses_page(
    settings: Settings, user_id: str | None, limit: int, cursor: str | None
) -> tuple[list[StoredExpense], str | None]:
    """Return a page of expenses, oldest first, and the cursor of the next, None at the end.

    The cursor is the id of the last expense of the page before. Raise BadInput for one that is no
    expense of this list, and DatabaseUnreachable.
    """
    async with AsyncExitStack() as closing:
        try:
            found = await expense_book(settings, closing).page(user_id, limit + 1, cursor or None)
        except ProviderError as error:
            raise DatabaseUnreachable(str(error)) from None
    if found is None:
        raise BadInput("cursor is not valid: it must be nextCursor of the page before")
    following = found[limit - 1].expense_id if len(found) > limit else None
    return list(found[:limit]), following
