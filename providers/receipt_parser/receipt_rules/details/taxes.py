"""Taxes: how much of the total is tax, from the tax table or from a row that says so.

A row labelled as tax may hold the net, the gross or a registration number, so an amount counts
only if it is consistent with the total.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from providers.receipt_parser.receipt_rules.entries import Entry
from providers.receipt_parser.receipt_rules.readings import Reading
from providers.receipt_parser.receipt_rules.rows import enclosing
from providers.receipt_parser.receipt_rules.vocabulary import Role

_RATE = re.compile(r"\b(\d{1,2})(?: \d{1,2})? ?%")
_LARGEST_SHARE = 0.3
"""Of the total. No value-added tax is above 27 %, which is 0.21 of the gross."""
CLOSE = 5
"""In minor units: how far table and total may differ, because cash is rounded to fives."""


@dataclass(frozen=True)
class TaxReading(Reading):
    """The tax in minor units, the sum over all rates."""

    cents: int


def find_tax(entries: list[Entry], total_cents: int) -> TaxReading | None:
    """Return the tax included in the total, or None if no printed amount can be it.

    That of a negative total is negative.
    """
    if total_cents < 0:
        positive = [
            replace(entry, amounts=tuple(abs(cents) for cents in entry.amounts))
            for entry in entries
        ]
        tax = find_tax(positive, -total_cents)
        return replace(tax, cents=-tax.cents) if tax else None
    return _from_table(entries, total_cents) or _from_rows(entries, total_cents)


def _from_table(entries: list[Entry], total: int) -> TaxReading | None:
    """Return the sum over the rates, if net and tax of all rates add up to the total."""
    rows = [
        (entry, *parts)
        for entry in entries
        if entry.in_summary and entry.role not in (Role.TOTAL, Role.GRAND_TOTAL)
        for parts in _net_and_tax(entry)
    ]
    gross = sum(net + tax for _, net, tax in rows)
    if not rows or abs(gross - total) > CLOSE:
        return None
    return _reading(sum(tax for *_, tax in rows), 0.95, [entry for entry, *_ in rows])


def _net_and_tax(entry: Entry) -> Iterable[tuple[int, int]]:
    """Yield net and tax of a row with two amounts, or with two and their sum."""
    amounts = sorted(abs(cents) for cents in entry.amounts)
    if len(amounts) == 2:
        yield amounts[1], amounts[0]
    elif len(amounts) > 2 and abs(amounts[-3] + amounts[-2] - amounts[-1]) <= 1:
        yield amounts[-2], amounts[-3]


def _from_rows(entries: list[Entry], total: int) -> TaxReading | None:
    """Return the tax of a row that sums the taxes, or else the sum of the rows of the rates."""
    rows = [
        entry
        for entry in entries
        if entry.role is Role.TAX and 0 <= entry.cents <= total * _LARGEST_SHARE
    ]
    sums = [entry for entry in rows if "TOTAL" in entry.label and "INCL" not in entry.label]
    rows = sums[:1] or _without_sum([entry for entry in rows if not entry.in_summary])
    if not rows:
        return None
    rates = {int(rate) for entry in entries for rate in _RATE.findall(entry.label)}
    if not _fits(_sum(rows), total, rates):
        # Items may say how much of them is tax; the row of the whole tax is the one that fits.
        rows = [entry for entry in rows if _fits(entry.cents, total, rates)][-1:] or rows
    confidence = 0.9 if _fits(_sum(rows), total, rates) else 0.6
    return _reading(_sum(rows), confidence, rows)


def _fits(cents: int, total: int, rates: set[int]) -> bool:
    """Tell whether a tax is that of a gross total, at one of the rates in percent."""
    return any(abs(cents - total * rate / (100 + rate)) <= CLOSE for rate in rates)


def _sum(entries: list[Entry]) -> int:
    return sum(entry.cents for entry in entries)


def _without_sum(rows: list[Entry]) -> list[Entry]:
    """Return the rows without the one that is the sum of the others, if there is one."""
    if len(rows) > 2 and rows[-1].cents * 2 == _sum(rows):
        return rows[:-1]
    return rows


def _reading(cents: int, confidence: float, entries: list[Entry]) -> TaxReading:
    lines = tuple(entry.line for entry in entries)
    return TaxReading(cents, confidence=confidence, box=enclosing(lines), page=lines[0].page)
