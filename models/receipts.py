"""Receipts: input, messages, status and result, and the models of their activities."""

import datetime as dt
from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import AwareDatetime, ConfigDict, Field, StringConstraints, model_validator

from models.base import (
    CleanText,
    EmailAddress,
    Identifier,
    MerchantName,
    Model,
    ShortText,
    UserId,
)
from models.money import AmountSaid, CurrencyCode, MinorUnits
from models.purchases import PurchaseDetails

MAX_TEXT_LINES = 600
MAX_LINE_CHARACTERS = 200
"""Limits of a receipt's text: together at most 0.2 MiB of a history, far below Temporal's payload
limit of 2 MiB."""

MAX_PARSER_CHARACTERS = 64


class StoredObject(Model):
    """The key of a file in the bucket: the input of ``extract_text``.

    ``page`` is the number of one of its pages, from 0; None means all of them.
    """

    object_key: str
    page: int | None = None


class TextLine(Model):
    """One line of text as OCR read it.

    ``box`` is left, top, right, bottom in pixels of the upright page. ``confidence`` is 0 to 1.
    ``page`` counts from 0.
    """

    text: CleanText
    box: tuple[int, int, int, int]
    confidence: float
    page: int = 0


class TextPage(Model):
    """One page as it was read; ``width`` and ``height`` are in pixels of the upright page.

    ``rotation`` is by how many degrees counter-clockwise the picture was turned to be upright,
    ``skew_degrees`` by how many degrees its lines still fall to the right.
    """

    width: int
    height: int
    rotation: int = 0
    skew_degrees: float = 0.0


class ReceiptText(TextPage):
    """What OCR read: the result of ``extract_text``.

    There are at most ``MAX_TEXT_LINES`` lines of ``MAX_LINE_CHARACTERS`` each. The fields of
    ``TextPage`` describe the first page; ``pages`` lists all pages of a PDF and is empty for a
    picture. ``object_key`` is for parsers that read the picture.
    """

    lines: tuple[TextLine, ...]
    engine: str
    pages: tuple[TextPage, ...] = ()
    object_key: str | None = None


class TextToParse(ReceiptText):
    """What OCR read, and whose receipt it is: the input of ``parse_receipt``."""

    user_id: UserId | None = None


class FieldReading(Model):
    """The parser's confidence in one field (0 to 1), and the field's position.

    ``box`` is left, top, right, bottom in pixels of the upright page; ``page`` counts from 0.
    """

    confidence: float
    box: tuple[int, int, int, int] | None = None
    page: int = 0


class ReceiptFields(PurchaseDetails):
    """What a parser read: the result of ``parse_receipt``.

    Amounts are in minor units of ``currency``, in hundredths if that is None.

    ``total_cents`` is None only in the ``partial`` reading of a ``TotalNotFound``.
    ``readings`` has confidence and position by field.
    ``doubts`` are reasons, in words, why a person should review the receipt before it is saved.
    ``unconfirmed`` names a field that nothing on the receipt confirms, which does not keep the
    expense from being saved because its money is proven: "merchant", or None.
    ``candidates`` has alternative values by field, the most likely first, written as a person
    would type them.
    """

    merchant: CleanText | None
    total_cents: int | None
    currency: str | None
    date: dt.date | None
    parser: CleanText
    readings: dict[str, FieldReading] = Field(default_factory=dict)
    doubts: tuple[CleanText, ...] = ()
    unconfirmed: CleanText | None = None
    candidates: dict[str, tuple[CleanText, ...]] = Field(default_factory=dict)


class ExpenseRecord(Model):
    """One expense as it is stored: one per ``receipt_id``, its total in minor units.

    The total of a refund is negative.

    ``corrected_by`` is the person who corrected the reading, or None.
    """

    receipt_id: Identifier
    user_id: UserId
    merchant: MerchantName | None
    total_cents: MinorUnits
    currency: CurrencyCode
    date: dt.date | None
    parser: Annotated[str, StringConstraints(max_length=MAX_PARSER_CHARACTERS)]
    corrected_by: ShortText | None = None
    object_key: Annotated[str, StringConstraints(max_length=512)]


class ExpenseToSave(PurchaseDetails, ExpenseRecord):
    """Input of ``save_expense``; ``is_distinct`` means a person says it is not a duplicate.

    ``unconfirmed`` is that of the fields that were read. ``is_merchant_confirmed`` means that a
    person gave the merchant's name.
    """

    is_distinct: bool = False
    unconfirmed: ShortText | None = None
    is_merchant_confirmed: bool = False


