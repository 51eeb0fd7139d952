"""Check a language model's answer against the text of the receipt.

A model can invent values, swap day and month, and follow instructions that somebody printed on
the receipt (prompt injection). So its currency, merchant, date, total and tax become doubts unless
``borne_out`` finds them on the receipt, and a receipt with doubts is reviewed by a person.
"""

import datetime as dt
import re

from pydantic import BaseModel, Field

from config import Settings
from models import (
    MAX_MERCHANT_CHARACTERS,
    MAX_PARSER_CHARACTERS,
    CleanText,
    FieldReading,
    PaymentMethod,
    ReceiptFields,
    amount_of_text,
    digits_of,
    is_currency,
)
from providers.errors import TotalNotFound
from providers.receipt_parser.borne_out import PrintedReceipt, currency_doubts
from providers.receipt_parser.printed_details import printed_details
from providers.receipt_parser.receipt_rules.currencies import find_currency
from providers.receipt_parser.receipt_rules.merchants.known import NOBODY, KnownMerchants
from providers.receipt_parser.receipt_rules.plain_text import plain
from providers.receipt_parser.receipt_rules.rows import Row

_AMOUNT = re.compile(r"(-?)(\d{1,12})(?:\.(\d{0,12}?)0{0,12})?(?<!\.)")
_BORNE_OUT, _UNSEEN = 0.9, 0.3
"""Confidence in a value that occurs on the receipt, and in one that does not."""
_LONGEST = 400
"""In characters of a value: what is longer is none."""


class ModelAnswer(BaseModel):
    """The schema that the model must fill. Amounts are text: JSON's numbers lose cents."""

    merchant: CleanText | None = Field(description="Name of the shop as printed, or null.")
    total: CleanText | None = Field(
        description="Amount the customer paid or owes, tax included, before change is given: "
        "digits and a decimal point, such as 1234.50, with a minus before it for a refund; null "
        "if the receipt shows none."
    )
    currency: CleanText | None = Field(description="ISO 4217 code such as USD, or null if unclear.")
    date: CleanText | None = Field(description="Day of the purchase as YYYY-MM-DD, or null.")
    tax: CleanText | None = Field(
        default=None,
        description="Sum of the taxes that are in the total, written as the total is; null if "
        "the receipt prints none.",
    )
    tip: CleanText | None = Field(
        default=None,
        description="Tip that is in the total, written as the total is; null if none was given. "
        "Suggested tips are none.",
    )
    payment_method: CleanText | None = Field(
        default=None,
        description=f"How it was paid: {', '.join(PaymentMethod)}; null if that is not printed.",
    )


def checked_fields(
    answer: ModelAnswer,
    rows: list[Row],
    parser: str,
    settings: Settings,
    known: KnownMerchants = NOBODY,
) -> ReceiptFields:
    """Return the fields, with a doubt for each value that the receipt does not bear out.

    A merchant that is borne out is called as the user has called it before.

    Raises TotalNotFound, with the other fields as ``partial``, for a total that is missing or is
    not an amount in whole minor units of its currency.
    """
    parser = parser[:MAX_PARSER_CHARACTERS]
    merchant = (
        " ".join(plain(answer.merchant or "").split())[:MAX_MERCHANT_CHARACTERS].strip() or None
    )
    read = find_currency(rows, settings.default_currency)
    said = answer.currency if is_currency(answer.currency or "") else None
    currency = said or (read.code if read else settings.default_currency)
    printed = PrintedReceipt(rows, currency, digits_of(currency))
    total = _amount(answer.total, currency)
    date = _date(answer.date)
    tax = _amount(answer.tax, currency)
    details = printed_details(
        rows,
        digits_of(currency),
        total=total,
        tax=tax,
        tip=_amount(answer.tip, currency),
        payment=answer.payment_method,
    )
    fields = ReceiptFields(
        merchant=(known.named(merchant) or merchant) if merchant else None,
        total_cents=total,
        currency=currency,
        date=date,
        parser=parser,
        readings=_places(printed, merchant, total, date),
        doubts=(
            *(printed.total_doubts(total) if total is not None else ()),
            *(printed.tax_doubts(tax) if tax is not None else ()),
            *(printed.date_doubts(date, settings) if date else ("no date was found",)),
            *(printed.merchant_doubts(merchant) if merchant else ("no merchant was found",)),
            *currency_doubts(currency, read),
        ),
        **dict(details),
    )
    if total is None:
        words = "no total" if answer.total is None else f"the total {answer.total[:40]!r}"
        raise TotalNotFound(f"{parser} read {words}", partial=fields)
    return fields


def _places(
    printed: PrintedReceipt, merchant: str | None, total: int | None, date: dt.date | None
) -> dict[str, FieldReading]:
    """Return where each value occurs; the confidence is ours, a model's own would be worthless."""
    standing = {
        "merchant": None if merchant is None else printed.rows_named(merchant),
        "date": None if date is None else printed.rows_dated(date),
        "total": None if total is None else printed.rows_with(total),
    }
    return {
        name: FieldReading(confidence=_BORNE_OUT, box=found[0].box, page=found[0].page)
        if found
        else FieldReading(confidence=_UNSEEN)
        for name, found in standing.items()
        if found is not None
    }


def _amount(text: str | None, currency: str | None) -> int | None:
    """Return an amount in minor units; None for anything but a whole number of them, not 0."""
    found = _AMOUNT.fullmatch((text or "")[:_LONGEST].strip())
    if not found:
        return None
    # Zeros that the currency lacks change nothing: 1280.00 are 1280 yen.
    units = amount_of_text(f"{found[2]}.{found[3]}" if found[3] else found[2], currency)
    return (-units if found[1] else units) or None if units is not None else None


def _date(date: str | None) -> dt.date | None:
    try:
        return dt.date.fromisoformat(date or "")
    except ValueError:
        return None
