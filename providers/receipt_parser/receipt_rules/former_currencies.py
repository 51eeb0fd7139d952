"""Former currencies: totals in euros that are printed in the old money, too.

For years after a country has joined, its receipts show both at the official rate. Two totals that
differ are a doubt, and these never agree.
"""

import re
from dataclasses import replace

from providers.receipt_parser.receipt_rules.entries import Entry
from providers.receipt_parser.receipt_rules.vocabulary import Role

_EURO = re.compile(r"\bEUR(O|OS|A)?\b")
_FORMER = (
    ("BGN", re.compile(r"\b(BGN|LEVA|LV)\b"), 1.95583),
    ("HRK", re.compile(r"\b(HRK|KN|KUNA)\b"), 7.5345),
)
"""Code, the words for it, and how much of it is a euro."""
_TOTALS = frozenset({Role.TOTAL, Role.GRAND_TOTAL})
_CLOSE = 1
"""In minor units: how far an amount may be from the other at the rate."""


def without_equivalents(entries: list[Entry], currency: str | None) -> list[Entry]:
    """Return the entries of a receipt in this currency, the same in the other currency aside."""
    for code, words, rate in _FORMER:
        if currency in ("EUR", code):
            entries = _without(entries, words, rate, currency == "EUR")
    return entries


def _without(
    entries: list[Entry], words: re.Pattern[str], rate: float, in_euros: bool
) -> list[Entry]:
    old = {entry.cents for entry in entries if words.search(entry.label)}
    new = {entry.cents for entry in entries if _EURO.search(entry.label)}
    pairs = [(cents, near) for cents in new for near in _at_rate(cents, rate) if near in old]
    aside = {pair[in_euros] for pair in pairs}
    kept = {pair[not in_euros] for pair in pairs}
    if not any(entry.cents in kept and entry.role in _TOTALS for entry in entries):
        return entries
    other = words if in_euros else _EURO
    return [
        replace(entry, role=Role.ASIDE)
        if entry.cents in aside - kept and other.search(entry.label)
        else entry
        for entry in entries
    ]


def _at_rate(cents: int, rate: float) -> range:
    middle = round(cents * rate)
    return range(middle - _CLOSE, middle + _CLOSE + 1)
