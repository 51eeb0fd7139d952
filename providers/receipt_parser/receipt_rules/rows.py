"""Rows: OCR lines grouped side by side, as they are on the paper.

OCR returns "TOTAL" and "12.30" as two boxes, which only together make sense. The skew of the
page counts too: without it a label would be grouped with the amount of the next row.
"""

import math
from dataclasses import dataclass
from functools import cached_property

from models import ReceiptText, TextLine
from providers.receipt_parser.receipt_rules.plain_text import plain_line
from providers.receipt_parser.receipt_rules.vocabulary import fold

Box = tuple[int, int, int, int]

_SAME_ROW = 0.5
"""How far apart vertically two neighbours may be, in heights of the smaller one."""


@dataclass(frozen=True)
class Row:
    """Lines that are side by side, from left to right."""

    lines: tuple[TextLine, ...]

    @cached_property
    def text(self) -> str:
        """The words of the row, with two blanks between lines."""
        return "  ".join(line.text for line in self.lines)

    @cached_property
    def label(self) -> str:
        """The words as ``fold`` normalizes them, which is what the rules compare."""
        return fold(self.text)

    @cached_property
    def box(self) -> Box:
        """The bounding box of the row: left, top, right, bottom in pixels."""
        return enclosing(self.lines)

    @property
    def page(self) -> int:
        """The number of the row's page, from 0."""
        return self.lines[0].page

    @cached_property
    def height(self) -> float:
        """The height of the tallest line, in pixels."""
        return max(line.box[3] - line.box[1] for line in self.lines)


def enclosing(lines: tuple[TextLine, ...]) -> Box:
    """Return the bounding box of the lines: left, top, right, bottom in pixels."""
    return (
        min(line.box[0] for line in lines),
        min(line.box[1] for line in lines),
        max(line.box[2] for line in lines),
        max(line.box[3] for line in lines),
    )


@dataclass
class _Piece:
    """A line, its level (vertical center with the skew removed), and its height, in pixels."""

    line: TextLine
    level: float
    height: float


def group_rows(text: ReceiptText) -> list[Row]:
    """Group lines into rows; return the rows page by page, from top to bottom.

    From left to right, each line joins the row whose rightmost line is closest to its level, so
    that a row may follow a bend of the paper.
    """
    rows: list[Row] = []
    for page in sorted({line.page for line in text.lines}):
        standing = text.pages[page] if page < len(text.pages) else text
        lean = math.tan(math.radians(standing.skew_degrees))
        pieces = [_piece(plain_line(line), lean) for line in text.lines if line.page == page]
        rows += _rows_of_page(pieces)
    return rows


def _piece(line: TextLine, lean: float) -> _Piece:
    left, top, right, bottom = line.box
    # The box of a skewed line is taller than its letters.
    height = max(bottom - top - abs(lean) * (right - left), 0.4 * (bottom - top), 1.0)
    return _Piece(line, (top + bottom) / 2 - lean * (left + right) / 2, height)


def _rows_of_page(pieces: list[_Piece]) -> list[Row]:
    chains: list[list[_Piece]] = []
    for piece in sorted(pieces, key=lambda piece: piece.line.box[0]):
        chain = min(
            (chain for chain in chains if _continues(chain[-1], piece)),
            key=lambda chain: abs(chain[-1].level - piece.level),
            default=None,
        )
        if chain is None:
            chains.append([piece])
        else:
            chain.append(piece)
    chains.sort(key=lambda chain: sum(piece.level for piece in chain) / len(chain))
    return [Row(tuple(piece.line for piece in chain)) for chain in chains]


def _continues(last: _Piece, piece: _Piece) -> bool:
    """Return whether a line is to the right of another, on the same level."""
    lower = min(last.height, piece.height)
    apart = abs(last.level - piece.level)
    return apart < _SAME_ROW * lower and piece.line.box[0] > last.line.box[2] - lower
