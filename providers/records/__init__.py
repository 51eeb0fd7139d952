"""Records: expenses, sent mails, how orders ended, access keys, and what people did."""

import datetime as dt
import hashlib
from collections.abc import AsyncIterator, Collection, Sequence
from dataclasses import dataclass
from typing import Protocol

from pydantic import JsonValue

from models import (
    AccessKey,
    ActionLogEntry,
    ActionToLog,
    ArchivedOrder,
    ArchiveReceipt,
    ExpenseEdit,
    ExpenseToSave,
    Order,
    OrderStatus,
    OrderToArchive,
    PersonalRecords,
    SavedExpense,
    StoredAccessKey,
    StoredExpense,
)

MOST_KNOWN_MERCHANTS = 500
"""Names of merchants that are known of a user: what a receipt is compared with has a limit."""


@dataclass(frozen=True)
class SchemaState:
    """Where the schema of a database stands.

    ``where`` names the database, ``found`` is its revision (None if it has none of our tables), and
    ``known`` are those that this version knows, oldest first.
    """

    where: str
    found: str | None
    known: Sequence[str]

    @property
    def newest(self) -> str:
        """The revision that this version needs."""
        return self.known[-1]

    @property
    def is_older(self) -> bool:
        """Whether it must be migrated before this version can use it."""
        return self.found is None or self.found in self.known[:-1]

    @property
    def is_newer(self) -> bool:
        """Whether a later version has migrated it."""
        return not self.is_older and self.found != self.newest

    def __str__(self) -> str:
        """Where it stands, and what to do if it is behind or ahead."""
        at = f"the database {self.where} has " + (
            "no tables of ours" if self.found is None else f"schema {self.found}"
        )
        if self.is_older:
            return (
                f"{at}, and this version needs {self.newest}: run 'python starter.py migrate' as a "
                "role that may create tables"
            )
        if self.is_newer:
            return f"{at}, of a later version than this, up to {self.newest}"
        return at


class RecordsSchema(Protocol):
    """The schema of all records together.

    Every method raises ProviderUnavailable, and SchemaRefused if the database does not let us
    migrate it, with nothing changed.
    """

    async def schema(self) -> SchemaState:
        """Return where the database stands; a file that is older has been migrated then."""
        ...

    async def migrate(self) -> SchemaState:
        """Bring the database to the newest revision; return where it stood.

        One that is newer stays as it is.
        """
        ...


class ExpenseRecords(Protocol):
    """Stores expenses, one row per receipt."""

    async def save(self, expense: ExpenseToSave) -> SavedExpense:
        """Insert the expense, or update the row of the same receipt, which keeps its id.

        A new expense that looks like another one of the same user is not saved, unless
        ``is_distinct`` is set; the answer then names that other expense. If two such expenses
        are saved at the same time, only one is. Raises InvalidExpense, also for a receipt that is
        another user's expense, or a retryable error.
        """
        ...

    async def confirmed_merchants(self, user_id: str) -> Sequence[str]:
        """Return the names of merchants that a person has confirmed on this user's expenses.

        At most ``MOST_KNOWN_MERCHANTS``, the last confirmed first; those of deleted expenses are
        none. Raises a retryable error.
        """
        ...

    async def list(self, user_id: str | None = None) -> list[StoredExpense]:
        """Return the expenses of one user, or of all, as their runs saved them, oldest first.

        Raises a retryable error.
        """
        ...


class ExpenseLedger(ExpenseRecords, Protocol):
    """``ExpenseRecords`` that an audit can read."""

    def saved(self) -> AsyncIterator[Sequence[StoredExpense]]:
        """Yield all expenses as their runs saved them, page by page, without details.

        Raises a retryable error.
        """
        ...


class ExpenseBook(Protocol):
    """The expenses as people see and change them; raises a retryable error."""

    async def list(self, user_id: str | None = None) -> list[StoredExpense]:
        """Return the expenses of one user, or of all, oldest first, without the deleted ones."""
        ...

    async def page(
        self, user_id: str | None, limit: int, after: str | None
    ) -> Sequence[StoredExpense] | None:
        """Return at most ``limit`` expenses of one user, or of all, oldest first.

        Those that follow the one with the id ``after``; None if that is no expense of theirs.
        """
        ...

    async def find(self, expense_id: str) -> StoredExpense | None:
        """Return an expense that is not deleted, or None."""
        ...

    async def receipts(self, user_id: str) -> Sequence[str]:
        """Return the ids of a user's receipts that were saved, also of expenses deleted since."""
        ...

    async def edit_of(self, expense_id: str) -> ExpenseEdit | None:
        """Return what somebody has made of an expense, also if they deleted it, or None."""
        ...

    def edits(self) -> AsyncIterator[Sequence[ExpenseEdit]]:
        """Yield what people have made of all expenses that were edited or deleted, page by page."""
        ...

    async def edit(self, edit: ExpenseEdit) -> None:
        """Lay an edit over what a run has saved; one that is deleted stays so.

        Raises InvalidExpense for a value that cannot be stored.
        """
        ...


