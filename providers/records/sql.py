"""Expenses and sent mails in SQLite or PostgreSQL.

A step that runs twice, in one process or in two, finds the row of its first run and adds none.
"""

import datetime as dt
import hashlib
import re
from collections.abc import AsyncIterator, Iterator, Sequence
from typing import Any

from pydantic import ValidationError
from sqlalchemy import Executable, select
from sqlalchemy.engine import RowMapping
from sqlalchemy.exc import DataError, IntegrityError

from models import (
    ExpenseRecord,
    ExpenseToSave,
    PurchaseDetails,
    SavedExpense,
    StoredExpense,
    outdated_details,
)
from providers.errors import InvalidExpense
from providers.records.database import Database
from providers.records.duplicates import first_like
from providers.records.engines import first_line
from providers.records.merchants import confirmation, confirmed_merchants
from providers.records.tables import (
    EXPENSE_DETAILS,
    EXPENSES,
    SENT_MAILS,
    UNCONFIRMED,
)

_KEPT_BY_UPDATES = frozenset({"expense_id", "receipt_id", "user_id", "created_at"})


_PRIMARY_KEY = "expenses_pkey"
"""PostgreSQL's name for it."""


class _Raced(Exception):
    """Another process inserts the same receipt at the same time.

    Where two unique keys say the same, as here the expense's id and the receipt's, PostgreSQL
    waits at the one that ON CONFLICT names, and may meet the other first.
    """


class SqlRecords(Database):
    """``ExpenseRecords`` and ``SentMailRecords`` in one database.

    Other records of the same database may share its connections.
    """

    async def save(self, expense: ExpenseToSave) -> SavedExpense:
        """Insert the expense, or update the row of the same receipt, which keeps its id.

        An update replaces every field except the ids, the user and the time of creation. For
        likely duplicates see ``ExpenseRecords.save``. Raises InvalidExpense for a value that the
        table cannot store and for a receipt whose row is another user's, and ProviderUnavailable.
        """
        try:
            return await self._save(expense)
        except _Raced:
            return await self._save(expense)  # now the other's row is there

    async def _save(self, expense: ExpenseToSave) -> SavedExpense:
        values = _checked(expense)
        statement = self.insert(EXPENSES).values(
            expense_id=_expense_id(expense.receipt_id), created_at=dt.datetime.now(dt.UTC), **values
        )
        statement = statement.on_conflict_do_update(
            index_elements=["receipt_id"],
            set_={name: statement.excluded[name] for name in values.keys() - _KEPT_BY_UPDATES},
            where=EXPENSES.c.user_id == statement.excluded.user_id,
        )
        details = _details_of(expense)
        try:
            async with self.transaction("save an expense") as connection:
                if first := await first_like(connection, EXPENSES, expense):
                    return first
                answer = await connection.execute(statement.returning(EXPENSES.c.expense_id))
                expense_id = answer.scalar_one_or_none()
                if expense_id is not None:
                    for row in self._beside(expense_id, expense, details):
                        await connection.execute(row)
        except (DataError, IntegrityError) as error:
            if isinstance(error, IntegrityError) and _PRIMARY_KEY in first_line(error):
                raise _Raced from error
            raise InvalidExpense(
                f"the table of expenses refuses receipt {expense.receipt_id}: {first_line(error)}"
            ) from error
        if expense_id is None:
            raise InvalidExpense(
                f"receipt {expense.receipt_id} is an expense of another user, which stays as it is"
            )
        return SavedExpense(expense_id=expense_id)

    def _beside(
        self, expense_id: str, expense: ExpenseToSave, details: dict[str, Any]
    ) -> Iterator[Executable]:
        """Yield what writes the rows that lie beside that of an expense."""
        if expense.unconfirmed:
            yield self._unconfirmed(expense_id, expense.unconfirmed)
        if details:
            yield self._details(expense_id, details)
        if expense.is_merchant_confirmed:
            yield confirmation(self, expense_id)

    def _unconfirmed(self, expense_id: str, fields: str) -> Executable:
        row = {"expense_id": expense_id, "unconfirmed": fields}
        return self.insert(UNCONFIRMED).values(row).on_conflict_do_nothing()

    def _details(self, expense_id: str, details: dict[str, Any]) -> Executable:
        statement = self.insert(EXPENSE_DETAILS).values(expense_id=expense_id, details=details)
        return statement.on_conflict_do_update(
            index_elements=["expense_id"], set_={"details": statement.excluded["details"]}
        )

    async def confirmed_merchants(self, user_id: str) -> Sequence[str]:
        """Return the names that people confirmed; see ``ExpenseRecords.confirmed_merchants``."""
        return await confirmed_merchants(self, user_id)

    async def list(self, user_id: str | None = None) -> list[StoredExpense]:
        """Return the expenses of one user, or of all, as their runs saved them, oldest first.

        They have no details, which nobody compares. Times are in UTC. Raises ProviderUnavailable.
        """
        query = select(EXPENSES).order_by(EXPENSES.c.created_at, EXPENSES.c.expense_id)
        if user_id is not None:
            query = query.where(EXPENSES.c.user_id == user_id)
        async with self.transaction("list expenses") as connection:
            rows = (await connection.execute(query)).mappings().all()
        return [stored(row) for row in rows]

    async def saved(self) -> AsyncIterator[Sequence[StoredExpense]]:
        """Yield all expenses as their runs saved them; see ``ExpenseRecords.saved``."""
        async for page in self.pages("list expenses", EXPENSES.c.expense_id):
            yield [stored(row) for row in page]

    async def find(self, idempotency_key: str) -> str | None:
        """Return the Message-ID of the mail sent under this key, or None if there was none.

        Raises ProviderUnavailable.
        """
        query = select(SENT_MAILS.c.message_id).where(
            SENT_MAILS.c.idempotency_key == idempotency_key
        )
        async with self.transaction("look for a sent mail") as connection:
            found: str | None = (await connection.execute(query)).scalar_one_or_none()
        return found

    async def sent_keys(self) -> AsyncIterator[Sequence[str]]:
        """Yield the idempotency keys of all sent mails; raises ProviderUnavailable."""
        async for page in self.pages("list sent mails", SENT_MAILS.c.idempotency_key):
            yield [row["idempotency_key"] for row in page]

    async def add(self, idempotency_key: str, message_id: str) -> None:
        """Record that the mail of this key was sent; adding it again keeps the first record.

        Raises ProviderUnavailable.
        """
        statement = self.insert(SENT_MAILS).values(
            idempotency_key=idempotency_key,
            message_id=message_id,
            sent_at=dt.datetime.now(dt.UTC),
        )
        async with self.transaction("record a sent mail") as connection:
            await connection.execute(statement.on_conflict_do_nothing())


