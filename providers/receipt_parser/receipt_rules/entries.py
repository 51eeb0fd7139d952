"""Entries: each row with an amount, and the role that its label says.

The step between rows and decisions. Later steps work on roles and do not read labels again to
find the total, so labels are interpreted in one place only.
"""

import re
from dataclasses import dataclass

from models import USUAL_DIGITS, TextLine
from providers.receipt_parser.receipt_rules.amounts import (
    Amount,
    find_amounts,
    find_misread_amount,
    find_whole_amounts,
)
from providers.receipt_parser.receipt_rules.rows import Row
from providers.receipt_parser.receipt_rules.vocabulary import Role, fold, opens_tax_summary, role_of

_LARGEST_ROUNDING = 99
"""In minor units; a larger "rounding" is the rounded total itself."""
_TOTALS = frozenset({Role.GRAND_TOTAL, Role.TOTAL})
_WORD = re.compile(r"(?!\b(?:RM|MYR|EUR|USD|GBP|CHF|SGD)\b)[A-Z]{2}")
_MONEY_ROLES = frozenset({Role.CASH, Role.CARD, Role.CHANGE, Role.SUBTOTAL, Role.TAX, *_TOTALS})


@dataclass(frozen=True)
class Entry:
    """A row with at least one amount: its label, its role, its amounts in minor units.

    ``line`` is the line with the last amount, ``index`` the number of the row. ``in_summary``
    marks rows of the tax table, whose totals are not the receipt's.
    """

    row: Row
    label: str
    role: Role
    amounts: tuple[int, ...]
    line: TextLine
    index: int
    in_summary: bool

    @property
    def cents(self) -> int:
        """The amount in minor units that the label is about: the rightmost one."""
        return self.amounts[-1]


def find_entries(rows: list[Row], digits: int = USUAL_DIGITS) -> list[Entry]:
    """Return the rows with amounts, which have so many decimals, from top to bottom."""
    entries: list[Entry] = []
    in_summary = seen_total = False
    waiting = ""
    for index, row in enumerate(rows):
        label, amounts, line = _split(row, digits)
        if waiting and amounts and not _WORD.search(label):
            label = waiting
        waiting = ""
        role = role_of(label)
        if not amounts:
            if opens_tax_summary(label, seen_total):
                in_summary = True
            elif in_summary and role is Role.NONE:
                in_summary = False
            # A total printed large may have its amount on the next row.
            waiting = label if role in _TOTALS and not in_summary else ""
            continue
        if role is Role.ROUNDING and abs(amounts[-1]) > _LARGEST_ROUNDING:
            role = Role.GRAND_TOTAL
        seen_total = seen_total or role in _TOTALS or role is Role.SUBTOTAL
        if role in (Role.TAX, Role.NET) and opens_tax_summary(label, seen_total):
            in_summary = True
        entries.append(Entry(row, label, role, tuple(amounts), line, index, in_summary))
    return entries


def _split(row: Row, digits: int) -> tuple[str, list[int], TextLine]:
    """Return label and amounts (minor units) of a row, and the line with the last amount."""
    words: list[str] = []
    cents: list[int] = []
    last = row.lines[-1]
    for line in row.lines:
        amounts = find_amounts(line.text, digits)
        rest = _without(line.text, amounts)
        words.append(rest)
        if amounts:
            cents += [amount.cents for amount in amounts]
            last = line
    label = fold(" ".join(words))
    if cents:
        return label, cents, last
    return _with_unusual_amounts(row, label, digits)


def _with_unusual_amounts(row: Row, label: str, digits: int) -> tuple[str, list[int], TextLine]:
    """Return amounts without decimals or without a decimal point, if the label is about money."""
    last = row.lines[-1]
    if role_of(label) in _MONEY_ROLES:
        amounts = find_whole_amounts(row.text, digits)
        if not amounts and digits == USUAL_DIGITS:
            amounts = find_misread_amount(last.text)
        return label, [amount.cents for amount in amounts], last
    return label, [], last


def _without(text: str, amounts: list[Amount]) -> str:
    for amount in reversed(amounts):
        text = text[: amount.start] + " " + text[amount.end :]
    return text
