"""The receipts of a simulation: samples, and small pictures that are read in a moment."""

import io

from PIL import Image, ImageDraw, ImageFont

from sandbox.samples import RECEIPTS

WIDTH, LINE, MARGIN = 480, 40, 30
DRAWN = "drawn-"
NOTHING = "drawn-nothing"


def picture(kind: str, name: str) -> bytes:
    """Return the picture of a planned receipt: its kind, in bytes of its own."""
    if not kind.startswith(DRAWN):
        # Readers ignore what follows the end of a JPEG.
        return (RECEIPTS / f"{kind}.jpg").read_bytes() + name.encode()
    return _drawn(_rows(kind, name))


def _rows(kind: str, name: str) -> list[tuple[str, str]]:
    shop = f"Shop {name}"
    if kind == NOTHING:
        return [(shop, ""), ("Thank you", ""), ("Open daily", "")]
    cents = int(kind.removeprefix(DRAWN))
    amount = f"{cents // 100}.{cents % 100:02}"
    return [(shop, ""), ("Date", "2026-03-14"), ("Tea", amount), ("TOTAL EUR", amount)]


def _drawn(rows: list[tuple[str, str]]) -> bytes:
    page = Image.new("L", (WIDTH, 2 * MARGIN + LINE * len(rows)), 255)
    pen, font = ImageDraw.Draw(page), ImageFont.load_default(26)
    for number, (left, right) in enumerate(rows):
        top = MARGIN + LINE * number
        pen.text((MARGIN, top), left, font=font, fill=0)
        pen.text((WIDTH - MARGIN, top), right, font=font, fill=0, anchor="ra")
    file = io.BytesIO()
    page.save(file, "PNG")
    return file.getvalue()