_NOT_STORABLE = re.compile("[\\0\\ud800-\\udfff]")


def _expense_id(receipt_id: str) -> str:
    """Return the expense's id, which depends only on the receipt's id."""
    return f"exp_{hashlib.sha256(receipt_id.encode()).hexdigest()[:16]}"


def _checked(expense: ExpenseRecord) -> dict[str, Any]:
    """Return the values by column; raises InvalidExpense, because SQLite would store anything."""
    values = expense.model_dump(warnings=False, include=set(ExpenseRecord.model_fields))
    try:
        ExpenseRecord.model_validate(values)
    except ValidationError as error:
        wrong = "; ".join(f"{fault['loc'][0]}: {fault['msg']}" for fault in error.errors())
        raise InvalidExpense(f"receipt {expense.receipt_id} cannot be saved: {wrong}") from error
    for name, value in values.items():
        if isinstance(value, str) and _NOT_STORABLE.search(value):
            raise InvalidExpense(
                f"receipt {expense.receipt_id} cannot be saved: {name} contains a NUL "
                "character, or half of one"
            )
    return values


def _details_of(expense: PurchaseDetails) -> dict[str, Any]:
    """Return the details that are known, as JSON."""
    names = set(PurchaseDetails.model_fields)
    return expense.model_dump(mode="json", include=names, exclude_defaults=True, warnings=False)


def stored(row: RowMapping) -> StoredExpense:
    """Return an expense of a row, with its details, as far as no edit has made them wrong.

    ``saved_total_cents`` and ``saved_currency`` are those before an edit.
    """
    details = dict(row.get("details") or {})
    if details:
        before = (row.get("saved_total_cents"), row.get("saved_currency", row["currency"]))
        details |= outdated_details(*before, row["total_cents"], row["currency"])
    # Written in UTC; PostgreSQL returns the time zone, SQLite drops it.
    created_at = row["created_at"].replace(tzinfo=dt.UTC)
    return StoredExpense.model_validate({**row, **details, "created_at": created_at})
