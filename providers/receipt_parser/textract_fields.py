"""The fields of a receipt in the documents that AWS Textract's expense analysis returned.

Textract returns values as printed, in any notation. So they are parsed by the same rules as OCR
text, and checked against the OCR text like a language model's answer.
"""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from config import Settings
from models import (
    FieldReading,
    LineItem,
    ReceiptFields,
    ReceiptText,
    TextLine,
    amount_as_text,
    digits_of,
    is_currency,
)
from providers.errors import TotalNotFound, UnexpectedAnswer
from providers.receipt_parser.model_answer import ModelAnswer, checked_fields
from providers.receipt_parser.receipt_rules.amounts import find_amounts, find_whole_amounts
from providers.receipt_parser.receipt_rules.currencies import find_currency
from providers.receipt_parser.receipt_rules.dates import find_date
from providers.receipt_parser.receipt_rules.dates.orders import is_day_first
from providers.receipt_parser.receipt_rules.details.items import with_quantity
from providers.receipt_parser.receipt_rules.details.quantities import find_products
from providers.receipt_parser.receipt_rules.merchants.known import NOBODY, KnownMerchants
from providers.receipt_parser.receipt_rules.rows import Row, group_rows

if TYPE_CHECKING:
    from mypy_boto3_textract.type_defs import (
        ExpenseDocumentTypeDef,
        ExpenseFieldTypeDef,
        LineItemFieldsTypeDef,
    )

    Documents = Sequence[tuple[int, ExpenseDocumentTypeDef]]

_PARSER = "textract"
_LEAST_CONFIDENCE = 0.8
"""A total with a lower confidence is a doubt, which a person reviews."""
_NAMES = {
    "VENDOR_NAME": "merchant",
    "INVOICE_RECEIPT_DATE": "date",
    "TOTAL": "total",
    "TAX": "tax",
    "GRATUITY": "tip",
    "TIP": "tip",
}
"""Textract's types of summary fields, and our names for them."""


class _Found(NamedTuple):
    """One summary field: its words, and Textract's confidence and position of them."""

    words: str
    currency: str | None
    reading: FieldReading


def fields_of(
    documents: Sequence[tuple[int, Mapping[str, Any]]],
    text: ReceiptText,
    settings: Settings,
    known: KnownMerchants = NOBODY,
) -> ReceiptFields:
    """Return the fields of Textract's documents, each with the number of its page from 0.

    Raises TotalNotFound, or UnexpectedAnswer for documents that lack what AWS says they have.
    """
    try:
        return _fields(cast("Documents", documents), text, settings, known)
    except (KeyError, ValueError, TypeError, AttributeError) as error:
        raise UnexpectedAnswer(f"Textract: analyze a receipt: the answer lacks {error}") from error


def _fields(
    documents: "Documents", text: ReceiptText, settings: Settings, known: KnownMerchants
) -> ReceiptFields:
    rows = group_rows(text)
    found = _summary(documents, text)
    total = found.get("total")
    currency = total.currency if total else None
    if currency is None or not is_currency(currency):
        read = find_currency(rows, settings.default_currency)
        currency = read.code if read else None
    answer = ModelAnswer(
        merchant=found["merchant"].words if "merchant" in found else None,
        total=_units(total.words, currency) if total else None,
        currency=currency,
        date=_date(found["date"], currency, settings) if "date" in found else None,
        tax=_units(found["tax"].words, currency) if "tax" in found else None,
        tip=_units(found["tip"].words, currency) if "tip" in found else None,
    )
    try:
        fields = checked_fields(answer, rows, _PARSER, settings, known)
    except TotalNotFound as missing:
        partial = _with_rest(missing.partial, found, documents) if missing.partial else None
        raise TotalNotFound(str(missing), partial) from None
    return _with_rest(fields, found, documents)


