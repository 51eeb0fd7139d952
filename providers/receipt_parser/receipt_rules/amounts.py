"""Amounts: money as receipts print it, with a decimal point or a decimal comma.

Prevents ``1.234,56`` being read as 1.23, a date or a percentage being read as a price, and
``RMO.40S`` not being read at all. Amounts are whole minor units of a currency with so many digits
behind the point; amounts of currencies that have none are found in ``whole_amounts.py``.
"""

import re
from dataclasses import dataclass
from functools import cache

from models import USUAL_DIGITS
from providers.receipt_parser.receipt_rules.whole_amounts import WHOLE

_CURRENCY = r"(?:RM|MYR|EUR|USD|GBP|CHF|SGD|S\$|US\$|[$€£])"
_OF_THOUSANDTHS = r"(?:KWD|BHD|OMR|JOD|TND|IQD|LYD|K\.?D\.?|B\.?D\.?|J\.?D\.?|D\.?T\.?)"


@cache
def _amount(digits: int) -> re.Pattern[str]:
    return re.compile(
        rf"""
        (?<![\d.,:/#@-])(?<!\d\*)            # not inside a longer number, nor a price by the piece
        (?P<sign>-{{1,2}}\s?)?
        (?P<currency>{_currency(digits)}\s?)?
        (?P<inner_sign>-)?
        (?P<whole>[O\d]{{1,3}}(?:(?P<group>[.,'])\d{{3}})+|[O\d]{{0,6}})
        \s?(?P<point>[.,])\s?
        (?P<cents>[\dO]{{{digits}}})
        (?P<after>-(?!\d))?
        (?![\dO]|[.,:/]\d|\s?%|\s?[xX\u00d7]\s?\d|\s?(?:kg|ml|cm|mm|l)\b)
        """,
        re.VERBOSE,
    )


@cache
def _whole_amount(digits: int) -> re.Pattern[str]:
    return re.compile(rf"{_currency(digits)}\s?(?P<whole>\d{{1,6}})(?![\d.,:/-])")


def _currency(digits: int) -> str:
    return _CURRENCY if digits == USUAL_DIGITS else _OF_THOUSANDTHS


_MISREAD_AMOUNT = re.compile(
    r"(?:(?<![\d.,:;/-])(?P<whole>\d{1,4})\s?[:;_-]|^(?P<alone>\d{1,4})\s)(?P<cents>\d{2})$"
)


@dataclass(frozen=True)
class Amount:
    """An amount in minor units, and its start and end in the line's text."""

    cents: int
    start: int
    end: int


def find_amounts(text: str, digits: int = USUAL_DIGITS) -> list[Amount]:
    """Return all amounts of a line, from left to right; a minus may be before or after."""
    if digits == 0:
        return _without_decimals(text)
    amounts = []
    text = _with_currency_zeros(text)
    for match in _amount(digits).finditer(text):
        if match["group"] == match["point"] or _is_number_of_house(match, text):
            continue
        units = re.sub(r"\D", "", match["whole"].replace("O", "0")) or "0"
        cents = int(units) * 10**digits + int(match["cents"].replace("O", "0"))
        if match["sign"] or match["inner_sign"] or match["after"]:
            cents = -cents
        amounts.append(Amount(cents, match.start(), match.end()))
    return amounts


def _is_number_of_house(match: re.Match[str], text: str) -> bool:
    """Return whether it is a house number: ``No.49`` is one, ``RM .49`` and ``.49`` are not."""
    if match["whole"] or match["currency"]:
        return False
    return text[: match.start()].rstrip()[-1:].isalpha()


def find_whole_amounts(text: str, digits: int = USUAL_DIGITS) -> list[Amount]:
    """Return amounts without decimals, which are found only next to a currency."""
    if digits == 0:
        return _without_decimals(text)
    return [
        Amount(int(match["whole"]) * 10**digits, match.start(), match.end())
        for match in _whole_amount(digits).finditer(text)
    ]


def _without_decimals(text: str) -> list[Amount]:
    amounts = []
    for match in WHOLE.finditer(text):
        units = int(re.sub(r"\D", "", match["whole"]))
        is_negative = match["sign"] or match["inner_sign"] or match["after"]
        amounts.append(Amount(-units if is_negative else units, match.start(), match.end()))
    return amounts


def find_misread_amount(text: str) -> list[Amount]:
    """Return an amount in hundredths whose decimal point OCR read as another sign, as ``7:00``.

    Use it only for a row whose label says that it holds money.
    """
    return [
        Amount(
            int(match["whole"] or match["alone"]) * 100 + int(match["cents"]),
            match.start(),
            match.end(),
        )
        for match in _MISREAD_AMOUNT.finditer(text)
    ]


def _with_currency_zeros(text: str) -> str:
    """Return the text with ``RMO.40`` as ``RM0.40``; positions in the text do not change."""
    return re.sub(r"(?<=RM)O(?=[.,])", "0", text)