class SentMailRecords(Protocol):
    """Stores which mails were sent, by idempotency key."""

    async def find(self, idempotency_key: str) -> str | None:
        """Return the Message-ID of the mail sent under this key, or None if there was none.

        Raises ProviderUnavailable.
        """
        ...

    async def add(self, idempotency_key: str, message_id: str) -> None:
        """Record that the mail of this key was sent; adding it again keeps the first record.

        Raises ProviderUnavailable.
        """
        ...


class SentMailLedger(SentMailRecords, Protocol):
    """``SentMailRecords`` that an audit can read."""

    def sent_keys(self) -> AsyncIterator[Sequence[str]]:
        """Yield the keys of all sent mails, page by page; raises ProviderUnavailable."""
        ...


class OrderArchive(Protocol):
    """Stores how orders ended, one row an order, longer than Temporal remembers their runs."""

    async def archive(self, order: OrderToArchive) -> ArchiveReceipt:
        """Insert the order's row, or replace it: by a later try, or by a later end of the same.

        The end of a run that was started beside the archived one changes nothing, nor does a later
        try that failed of an order that was shipped: it is not ``written``. The payment token is
        stored as ``token_digest`` alone, beside the digests of earlier tries. Raises
        ProviderUnavailable.
        """
        ...

    async def archived(self, order_ids: Collection[str]) -> dict[str, ArchivedOrder]:
        """Return the rows of at most 10,000 order ids, by order id; raises ProviderUnavailable."""
        ...

    async def list_archived(
        self, status: OrderStatus | None = None, limit: int | None = None
    ) -> list[ArchivedOrder]:
        """Return the rows, last ended first, of all statuses or one; raises ProviderUnavailable."""
        ...


class ArchiveLedger(OrderArchive, Protocol):
    """An ``OrderArchive`` that an audit can read."""

    def all_archived(self) -> AsyncIterator[Sequence[ArchivedOrder]]:
        """Yield all rows, page by page, in the order of their ids; raises ProviderUnavailable."""
        ...


class AccessKeys(Protocol):
    """Stores access keys, and which sessions of them have ended.

    Every method raises ProviderUnavailable.
    """

    async def add(self, key: StoredAccessKey) -> None:
        """Insert a key."""
        ...

    async def find(self, key_id: str) -> StoredAccessKey | None:
        """Return the key of this id, also a revoked one; None if there is none."""
        ...

    async def revoke(self, name_or_id: str, at: dt.datetime) -> list[AccessKey]:
        """Revoke all keys of a name, or the one of an id; one that was revoked stays as it is.

        Return them all, oldest first; none if nobody has that name or id.
        """
        ...

    async def list(self) -> list[AccessKey]:
        """Return all keys, oldest first."""
        ...

    async def end_session(self, session_id: str, at: dt.datetime, lasts: dt.timedelta) -> None:
        """Note that a session has ended, until it would have ended by itself."""
        ...

    async def has_ended(self, session_id: str) -> bool:
        """Tell whether a session was noted as ended."""
        ...


class ActionLog(Protocol):
    """Stores what people did: rows are added and read, and never changed.

    Every method raises ProviderUnavailable.
    """

    async def add(self, action: ActionToLog) -> int:
        """Append a row and return its number."""
        ...

    async def list(
        self, subject: str | None = None, limit: int = 100, before_id: int | None = None
    ) -> list[ActionLogEntry]:
        """Return the rows, newest first, of one subject or all; ``before_id`` asks for older."""
        ...


class PersonalRecordsOf(Protocol):
    """What there is of one person in all records; every method raises ProviderUnavailable."""

    async def find(self, user_id: str) -> PersonalRecords:
        """Count what there is of a person, as user, customer or whoever acted."""
        ...

    async def erase(self, user_id: str, receipts: frozenset[str]) -> PersonalRecords:
        """Erase it, all or nothing, and return what there was.

        Their expenses and access keys go; orders and actions stay, and name nobody. ``receipts``
        are the workflow ids of the person's receipts.
        """
        ...


def token_digest(order: Order) -> str:
    """Return what recognises an order's payment token, and is of no use for another order."""
    token = order.payment_token.get_secret_value()
    return hashlib.sha256(f"{order.order_id}\n{token}".encode()).hexdigest()


def archived_content(order: OrderToArchive) -> dict[str, JsonValue]:
    """Return what the archive has of an order as JSON: its content without the payment token.

    And ``submitted_by``, where that is known.
    """
    fields = set(Order.model_fields) - {"payment_token"}
    if order.submitted_by is not None:
        fields.add("submitted_by")
    return order.model_dump(mode="json", include=fields)
