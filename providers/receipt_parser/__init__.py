"""Parsing: the fields of a receipt from its text."""

from typing import Protocol

from models import ReceiptFields, ReceiptText


class ReceiptParser(Protocol):
    """Who finds merchant, date, total and currency in a receipt's text."""

    @property
    def is_metered(self) -> bool:
        """Whether an answer costs money, as a model's does."""
        ...

    async def parse(self, text: ReceiptText) -> ReceiptFields:
        """Give the fields, with reasons for doubt in words.

        Raises TotalNotFound (which carries what else was read), LanguageModelRefused,
        LanguageModelMisconfigured, or one of the errors worth retrying.
        """
        ...
