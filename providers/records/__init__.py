"""Records in SQL: expenses, and which mails were sent."""

from typing import Protocol

from models import ExpenseToSave, SavedExpense, StoredExpense


class ExpenseRecords(Protocol):
    """Where expenses are kept."""

    async def save(self, expense: ExpenseToSave) -> SavedExpense:
        """Insert the expense, or update the row of the same receipt: one row, the same id.

        A new one that looks like an expense of the same user is not saved unless it
        ``is_distinct``; the answer names that expense. Of two at once, one is saved.
        Raises InvalidExpense, or one of the errors worth retrying.
        """
        ...

    async def list(self, user_id: str | None = None) -> list[StoredExpense]:
        """Give the expenses, oldest first, of one user or of all."""
        ...


class SentMailRecords(Protocol):
    """Which mails left, by idempotency key."""

    async def find(self, idempotency_key: str) -> str | None:
        """Give the Message-ID that was sent under this key, or None."""
        ...

    async def add(self, idempotency_key: str, message_id: str) -> None:
        """Remember that the mail of this key left; adding it twice is no error."""
        ...

    async def sent_keys(self) -> frozenset[str]:
        """Return the keys of all mails that left."""
        ...
