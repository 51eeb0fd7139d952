"""Codes and signs of currencies: those that are printed beside amounts, or head a column of them.

A code elsewhere is a word: ``TRY OUR PIE`` is no lira, and ``EURO DELI`` is a shop.
"""

import re
from collections import Counter
from collections.abc import Iterator

from models import DIGITS
from providers.receipt_parser.receipt_rules.currencies.signs import LETTERS, SIGNS
from providers.receipt_parser.receipt_rules.rows import Row
from providers.receipt_parser.receipt_rules.vocabulary import Role, is_said_of_money, role_of

_USUAL = (
    "EUR|USD|GBP|CHF|MYR|SGD|AUD|CAD|NZD|HKD|TWD|THB|IDR|PHP|INR|JPY|CNY|KRW|SEK|NOK|DKK|PLN|CZK"
    "|HUF"
    "|RON|ZAR|AED|SAR|ILS|BRL|MXN|COP|CLP|ARS|VND"
)
_WORDS = {
    *("ALL", "TOP", "CUP", "MOP", "PEN", "GEL", "TRY", "BAM", "MAD", "COP", "SOS", "BOB", "AMD"),
    *("DOP", "LAK", "SHP", "GIP", "STN", "ARS", "RON", "NIO", "PAB", "MUR"),
}
"""Codes that are words, names or abbreviations, too: they count only in a row of money, beside an
amount with decimals. A paper CUP for 2.00 is no peso."""
_ONLY_WITH_MONEY = _WORDS | LETTERS
_FUNDS = frozenset(
    ["BOV", "CHE", "CHW", "CLF", "COU", "MXV", "USN", "UYI", "UYW", "XDR", "XSU", "XUA"]
)
"""Codes of units that nothing is priced in; CHE begins every Swiss number of a register."""
_CODES = "|".join(code for code in DIGITS if code not in _WORDS and code not in _FUNDS)
_THOUSANDTHS = frozenset(code for code, digits in DIGITS.items() if digits == 3)
_WITH_DECIMALS = r"-?\d[\d ,.']{0,12}[.,]\d\d(?!\d)"
_BESIDE = re.compile(
    rf"(?<![A-Za-z])({_CODES})(?=[\s):=*]{{0,5}}-?\s?\d)"
    rf"|(?<=\d)[\s*]{{0,3}}({_CODES})(?![A-Za-z])"
    rf"|(?<![A-Za-z])({'|'.join(sorted(_WORDS))})(?=[\s):*]{{0,5}}{_WITH_DECIMALS})"
    rf"|(?<=[.,]\d\d)\s?({'|'.join(sorted(_WORDS))})(?![A-Za-z])"
)
_IN_THOUSANDTHS = re.compile(r"\d[\d,]{0,9}\.\d{3}(?!\d)")
_ALONE = re.compile(
    rf"[(\[/]\s?({_USUAL})\s?[)\]]|^\W{{0,3}}({_USUAL})\W{{0,3}}$|\bin\s({_USUAL})\b|({_USUAL})\s?$"
)
_COMPILED = tuple((re.compile(pattern), code) for pattern, code in SIGNS)
_ACCOUNT = re.compile(r"\bIBAN|\bSWIFT|\bBIC\b|\bACCOUNT\b|\bKONTO|\bLIMIT\b|\bRATE\b|\bKURS\b")
_CONVERTED = re.compile(r"\b1\s?(?:[A-Z]{3}|\u20ac|\$|\u00a3)\s?=")
"""A rate of exchange: the row tells the same amount in other money."""
_TOTALS = frozenset({Role.GRAND_TOTAL, Role.TOTAL})
_MONEY = _TOTALS | {Role.SUBTOTAL, Role.CASH, Role.CARD, Role.CHANGE, Role.TAX}
_LONGEST = 200
"""In characters of a row that are looked at."""


def printed_currencies(rows: list[Row]) -> tuple[Counter[str], set[str]]:
    """Return points for each code and sign, and those that stand in rows of totals."""
    points: Counter[str] = Counter()
    of_totals: set[str] = set()
    for row in rows:
        role = role_of(row.label)
        is_converted = role in _TOTALS and _CONVERTED.search(row.text[:_LONGEST])
        if is_converted or _ACCOUNT.search(row.label[:_LONGEST]):
            continue
        beside = set(_beside(row.text[:_LONGEST]))
        if role not in _MONEY:
            beside -= _ONLY_WITH_MONEY
        weight = 6 if role in _TOTALS else 3 if role in _MONEY else 2
        for code in beside:
            points[code] += weight
        if role in _TOTALS:
            of_totals |= beside
        for code in set(_alone(row)) - beside:
            points[code] += 2
    return points, of_totals


def _beside(text: str) -> Iterator[str]:
    """Yield the codes and signs that stand beside numbers."""
    for found in _BESIDE.findall(text):
        code = next(filter(None, found))
        if code not in _THOUSANDTHS or _IN_THOUSANDTHS.search(text):
            yield code
    for sign, code in _COMPILED:
        if sign.search(text):
            yield code


def _alone(row: Row) -> Iterator[str]:
    """Yield the codes that head a column of amounts, or end a label."""
    for found in _ALONE.findall(row.text[:_LONGEST]):
        code = next(filter(None, found))
        if f"({code})" in row.text or is_said_of_money(row.label):
            yield code
