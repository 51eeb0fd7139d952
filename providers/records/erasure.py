"""Erase a person from the records, in SQLite or PostgreSQL, and leave the books whole.

Their expenses go. Their orders stay, with every amount and id, and name nobody; so do the rows of
the log of actions, which say that something was done, and no longer by whom or to whose receipt.
"""

from collections.abc import Iterator

from sqlalchemy import ColumnElement, Select, delete, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.dml import Delete, Update

from models import ERASED, ERASED_EMAIL, PersonalRecords
from providers.records.database import Database
from providers.records.tables import (
    ACCESS_KEYS,
    ACTION_LOG,
    CONFIRMED_MERCHANTS,
    EXPENSE_DETAILS,
    EXPENSE_EDITS,
    EXPENSES,
    ORDERS,
    SENT_MAILS,
    UNCONFIRMED,
)

_BESIDE_EXPENSES = (UNCONFIRMED, EXPENSE_DETAILS, CONFIRMED_MERCHANTS, EXPENSE_EDITS)
_AT_A_TIME = 200
"""Subjects, or keys of mails, that one statement names."""


class SqlPersonalRecords:
    """``PersonalRecordsOf`` in a database, which others may use too. They close it."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def find(self, user_id: str) -> PersonalRecords:
        """Count what there is of a person; raises ProviderUnavailable."""
        async with self._database.transaction("look up a person") as connection:
            return await _found(connection, user_id)

    async def erase(self, user_id: str, receipts: frozenset[str]) -> PersonalRecords:
        """Erase it, all or nothing, and return what there was; raises ProviderUnavailable.

        ``receipts`` are the workflow ids of the person's receipts.
        """
        async with self._database.transaction("erase a person") as connection:
            found = await _found(connection, user_id)
            theirs = EXPENSES.c.user_id == user_id
            expenses = select(EXPENSES.c.expense_id).where(theirs)
            subjects = {*receipts, *(await connection.execute(expenses)).scalars()}
            await _erase_orders(connection, user_id)
            for statement in (
                *_changes(user_id, subjects),
                *_deletions(user_id, expenses),
                *_mails_of(receipts),
            ):
                await connection.execute(statement)
            await connection.execute(delete(EXPENSES).where(theirs))
            return found


async def _found(connection: AsyncConnection, user_id: str) -> PersonalRecords:
    async def count(condition: ColumnElement[bool]) -> int:
        counted = await connection.execute(select(func.count()).where(condition))
        number: int = counted.scalar_one()
        return number

    theirs = EXPENSES.c.user_id == user_id
    keys = select(EXPENSES.c.object_key).where(theirs).distinct()
    objects = (await connection.execute(keys.order_by(EXPENSES.c.object_key))).scalars()
    of_others = (
        select(EXPENSES.c.object_key)
        .where(EXPENSES.c.object_key.in_(keys), EXPENSES.c.user_id != user_id)
        .distinct()
    )
    return PersonalRecords(
        user_id=user_id,
        expenses=await count(theirs),
        orders=await count(ORDERS.c.customer_id == user_id),
        submitted_orders=await count(_submitted_by(user_id)),
        actions=await count(ACTION_LOG.c.who == user_id),
        access_keys=await count(ACCESS_KEYS.c.name == user_id),
        objects=tuple(objects),
        shared_objects=tuple((await connection.execute(of_others)).scalars()),
    )


def _submitted_by(user_id: str) -> ColumnElement[bool]:
    said: ColumnElement[str] = ORDERS.c.content["submitted_by"].as_string()
    return said == user_id


async def _erase_orders(connection: AsyncConnection, user_id: str) -> None:
    """Name nobody in the content of the orders of a person, and in those they submitted."""
    row = ORDERS.c
    theirs = select(row.order_id, row.customer_id, row.content).where(
        or_(row.customer_id == user_id, _submitted_by(user_id))
    )
    for order in (await connection.execute(theirs)).mappings().all():
        content = dict(order["content"])
        if content.get("submitted_by") == user_id:
            content["submitted_by"] = ERASED
        customer_id = order["customer_id"]
        if customer_id == user_id:
            customer_id = ERASED
            content |= {"customer_id": ERASED, "customer_email": ERASED_EMAIL}
        await connection.execute(
            update(ORDERS)
            .where(row.order_id == order["order_id"])
            .values(customer_id=customer_id, content=content)
        )


def _changes(user_id: str, subjects: set[str]) -> Iterator[Update]:
    """Yield what names nobody in rows that stay."""
    rows = ACTION_LOG.c
    erased = {"subject": ERASED, "before": None, "after": None, "outcome": ERASED}
    listed = sorted(subjects)
    for first in range(0, len(listed), _AT_A_TIME):
        about_them = rows.subject.in_(listed[first : first + _AT_A_TIME])
        yield update(ACTION_LOG).where(about_them).values(erased)
    # Whoever edits is compared with the log: both are renamed, or the audit would miss a row.
    yield update(ACTION_LOG).where(rows.who == user_id).values(who=ERASED)
    edits = EXPENSE_EDITS.c
    yield update(EXPENSE_EDITS).where(edits.edited_by == user_id).values(edited_by=ERASED)
    corrected = EXPENSES.c.corrected_by
    yield update(EXPENSES).where(corrected == user_id).values(corrected_by=ERASED)


def _deletions(user_id: str, expenses: Select[tuple[str]]) -> Iterator[Delete]:
    for table in _BESIDE_EXPENSES:
        yield delete(table).where(table.c.expense_id.in_(expenses))
    yield delete(ACCESS_KEYS).where(ACCESS_KEYS.c.name == user_id)


def _mails_of(receipts: frozenset[str]) -> Iterator[Delete]:
    """Yield what deletes the keys of mails about receipts, which begin with the workflow id."""
    listed = sorted(receipts)
    for first in range(0, len(listed), _AT_A_TIME):
        keys = [
            SENT_MAILS.c.idempotency_key.startswith(f"{workflow_id}:", autoescape=True)
            for workflow_id in listed[first : first + _AT_A_TIME]
        ]
        yield delete(SENT_MAILS).where(or_(*keys))
