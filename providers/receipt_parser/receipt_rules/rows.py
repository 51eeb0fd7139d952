"""Rows: OCR lines put back side by side, as they stand on the paper.

OCR gives "TOTAL" and "12.30" as two boxes. Read apart, a receipt is a heap of words and
numbers; without regard to how the page leans, a label meets its neighbour's amount.
"""

import math
from dataclasses import dataclass
from functools import cached_property

from models import ReceiptText, TextLine
from providers.receipt_parser.receipt_rules.vocabulary import fold

Box = tuple[int, int, int, int]

_SAME_ROW = 0.5
"""How far apart two neighbours may stand, in heights of the lower one."""


@dataclass(frozen=True)
class Row:
    """Lines that stand side by side, from left to right."""

    lines: tuple[TextLine, ...]

    @cached_property
    def text(self) -> str:
        """The words of the row; two blanks where there is a gap on the paper."""
        return "  ".join(line.text for line in self.lines)

    @cached_property
    def label(self) -> str:
        """The words folded, as the rules compare them."""
        return fold(self.text)

    @cached_property
    def box(self) -> Box:
        """The smallest box around all lines of the row."""
        return enclosing(self.lines)

    @property
    def page(self) -> int:
        """The page that the row is on."""
        return self.lines[0].page

    @cached_property
    def height(self) -> float:
        """Height of the tallest line, in pixels."""
        return max(line.box[3] - line.box[1] for line in self.lines)


def enclosing(lines: tuple[TextLine, ...]) -> Box:
    """The smallest box around the lines."""
    return (
        min(line.box[0] for line in lines),
        min(line.box[1] for line in lines),
        max(line.box[2] for line in lines),
        max(line.box[3] for line in lines),
    )


@dataclass
class _Piece:
    """A line with its level: its height on the page once the lean is taken out."""

    line: TextLine
    level: float
    height: float


def group_rows(text: ReceiptText) -> list[Row]:
    """Put lines side by side into rows, rows from top to bottom of the first page to the last.

    Each line, from the left, joins the row whose rightmost line it continues best, so that
    a row may follow the bend of the paper.
    """
    rows: list[Row] = []
    for page in sorted({line.page for line in text.lines}):
        standing = text.pages[page] if page < len(text.pages) else text
        lean = math.tan(math.radians(standing.skew_degrees))
        pieces = [_piece(line, lean) for line in text.lines if line.page == page]
        rows += _rows_of_page(pieces)
    return rows


def _piece(line: TextLine, lean: float) -> _Piece:
    left, top, right, bottom = line.box
    # A leaning line's box is taller than its letters.
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
    """Whether a line stands to the right of another, on the same level."""
    lower = min(last.height, piece.height)
    apart = abs(last.level - piece.level)
    return apart < _SAME_ROW * lower and piece.line.box[0] > last.line.box[2] - lower
