"""Line items: what was bought, as far as the rows say it.

Nothing is decided by them, because rows of articles come in more forms than any rule knows;
they help a person who reviews, and whoever wants more than the total.
"""

from providers.receipt_rules.amounts import find_amounts
from providers.receipt_rules.entries import Entry
from providers.receipt_rules.rows import Row
from providers.receipt_rules.vocabulary import Role

from models import LineItem

_MOST = 100
_LONGEST = 100
"""Letters of a description."""
_LEAST_LETTERS = 3
"""Of a description; fewer are a code or a quantity, whose name is on the row above."""


def find_items(rows: list[Row], entries: list[Entry]) -> tuple[LineItem, ...]:
    """The articles and discounts down to the first row that sums them up."""
    items = []
    with_amounts = {entry.index for entry in entries}
    for entry in entries:
        if entry.in_summary or entry.role not in (Role.NONE, Role.DISCOUNT, Role.COUNT):
            break
        if entry.role is Role.COUNT:
            continue
        description = _description(entry.row)
        above = entry.index - 1
        if not _says_something(description) and above >= 0 and above not in with_amounts:
            description = rows[above].text
        cents = -abs(entry.cents) if entry.role is Role.DISCOUNT else entry.cents
        items.append(LineItem(description=description[:_LONGEST].strip(), cents=cents))
    return tuple(items[:_MOST])


def _description(row: Row) -> str:
    """The words before the first amount."""
    words = []
    for line in row.lines:
        amounts = find_amounts(line.text)
        words.append(line.text[: amounts[0].start] if amounts else line.text)
        if amounts:
            break
    return " ".join(" ".join(words).split())


def _says_something(description: str) -> bool:
    return sum(letter.isalpha() for letter in description) >= _LEAST_LETTERS
