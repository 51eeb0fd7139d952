"""Likely duplicates: another photo of a receipt that was saved before.

The same file always belongs to the same run. Two photos of one receipt are two files, and
without this check the expense would be paid out twice.
"""

import zlib

from sqlalchemy import Table, and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from models import ExpenseToSave, SavedExpense
from providers.merchant_names import is_same_merchant

MERCHANT = "merchant"
"""That field as unconfirmed: it may be another photo's, read differently."""
_LOCK_SPACE = 1702389876
"""First key of our advisory locks: any number, but the same in every process."""


async def first_like(
    connection: AsyncConnection, expenses: Table, expense: ExpenseToSave
) -> SavedExpense | None:
    """Return the saved expense of another receipt that this one likely duplicates, or None.

    Likely means: same user, total, currency and date, and a similar merchant, or one that is
    unconfirmed. Returns None also for a receipt that was saved before, because the decision made
    then stands. Locks the user until the transaction ends, so that if two photos are saved at the
    same time, the second sees the first.
    """
    if expense.is_distinct or expense.date is None or expense.merchant is None:
        return None
    await _lock_user(connection, expense.user_id)
    columns = expenses.c
    same_purchase = and_(
        columns.user_id == expense.user_id,
        columns.total_cents == expense.total_cents,
        columns.currency == expense.currency,
        columns.date == expense.date,
    )
    found = await connection.execute(
        select(columns.expense_id, columns.receipt_id, columns.merchant)
        .where(or_(columns.receipt_id == expense.receipt_id, same_purchase))
        .order_by(columns.created_at)
    )
    rows = found.all()
    if any(row.receipt_id == expense.receipt_id for row in rows):
        return None
    is_sure = expense.unconfirmed != MERCHANT
    for row in rows:
        if not is_sure or is_same_merchant(expense.merchant, row.merchant or ""):
            return SavedExpense(expense_id=row.expense_id, duplicate_of=row.receipt_id)
    return None


async def _lock_user(connection: AsyncConnection, user_id: str) -> None:
    if connection.dialect.name == "sqlite":
        await connection.exec_driver_sql("BEGIN IMMEDIATE")
        return
    user = zlib.crc32(user_id.encode()) - 2**31  # PostgreSQL's integer is signed
    await connection.execute(select(func.pg_advisory_xact_lock(_LOCK_SPACE, user)))
