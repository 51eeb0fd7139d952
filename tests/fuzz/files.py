"""Files that once were pictures and PDFs: bytes changed, cut out, repeated, and moved."""

import io
import resource
import time
import warnings
from functools import cache
from typing import Any

import pillow_heif
from hypothesis import strategies as st
from PIL import Image

from providers.files import confined_pdf
from providers.files.images import check_image, decode_image
from providers.files.pdf_pages import PdfLimits
from tests.support.pdf_files import cafe_receipt, printed_pdf

pillow_heif.register_heif_opener()

FORMATS = ("JPEG", "MPO", "PNG", "WEBP", "TIFF", "GIF", "HEIF", "AVIF", "JPEG2000")
_LARGEST_FILE, _MOST_PIXELS, _LONGEST_SIDE = 2_000_000, 1_000_000, 300
_PDF_LIMITS = PdfLimits(max_pages=3, max_pixels=_MOST_PIXELS)
_NUMBERS = (b"\0", b"\1", b"\x7f", b"\xff", b"\xff\xff", b"\0\0\0\0", b"\xff" * 4, b"\0\1\0\0")


@cache
def pictures(form: str) -> tuple[bytes, ...]:
    """Return whole pictures of a format: a plain one, and one with all that it may have."""
    grey, colours = Image.linear_gradient("L").resize((64, 48)), Image.new("RGB", (64, 48), "navy")
    exif = Image.Exif()
    exif[274], exif[271] = 6, "a phone"
    options: dict[str, Any] = {}
    if form not in ("GIF", "JPEG2000"):
        options = {"exif": exif.tobytes() if form == "HEIF" else exif, "icc_profile": bytes(300)}
    if form not in ("JPEG", "JPEG2000"):
        options |= {"save_all": True, "append_images": [grey.convert("RGB")]}
    if form == "AVIF":
        del options["exif"]  # Pillow 13.0 crashes while it writes one that is turned, and moves
    if form == "JPEG":
        options |= {"progressive": True}
    return _saved(grey.convert("RGB"), form), _saved(colours, form, **options)


def _saved(image: Image.Image, form: str, **options: Any) -> bytes:
    file = io.BytesIO()
    image.save(file, form, **options)
    return file.getvalue()


@cache
def pdfs() -> tuple[bytes, ...]:
    """Return whole PDFs."""
    return cafe_receipt(1_200), printed_pdf([("CORNER BAKERY", ""), ("TOTAL EUR", "10.50")], [])


@st.composite
def mutated(draw: Any, wholes: tuple[bytes, ...]) -> bytes:
    """Return one of the files after a few accidents."""
    file = bytearray(draw(st.sampled_from(wholes)))
    for _ in range(draw(st.integers(1, 6))):
        # Most of what decides stands at the beginning.
        start = draw(st.one_of(st.integers(0, min(len(file), 200)), st.integers(0, len(file))))
        end = min(len(file), start + draw(st.sampled_from((1, 2, 4, 16, 300))))
        what = draw(st.sampled_from(("byte", "number", "repeat", "drop", "copy", "cut")))
        if what == "byte":
            file[start : start + 1] = draw(st.binary(min_size=1, max_size=1))
        elif what == "number":
            number = draw(st.sampled_from(_NUMBERS))
            file[start : start + len(number)] = number
        elif what == "repeat":
            file[start:start] = file[start:end] * draw(st.sampled_from((1, 50, 3_000)))
        elif what == "drop":
            del file[start:end]
        elif what == "copy":
            file += file[start:end]
        elif draw(st.integers(0, 5)) == 0:
            del file[start:]
    return bytes(file[:_LARGEST_FILE])


def pictures_after_accidents(form: str) -> st.SearchStrategy[bytes]:
    """Return what such files of a format may be; none is made before it is asked for."""
    return st.deferred(lambda: mutated(pictures(form)))


def pdfs_after_accidents() -> st.SearchStrategy[bytes]:
    """Return what such PDFs may be."""
    return st.deferred(lambda: mutated(pdfs()))


def open_picture(data: bytes) -> object:
    """Open a picture here: in the process that opens them, nobody could tell who took the time."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Pillow warns of what is odd
        check_image(data, _LARGEST_FILE, _MOST_PIXELS)
        return decode_image(data, _MOST_PIXELS, _LONGEST_SIDE)


def open_pdf(data: bytes) -> object:
    """Read and draw all pages, each in a process, because a damaged file may crash the library."""
    pages = confined_pdf.text_layers(data, _PDF_LIMITS)
    return pages, confined_pdf.page_pictures(data, _PDF_LIMITS, _LONGEST_SIDE)


def cpu_seconds() -> float:
    """Return the CPU time of this process, all its threads, and the children that have ended."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime
