"""A second opinion: two parsers read one receipt, and a person decides where they disagree.

Parsers that work differently rarely make the same mistake. So values on which both agree need
no review, and a value that only one of them found does.
"""

import asyncio
from collections.abc import Iterator, Sequence

from models import (
    MAX_PARSER_CHARACTERS,
    PurchaseDetails,
    ReceiptFields,
    ReceiptText,
    amount_as_text,
)
from providers.errors import TotalNotFound
from providers.merchant_names import is_same_merchant
from providers.receipt_parser import ReceiptParser

_FIELDS = ("merchant", "date", "total", "currency")


class TwoParsers:
    """``ReceiptParser`` that returns the first parser's fields, with a doubt per disagreement."""

    def __init__(self, first: ReceiptParser, second: ReceiptParser) -> None:
        self._first = first
        self._second = second
        self.is_metered = first.is_metered or second.is_metered

    async def parse(self, text: ReceiptText, known_merchants: Sequence[str] = ()) -> ReceiptFields:
        """Return the fields; see ``ReceiptParser.parse``.

        If only one parser finds a total, returns the fields of that parser, with a doubt.
        """
        first, second = await asyncio.gather(
            _read(self._first, text, known_merchants), _read(self._second, text, known_merchants)
        )
        if isinstance(first, TotalNotFound):
            if isinstance(second, TotalNotFound):
                raise first
            return _alone(second, str(first))
        if isinstance(second, TotalNotFound):
            return _alone(first, str(second))
        return first.model_copy(
            update={
                "parser": f"{first.parser} and {second.parser}"[:MAX_PARSER_CHARACTERS],
                "doubts": (*first.doubts, *_disagreements(first, second)),
                "candidates": _both(first, second),
                **_missing_details(first, second),
            }
        )


async def _read(
    parser: ReceiptParser, text: ReceiptText, known_merchants: Sequence[str]
) -> ReceiptFields | TotalNotFound:
    try:
        return await parser.parse(text, known_merchants)
    except TotalNotFound as missing:
        return missing


def _missing_details(first: ReceiptFields, second: ReceiptFields) -> dict[str, object]:
    """Return the details that only the second parser has, if they are of the same money."""
    if (first.total_cents, first.currency) != (second.total_cents, second.currency):
        return {}
    nothing = PurchaseDetails()
    return {
        name: getattr(second, name)
        for name in PurchaseDetails.model_fields
        if getattr(first, name) == getattr(nothing, name)
    }


def _alone(fields: ReceiptFields, why: str) -> ReceiptFields:
    doubt = f"only {fields.parser} read a total: {why}"
    return fields.model_copy(update={"doubts": (*fields.doubts, doubt)})


def _disagreements(first: ReceiptFields, second: ReceiptFields) -> Iterator[str]:
    for name in _FIELDS:
        one, other = _words(first, name), _words(second, name)
        same = is_same_merchant(one, other) if name == "merchant" else one == other
        if not same and (one or other):
            yield (
                f"{first.parser} read the {name} {one or 'not at all'}, "
                f"{second.parser} {other or 'not at all'}"
            )


def _both(first: ReceiptFields, second: ReceiptFields) -> dict[str, tuple[str, ...]]:
    """Return the candidates of both parsers by field, the second parser's own value first."""
    return {
        name: tuple(
            dict.fromkeys(
                word
                for word in (
                    _words(second, name),
                    *first.candidates.get(name, ()),
                    *second.candidates.get(name, ()),
                )
                if word
            )
        )
        for name in _FIELDS
    }


def _words(fields: ReceiptFields, name: str) -> str:
    if name == "total":
        total = fields.total_cents
        return "" if total is None else amount_as_text(total, fields.currency)
    return str(getattr(fields, name) or "")
