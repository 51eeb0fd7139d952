"""Documents: submitted files, whether one picture or a PDF of several pages.

The only place that tells the two apart, so that every file that is accepted can also be read.
"""

from config import Settings
from providers.errors import ImageTooLarge
from providers.files.confined_pdf import check_pdf, page_pictures
from providers.files.images import DecodedImage, FileKind, check_image, decode_image
from providers.files.pdf_pages import PdfLimits, is_pdf

PDF = FileKind("PDF", "pdf", "application/pdf")


def check_receipt(data: bytes, settings: Settings) -> FileKind:
    """Return the format of the file, without decoding a pixel.

    Raises NotAnImage for anything but a complete picture or PDF, ImageTooLarge for more bytes,
    pixels or pages than the settings allow, and ProviderUnavailable if this machine is too busy
    to open a PDF.
    """
    if not is_pdf(data):
        return check_image(data, settings.receipt_max_bytes, settings.receipt_max_pixels)
    if len(data) > settings.receipt_max_bytes:
        raise ImageTooLarge(
            f"the file has {len(data):,} bytes; at most {settings.receipt_max_bytes:,} are allowed"
        )
    check_pdf(data, pdf_limits(settings))
    return PDF


def count_pages(data: bytes, settings: Settings) -> int:
    """Return how many pages a document has; raise as ``check_receipt``."""
    return check_pdf(data, pdf_limits(settings)) if is_pdf(data) else 1


def page_images(data: bytes, settings: Settings, longest_side: int) -> list[DecodedImage]:
    """Decode every page to RGB, turned as the file says, no side above ``longest_side`` pixels.

    Raises the errors of ``check_receipt``.
    """
    if is_pdf(data):
        return page_pictures(data, pdf_limits(settings), longest_side)
    return [decode_image(data, settings.receipt_max_pixels, longest_side)]


def pdf_limits(settings: Settings) -> PdfLimits:
    """Return the limits that the settings set for a PDF."""
    return PdfLimits(settings.receipt_max_pages, settings.receipt_max_pixels)
