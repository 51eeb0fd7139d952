"""Receipts drawn for a person: each line's box, and each field where it was found.

A number in a terminal cannot be checked; the same number beside its place on the paper can,
at a glance.
"""

import re
from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from config import Settings
from models import FieldReading, ReceiptFields, ReceiptText, TextPage
from providers.errors import ProviderError
from providers.files.documents import page_images
from service.errors import BadInput, NotFound
from service.receipts.fields import value_of

_LONGEST_SIDE = 2000
"""Pixels of a page as it is drawn: enough to read, little enough to open at once."""
_COLOURS = {
    "merchant": (0, 90, 200),
    "date": (0, 130, 60),
    "total": (200, 0, 30),
    "currency": (170, 90, 0),
    "tax": (120, 0, 160),
}
_OTHER_COLOUR = (90, 90, 90)
_LINE_COLOUR = (150, 180, 210)
_LETTER_SHARE = 60
"""The longer side of a page is this many times the height of a label's letters."""
_AROUND = 0.12
"""Share of the page's height that a cut-out shows above and below."""

_NO_NAME = re.compile(r"[^A-Za-z0-9._-]")
_LONGEST_NAME = 120

Box = tuple[int, int, int, int]


class _Page(NamedTuple):
    """A page as it is drawn, and how many of its pixels are one pixel of the text's page."""

    image: Image.Image
    scale: float


def annotated(
    file: bytes, text: ReceiptText, fields: ReceiptFields | None, settings: Settings
) -> Image.Image:
    """Draw all pages, one below the other; raise BadInput if the file cannot be read."""
    pages = _drawn(file, text, fields, settings)
    width = max(page.image.width for page in pages)
    sheet = Image.new("RGB", (width, sum(page.image.height for page in pages)), "white")
    top = 0
    for page in pages:
        sheet.paste(page.image, (0, top))
        top += page.image.height
    return sheet


def around_total(
    file: bytes, text: ReceiptText, fields: ReceiptFields | None, settings: Settings
) -> Image.Image:
    """Draw the strip of paper around the total, or the last page if no total was found.

    Raise BadInput if the file cannot be read.
    """
    pages = _drawn(file, text, fields, settings)
    reading = fields.readings.get("total") if fields else None
    if reading is None or reading.box is None or reading.page >= len(pages):
        return pages[-1].image
    image, scale = pages[reading.page]
    margin = round(_AROUND * image.height)
    top = max(0, round(reading.box[1] * scale) - margin)
    bottom = min(image.height, round(reading.box[3] * scale) + margin)
    return image.crop((0, top, image.width, max(bottom, top + 1)))


def upright_page(
    file: bytes, text: ReceiptText | None, number: int, settings: Settings
) -> Image.Image:
    """Return a page as it is, upright, with nothing drawn on it; ``number`` counts from 0.

    What nobody has read yet is as its file says. Raise BadInput if the file cannot be read,
    NotFound if it has no such page.
    """
    pictures = _pictures(file, settings)
    if not 0 <= number < len(pictures):
        raise NotFound(f"there is no page {number + 1}: the receipt has {len(pictures)}")
    pages = (text.pages or (text,)) if text else ()
    turns = pages[number].rotation // 90 if number < len(pages) else 0
    return Image.fromarray(np.ascontiguousarray(np.rot90(pictures[number], turns)))


def png_of(folder: Path, workflow_id: str) -> Path:
    """Return where the picture of a run goes: a file of that folder, whatever the id says.

    Whoever reaches Temporal can start a receipt's run under an id such as ``../../.ssh/id``.
    """
    name = _NO_NAME.sub("_", workflow_id)[:_LONGEST_NAME].lstrip(".")
    if name != workflow_id or not name:
        # Two such ids must not share a file.
        name = f"{name}-{sha256(workflow_id.encode(errors='replace')).hexdigest()[:12]}"
    return folder / f"{name}.png"


def write_png(picture: Image.Image, file: Path) -> str:
    """Write a picture and return its path; raise BadInput if it cannot be written."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        picture.save(file, "PNG")
    except OSError as error:
        raise BadInput(f"{file} cannot be written: {error.strerror}") from None
    return str(file)


def _drawn(
    file: bytes, text: ReceiptText, fields: ReceiptFields | None, settings: Settings
) -> list[_Page]:
    pictures = _pictures(file, settings)
    pages = []
    for number, (picture, page) in enumerate(zip(pictures, text.pages or (text,), strict=False)):
        drawn = _upright(picture, page)
        _draw_lines(drawn, [line.box for line in text.lines if line.page == number])
        for name, reading in (fields.readings if fields else {}).items():
            if reading.page == number and reading.box:
                _draw_field(drawn, name, _label(name, reading, fields), reading.box)
        pages.append(drawn)
    return pages


def _pictures(file: bytes, settings: Settings) -> list[np.ndarray]:
    try:
        return [page.pixels for page in page_images(file, settings, _LONGEST_SIDE)]
    except ProviderError as error:
        raise BadInput(str(error)) from None


def _upright(pixels: np.ndarray, page: TextPage) -> _Page:
    upright = np.ascontiguousarray(np.rot90(pixels, page.rotation // 90))
    return _Page(Image.fromarray(upright), upright.shape[1] / max(page.width, 1))


def _draw_lines(page: _Page, boxes: Iterable[Box]) -> None:
    pen = ImageDraw.Draw(page.image)
    for box in boxes:
        pen.rectangle(_scaled(box, page.scale), outline=_LINE_COLOUR)


def _draw_field(page: _Page, name: str, label: str, box: Box) -> None:
    """Draw the field's box, and its label above it, or below where there is no room."""
    colour = _COLOURS.get(name, _OTHER_COLOUR)
    pen = ImageDraw.Draw(page.image)
    left, top, right, bottom = _scaled(box, page.scale)
    pen.rectangle((left - 2, top - 2, right + 2, bottom + 2), outline=colour, width=3)
    font = ImageFont.load_default(max(12, max(page.image.size) // _LETTER_SHARE))
    _, _, across, down = pen.textbbox((0, 0), label, font)
    x = min(left, max(0, round(page.image.width - across - 6)))
    y = top - down - 8 if top > down + 8 else bottom + 4
    pen.rectangle((x, y, x + across + 6, y + down + 4), fill=colour)
    pen.text((x + 3, y + 1), label, "white", font)


def _label(name: str, reading: FieldReading, fields: ReceiptFields | None) -> str:
    value = value_of(name, fields) if fields else ""
    return f"{name} {value} ({reading.confidence:.0%})".replace("  ", " ")


def _scaled(box: Box, scale: float) -> Box:
    left, top, right, bottom = (round(edge * scale) for edge in box)
    return left, top, max(left, right), max(top, bottom)
