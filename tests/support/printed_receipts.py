"""Receipts as OCR would return them, written as rows of words."""

from models import ReceiptText, TextLine

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
