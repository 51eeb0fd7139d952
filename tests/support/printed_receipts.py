"""Receipts as OCR would return them, written as rows of words."""

from config import Settings
from models import ReceiptFields, ReceiptText, TextLine
from providers.errors import TotalNotFound
from providers.receipt_parser.receipt_rules import RulesParser

_WIDTH = 620
_LETTER = 10


def printed(*rows: str, skew: float = 0.0) -> ReceiptText:
    """Lay out rows on a page; ``|`` separates columns, and the last column is on the right.

    ``skew`` is by how many hundredths of their length the rows fall to the right.
    """
    lines = []
    for number, row in enumerate(rows):
        words = [word.strip() for word in row.split("|")]
        for column, word in enumerate(words):
            width = _LETTER * len(word)
            at_right = 0 < column == len(words) - 1
            left = _WIDTH - 20 - width if at_right else 20 + 180 * column
            top = 20 + 30 * number + round(left * skew / 100)
            if word:
                box = (left, top, left + width, top + 20 + round(width * skew / 100))
                lines.append(TextLine(text=word, box=box, confidence=0.98))
    return ReceiptText(
        lines=tuple(lines),
        width=_WIDTH,
        height=60 + 30 * len(rows),
        skew_degrees=skew * 0.573,
        engine="test",
    )


HARBOUR_DELI = ("Harbour Deli Ltd", "2 Quay Road, Leeds LS1 1AA", "14/03/2026 12:30")
"""The head of a shop's receipt, with which nothing is odd."""


async def read_below_head(*rows: str) -> ReceiptFields:
    """Return what the rules read of a receipt of Harbour Deli with these rows, also in part."""
    try:
        return await RulesParser(Settings()).parse(printed(*HARBOUR_DELI, *rows))
    except TotalNotFound as missing:
        assert missing.partial is not None
        return missing.partial
