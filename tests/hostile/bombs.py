"""Small malicious files, made without the memory that they are meant to use up."""

import struct
import zlib
from collections.abc import Iterable
from functools import cache
from io import BytesIO

MEBIBYTE = 1 << 20


@cache
def png(width: int, height: int, *, cut: bool = False) -> bytes:
    """Return a black picture of one bit per pixel; ``cut`` leaves out the pixels."""
    squeezing = zlib.compressobj(1)
    row = bytes(1 + (width + 7) // 8)
    pixels = b"" if cut else b"".join(squeezing.compress(row) for _ in range(height))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
        for name, body in (
            (b"IHDR", struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)),
            (b"IDAT", pixels + squeezing.flush()),
            (b"IEND", b""),
        )
    )


def webp_of_50_megapixels() -> bytes:
    """Return 7,000 x 7,100 transparent pixels, just within the limit, in 40 bytes of WebP."""
    return bytes.fromhex(
        "5249464620000000574542505650384c140000002f57dbee16075081540820000a9a92c58888fe07"
    )


def jpeg_of_65535_squared() -> bytes:
    """Return a JPEG header that claims 4,000 million pixels, followed by an end of image."""
    frame = b"\xff\xc0\x00\x0b\x08\xff\xff\xff\xff\x01\x01\x11\x00"
    return b"\xff\xd8" + frame + b"\xff\xda\x00\x08\x01\x01\x00\x00\x3f\x00\x00\xff\xd9"


def tiff_of_many_pixels(width: int, height: int) -> bytes:
    """Return a TIFF whose header claims the size, with one strip of a single byte."""
    tags = (
        (256, 4, width),
        (257, 4, height),
        (258, 3, 8),
        (259, 3, 1),
        (262, 3, 1),
        (273, 4, 8),
        (277, 3, 1),
        (278, 4, height),
        (279, 4, 1),
    )
    entries = b"".join(struct.pack("<HHII", tag, kind, 1, value) for tag, kind, value in tags)
    return (
        b"II*\x00"
        + struct.pack("<I", 10)
        + b"\0\0"
        + struct.pack("<H", len(tags))
        + entries
        + (b"\0\0\0\0")
    )


def pdf(objects: Iterable[bytes], trailer: bytes = b"") -> bytes:
    """Return a PDF of these objects, numbered from 1; the first is its catalogue."""
    file = BytesIO()
    file.write(b"%PDF-1.7\n")
    places = []
    for number, body in enumerate(objects, 1):
        places.append(file.tell())
        file.write(b"%d 0 obj\n%b\nendobj\n" % (number, body))
    start = file.tell()
    file.write(b"xref\n0 %d\n0000000000 65535 f \n" % (len(places) + 1))
    file.writelines(b"%010d 00000 n \n" % place for place in places)
    file.write(
        b"trailer\n<</Size %d/Root 1 0 R%b>>\nstartxref\n%d\n%%%%EOF\n"
        % (len(places) + 1, trailer, start)
    )
    return file.getvalue()


def pdf_of_pages(count: int) -> bytes:
    """Return a PDF of ``count`` empty pages."""
    kids = b" ".join(b"%d 0 R" % (3 + number) for number in range(count))
    return pdf(
        [
            b"<</Type/Catalog/Pages 2 0 R>>",
            b"<</Type/Pages/Count %d/Kids[%b]>>" % (count, kids),
            *[b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]>>"] * count,
        ]
    )


def pdf_that_unpacks(mebibytes: int) -> bytes:
    """Return a page whose content is blanks, deflated twice: a gigabyte takes a kilobyte."""
    squeezing = zlib.compressobj(9)
    blanks = b" " * MEBIBYTE
    # Flushed, so that each piece is complete and can be repeated.
    first, piece = (
        squeezing.compress(blanks) + squeezing.flush(zlib.Z_FULL_FLUSH) for _ in range(2)
    )
    once = first + piece * (mebibytes - 1) + squeezing.flush()
    return _pdf_page(_stream(zlib.compress(once, 9), b"/Filter[/FlateDecode/FlateDecode]"))


def pdf_that_draws_for_ever() -> bytes:
    """Return ten forms that each draw the next one ten times: 10,000 million rectangles."""
    levels = range(5, 15)
    forms = [
        _stream(b"/F Do " * 10, _FORM + b"/Resources<</XObject<</F %d 0 R>>>>" % (level + 1))
        for level in levels
    ]
    return _pdf_page(
        _stream(b"/F Do", b""),
        *forms,
        _stream(b"0 0 1 1 re f", _FORM),
        resources=b"/XObject<</F 5 0 R>>",
    )


def pdf_with_picture(width: int, height: int) -> bytes:
    """Return a page with a picture inside a form; the picture has a header, but no pixels."""
    picture = b"/Type/XObject/Subtype/Image/ColorSpace/DeviceGray/BitsPerComponent 8"
    size = b"/Width %d/Height %d" % (width, height)
    return _pdf_page(
        _stream(b"/F Do", b""),
        _stream(b"q 612 0 0 792 0 0 cm /I Do Q", _FORM + b"/Resources<</XObject<</I 6 0 R>>>>"),
        _stream(b"\0", picture + size),
        resources=b"/XObject<</F 5 0 R>>",
    )


def locked_pdf() -> bytes:
    """Return a PDF that needs an unknown password."""
    secret = b"<" + b"ab" * 32 + b">"
    encryption = b"<</Filter/Standard/V 1/R 2/P -44/O %b/U %b>>" % (secret, secret)
    return pdf(
        [
            b"<</Type/Catalog/Pages 2 0 R>>",
            b"<</Type/Pages/Count 1/Kids[3 0 R]>>",
            b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]>>",
            encryption,
        ],
        trailer=b"/Encrypt 4 0 R/ID[<00><00>]",
    )


_FORM = b"/Type/XObject/Subtype/Form/BBox[0 0 612 792]"


def _stream(data: bytes, entries: bytes) -> bytes:
    return b"<<%b/Length %d>>stream\n%b\nendstream" % (entries, len(data), data)


def _pdf_page(content: bytes, *others: bytes, resources: bytes = b"") -> bytes:
    page = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Contents 4 0 R/Resources<<%b>>>>"
    return pdf(
        [
            b"<</Type/Catalog/Pages 2 0 R>>",
            b"<</Type/Pages/Count 1/Kids[3 0 R]>>",
            page % resources,
            content,
            *others,
        ]
    )
