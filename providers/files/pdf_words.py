"""The words of a PDF page, put together from its letters by where each of them stands.

Prevents four failures of taking the runs that the file has for words: ``$1`` and ``10.00`` that
touch being two amounts; a file that places letter by letter giving no word at all; text that nobody
can see on the page becoming an expense; and a letter drawn twice, to be bold, being read twice.
"""

from __future__ import annotations

import ctypes
import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from pypdfium2 import PdfPage, PdfTextPage

MOST_LETTERS = 40_000
"""Of a page; a page of a book has three thousand. What follows is left out."""
_BLANK = 0.17
"""The width of a blank, in heights of the letters."""
_COLUMN = 1.3
"""The least gap between two columns, in heights."""
_SAME_LINE = 0.5
"""How far apart vertically two letters of a line may be, in heights of the smaller one."""
_SAME_PLACE = 0.3
"""How far apart a letter and its second drawing may be, in heights."""
_UPRIGHT_DEGREES = 15
_TINIEST = 2.0
"""In points: smaller letters are there for machines."""
_WHITE = 250
_INVISIBLE_MODES = frozenset({3, 7})
"""Text render modes of PDF 1.7, table 106: neither fill nor stroke, and clipping only."""


class Letter(NamedTuple):
    """A letter and its box on the page's picture: left, top, right, bottom in pixels.

    ``start`` and ``end`` are where the font has it begin and end, with the room beside its ink.
    """

    sign: str
    left: float
    top: float
    right: float
    bottom: float
    start: float
    end: float

    @property
    def height(self) -> float:
        """The height of the letter's box, at least one pixel."""
        return max(self.bottom - self.top, 1.0)


class PageLetters(NamedTuple):
    """The letters of a page that stand upright, and how many do not, or cannot be seen."""

    upright: list[Letter]
    sideways: int
    hidden: int


Run = tuple[str, tuple[int, int, int, int]]
"""A text, and its box in pixels."""


def page_letters(page: PdfPage, text: PdfTextPage, width: int, height: int) -> PageLetters:
    """Return the letters of a page whose picture has this size in pixels."""
    from pypdfium2 import raw

    place = _placing(page, width, height)
    turned = page.get_rotation() % 360
    upright: list[Letter] = []
    sideways = hidden = 0
    for index in range(min(raw.FPDFText_CountChars(text), MOST_LETTERS)):
        code = raw.FPDFText_GetUnicode(text, index)
        sign = chr(code) if 0 < code <= 0x10FFFF else "\ufffd"
        if sign.isspace() or raw.FPDFText_IsGenerated(text, index) == 1:
            continue
        if not _is_visible(text, index):
            hidden += sign.isalnum()
            continue
        angle = math.degrees(raw.FPDFText_GetCharAngle(text, index))
        if abs((angle - turned + 180) % 360 - 180) > _UPRIGHT_DEGREES:
            sideways += 1
            continue
        letter = _letter(text, index, sign, place)
        if letter.right > 0 and letter.left < width and letter.bottom > 0 and letter.top < height:
            upright.append(letter)
        else:
            hidden += sign.isalnum()
    return PageLetters(upright, sideways, hidden)


def runs_of(letters: list[Letter]) -> list[Run]:
    """Put letters together to the runs of each line, from top to bottom, columns apart."""
    return [run for line in _lines(letters) for run in _runs(line)]


def _lines(letters: list[Letter]) -> list[list[Letter]]:
    """Return the letters of each line, from left to right."""
    lines: list[list[Letter]] = []
    middle = size = 0.0
    for letter in sorted(letters, key=lambda each: each.top + each.bottom):
        center = (letter.top + letter.bottom) / 2
        if not lines or center - middle > _SAME_LINE * min(size, letter.height):
            lines.append([])
            size = letter.height
            middle = center
        lines[-1].append(letter)
        size = max(size, letter.height)
        middle = center if letter.height >= size else middle
    for line in lines:
        line.sort(key=lambda each: each.start)
    return lines


