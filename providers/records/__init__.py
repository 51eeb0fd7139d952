"""Records: the saved expenses, and which mails were sent."""

from typing import Protocol

from models import ExpenseToSave, SavedExpense, StoredExpense


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

    async def list(self, user_id: str | None = None) -> list[StoredExpense]:
        """Return the expenses of one user, or of all, oldest first; raises a retryable error."""
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

    async def sent_keys(self) -> frozenset[str]:
        """Return the idempotency keys of all sent mails; raises ProviderUnavailable."""
        ...
