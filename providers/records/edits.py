"""The expenses as people see them: what their runs saved, with what somebody has changed since.

An edit lies over the row that a run saved and never replaces it: a run that saves its expense once
more undoes no edit, and brings back nothing that was deleted.
"""

import datetime as dt
from collections.abc import AsyncIterator, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, case, false, func, null, select, tuple_
from sqlalchemy.engine import RowMapping
from sqlalchemy.exc import DataError, IntegrityError

from models import ExpenseEdit, StoredExpense
from providers.errors import InvalidExpense
from providers.records.database import Database
from providers.records.engines import first_line
from providers.records.merchants import confirmation
from providers.records.sql import stored
from providers.records.tables import (
    EXPENSE_DETAILS,
    EXPENSE_EDITS,
    EXPENSES,
    UNCONFIRMED,
)

Rows = list[StoredExpense]

_EDITED = ("merchant", "total_cents", "currency", "date")
_IS_EDITED = EXPENSE_EDITS.c.expense_id.is_not(None)
_ORDER = (EXPENSES.c.created_at, EXPENSES.c.expense_id)


class SqlExpenseBook:
    """``ExpenseBook`` in a database, which others may use too, and close."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def list(self, user_id: str | None = None) -> Rows:
        """Return the expenses of one user, or of all, oldest first.

        Raises ProviderUnavailable.
        """
        return await self._read(_of(user_id))

    async def page(
        self, user_id: str | None, limit: int, after: str | None
    ) -> Sequence[StoredExpense] | None:
        """Return at most ``limit`` expenses, oldest first, that follow the one with an id.

        None if that is no expense of the user; one that was deleted meanwhile is. Raises
        ProviderUnavailable.
        """
        query = _of(user_id).limit(limit)
        if after is None:
            return await self._read(query)
        last = select(*_ORDER).where(EXPENSES.c.expense_id == after)
        if user_id is not None:
            last = last.where(EXPENSES.c.user_id == user_id)
        async with self._database.transaction("look up an expense") as connection:
            if (await connection.execute(last)).first() is None:
                return None
        return await self._read(query.where(tuple_(*_ORDER) > last.scalar_subquery()))

    async def find(self, expense_id: str) -> StoredExpense | None:
        """Return an expense that is not deleted, or None; raises ProviderUnavailable."""
        found = await self._read(_of(None).where(EXPENSES.c.expense_id == expense_id))
        return next(iter(found), None)

    async def receipts(self, user_id: str) -> Sequence[str]:
        """Return the ids of a user's receipts that were saved; raises ProviderUnavailable."""
        query = select(EXPENSES.c.receipt_id).where(EXPENSES.c.user_id == user_id)
        rows = await self._database.read("list receipts", query)
        return [row["receipt_id"] for row in rows]

    async def edit_of(self, expense_id: str) -> ExpenseEdit | None:
        """Return the last edit of an expense, also a deletion, or None.

        Raises ProviderUnavailable.
        """
        query = select(EXPENSE_EDITS).where(EXPENSE_EDITS.c.expense_id == expense_id)
        async with self._database.transaction("read an edit") as connection:
            row = (await connection.execute(query)).mappings().first()
        return None if row is None else _as_edit(row)

    async def edits(self) -> AsyncIterator[Sequence[ExpenseEdit]]:
        """Yield the last edit of every expense that has one; raises ProviderUnavailable."""
        async for page in self._database.pages("read the edits", EXPENSE_EDITS.c.expense_id):
            yield [_as_edit(row) for row in page]

    async def edit(self, edit: ExpenseEdit) -> None:
        """Lay an edit over an expense, in place of an earlier one; one that is deleted stays so.

        Raises InvalidExpense for what the table cannot store, and ProviderUnavailable.
        """
        values = edit.model_dump(exclude={"is_merchant_confirmed"})
        values["edited_at"] = edit.edited_at.astimezone(dt.UTC)
        statement = self._database.insert(EXPENSE_EDITS).values(values)
        statement = statement.on_conflict_do_update(
            index_elements=["expense_id"],
            set_={name: statement.excluded[name] for name in values.keys() - {"expense_id"}},
            where=EXPENSE_EDITS.c.is_deleted.is_(false()),
        )
        try:
            async with self._database.transaction("edit an expense") as connection:
                await connection.execute(statement)
                if edit.is_merchant_confirmed:
                    await connection.execute(confirmation(self._database, edit.expense_id))
        except (DataError, IntegrityError) as error:
            raise InvalidExpense(
                f"the table of edits refuses expense {edit.expense_id}: {first_line(error)}"
            ) from error

    async def _read(self, query: Select[Any]) -> Rows:
        async with self._database.transaction("list expenses") as connection:
            rows = (await connection.execute(query)).mappings().all()
        return [stored(row) for row in rows]


def _as_edit(row: RowMapping) -> ExpenseEdit:
    # Written in UTC; PostgreSQL returns the time zone, SQLite drops it.
    edited_at = row["edited_at"].replace(tzinfo=dt.UTC)
    return ExpenseEdit.model_validate({**row, "edited_at": edited_at})


def _of(user_id: str | None) -> Select[Any]:
    """Return the query of the expenses that are not deleted, with their edits over them."""
    columns: dict[str, ColumnElement[Any]] = {column.name: column for column in EXPENSES.c}
    for name in _EDITED:
        columns[name] = _laid_over(name, name)
    columns["corrected_by"] = _laid_over("edited_by", "corrected_by")
    columns["unconfirmed"] = case((_IS_EDITED, null()), else_=UNCONFIRMED.c.unconfirmed).label(
        "unconfirmed"
    )
    columns["details"] = EXPENSE_DETAILS.c.details
    for name in ("total_cents", "currency"):
        columns[f"saved_{name}"] = EXPENSES.c[name].label(f"saved_{name}")
    is_of_it = EXPENSES.c.expense_id == EXPENSE_EDITS.c.expense_id
    query = (
        select(*columns.values())
        .select_from(
            EXPENSES.outerjoin(EXPENSE_EDITS, is_of_it)
            .outerjoin(UNCONFIRMED, EXPENSES.c.expense_id == UNCONFIRMED.c.expense_id)
            .outerjoin(EXPENSE_DETAILS, EXPENSES.c.expense_id == EXPENSE_DETAILS.c.expense_id)
        )
        .where(func.coalesce(EXPENSE_EDITS.c.is_deleted, false()).is_(false()))
        .order_by(*_ORDER)
    )
    return query if user_id is None else query.where(EXPENSES.c.user_id == user_id)


def _laid_over(edited: str, saved: str) -> Any:
    return case((_IS_EDITED, EXPENSE_EDITS.c[edited]), else_=EXPENSES.c[saved]).label(saved)
