"""PDF files, written by hand or drawn, with the content that a test needs."""

import io
from collections.abc import Sequence

from PIL import Image

Rows = Sequence[tuple[str, str]]
"""The words on the left and the amount on the right of each row."""

_PASSWORD_NOBODY_KNOWS = (
    f"/Encrypt<</Filter/Standard/V 1/R 2/P -4/O<{'5a' * 32}>/U<{'a5' * 32}>>>/ID[<00><00>]"
)


def printed_pdf(*pages: Rows, rotate: int = 0, extra: str = "", encrypted: bool = False) -> bytes:
    """Return a PDF of text, as a shop mails it; ``extra`` is drawn on every page."""
    objects = ["<</Type/Catalog/Pages 2 0 R>>", "", "<</Type/Font/Subtype/Type1/BaseFont/Courier>>"]
    kids = []
    for rows in pages:
        content = f"{extra} BT /F1 12 Tf {' '.join(_shown(*row) for row in enumerate(rows))} ET"
        objects.append(f"<</Length {len(content)}>>stream\n{content}\nendstream")
        objects.append(
            f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 400]/Rotate {rotate}"
            f"/Resources<</Font<</F1 3 0 R>>>>/Contents {len(objects)} 0 R>>"
        )
        kids.append(f"{len(objects)} 0 R")
    objects[1] = f"<</Type/Pages/Kids[{' '.join(kids)}]/Count {len(kids)}>>"
    return _file(objects, _PASSWORD_NOBODY_KNOWS if encrypted else "")


def cafe_receipt(cents: int = 1_150) -> bytes:
    """Return a receipt that is read without a doubt, and without OCR, which takes seconds."""
    cake = f"{(cents - 700) / 100:.2f}"
    return printed_pdf(
        [
            ("Corner Cafe", ""),
            ("Main Street 1", ""),
            ("04.03.2026", ""),
            ("2 Coffee", "7.00"),
            ("1 Cake", cake),
            ("TOTAL EUR", f"{cents / 100:.2f}"),
        ]
    )


def scanned_pdf(*pages: Image.Image) -> bytes:
    """Return a PDF of pictures at 150 dots per inch, as a scanner makes it."""
    file = io.BytesIO()
    pages[0].save(file, "PDF", save_all=True, append_images=pages[1:], resolution=150)
    return file.getvalue()


def _shown(number: int, row: tuple[str, str]) -> str:
    y = 360 - 20 * number
    return f"1 0 0 1 30 {y} Tm ({row[0]}) Tj 1 0 0 1 220 {y} Tm ({row[1]}) Tj"


def _file(objects: list[str], trailer: str) -> bytes:
    out = b"%PDF-1.4\n"
    offsets = []
    for number, body in enumerate(objects, start=1):
        offsets.append(len(out))
        out += f"{number} 0 obj\n{body}\nendobj\n".encode("latin-1")
    start = len(out)
    out += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode()
    out += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    out += f"trailer<</Size {len(objects) + 1}/Root 1 0 R{trailer}>>\n".encode()
    return out + f"startxref\n{start}\n%%EOF\n".encode()
