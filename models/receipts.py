"""Receipts: input, messages, status and result, and what their activities exchange."""

import datetime as dt
from enum import StrEnum
from typing import Annotated

from pydantic import AwareDatetime, Field, StringConstraints

from models.base import (
    Cents,
    CurrencyCode,
    EmailAddress,
    Identifier,
    MerchantName,
    Model,
    ShortText,
    UserId,
)


class StoredObject(Model):
    """Where a receipt's bytes are: the input of ``extract_text``."""

    object_key: str


class TextLine(Model):
    """One line as OCR saw it.

    ``box`` is left, top, right, bottom in pixels of the upright page; ``page`` counts from 0.
    """

    text: str
    box: tuple[int, int, int, int]
    confidence: float
    page: int = 0


class TextPage(Model):
    """One page as it was read; ``width`` and ``height`` are pixels of the upright page.

    ``rotation`` says by how many degrees counter-clockwise the picture was turned to stand
    upright, ``skew_degrees`` by how much its lines still fall to the right.
    """

    width: int
    height: int
    rotation: int = 0
    skew_degrees: float = 0.0


class ReceiptText(TextPage):
    """What OCR read: the result of ``extract_text`` and the input of ``parse_receipt``.

    ``lines`` is capped so that a history stays far below Temporal's 2 MiB payload limit. The
    page that it describes itself is the first; ``pages`` lists all, where a document has pages.
    ``object_key`` is where the picture is, for parsers that look at it themselves.
    """

    lines: tuple[TextLine, ...]
    engine: str
    pages: tuple[TextPage, ...] = ()
    object_key: str | None = None


class FieldReading(Model):
    """How sure the parser is of one field (0 to 1) and where on the image it stands."""

    confidence: float
    box: tuple[int, int, int, int] | None = None
    page: int = 0


class LineItem(Model):
    """One article as printed: its amount in cents, negative for what was given back."""

    description: str
    cents: int


class ReceiptFields(Model):
    """What a parser read: the result of ``parse_receipt``.

    ``total_cents`` is None only in the partial reading that a ``TotalNotFound`` carries.
    ``tax_cents`` is the tax contained in the total, where the receipt prints it.
    ``doubts`` are reasons, in words, why a person should look before it is saved.
    ``items`` are the articles that could be read, be it all or not. ``candidates`` says, by
    field, what else it may be, the likeliest first, written as a person would type it.
    """

    merchant: str | None
    total_cents: int | None
    currency: str | None
    date: dt.date | None
    tax_cents: int | None = None
    parser: str
    readings: dict[str, FieldReading] = Field(default_factory=dict)
    doubts: tuple[str, ...] = ()
    items: tuple[LineItem, ...] = ()
    candidates: dict[str, tuple[str, ...]] = Field(default_factory=dict)


class ExpenseRecord(Model):
    """One expense as it is stored, unique by receipt_id."""

    receipt_id: Identifier
    user_id: UserId
    merchant: MerchantName | None
    total_cents: Cents
    currency: CurrencyCode
    date: dt.date | None
    parser: Annotated[str, StringConstraints(max_length=64)]
    corrected_by: ShortText | None = None
    object_key: Annotated[str, StringConstraints(max_length=512)]


class ExpenseToSave(ExpenseRecord):
    """Input of ``save_expense``; ``is_distinct`` if a person said that it is no duplicate."""

    is_distinct: bool = False


class SavedExpense(Model):
    """Result of ``save_expense``: the same id however often it ran.

    With ``duplicate_of``, the receipt that is likely the same purchase, nothing was saved, and
    the id is that receipt's.
    """

    expense_id: str
    duplicate_of: str | None = None


class StoredExpense(ExpenseRecord):
    """One expense as it is listed by ``starter.py expenses``."""

    expense_id: str
    created_at: AwareDatetime


class Receipt(Model):
    """A stored photo or scan and whose it is: the input of ``ReceiptWorkflow``."""

    receipt_id: Identifier
    user_id: UserId
    object_key: Annotated[str, StringConstraints(min_length=1, max_length=512)]
    notify_email: EmailAddress | None = None


class Correction(Model):
    """What a person read from a receipt: the update and the signal named ``correction``.

    Fields left out keep what was read by the parser.
    """

    total_cents: Annotated[int, Field(strict=True, ge=1, le=99_999_999_999)]
    merchant: MerchantName | None = None
    date: dt.date | None = None
    currency: CurrencyCode | None = None
    corrected_by: ShortText = "unknown"


class ReceiptStep(StrEnum):
    """The steps of a receipt, in the order in which they run."""

    TEXT = "text"
    FIELDS = "fields"
    RECORD = "record"
    TELL = "tell"


class ReceiptStatus(StrEnum):
    """Where a receipt stands. The last three are final."""

    RUNNING = "running"
    NEEDS_REVIEW = "needs_review"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"


class ReceiptResult(Model):
    """How a receipt ended: the result of ``ReceiptWorkflow``."""

    receipt_id: str
    status: ReceiptStatus
    expense_id: str
    merchant: str | None
    total_cents: int
    currency: str
    date: dt.date | None
    parser: str
    corrected_by: str | None = None
    user_told: bool
    not_told_because: str | None = None


class ReceiptState(Model):
    """Answer of the query ``status`` of ``ReceiptWorkflow``, at any time, also after the end."""

    receipt_id: str
    user_id: str
    object_key: str
    status: ReceiptStatus
    step: ReceiptStep
    waiting_for: str | None
    waiting_until: AwareDatetime | None
    reason: str | None
    fields: ReceiptFields | None
    expense_id: str | None
    started_at: AwareDatetime
    elapsed_seconds: float
