"""Amounts: money as receipts print it, in any of the world's decimal notations.

Prevents 1.234,56 being read as one, a date or a percentage as a price, and ``RMO.40S``
as nothing at all. Amounts are whole cents.
"""

import re
from dataclasses import dataclass

_CURRENCY = r"(?:RM|MYR|EUR|USD|GBP|CHF|SGD|S\$|US\$|[$€£])"

_AMOUNT = re.compile(
    rf"""
    (?<![\d.,:/#@-])(?<!\d\*)              # not inside a longer number, nor a price by the piece
    (?P<sign>-{{1,2}}\s?)?
    (?P<currency>{_CURRENCY}\s?)?
    (?P<inner_sign>-)?
    (?P<whole>[O\d]{{1,3}}(?:(?P<group>[.,'])\d{{3}})+|[O\d]{{0,6}})
    \s?(?P<point>[.,])\s?
    (?P<cents>[\dO]{{2}})
    (?P<after>-(?!\d))?
    (?![\dO]|[.,:/]\d|\s?%|\s?[xX\u00d7]\s?\d|\s?(?:kg|ml|cm|mm|l)\b)
    """,
    re.VERBOSE,
)
_WHOLE_AMOUNT = re.compile(rf"{_CURRENCY}\s?(?P<whole>\d{{1,6}})(?![\d.,:/-])")
_MISREAD_AMOUNT = re.compile(
    r"(?:(?<![\d.,:;/-])(?P<whole>\d{1,4})\s?[:;_-]|^(?P<alone>\d{1,4})\s)(?P<cents>\d{2})$"
)


@dataclass(frozen=True)
class Amount:
    """Money in a line: cents, and where in the line's text it stands."""

    cents: int
    start: int
    end: int


def find_amounts(text: str) -> list[Amount]:
    """All amounts of a line, from left to right; negative ones in every notation."""
    amounts = []
    text = _with_currency_zeros(text)
    for match in _AMOUNT.finditer(text):
        if match["group"] == match["point"] or _is_number_of_house(match, text):
            continue
        digits = re.sub(r"\D", "", match["whole"].replace("O", "0")) or "0"
        cents = int(digits) * 100 + int(match["cents"].replace("O", "0"))
        if match["sign"] or match["inner_sign"] or match["after"]:
            cents = -cents
        amounts.append(Amount(cents, match.start(), match.end()))
    return amounts


def _is_number_of_house(match: re.Match[str], text: str) -> bool:
    """``No.49`` is no amount, though ``RM .49`` and a lone ``.49`` are."""
    if match["whole"] or match["currency"]:
        return False
    return text[: match.start()].rstrip()[-1:].isalpha()


def find_whole_amounts(text: str) -> list[Amount]:
    """Amounts without cents, which only a currency beside them tells from any other number."""
    return [
        Amount(int(match["whole"]) * 100, match.start(), match.end())
        for match in _WHOLE_AMOUNT.finditer(text)
    ]


def find_misread_amount(text: str) -> list[Amount]:
    """``7:00``, a decimal point read as another sign: believed only beside a label of money."""
    return [
        Amount(
            int(match["whole"] or match["alone"]) * 100 + int(match["cents"]),
            match.start(),
            match.end(),
        )
        for match in _MISREAD_AMOUNT.finditer(text)
    ]


def _with_currency_zeros(text: str) -> str:
    """``RMO.40`` is RM 0.40; the letter stands in for the zero at the same place."""
    return re.sub(r"(?<=RM)O(?=[.,])", "0", text)
