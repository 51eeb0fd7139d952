"""Small pictures of receipts, which OCR reads in a fraction of the time that a photo takes."""

import io
from collections.abc import Sequence

from PIL import Image, ImageDraw, ImageFont

_WIDTH, _LINE, _MARGIN = 480, 40, 30


def drawn_receipt(rows: Sequence[tuple[str, str]]) -> bytes:
    """Return a PNG of the words on the left and the amount on the right of each row."""
    page = Image.new("L", (_WIDTH, 2 * _MARGIN + _LINE * len(rows)), 255)
    pen, font = ImageDraw.Draw(page), ImageFont.load_default(26)
    for number, (left, right) in enumerate(rows):
        top = _MARGIN + _LINE * number
        pen.text((_MARGIN, top), left, font=font, fill=0)
        pen.text((_WIDTH - _MARGIN, top), right, font=font, fill=0, anchor="ra")
    file = io.BytesIO()
    page.save(file, "PNG")
    return file.getvalue()


def drawn_tea(cents: int, shop: str = "Corner Cafe") -> bytes:
    """Return the picture of a receipt in EUR that is read without a doubt."""
    amount = f"{cents // 100}.{cents % 100:02}"
    return drawn_receipt(
        [(shop, ""), ("Date", "2026-03-14"), ("Tea", amount), ("TOTAL EUR", amount)]
    )
