"""Expenses as CSV for the data importer of Firefly III.

Each column is named by the role that the importer is to give it. What was spent is negative there:
a withdrawal from the account that the importer is told; the total of a refund is a deposit.
"""

import csv
from collections.abc import Sequence
from decimal import Decimal
from typing import TextIO

from models import StoredExpense, amount_as_text
from service.categories import Categories
from service.expenses import safe_cell
from service.exports.journals import NO_CATEGORIES

ROLES = (
    *("date_transaction", "amount", "currency-code", "description", "opposing-name"),
    *("external-id", "internal_reference", "tags-comma", "category-name"),
)


def write_firefly(
    saved: Sequence[StoredExpense],
    file: TextIO,
    categories: Categories = NO_CATEGORIES,
    with_head: bool = True,
) -> None:
    """Write a row an expense; a date that is not known is the day when it was saved."""
    writer = csv.writer(file)
    if with_head:
        writer.writerow(ROLES)
    for one in saved:
        spent = Decimal(amount_as_text(-one.total_cents, one.currency))
        what = "Refund" if one.total_cents < 0 else "Receipt"
        row = (
            (one.date or one.created_at.date()).isoformat(),
            spent,
            one.currency,
            f"{what} from {one.merchant}" if one.merchant else what,
            one.merchant or "",
            one.expense_id,
            one.receipt_id,
            one.user_id,
            categories.of(one.merchant) or "",
        )
        writer.writerow(safe_cell(cell) for cell in row)
