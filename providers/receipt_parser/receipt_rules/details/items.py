"""Line items: what was bought, as far as the rows can be read.

Rows of items have more forms than rules can cover, so no decision depends on them. They help
the reviewer, and whoever needs more than the total.
"""

import re
from collections.abc import Iterator, Sequence

from models import USUAL_DIGITS, LineItem
from providers.receipt_parser.receipt_rules.amounts import find_amounts
from providers.receipt_parser.receipt_rules.details.quantities import (
    Quantity,
    find_columns,
    find_multiplier,
    find_products,
    without,
)
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
    rows: Sequence[Row], entries: Sequence[Entry], digits: int = USUAL_DIGITS
) -> tuple[LineItem, ...]:
    """Return items and discounts (negative), down to the first row that sums them up."""
    with_amounts = {entry.index for entry in entries if entry.role is not Role.ASIDE}
    items = []
    for entry in _of_items(entries, digits)[:_MOST]:
        own = _in_row(entry, digits)
        alone = next(_alone(entry.row, digits), None)
        description = _description(entry.row, own or alone, digits)
        above = entry.index - 1
        if not _says_something(description):
            if above >= 0 and above not in with_amounts:
                description = rows[above].text
            elif len(entry.amounts) == 1:  # the unit price of the item beside it
                continue
        cents = -abs(entry.cents) if entry.role is Role.DISCOUNT else entry.cents
        item = LineItem(description=description[:_LONGEST].strip(), cents=cents)
        quantity = own or _beside(entry, rows, digits)
        items.append(with_quantity(item, quantity) if quantity else item)
    return tuple(items)


def with_quantity(item: LineItem, one: Quantity) -> LineItem:
    """Return the item with a quantity that comes to its amount."""
    known = {"quantity": one.quantity, "unit_price_cents": one.unit_price_cents}
    return item.model_copy(update=known)


def _of_items(entries: Sequence[Entry], digits: int) -> list[Entry]:
    found = []
    for entry in entries:
        if entry.role is Role.ASIDE:
            continue
        if entry.in_summary or entry.role not in (Role.NONE, Role.DISCOUNT, Role.COUNT):
            break
        if entry.role is not Role.COUNT or _in_row(entry, digits):
            found.append(entry)
    return found


def _in_row(entry: Entry, digits: int) -> Quantity | None:
    """Return the quantity that an item has in its own row, or None."""
    text = entry.row.text
    products = (one for one in find_products(text, digits) if one.comes_to(entry.cents))
    found = next(products, None) or find_columns(text, entry.cents, digits)
    if found or len(entry.amounts) > 1:
        return found
    return find_multiplier(text, entry.cents)


def _beside(entry: Entry, rows: Sequence[Row], digits: int) -> Quantity | None:
    """Return the quantity in the row below or above an item, where that has nothing else."""
    for index in (entry.index + 1, entry.index - 1):
        if 0 <= index < len(rows):
            for one in _alone(rows[index], digits):
                if one.comes_to(entry.cents):
                    return one
    return None


def _alone(row: Row, digits: int) -> Iterator[Quantity]:
    for one in find_products(row.text, digits):
        if not _says_something(without(row.text, one)):
            yield one


def _description(row: Row, quantity: Quantity | None, digits: int) -> str:
    """Return the words of the row without amounts, quantity and the letter of its tax rate."""
    words = row.text
    if quantity:
        words = without(words, quantity)
    for amount in reversed(find_amounts(words, digits)):
        words = f"{words[: amount.start]} {words[amount.end :]}"
    return _TAX_LETTER.sub("", " ".join(words.split()))


def _says_something(description: str) -> bool:
    return sum(letter.isalpha() for letter in description) >= _LEAST_LETTERS
