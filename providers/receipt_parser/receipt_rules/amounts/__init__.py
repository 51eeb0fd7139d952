"""Amounts: money as receipts print it, with a decimal point or a decimal comma.

Prevents ``1.234,56`` being read as 1.23, ``1 234,56`` as 234.56, a date or a percentage being read
as a price, and ``RMO.40S`` not being read at all. Amounts are whole minor units of a currency with
so many digits behind the point; amounts of currencies that have none are found in ``whole.py``.
"""

import re
from dataclasses import dataclass
from functools import cache
from itertools import islice

from models import USUAL_DIGITS
from providers.receipt_parser.receipt_rules.amounts.signs import BEFORE, BEHIND, UNITS
from providers.receipt_parser.receipt_rules.amounts.whole import WHOLE

_MOST = 16
"""Amounts of one line: tables of taxes have six. A row of more is no row of a receipt."""


@cache
def _amount(digits: int) -> re.Pattern[str]:
    return re.compile(
        rf"""
        (?<![\d.,:/#@-])(?<!\d\*)            # not inside a longer number, nor a price by the piece
        (?P<open>\()?
        (?P<sign>-{{1,2}}\s?)?
        (?P<currency>{BEFORE}\s?)?
        (?P<inner_sign>-\s?)?
        (?P<whole>
            \d{{1,2}}(?:,\d{{2}}){{1,3}},\d{{3}}(?=\.\d)        # lakh and crore
            | \d{{1,3}}(?:\ \d{{3}})+(?=,\d)                    # a blank before each thousand
            | \d{{1,3}}(?:,\ \d{{3}})+(?=\.\d)                  # a blank that OCR saw
            | [O\d]{{1,3}}(?:(?P<group>[.,'])\d{{3}})+
            | [O\d]{{0,9}}
        )
        \s?(?P<point>[.,])\s?
        (?P<cents>[\dO]{{{digits}}})
        (?P<after>-(?!\d)|\s?{BEHIND}-(?!\d)|\s?CR\b)?
        (?P<close>(?:\s?{BEHIND})?\))?
        (?![\dO]|[.,:/]\d|[./]\s(?:19|20)\d\d(?!\d)|\s?%|\s?[xX\u00d7]\s?\d|\s?(?:{UNITS})\b)
        """,
        re.VERBOSE,
    )


@cache
def _whole_amount() -> re.Pattern[str]:
    whole = r"\d{1,2}(?:,\d{2}){1,3},\d{3}|\d{1,3}(?:[.,' ]\d{3})+|\d{1,7}"
    dash = r"-{1,2}|\u2013|\u2014"
    return re.compile(
        rf"""
        (?<![\d.,:/-])(?P<sign>-\s?)?
        (?:
            {BEFORE}\s?(?P<inner_sign>-\s?)?(?P<whole>{whole})(?!\d|[:/]\d|[.,-]\d|\s?(?:%|{UNITS}\b))
            | (?<![A-Za-z])(?P<alone>{whole})(?:\s?{BEHIND}|[.,:]\s?(?:{dash})(?!\d)|/[-=](?![\d/]))
        )
        """,
        re.VERBOSE,
    )


_MISREAD_AMOUNT = re.compile(
    r"(?:(?<![\d.,:;/-])(?P<whole>\d{1,4})\s?[:;_-]|^(?P<alone>\d{1,4})\s)(?P<cents>\d{2})$"
)
_SPACED_POINT = re.compile(rf"(?:{BEFORE}\s?|^)(\d{{1,3}}(?: \d{{3}})+\.\d\d)(?!\d)")


@dataclass(frozen=True)
class Amount:
    """An amount in minor units, and its start and end in the line's text."""

    cents: int
    start: int
    end: int


def find_amounts(text: str, digits: int = USUAL_DIGITS) -> list[Amount]:
    """Return all amounts of a line, from left to right; a minus may be before or after.

    An amount in parentheses is negative, as in accounting.
    """
    if digits == 0:
        return _without_decimals(text)
    amounts = []
    text = _with_currency_zeros(text)
    for match in islice(_amount(digits).finditer(text), _MOST):
        if match["group"] == match["point"] or _is_number_of_house(match, text):
            continue
        units = re.sub(r"\D", "", match["whole"].replace("O", "0")) or "0"
        cents = int(units) * 10**digits + int(match["cents"].replace("O", "0"))
        in_parentheses = match["open"] and match["close"]
        if match["sign"] or match["inner_sign"] or match["after"] or in_parentheses:
            cents = -cents
        amounts.append(Amount(cents, match.start(), match.end()))
    return amounts


def _is_number_of_house(match: re.Match[str], text: str) -> bool:
    """Return whether it is a house number: ``No.49`` is one, ``RM .49`` and ``.49`` are not."""
    if match["whole"] or match["currency"]:
        return False
    return text[: match.start()].rstrip()[-1:].isalpha()


def find_whole_amounts(text: str, digits: int = USUAL_DIGITS) -> list[Amount]:
    """Return amounts without decimals, which are found only next to a currency, or as ``385,-``."""
    if digits == 0:
        return _without_decimals(text)
    found = []
    for match in islice(_whole_amount().finditer(text), _MOST):
        units = int(re.sub(r"\D", "", match["whole"] or match["alone"]))
        sign = -1 if match["sign"] or match["inner_sign"] else 1
        found.append(Amount(sign * units * 10**digits, match.start(), match.end()))
    return found


def find_spaced_amounts(text: str) -> list[Amount]:
    """Return amounts in hundredths as ``1 234.50``, which may be a quantity and a price as well."""
    return [
        Amount(int(re.sub(r"\D", "", match[1])), match.start(1), match.end(1))
        for match in islice(_SPACED_POINT.finditer(text), _MOST)
    ]


def _without_decimals(text: str) -> list[Amount]:
    amounts = []
    for match in islice(WHOLE.finditer(text), _MOST):
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
