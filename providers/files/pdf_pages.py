"""PDF: the text layer and the picture of each page, without trusting the file.

Prevents four failures: OCR of a page whose exact text is in the file; a stamp in a corner taken
for the text of a scanned page; a few kilobytes that unpack to gigabytes of pixels; and a crash
of pdfium, which is not thread-safe. A process is started to open one file (``pdf_process``), so
this imports as little as possible: no models.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from providers.errors import ImageTooLarge, NotAnImage, ProviderError
from providers.files.images import DecodedImage
from providers.files.pdf_words import page_letters, runs_of

if TYPE_CHECKING:
    from pypdfium2 import PdfDocument, PdfPage

_HEAD_BYTES = 1024
"""The header and the end marker of a PDF may be this far from the file's start and end.

PDF 1.7 reference, appendix H, 13 and 18.
"""
_DOTS_PER_INCH = 200
_POINTS_PER_INCH = 72
LONGEST_SIDE = 3000
"""Most pixels of a page's longest side, whatever size in points the file claims."""
_LEAST_LETTERS = 20
"""A text layer with fewer letters and digits is taken for a stamp."""
_LEAST_LEGIBLE = 0.9
"""Share of a text layer's characters that must be printable: a font without a character map
yields garbage."""
_PICTURE_SHARE = 0.5
"""A picture that covers more than this share of the page is taken for a scan of it."""
_PART_SHARE = 0.05
"""A picture of this share, on a page whose text has no amount, may be the receipt itself."""
_MOST_HIDDEN = 4
"""If more letters and digits of a page cannot be seen, OCR reads what can."""
_MONEY = re.compile(r"\d[.,]\d\d(?!\d)")

MOST_PAGES = 50
"""Of a file: one of more is refused."""
MAX_LINE_CHARACTERS = 200
"""That of ``models``."""

_one_at_a_time = threading.Lock()

Seen = TypeVar("Seen")
Area = tuple[float, float, float, float]
"""Left, bottom, right, top in points."""


class PdfLimits(NamedTuple):
    """Limits of a PDF: the pages that are read of it, and the pixels of each picture in it."""

    max_pages: int
    max_pixels: int


class Words(NamedTuple):
    """A line of a text layer; ``box`` is left, top, right, bottom in pixels of the picture."""

    text: str
    box: tuple[int, int, int, int]


class TextLayer(NamedTuple):
    """The text layer of a page; ``width`` and ``height`` of its picture are in pixels."""

    lines: tuple[Words, ...]
    width: int
    height: int


def read_pages(count: int, most: int) -> list[int]:
    """Return the numbers of the pages that are read: the first and the last, if there are more.

    The money is on the first page of an invoice, or on the last; between them are terms.
    """
    if count <= most:
        return list(range(count))
    first = (most + 1) // 2
    return [*range(first), *range(count - (most - first), count)]


def is_pdf(data: bytes) -> bool:
    """Return whether the bytes contain a PDF header near their start."""
    return b"%PDF-" in data[:_HEAD_BYTES]


def check_pdf(data: bytes, limits: PdfLimits) -> int:
    """Open the file, look at every page without decoding a pixel, and return how many there are.

    Raises NotAnImage for a PDF that is damaged, truncated, empty or encrypted, ImageTooLarge for
    one that exceeds the limits.
    """
    if b"%%EOF" not in data[-_HEAD_BYTES:]:
        raise NotAnImage(f"the PDF file is cut off after {len(data):,} bytes")
    return len(_each_page(data, limits, None, lambda _page: None))


def text_layers(data: bytes, limits: PdfLimits, only: int | None = None) -> list[TextLayer | None]:
    """Return the text layer of each page, or None for a page that needs OCR.

    ``only`` is the number of a single page to read, from 0. Raises the errors of ``check_pdf``.
    """
    return _each_page(data, limits, only, _text_layer)


def page_pictures(
    data: bytes, limits: PdfLimits, longest_side: int, only: int | None = None
) -> list[DecodedImage]:
    """Return a picture of each page, no side longer than ``longest_side`` pixels.

    ``width`` and ``height`` are the size before shrinking, which is the text layer's size.
    ``only`` is the number of a single page to draw, from 0. Raises the errors of ``check_pdf``.
    """
    return _each_page(data, limits, only, lambda page: _picture(page, longest_side))


