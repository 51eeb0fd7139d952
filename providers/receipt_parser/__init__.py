"""Parsing: the fields of a receipt, from its text or from its picture."""

from collections.abc import Sequence
from typing import Protocol

from models import ReceiptFields, ReceiptText


class ReceiptParser(Protocol):
    """Finds merchant, date, total and currency of a receipt."""

    @property
    def is_metered(self) -> bool:
        """Whether an answer costs money, as a language model's does."""
        ...

    async def parse(self, text: ReceiptText, known_merchants: Sequence[str] = ()) -> ReceiptFields:
        """Return the fields, with doubts in words for a person to check.

        Amounts are in minor units. ``known_merchants`` are names that the receipt's user has
        confirmed before, the last confirmed first. Raises TotalNotFound (with the other fields as
        ``partial``), LanguageModelRefused, LanguageModelMisconfigured, or a retryable error.
        """
        ...
