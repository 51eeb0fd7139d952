"""Line items: what was bought, as far as the rows can be read.

Rows of items have more forms than rules can cover, so no decision depends on them. They help
the reviewer, and whoever needs more than the total.
"""

import re

from models import USUAL_DIGITS, LineItem
from providers.receipt_parser.receipt_rules.amounts import find_amounts
from providers.receipt_parser.receipt_rules.entries import Entry
from providers.receipt_parser.receipt_rules.rows import Row
from providers.receipt_parser.receipt_rules.vocabulary import Role

_MOST = 100
_LONGEST = 100
"""In characters, of a description."""
_TAX_LETTER = re.compile(r" [A-Z*#]$")
_LEAST_LETTERS = 3
"""A shorter description is a code or a quantity, and the name is on the row above."""


def find_items(
    rows: list[Row], entries: list[Entry], digits: int = USUAL_DIGITS
) -> tuple[LineItem, ...]:
    """Return items and discounts (negative), down to the first row that sums them up."""
    items = []
    with_amounts = {entry.index for entry in entries}
    for entry in entries:
        if entry.in_summary or entry.role not in (Role.NONE, Role.DISCOUNT, Role.COUNT):
            break
        if entry.role is Role.COUNT:
            continue
        description = _description(entry.row, digits)
        above = entry.index - 1
        if not _says_something(description):
            if above >= 0 and above not in with_amounts:
                description = rows[above].text
            elif len(entry.amounts) == 1:  # the unit price of the item beside it
                continue
        cents = -abs(entry.cents) if entry.role is Role.DISCOUNT else entry.cents
        items.append(LineItem(description=description[:_LONGEST].strip(), cents=cents))
    return tuple(items[:_MOST])


def _description(row: Row, digits: int) -> str:
    """Return the words of the row without its amounts and the letter of its tax rate."""
    words = row.text
    for amount in reversed(find_amounts(words, digits)):
        words = f"{words[: amount.start]} {words[amount.end :]}"
    return _TAX_LETTER.sub("", " ".join(words.split()))


def _says_something(description: str) -> bool:
    return sum(letter.isalpha() for letter in description) >= _LEAST_LETTERS
