"""Entries: each row with an amount, and the role that its label says.

The step between rows and decisions. Later steps work on roles and do not read labels again to
find the total, so labels are interpreted in one place only.
"""

import re
from dataclasses import dataclass, replace
from itertools import pairwise

from models import USUAL_DIGITS, TextLine
from providers.receipt_parser.receipt_rules.amounts import (
    Amount,
    find_amounts,
    find_misread_amount,
    find_spaced_amounts,
    find_whole_amounts,
)
from providers.receipt_parser.receipt_rules.amounts.signs import BEHIND
from providers.receipt_parser.receipt_rules.rows import Row
from providers.receipt_parser.receipt_rules.vocabulary import (
    Role,
    fold,
    is_said_of_money,
    opens_tax_summary,
    role_of,
)

_LARGEST_ROUNDING = 99
"""In minor units; a larger "rounding" is the rounded total itself."""
_LARGEST_WHOLE_ROUNDING = 500
"""The same where no decimals are printed: forints are rounded to five."""
_MOST_AMOUNTS = 12
"""Of a row. A row of more is no row of a receipt, and arithmetic over it would take minutes."""
_MOST_ENTRIES = 240
"""The first and the last half of them are kept: the total is near the end, or near the start."""
_FAR = 4
"""In heights of the row: a gap between two columns of a page."""
_TOTALS = frozenset({Role.GRAND_TOTAL, Role.TOTAL})
_WORD = re.compile(
    r"\b(?!(?:RM|MYR|EUR|USD|GBP|CHF|SGD|AUD|CAD|SEK|NOK|DKK|PLN|CZK|INR|MXN|KR|KC|FT|ZL)\b)[A-Z]{2}"
)
_PAYMENTS = frozenset({Role.CASH, Role.CARD, Role.CHANGE})
_MONEY_ROLES = _PAYMENTS | _TOTALS | {Role.SUBTOTAL, Role.TAX}
_MAY_BE_WHOLE = frozenset({Role.NONE, Role.DISCOUNT, Role.SERVICE, Role.NET})
_MAY_BE_ARTICLES = _PAYMENTS | {Role.TOTAL, Role.ROUNDING}
_NO_DECIMALS = re.compile(rf"\s*(?:[.,:]\s?[-\u2013\u2014]{{1,2}})?\s*{BEHIND}?\s*")
"""What may stand behind a price of whole units."""
_OPENS_SUGGESTIONS = re.compile(r"\bSUGGEST\w*|\b(TIP|GRATUITY) (GUIDE|TABLE|CALCULAT\w+)")


@dataclass(frozen=True)
class Entry:
    """A row with at least one amount: its label, its role, its amounts in minor units.

    ``line`` is the line with the last amount, ``index`` the number of the row. ``in_summary``
    marks rows of the tax table, whose totals are not the receipt's. ``is_whole`` marks an amount
    that was printed, or read, without decimals.
    """

    row: Row
    label: str
    role: Role
    amounts: tuple[int, ...]
    line: TextLine
    index: int
    in_summary: bool
    is_whole: bool = False

    @property
    def cents(self) -> int:
        """The amount in minor units that the label is about: the rightmost one."""
        return self.amounts[-1]