def _each_page(
    data: bytes, limits: PdfLimits, only: int | None, look: Callable[[PdfPage], Seen]
) -> list[Seen]:
    """Call ``look`` with every page or one only; in one thread at a time."""
    with _one_at_a_time, _opened(data) as document:
        if len(document) > MOST_PAGES:
            raise ImageTooLarge(
                f"the PDF file has {len(document)} pages; at most {MOST_PAGES} are allowed"
            )
        looked_at = read_pages(len(document), limits.max_pages)
        seen = []
        for number in looked_at if only is None else [looked_at[only]]:
            with closing(document[number]) as page:
                _check_pictures(page, limits.max_pixels)
                seen.append(look(page))
        return seen


@contextmanager
def _opened(data: bytes) -> Iterator[PdfDocument]:
    from pypdfium2 import PdfDocument, PdfiumError
    from pypdfium2.raw import FPDF_ERR_PASSWORD

    try:
        with closing(PdfDocument(data)) as document:
            yield document
    except ProviderError:
        raise
    except PdfiumError as error:
        if error.err_code == FPDF_ERR_PASSWORD:
            raise NotAnImage(
                "the PDF file is encrypted; save it without a password and submit that"
            ) from error
        raise NotAnImage("the PDF file is damaged and cannot be read") from error


def _check_pictures(page: PdfPage, max_pixels: int) -> None:
    for width, height, _ in _pictures_on(page):
        if width * height > max_pixels:
            raise ImageTooLarge(
                f"the PDF file holds a picture of {width} x {height} = {width * height:,} pixels; "
                f"at most {max_pixels:,} are allowed"
            )


def _pictures_on(page: PdfPage) -> Iterator[tuple[int, int, Area]]:
    """Yield width and height in pixels and area in points of each picture, from its header."""
    from pypdfium2 import PdfImage
    from pypdfium2.raw import FPDF_PAGEOBJ_IMAGE

    for found in page.get_objects(filter=[FPDF_PAGEOBJ_IMAGE]):
        if isinstance(found, PdfImage):
            width, height = found.get_px_size()
            yield width, height, found.get_bounds()


def _size(page: PdfPage) -> tuple[int, int]:
    """Return width and height of the page's picture in pixels."""
    width, height = page.get_size()
    scale = min(_DOTS_PER_INCH / _POINTS_PER_INCH, LONGEST_SIDE / max(width, height, 1.0))
    return max(1, round(width * scale)), max(1, round(height * scale))


def _picture(page: PdfPage, longest_side: int) -> DecodedImage:
    width, height = _size(page)
    shrunk = min(1.0, longest_side / max(width, height))
    scale = shrunk * width / max(page.get_width(), 1.0)
    with closing(page.render(scale=scale, rev_byteorder=True)) as bitmap:
        # A copy, because closing the bitmap frees its memory.
        return DecodedImage(bitmap.to_numpy()[:, :, :3].copy(), width, height)


def _text_layer(page: PdfPage) -> TextLayer | None:
    shares = _picture_shares(page)
    if any(share > _PICTURE_SHARE for share in shares):
        return None  # the text layer may lack what a scan shows
    width, height = _size(page)
    with closing(page.get_textpage()) as text:
        letters = page_letters(page, text, width, height)
    if letters.hidden > _MOST_HIDDEN or letters.sideways > len(letters.upright):
        return None
    lines = [Words(words[:MAX_LINE_CHARACTERS], box) for words, box in runs_of(letters.upright)]
    if not _is_legible(lines):
        return None
    shows_money = any(_MONEY.search(line.text) for line in lines)
    if not shows_money and any(share > _PART_SHARE for share in shares):
        return None  # a mail whose receipt is a picture
    return TextLayer(tuple(lines), width, height)


def _picture_shares(page: PdfPage) -> list[float]:
    """Return the share of the page that each picture covers."""
    whole = max(page.get_width() * page.get_height(), 1.0)
    return [
        (right - left) * (top - bottom) / whole
        for _, _, (left, bottom, right, top) in _pictures_on(page)
    ]


def _is_legible(lines: list[Words]) -> bool:
    letters = "".join(line.text for line in lines)
    legible = sum(letter.isprintable() and letter != "\ufffd" for letter in letters)
    useful = sum(letter.isalnum() for letter in letters)
    return useful >= _LEAST_LETTERS and legible >= _LEAST_LEGIBLE * len(letters)
