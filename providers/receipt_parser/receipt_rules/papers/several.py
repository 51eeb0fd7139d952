"""Several receipts on one picture: one below the other, or side by side.

Each is an expense of its own. A copy of the same receipt counts once, and a card slip has no other
total.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator

from providers.receipt_parser.receipt_rules.entries import Entry
from providers.receipt_parser.receipt_rules.rows import Row
from providers.receipt_parser.receipt_rules.vocabulary import Role, fold, role_of

_TOTALS = frozenset({Role.TOTAL, Role.GRAND_TOTAL})
_TIME = re.compile(r"(?:\b|(?<=[/.-]\d\d)|(?<=[/.-]\d{4}))([01]?\d|2[0-3]):([0-5]\d)(?!\d)")
"""Also one that OCR has joined to the day before it, as in ``07/10/202608:48``."""
_DATE = re.compile(r"\b\d{1,4}[./-]\d{1,2}[./-]\d{2,4}\b")
_LEAST_LETTERS = 6
_LEAST_NUMBERED = 3
_LEAST_DIGITS = 4
"""Letters and digits of a row that numbers or dates a receipt, such as ``Ticket 4417``."""
_LEAST_REPEATED = 2
"""Rows that say the same twice, where two receipts are side by side."""
_LEAST_LINES = 8
_MOST_CROSSING = 0.1
"""Share of the lines that may cross the gap, because OCR joined two of them."""


def has_another_receipt(rows: list[Row], entries: list[Entry]) -> bool:
    """Return whether there is another receipt below the first, or beside it."""
    totals = [entry for entry in entries if entry.role in _TOTALS and not entry.in_summary]
    with_amounts = {entry.index for entry in entries}
    return _has_one_below(rows, totals, with_amounts) or _has_one_beside(rows, entries)


def _has_one_below(rows: list[Row], totals: list[Entry], with_amounts: set[int]) -> bool:
    """Return whether the head is printed again below a total, with another total, number or time.

    ``with_amounts`` are the numbers of the rows with amounts.
    """
    if not totals:
        return False
    heads = {_letters(row) for row in rows[:2] if len(_letters(row)) >= _LEAST_LETTERS}
    starts = [
        index
        for index, row in enumerate(rows)
        if index > totals[0].index and _letters(row) in heads
    ]
    if not starts:
        return False
    start = starts[0]
    first = {abs(total.cents) for total in totals if total.index < start}
    second = {abs(total.cents) for total in totals if total.index > start}
    if second and not second & first:
        return True
    if not second:
        return False
    bare = [(index, row) for index, row in enumerate(rows) if index not in with_amounts]
    above, below = ([row for i, row in bare if (i < start) is wanted] for wanted in (True, False))
    is_numbered_anew = _is_numbered_anew(above, below)
    return is_numbered_anew or bool(_numbers(rows[start:]) - _numbers(rows[:start]))


def _is_numbered_anew(above: list[Row], below: list[Row]) -> bool:
    """Return whether a row says the same in both with another number or day: a copy has the same.

    Two tickets of the same price differ in nothing else.
    """
    printed: dict[str, set[str]] = {}
    for row in above:
        printed.setdefault(_letters(row), set()).add(_digits(row))
    return any(
        (len(_letters(row)) >= _LEAST_NUMBERED or _DATE.search(row.text))
        and len(_digits(row)) >= _LEAST_DIGITS
        and _letters(row) in printed
        and _digits(row) not in printed[_letters(row)]
        for row in below
    )


def _digits(row: Row) -> str:
    return "".join(sign for sign in row.text if sign.isdigit())


def _letters(row: Row) -> str:
    return "".join(sign for sign in row.label if sign.isalpha())


def _numbers(rows: list[Row]) -> set[str]:
    """Return the times of rows that have a number of at least four digits, too: tickets do."""
    return {
        time[0]
        for row in rows
        for time in _TIME.finditer(row.text)
        if sum(sign.isdigit() for sign in row.text) >= 8
    }


def _has_one_beside(rows: list[Row], entries: list[Entry]) -> bool:
    """Return whether two receipts are side by side, whose rows were grouped as one."""
    return _is_repeated(rows, entries) or _has_two_sides(rows, entries)


def _is_repeated(rows: list[Row], entries: list[Entry]) -> bool:
    """Return whether rows say the same twice with other numbers, and a total is one of them."""
    repeated = [row for row in rows if _says_twice(row)]
    if len(repeated) < _LEAST_REPEATED or not any(_differs(row) for row in rows):
        return False
    totals = [entry for entry in entries if entry.role in _TOTALS and len(entry.amounts) > 1]
    return any(_says_twice(entry.row) for entry in totals)


def _says_twice(row: Row) -> bool:
    words = [word for word in row.label.split() if word.isalpha() and len(word) > 1]
    half = len(words) // 2
    return half > 0 and words[:half] == words[half:]


def _differs(row: Row) -> bool:
    """Return whether a row says the same twice, or has two times, with other numbers."""
    digits = "".join(sign for sign in row.text if sign.isdigit())
    half = len(digits) // 2
    is_twin = _says_twice(row) or len(_TIME.findall(row.text)) > 1
    return is_twin and digits[:half] != digits[half:]


def _has_two_sides(rows: list[Row], entries: list[Entry]) -> bool:
    """Return whether each side of a gap has a date and a total of its own."""
    gap = _gap(rows)
    if gap is None:
        return False
    sides = [_side(rows, gap, at_left) for at_left in (True, False)]
    if not all(any(_is_dated(text) for text in side.values()) for side in sides):
        return False
    with_amounts = {entry.index for entry in entries}
    left, right = ({*_totals_of(side, with_amounts)} for side in sides)
    if not left or not right:
        return False
    are_timed = all(any(_TIME.search(text) for text in side.values()) for side in sides)
    return not left & right or (are_timed and _times_of(sides[0]) != _times_of(sides[1]))


def _gap(rows: list[Row]) -> int | None:
    """Return where nearly no line crosses from one half of the lines to the other, in pixels."""
    lines = [line for row in rows for line in row.lines]
    lefts = sorted(line.box[0] for line in lines)
    rights = sorted(line.box[2] for line in lines)
    if len(lines) < _LEAST_LINES:
        return None
    share = len(lines) // 3
    crossing = {
        x: bisect_left(lefts, x) - bisect_right(rights, x)
        for x in lefts[share:-share]
        if bisect_right(rights, x) >= share
    }
    best = min(crossing, key=lambda x: crossing[x], default=None)
    return best if best is not None and crossing[best] <= _MOST_CROSSING * len(lines) else None


def _side(rows: list[Row], gap: int, at_left: bool) -> dict[int, str]:
    """Return the text of one side of the gap, by the number of its row."""
    texts = {
        index: "  ".join(line.text for line in row.lines if (line.box[0] < gap) == at_left)
        for index, row in enumerate(rows)
    }
    return {index: text for index, text in texts.items() if text}


def _is_dated(text: str) -> bool:
    return bool(_DATE.search(text))


def _times_of(side: dict[int, str]) -> set[str]:
    return {time[0] for text in side.values() for time in _TIME.finditer(text)}


def _totals_of(side: dict[int, str], with_amounts: set[int]) -> Iterator[str]:
    """Yield the digits of the rows of a side that are called a total."""
    for index in sorted(with_amounts & side.keys()):
        digits = "".join(sign for sign in side[index] if sign.isdigit())
        if digits and role_of(fold(side[index])) in _TOTALS:
            yield digits