def _runs(line: list[Letter]) -> Iterator[Run]:
    run: list[Letter] = []
    words = ""
    for letter in line:
        last = run[-1] if run else None
        if last is not None:
            gap = letter.start - last.end
            size = max(last.height, letter.height)
            if letter.sign == last.sign and letter.start - last.start < _SAME_PLACE * size / 2:
                continue  # drawn twice, to be bold
            if gap > _COLUMN * size:
                yield words, _enclosing(run)
                run, words = [], ""
            elif gap > _BLANK * size:
                words += " "
        run.append(letter)
        words += letter.sign
    if run:
        yield words, _enclosing(run)


def _enclosing(run: list[Letter]) -> tuple[int, int, int, int]:
    return (
        math.floor(min(letter.left for letter in run)),
        math.floor(min(letter.top for letter in run)),
        math.ceil(max(letter.right for letter in run)),
        math.ceil(max(letter.bottom for letter in run)),
    )


def _is_visible(text: PdfTextPage, index: int) -> bool:
    from pypdfium2 import raw

    if raw.FPDFText_GetFontSize(text, index) < _TINIEST and _matrix_is_small(text, index):
        return False
    drawn = raw.FPDFText_GetTextObject(text, index)
    if drawn and raw.FPDFTextObj_GetTextRenderMode(drawn) in _INVISIBLE_MODES:
        return False
    red, green, blue, alpha = (ctypes.c_uint() for _ in range(4))
    if not raw.FPDFText_GetFillColor(text, index, red, green, blue, alpha):
        return True
    return bool(alpha.value > 0 and min(red.value, green.value, blue.value) < _WHITE)


def _matrix_is_small(text: PdfTextPage, index: int) -> bool:
    """Return whether a letter is small as drawn: some files have fonts of one point, enlarged."""
    from pypdfium2 import raw

    box = raw.FS_RECTF()
    raw.FPDFText_GetLooseCharBox(text, index, box)
    return bool(abs(box.top - box.bottom) < _TINIEST and abs(box.right - box.left) < _TINIEST)


def _letter(text: PdfTextPage, index: int, sign: str, place: _Placing) -> Letter:
    from pypdfium2 import raw

    loose = raw.FS_RECTF()
    raw.FPDFText_GetLooseCharBox(text, index, loose)
    edges = tuple(ctypes.c_double() for _ in range(4))
    raw.FPDFText_GetCharBox(text, index, *edges)
    left, right, bottom, top = (edge.value for edge in edges)
    start, end = left, right
    if loose.right > loose.left:
        # Loose boxes are as high and as wide as the font has it, tight ones as the ink.
        start, end = loose.left, loose.right
        top, bottom = max(top, loose.top), min(bottom, loose.bottom)
    across, down = zip(place(left, bottom), place(right, top), strict=True)
    reach, fall = zip(place(start, bottom), place(end, bottom), strict=True)
    if abs(reach[1] - reach[0]) < abs(fall[1] - fall[0]):  # sideways: nobody asks for its order
        reach = across
    return Letter(sign, min(across), min(down), max(across), max(down), min(reach), max(reach))


class _Placing(NamedTuple):
    """Where a point of the page is on its picture: turned as the page is, and scaled."""

    origin: tuple[float, float]
    along: tuple[float, float]
    upward: tuple[float, float]

    def __call__(self, x: float, y: float) -> tuple[float, float]:
        return (
            self.origin[0] + x * self.along[0] + y * self.upward[0],
            self.origin[1] + x * self.along[1] + y * self.upward[1],
        )


_FAR = 1000
"""In points: how far apart two points are from which the scale is measured."""


def _placing(page: PdfPage, width: int, height: int) -> _Placing:
    from pypdfium2 import raw

    def pixel(x: float, y: float) -> tuple[int, int]:
        across, down = ctypes.c_int(), ctypes.c_int()
        raw.FPDF_PageToDevice(page, 0, 0, width * 100, height * 100, 0, x, y, across, down)
        return across.value, down.value

    start, right, up = pixel(0, 0), pixel(_FAR, 0), pixel(0, _FAR)
    return _Placing(
        (start[0] / 100, start[1] / 100),
        ((right[0] - start[0]) / 100 / _FAR, (right[1] - start[1]) / 100 / _FAR),
        ((up[0] - start[0]) / 100 / _FAR, (up[1] - start[1]) / 100 / _FAR),
    )