class SavedExpense(Model):
    """Result of ``save_expense``: the expense's id, the same one however often it runs.

    If ``duplicate_of`` is set, nothing was saved: it is the id of a receipt that is likely the
    same purchase, and ``expense_id`` is the id of that receipt's expense.
    """

    expense_id: str
    duplicate_of: str | None = None


class ExpenseEdit(Model):
    """What somebody has made of a saved expense, its total in minor units.

    It lies over the row that the receipt's run has saved. ``edited_at`` is in UTC.
    ``is_merchant_confirmed`` means that they gave the merchant's name, be it the same.
    """

    expense_id: str
    merchant: MerchantName | None
    total_cents: MinorUnits
    currency: CurrencyCode
    date: dt.date | None
    is_deleted: bool = False
    edited_by: ShortText
    edited_at: AwareDatetime
    is_merchant_confirmed: bool = False


class StoredExpense(PurchaseDetails, ExpenseRecord):
    """One expense as ``starter.py expenses`` lists it; ``created_at`` is in UTC.

    ``unconfirmed`` names a field that nobody has confirmed, nor the receipt itself.
    """

    expense_id: str
    created_at: AwareDatetime
    unconfirmed: str | None = None


class Receipt(Model):
    """A stored photo or scan, and the user it belongs to: the input of ``ReceiptWorkflow``."""

    receipt_id: Identifier
    user_id: UserId
    object_key: Annotated[str, StringConstraints(min_length=1, max_length=512)]
    notify_email: EmailAddress | None = None


class ReceiptTry(Receipt):
    """One try to read a receipt: the input of ``ReceiptWorkflow``.

    ``text`` is what OCR read in an earlier try; a first one is started with the ``Receipt`` alone.
    """

    model_config = ConfigDict(title="Receipt")

    text: ReceiptText | None = None


ClearableField = Literal["merchant", "date"]
"""A field that an expense may be without."""


class Correction(Model):
    """What a person read on a receipt: input of the update and the signal ``correction``.

    The total is in minor units, that of a refund negative. Fields that are left out keep the
    parser's values; those in ``clear`` are wrong, and what is right is not known.
    """

    total_cents: AmountSaid
    merchant: MerchantName | None = None
    date: dt.date | None = None
    currency: CurrencyCode | None = None
    clear: tuple[ClearableField, ...] = ()
    corrected_by: ShortText = "unknown"

    @model_validator(mode="after")
    def _says_one_thing(self) -> Self:
        for name in self.clear:
            if getattr(self, name) is not None:
                raise ValueError(f"{name} is given and cleared: choose one")
        return self

    def said(self) -> dict[str, object]:
        """Return the fields that the correction changes; one that it clears is None."""
        given = self.model_dump(exclude={"corrected_by", "clear"}, exclude_none=True)
        return given | dict.fromkeys(self.clear)


class ReceiptStep(StrEnum):
    """The steps of a receipt, in the order in which they run."""

    TEXT = "text"
    FIELDS = "fields"
    RECORD = "record"
    TELL = "tell"


class ReceiptStatus(StrEnum):
    """Status of a receipt. The last five values are final.

    ``terminated`` and ``timed_out`` are set by the server; a workflow never sets them itself.
    """

    RUNNING = "running"
    NEEDS_REVIEW = "needs_review"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"
    TERMINATED = "terminated"
    TIMED_OUT = "timed_out"


class ReceiptResult(Model):
    """How a receipt ended: the result of ``ReceiptWorkflow``. The total is in minor units.

    ``user_told`` says whether the mail to the user was sent, ``not_told_because`` why not.
    """

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
    """Answer of the query ``status`` of ``ReceiptWorkflow``, at any time, also after its end.

    ``waiting_for`` says in words what the receipt waits for, ``waiting_until`` until when. Times
    are in UTC; ``elapsed_seconds`` counts from the start to now, or to the end. ``user_told`` and
    ``not_told_because`` are those of the result.
    """

    receipt_id: str
    user_id: str
    object_key: str
    status: ReceiptStatus
    step: ReceiptStep
    waiting_for: str | None
    waiting_until: AwareDatetime | None
    reason: str | None
    fields: ReceiptFields | None
    corrected_by: str | None = None
    expense_id: str | None
    user_told: bool = False
    not_told_because: str | None = None
    started_at: AwareDatetime
    elapsed_seconds: float
