"""The rows of a receipt that a decision is about, each marked with the fields found on it."""

from models import ReceiptFields, ReceiptText
from providers.receipt_parser.receipt_rules.rows import Row, group_rows

_AROUND = {"total": 2}
"""Rows that are shown before and after a field's own; none for most."""
_LONGEST = 40
"""Rows that are shown of a receipt on which no total was found."""


def excerpt(text: ReceiptText, fields: ReceiptFields) -> list[str]:
    """Return the rows around what was read, or the beginning of all if no total was."""
    rows = group_rows(text)
    found = _found(rows, fields)
    if "total" not in fields.readings:
        shown = set(range(min(len(rows), _LONGEST)))
    else:
        shown = {
            near
            for index, names in found.items()
            for name in names
            for near in range(index - _AROUND.get(name, 0), index + _AROUND.get(name, 0) + 1)
        }
    lines: list[str] = []
    last = -1
    for index in sorted(shown & set(range(len(rows)))):
        if index != last + 1:
            lines.append("...")
        lines.append(f"{', '.join(found.get(index, [])):>10} | {rows[index].text}")
        last = index
    return lines


def _found(rows: list[Row], fields: ReceiptFields) -> dict[int, list[str]]:
    """Which fields stand on which row, by its number."""
    found: dict[int, list[str]] = {}
    for name, reading in fields.readings.items():
        if reading.box is None:
            continue
        level = (reading.box[1] + reading.box[3]) / 2
        on_page = [index for index, row in enumerate(rows) if row.page == reading.page]
        if on_page:
            nearest = min(on_page, key=lambda index: abs(_level(rows[index]) - level))
            found.setdefault(nearest, []).append(name)
    return found


def _level(row: Row) -> float:
    return (row.box[1] + row.box[3]) / 2
