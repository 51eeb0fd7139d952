"""Former currencies: totals in euros that are printed in the old money, too.

For years after a country has joined, its receipts show both at the official rate. Two totals that
differ are a doubt, and these never agree.
"""

import re
from dataclasses import replace

from providers.receipt_parser.receipt_rules.entries import Entry
from providers.receipt_parser.receipt_rules.vocabulary import Role

EURO = "EUR"
_EURO = re.compile(r"\bEUR(O|OS|A)?\b")
_FORMER = (
    ("BGN", re.compile(r"\b(BGN|LEVA|LV)\b"), 1.95583),
    ("HRK", re.compile(r"\b(HRK|KN|KUNA)\b"), 7.5345),
)
"""Code, the words for it, and how much of it is a euro."""
_TOTALS = frozenset({Role.TOTAL, Role.GRAND_TOTAL})
_CLOSE = 1
"""In minor units: how far an amount may be from the other at the rate."""


def former_currency(label: str) -> str | None:
    """Return the code of the former currency that a folded label names, if it names no euros."""
    if _EURO.search(label):
        return None
    return next((code for code, words, _ in _FORMER if words.search(label)), None)


def without_equivalents(entries: list[Entry]) -> list[Entry]:
    """Return the entries of a receipt in euros, the same amounts in the former currency aside."""
    for _, words, rate in _FORMER:
        euros = [entry for entry in entries if _EURO.search(entry.label)]
        if any(entry.role in _TOTALS for entry in euros):
            same = {near for entry in euros for near in _at_rate(entry.cents, rate)}
            entries = [
                replace(entry, role=Role.ASIDE)
                if entry.cents in same and words.search(entry.label)
                else entry
                for entry in entries
            ]
    return entries


def _at_rate(cents: int, rate: float) -> range:
    middle = round(cents * rate)
    return range(middle - _CLOSE, middle + _CLOSE + 1)