def find_entries(rows: list[Row], digits: int = USUAL_DIGITS) -> list[Entry]:
    """Return the rows with amounts, which have so many decimals, from top to bottom."""
    entries: list[Entry] = []
    in_summary = seen_total = suggests = False
    waiting = ""
    for index, row in enumerate(rows):
        label, amounts, line, is_whole = _split(row, digits)
        if waiting and amounts and not _WORD.search(label):
            label = waiting
        waiting = ""
        role = role_of(label)
        suggests = bool(_OPENS_SUGGESTIONS.search(label)) or (suggests and "%" in row.text)
        if not amounts:
            if opens_tax_summary(label, seen_total):
                in_summary = True
            elif in_summary and role is Role.NONE:
                in_summary = False
            # A total printed large may have its amount on the next row.
            waiting = label if role in _TOTALS and not in_summary else ""
            continue
        if suggests:
            role = Role.ASIDE
        most = _LARGEST_WHOLE_ROUNDING if is_whole and digits else _LARGEST_ROUNDING
        if role is Role.ROUNDING and abs(amounts[-1]) > most:
            role = Role.GRAND_TOTAL
        seen_total = seen_total or role in _TOTALS or role is Role.SUBTOTAL
        if role in (Role.TAX, Role.NET) and opens_tax_summary(label, seen_total):
            in_summary = True
        kept = tuple(amounts[-_MOST_AMOUNTS:])
        entries.append(Entry(row, label, role, kept, line, index, in_summary, is_whole))
    if len(entries) > _MOST_ENTRIES:
        entries = entries[: _MOST_ENTRIES // 2] + entries[-_MOST_ENTRIES // 2 :]
    return _with_lost_points(_without_articles(_without_plain_numbers(entries)), digits)


def _without_plain_numbers(entries: list[Entry]) -> list[Entry]:
    """Return the entries, without prices of whole units unless a total is one, too."""
    if any(entry.is_whole and entry.role in _TOTALS for entry in entries):
        return entries
    return [entry for entry in entries if not entry.is_whole or entry.role is not Role.NONE]


def _without_articles(entries: list[Entry]) -> list[Entry]:
    """Return the entries, with no role for articles whose names have a word of labels in them.

    ``CHOCOLATE BAR`` is not paid in cash. Articles stand above the first total or subtotal, and
    have a word that labels have not. Gift cards are sold there, too.
    """
    said = [
        entry.index
        for entry in entries
        if (entry.role in _TOTALS or entry.role is Role.SUBTOTAL)
        and not entry.in_summary
        and is_said_of_money(entry.label)
    ]
    if not said:
        return entries
    totals = {abs(entry.cents) for entry in entries if entry.role in _TOTALS}
    return [
        replace(entry, role=Role.ASIDE)  # to be won
        if entry.index > said[0] and _is_gift(entry) and abs(entry.cents) not in totals
        else replace(entry, role=Role.NONE)
        if entry.index < said[0]
        and entry.role in _MAY_BE_ARTICLES
        and (not is_said_of_money(entry.label) or _is_gift(entry) or _is_credit(entry, entries))
        else entry
        for entry in entries
    ]


def _is_credit(entry: Entry, entries: list[Entry]) -> bool:
    """Return whether it is taken off the articles above it, and no payment by card."""
    if entry.role is not Role.CARD or entry.cents >= 0 or "CREDIT" not in entry.label:
        return False
    return any(
        one.index < entry.index and one.role is Role.NONE and one.cents > 0 for one in entries
    )


def _is_gift(entry: Entry) -> bool:
    return entry.role is Role.CARD and entry.label.startswith(("GIFT CARD", "GIFTCARD"))


def _with_lost_points(entries: list[Entry], digits: int) -> list[Entry]:
    """Return the entries with ``34.00`` for a ``3400`` whose decimal point OCR has lost."""
    if digits == 0:
        return entries
    printed = {cents for entry in entries if not entry.is_whole for cents in entry.amounts}
    return [
        replace(entry, amounts=tuple(_pointed(cents, printed, digits) for cents in entry.amounts))
        if entry.is_whole
        else entry
        for entry in entries
    ]


def _pointed(cents: int, printed: set[int], digits: int) -> int:
    with_point = cents // int(10**digits)
    return with_point if with_point in printed and cents not in printed else cents


def _split(row: Row, digits: int) -> tuple[str, list[int], TextLine, bool]:
    """Return label and amounts (minor units) of a row, and the line with the last amount.

    And whether they were printed without decimals.
    """
    words: list[str] = []
    cents: list[int] = []
    last = row.lines[-1]
    for line in row.lines:
        amounts = find_amounts(line.text, digits)
        if digits == USUAL_DIGITS and (spaced := find_spaced_amounts(line.text)):
            label = fold(" ".join((*words, _without(line.text, spaced))))
            amounts = spaced if role_of(label) in _MONEY_ROLES else amounts
        rest = _without(line.text, amounts)
        words.append(rest)
        if amounts:
            cents += [amount.cents for amount in amounts]
            last = line
    label = fold(" ".join(words))
    if cents:
        near = fold(" ".join(words[_first_near(row) :]))
        is_near = role_of(near) in _TOTALS and role_of(label) is not Role.ASIDE
        return near if is_near else label, cents, last, False
    role = role_of(label)
    if role in _MAY_BE_WHOLE and (price := _whole_price(last, digits)):
        return (
            fold(" ".join((*words[:-1], _without(last.text, [price])))),
            [price.cents],
            last,
            True,
        )
    if role not in _MONEY_ROLES:
        return label, [], last, False
    whole = find_whole_amounts(row.text, digits)
    if whole:
        last = next((line for line in reversed(row.lines) if _has_digit(line)), last)
        return label, [amount.cents for amount in whole], last, True
    misread = find_misread_amount(last.text) if digits == USUAL_DIGITS else []
    return label, [amount.cents for amount in misread], last, False


def _whole_price(line: TextLine, digits: int) -> Amount | None:
    """Return the amount without decimals at the end of a line, beside a currency or a dash."""
    found = find_whole_amounts(line.text, digits)
    return found[-1] if found and _NO_DECIMALS.fullmatch(line.text, found[-1].end) else None


def _first_near(row: Row) -> int:
    """Return the number of the first line that is not far from the next, as text of a column is.

    In whose row a total stands, a page's left column may have its terms.
    """
    first = 0
    for index, (line, after) in enumerate(pairwise(row.lines), start=1):
        gap = after.box[0] - line.box[2]
        if gap > _FAR * row.height and any(sign.isalpha() for sign in after.text):
            first = index
    return first


def _has_digit(line: TextLine) -> bool:
    return any(sign.isdigit() for sign in line.text)


def _without(text: str, amounts: list[Amount]) -> str:
    for amount in reversed(amounts):
        text = text[: amount.start] + " " + text[amount.end :]
    return text
