"""The names of merchants that people have confirmed, so that the next receipt is read by them.

Only that a name was confirmed is stored: the name is that of the expense as it is now. So an
expense that is edited, cleared or deleted teaches nothing that somebody has taken back.
"""

from collections.abc import Sequence

from sqlalchemy import Executable, case, false, func, or_, select

from providers.records import MOST_KNOWN_MERCHANTS
from providers.records.database import Database
from providers.records.tables import CONFIRMED_MERCHANTS, EXPENSE_EDITS, EXPENSES


def confirmation(database: Database, expense_id: str) -> Executable:
    """Return what notes that a person has named the merchant of an expense."""
    noted = database.insert(CONFIRMED_MERCHANTS).values(expense_id=expense_id)
    return noted.on_conflict_do_nothing()


async def confirmed_merchants(database: Database, user_id: str) -> Sequence[str]:
    """Return the names on a user's expenses; see ``ExpenseRecords.confirmed_merchants``."""
    edits, saved = EXPENSE_EDITS.c, EXPENSES.c
    is_edited = edits.expense_id.is_not(None)
    name = case((is_edited, edits.merchant), else_=saved.merchant).label("name")
    is_confirmed = or_(
        CONFIRMED_MERCHANTS.c.expense_id.is_not(None),
        # Also where nobody noted it: it was edited before there were notes.
        is_edited & edits.merchant.is_distinct_from(saved.merchant),
    )
    last = func.max(func.coalesce(edits.edited_at, saved.created_at))
    query = (
        select(name)
        .select_from(
            EXPENSES.outerjoin(EXPENSE_EDITS, saved.expense_id == edits.expense_id).outerjoin(
                CONFIRMED_MERCHANTS, saved.expense_id == CONFIRMED_MERCHANTS.c.expense_id
            )
        )
        .where(
            saved.user_id == user_id,
            name.is_not(None),
            is_confirmed,
            func.coalesce(edits.is_deleted, false()).is_(false()),
        )
        .group_by(name)
        .order_by(last.desc(), name)
        .limit(MOST_KNOWN_MERCHANTS)
    )
    async with database.transaction("look up confirmed merchants") as connection:
        names: Sequence[str] = (await connection.execute(query)).scalars().all()
    return names
