"""Cells that a spreadsheet shows and never runs, whoever wrote the receipt.

A merchant called ``=HYPERLINK(...)`` would otherwise be a formula on the accountant's machine
(OWASP: CSV injection).
"""

import re

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
"""Tabs and line breaks too: some programs begin a new cell at one, quoted or not."""
_FORMULA = re.compile(r"(^|;)(?=[\s\"']*[=+\-@\uff1d\uff0b\uff0d\uff20])")
"""Where a formula would begin: at the start of a cell, or behind the semicolon at which Excel
parts cells in many countries; also in full-width forms, and behind blanks, which are trimmed."""


def safe_cell(value: object) -> object:
    """Give the value as text on one line that no spreadsheet takes for a formula.

    Numbers stay numbers. The apostrophe that is put before a formula is the sign by which a
    spreadsheet itself marks text.
    """
    if not isinstance(value, str):
        return value
    return _FORMULA.sub(r"\1'", _CONTROL.sub(" ", value))
