"""Reading the text of a receipt: the computation that every parser needs, in one place.

What strangers print decides how long it takes, so a worker lets it run in a process that can be
stopped (``confined_reading``). ``InProcess`` is for tests and tools.
"""

from collections.abc import Mapping
from typing import Any, Literal, Protocol

from config import Settings
from models import Model, ReceiptFields, ReceiptText
from providers.receipt_parser.model_answer import ModelAnswer, checked_fields
from providers.receipt_parser.receipt_rules import RulesParser
from providers.receipt_parser.receipt_rules.merchants.known import KnownMerchants
from providers.receipt_parser.receipt_rules.rows import group_rows


class Question(Model):
    """What to do with a text.

    ``rows`` groups its lines, ``rules`` finds the fields, ``witness`` checks a model's ``answer``
    and ``textract`` the ``documents`` of Textract. The defaults are those of the settings, and
    ``known_merchants`` the names that the receipt's user has confirmed.
    """

    what: Literal["rows", "rules", "witness", "textract"]
    text: ReceiptText
    parser: str = ""
    answer: Mapping[str, str | None] | None = None
    documents: tuple[tuple[int, Mapping[str, Any]], ...] = ()
    known_merchants: tuple[str, ...] = ()
    default_currency: str | None = None
    default_date_order: Literal["day-first", "month-first"] | None = None

    def with_defaults_of(self, settings: Settings) -> "Question":
        """Return the question with the settings that reading goes by."""
        return self.model_copy(
            update={
                "default_currency": settings.default_currency,
                "default_date_order": settings.default_date_order,
            }
        )


class Read(Model):
    """What became of it: the fields, or the words of the rows."""

    fields: ReceiptFields | None = None
    rows: tuple[str, ...] = ()


class TextReading(Protocol):
    """Answers questions about the text of a receipt."""

    async def ask(self, question: Question) -> Read:
        """Return the answer; raises TotalNotFound, UnexpectedAnswer or ProviderUnavailable."""
        ...

    async def close(self) -> None:
        """Stop what the reading needs."""
        ...


class InProcess:
    """``TextReading`` in this process, which it holds up for as long as it takes."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    async def ask(self, question: Question) -> Read:
        """Return the answer; see ``TextReading.ask``."""
        return answer_to(question.with_defaults_of(self._settings))

    async def close(self) -> None:
        """Do nothing."""


def answer_to(question: Question) -> Read:
    """Return the answer; raises TotalNotFound or UnexpectedAnswer."""
    # Without a look at the environment, which may hold keys.
    settings = Settings.model_construct(
        default_currency=question.default_currency,
        default_date_order=question.default_date_order,
    )
    text, known = question.text, KnownMerchants(question.known_merchants)
    if question.what == "rows":
        return Read(rows=tuple(row.text for row in group_rows(text)))
    if question.what == "rules":
        return Read(fields=RulesParser(settings).read(text, known))
    if question.what == "witness":
        said = ModelAnswer.model_validate(question.answer)
        rows = group_rows(text)
        return Read(fields=checked_fields(said, rows, question.parser, settings, known))
    from providers.receipt_parser.textract_fields import fields_of

    return Read(fields=fields_of(list(question.documents), text, settings, known))


async def fields_by(reading: TextReading, question: Question) -> ReceiptFields:
    """Return the fields that answer a question about them."""
    read = await reading.ask(question)
    assert read.fields is not None, f"{question.what} has fields"
    return read.fields