def _date(found: _Found, currency: str | None, settings: Settings) -> str | None:
    line = TextLine(text=found.words, box=(0, 0, 1, 1), confidence=1.0)
    today = dt.datetime.now(dt.UTC).date()
    reading = find_date([Row((line,))], today, is_day_first(currency, settings))
    return str(reading.date) if reading else None


def _with_rest(
    fields: ReceiptFields,
    found: dict[str, _Found],
    documents: "Documents",
) -> ReceiptFields:
    """Add what only Textract returns: confidences, positions and line items."""
    doubts = fields.doubts
    total = found.get("total")
    if total and total.reading.confidence < _LEAST_CONFIDENCE:
        doubts += (f"Textract is only {total.reading.confidence:.0%} sure of the total",)
    return fields.model_copy(
        update={
            "doubts": doubts,
            "readings": {name: one.reading for name, one in found.items() if name != "tip"},
            "items": tuple(_items(documents, fields.currency)) or fields.items,
        }
    )


def _summary(documents: "Documents", text: ReceiptText) -> dict[str, _Found]:
    """Return the summary fields by our names; of several, the one with the highest confidence.

    Of equals the last wins, because a receipt of several pages has its total on the last one.
    """
    best: dict[str, _Found] = {}
    for page, document in documents:
        for field in document.get("SummaryFields", []):
            name = _NAMES.get(field.get("Type", {}).get("Text", ""))
            value = field.get("ValueDetection", {})
            if name is None or not value.get("Text", "").strip():
                continue
            found = _Found(
                " ".join(value["Text"].split()),
                field.get("Currency", {}).get("Code"),
                _reading(field, page, text),
            )
            known = best.get(name)
            if known is None or found.reading.confidence >= known.reading.confidence:
                best[name] = found
    return best


def _reading(field: "ExpenseFieldTypeDef", page: int, text: ReceiptText) -> FieldReading:
    """Return confidence and position; Textract's shares of the page become pixels of OCR's page."""
    value = field["ValueDetection"]
    size = text.pages[page] if page < len(text.pages) else text
    share = value["Geometry"]["BoundingBox"]
    left, top = share["Left"] * size.width, share["Top"] * size.height
    right, bottom = left + share["Width"] * size.width, top + share["Height"] * size.height
    return FieldReading(
        confidence=round(value["Confidence"] / 100, 3),
        box=(round(left), round(top), round(right), round(bottom)),
        page=page,
    )


def _items(documents: "Documents", currency: str | None) -> Iterator[LineItem]:
    for _, document in documents:
        for group in document.get("LineItemGroups", []):
            for line in group.get("LineItems", []):
                words = _item_words(line)
                cents = _amount(words.get("PRICE", ""), currency)
                if cents is not None and "ITEM" in words:
                    item = LineItem(description=words["ITEM"][:100], cents=cents)
                    yield _counted(item, words, digits_of(currency))


def _counted(item: LineItem, words: Mapping[str, str], digits: int) -> LineItem:
    """Return the item with its quantity and its unit price, if they come to its amount."""
    found = find_products(f"{words.get('QUANTITY', '')} x {words.get('UNIT_PRICE', '')}", digits)
    one = next((product for product in found if product.comes_to(item.cents)), None)
    return item if one is None else with_quantity(item, one)


def _item_words(line: "LineItemFieldsTypeDef") -> dict[str, str]:
    return {
        field["Type"]["Text"]: " ".join(field["ValueDetection"]["Text"].split())
        for field in line.get("LineItemExpenseFields", [])
    }


def _amount(words: str, currency: str | None) -> int | None:
    digits = digits_of(currency)
    amounts = find_amounts(words, digits) or find_whole_amounts(words, digits)
    return amounts[-1].cents if amounts else None


def _units(words: str, currency: str | None) -> str | None:
    """Return the amount as ``ModelAnswer`` wants it (1234.50), or None if it is not positive."""
    amount = _amount(words, currency)
    return amount_as_text(amount, currency) if amount and amount > 0 else None
