"""Expenses as a journal for Ledger (and hledger), and for Beancount.

Text of a receipt is never more than text: neither may a merchant be another transaction.
"""

import datetime as dt
import re
from collections.abc import Collection, Sequence

from models import StoredExpense, amount_as_text
from service.categories import Categories

SPENT, PAID_FROM = "Expenses:Receipts", "Liabilities:Receipts"
"""The accounts of both sides: what was paid is owed to whoever paid it. What has a category is
spent on that."""

NO_CATEGORIES = Categories()

UNKNOWN = "Unknown merchant"

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]+")
_YEARS = range(1700, 2100)
"""The years that Beancount reads."""


def ledger_journal(saved: Sequence[StoredExpense], categories: Categories = NO_CATEGORIES) -> str:
    """Return a transaction an expense; the total of a refund is negative.

    One whose date or merchant is not known or not confirmed is pending (``!``); where the date is
    not known, it is that of the day when the expense was saved.
    """
    entries = [
        f"{_date(one)} {_flag(one)} {_payee(one)}\n"
        f"    ; expense: {one.expense_id}\n"
        f"    ; receipt: {one.receipt_id}\n"
        f"    ; user: {one.user_id}\n"
        f"    {_account(one, categories)}  {_amount(one)}\n"
        f"    {PAID_FROM}  {_amount(one, -1)}\n"
        for one in saved
    ]
    return "\n".join(entries)


def beancount_journal(
    saved: Sequence[StoredExpense], categories: Categories = NO_CATEGORIES
) -> str:
    """Return the same for Beancount, with all its accounts opened on the first day."""
    if not saved:
        return ""
    used = {_account(one, categories) for one in saved}
    head = beancount_accounts(first_day(saved), used)
    return f"{head}\n{beancount_entries(saved, categories)}"


def first_day(saved: Sequence[StoredExpense]) -> dt.date:
    """Return the day of the first transaction; there must be one."""
    return min(map(_date, saved))


def beancount_accounts(opened: dt.date, spent_on: Collection[str] = (SPENT,)) -> str:
    """Return what stands at the top of a journal: its accounts, opened on its first day."""
    return "".join(f"{opened} open {name}\n" for name in sorted({PAID_FROM, *spent_on}))


def beancount_entries(
    saved: Sequence[StoredExpense], categories: Categories = NO_CATEGORIES
) -> str:
    """Return the transactions alone."""
    entries = [
        f"{_date(one)} {_flag(one)} {_string(_name(one))} {_string(f'receipt {one.receipt_id}')}\n"
        f"  expense: {_string(one.expense_id)}\n"
        f"  user: {_string(one.user_id)}\n"
        f"  {_account(one, categories)}  {_amount(one)}\n"
        f"  {PAID_FROM}  {_amount(one, -1)}\n"
        for one in saved
    ]
    return "\n".join(entries)


def _account(expense: StoredExpense, categories: Categories) -> str:
    category = categories.of(expense.merchant)
    return f"Expenses:{category}" if category else SPENT


def _date(expense: StoredExpense) -> dt.date:
    return expense.date if _is_date_known(expense) and expense.date else expense.created_at.date()


def _is_date_known(expense: StoredExpense) -> bool:
    return expense.date is not None and expense.date.year in _YEARS


def _flag(expense: StoredExpense) -> str:
    is_sure = expense.merchant and _is_date_known(expense) and not expense.unconfirmed
    return "*" if is_sure else "!"


def _name(expense: StoredExpense) -> str:
    return " ".join(_CONTROL.sub(" ", expense.merchant or "").split()) or UNKNOWN


def _payee(expense: StoredExpense) -> str:
    """Return a name in which nothing begins a note, a code or a state of the transaction."""
    plain = _name(expense).translate(str.maketrans(";|", ",/"))
    return re.sub(r"^[(*!=\s]+", "", plain) or UNKNOWN


def _string(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _amount(expense: StoredExpense, sign: int = 1) -> str:
    amount = amount_as_text(sign * expense.total_cents, expense.currency)
    return f"{amount} {expense.currency}"
