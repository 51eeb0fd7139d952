"""Check a language model's answer against the text of the receipt.

A model can invent amounts, swap day and month, and follow instructions that somebody printed on
the receipt (prompt injection). So an amount or a date that does not occur in the text becomes a
doubt, and a receipt with doubts is reviewed by a person.
"""

import datetime as dt
import re

from pydantic import BaseModel, Field

from models import (
    MAX_MERCHANT_CHARACTERS,
    MAX_PARSER_CHARACTERS,
    FieldReading,
    ReceiptFields,
    amount_as_text,
    amount_of_text,
    digits_of,
    is_currency,
)
from providers.errors import TotalNotFound
from providers.merchant_names import is_same_merchant
from providers.receipt_parser.borne_out import unborne
from providers.receipt_parser.receipt_rules.amounts import find_amounts, find_whole_amounts
from providers.receipt_parser.receipt_rules.dates import find_date
from providers.receipt_parser.receipt_rules.plain_text import plain
from providers.receipt_parser.receipt_rules.rows import Row
from providers.receipt_parser.receipt_rules.vocabulary import Role, fold, role_of

_AMOUNT = re.compile(r"(\d{1,12})(?:\.(\d*[1-9])?0*)?(?<!\.)")
_INTEGER = re.compile(r"(?<![\d.,:/-])(?:\d{1,3}(?:[.,' ]\d{3})+|\d+)(?![\d:/%-]|[.,]\d)")
_BORNE_OUT, _UNSEEN = 0.9, 0.3
"""Confidence in a value that occurs on the receipt, and in one that does not."""


class ModelAnswer(BaseModel):
    """The schema that the model must fill. Amounts are text: JSON's numbers lose cents."""

    merchant: str | None = Field(description="Name of the shop as printed, or null.")
    total: str | None = Field(
        description="Amount the customer paid or owes, tax included, before change is given: "
        "digits and a decimal point, such as 1234.50; null if the receipt shows none."
    )
    currency: str | None = Field(description="ISO 4217 code such as USD, or null if unclear.")
    date: str | None = Field(description="Day of the purchase as YYYY-MM-DD, or null.")
    tax: str | None = Field(
        default=None,
        description="Sum of the taxes that are in the total, written as the total is; null if "
        "the receipt prints none.",
    )


def checked_fields(
    answer: ModelAnswer, rows: list[Row], parser: str, default_currency: str | None
) -> ReceiptFields:
    """Return the fields, with a doubt for each value that does not occur on the receipt.

    Raises TotalNotFound, with the other fields as ``partial``, for a total that is missing or is
    not a positive amount in whole minor units of its currency.
    """
    parser = parser[:MAX_PARSER_CHARACTERS]
    merchant = " ".join(plain(answer.merchant or "").split())[:MAX_MERCHANT_CHARACTERS] or None
    currency = answer.currency if is_currency(answer.currency or "") else default_currency
    digits = digits_of(currency)
    total = _amount(answer.total, currency)
    date = _date(answer.date)
    tax = _amount(answer.tax, currency)
    doubts = [
        f"the {name} {amount_as_text(amount, currency)} does not occur on the receipt"
        for name, amount in (("total", total), ("tax", tax))
        if amount is not None and amount not in _printed_amounts(rows, digits)
    ]
    if date is None:
        doubts.append("no date was found")
    elif date not in _printed_dates(rows):
        doubts.append(f"the date {date} does not occur on the receipt")
    if merchant is None:
        doubts.append("no merchant was found")
    doubts += unborne(rows, merchant, currency, total, default_currency)
    fields = ReceiptFields(
        merchant=merchant,
        total_cents=total,
        currency=currency,
        date=date,
        tax_cents=tax,
        parser=parser,
        readings=_places(rows, merchant, total, date, digits),
        doubts=tuple(doubts),
    )
    if total is None:
        said = "no total" if answer.total is None else f"the total {answer.total[:40]!r}"
        raise TotalNotFound(f"{parser} read {said}", partial=fields)
    return fields


def _places(
    rows: list[Row],
    merchant: str | None,
    total: int | None,
    date: dt.date | None,
    digits: int,
) -> dict[str, FieldReading]:
    """Return where each value occurs; the confidence is ours, a model's own would be worthless."""
    standing: dict[str, list[Row]] = {}
    if merchant is not None:
        standing["merchant"] = [row for row in rows if is_same_merchant(row.text, merchant)]
    if date is not None:
        standing["date"] = [row for row in rows if date in _printed_dates([row])]
    if total is not None:
        printed = [row for row in rows if total in _printed_amounts([row], digits)]
        # The same amount is often printed for an item or a payment, too.
        standing["total"] = sorted(printed, key=_is_total, reverse=True)
    return {
        name: FieldReading(confidence=_BORNE_OUT, box=found[0].box, page=found[0].page)
        if found
        else FieldReading(confidence=_UNSEEN)
        for name, found in standing.items()
    }


def _is_total(row: Row) -> bool:
    return role_of(fold(row.text)) in (Role.GRAND_TOTAL, Role.TOTAL)


def _amount(text: str | None, currency: str | None) -> int | None:
    """Return an amount in minor units; None for anything but a positive whole number of them."""
    found = _AMOUNT.fullmatch((text or "").strip())
    if not found:
        return None
    # Zeros that the currency lacks change nothing: 1280.00 are 1280 yen.
    return amount_of_text(f"{found[1]}.{found[2]}" if found[2] else found[1], currency) or None


def _date(date: str | None) -> dt.date | None:
    try:
        return dt.date.fromisoformat(date or "")
    except ValueError:
        return None


def _printed_amounts(rows: list[Row], digits: int) -> set[int]:
    # In much of Europe a blank separates thousands: 1 234,50.
    texts = [row.text for row in rows]
    texts += [re.sub(r"(?<=\d) (?=\d{3}(?!\d))", "", text) for text in texts]
    with_decimals = {amount.cents for text in texts for amount in find_amounts(text, digits)}
    with_currency = {amount.cents for text in texts for amount in find_whole_amounts(text, digits)}
    if with_decimals and digits:
        return with_decimals | with_currency
    # A receipt without any decimals is in a currency that has none, such as yen.
    numbers = (number for text in texts for number in _INTEGER.findall(text))
    whole = {_minor(number, digits) for number in numbers}
    return with_decimals | with_currency | whole


def _minor(number: str, digits: int) -> int:
    return int(re.sub(r"\D", "", number)) * int(10**digits)


def _printed_dates(rows: list[Row]) -> set[dt.date]:
    """Return the dates of each row, read in both orders of day and month."""
    today = dt.datetime.now(dt.UTC).date()
    readings = (find_date([row], today, day_first) for row in rows for day_first in (True, False))
    return {reading.date for reading in readings if reading is not None}
