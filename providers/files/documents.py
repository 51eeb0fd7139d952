"""Documents: submitted files, whether one picture or a PDF of several pages.

The only place that tells the two apart, so that every file that is accepted can also be read.
"""

from config import Settings
from providers.errors import ImageTooLarge
from providers.files.confined_pdf import check_pdf, page_pictures
from providers.files.confined_pictures import PictureLimits, check_picture, decode_picture
from providers.files.image_kinds import TIFF, FileKind, kind_of, tiff_pages
from providers.files.images import DecodedImage
from providers.files.pdf_pages import MOST_PAGES, PdfLimits, is_pdf, read_pages

PDF = FileKind("PDF", "pdf", "application/pdf")


def check_receipt(data: bytes, settings: Settings) -> FileKind:
    """Return the format of the file, without decoding a pixel.

    Raises NotAnImage for anything but a complete picture or PDF, ImageTooLarge for more bytes,
    pixels or pages than the settings allow, and ProviderUnavailable if this machine is too busy
    to open it.
    """
    if not is_pdf(data):
        kind = check_picture(data, picture_limits(settings))
        if kind is TIFF and tiff_pages(data, MOST_PAGES) > MOST_PAGES:
            raise ImageTooLarge(f"the TIFF file has more than the {MOST_PAGES} pages allowed")
        return kind
    if len(data) > settings.receipt_max_bytes:
        raise ImageTooLarge(
            f"the file has {len(data):,} bytes; at most {settings.receipt_max_bytes:,} are allowed"
        )
    check_pdf(data, pdf_limits(settings))
    return PDF


def count_pages(data: bytes, settings: Settings) -> int:
    """Return how many pages a document has; raise as ``check_receipt``."""
    if is_pdf(data):
        return check_pdf(data, pdf_limits(settings))
    return picture_pages(data, settings)


def picture_pages(data: bytes, settings: Settings) -> int:
    """Return how many pages a picture has: a TIFF may have several, any other kind has one.

    No more are counted than are read; raise NotAnImage.
    """
    if kind_of(data) is not TIFF:
        return 1
    return min(tiff_pages(data, MOST_PAGES), settings.receipt_max_pages)


def tiff_page(data: bytes, page: int, settings: Settings) -> int:
    """Return the number in the file of a page that is read."""
    count = tiff_pages(data, MOST_PAGES) if kind_of(data) is TIFF else 1
    return read_pages(count, settings.receipt_max_pages)[page]


def page_images(data: bytes, settings: Settings, longest_side: int) -> list[DecodedImage]:
    """Decode every page to RGB, turned as the file says, no side above ``longest_side`` pixels.

    Raises the errors of ``check_receipt``.
    """
    if is_pdf(data):
        return page_pictures(data, pdf_limits(settings), longest_side)
    limits = picture_limits(settings)
    return [
        decode_picture(data, limits, longest_side, tiff_page(data, page, settings))
        for page in range(picture_pages(data, settings))
    ]


def pdf_limits(settings: Settings) -> PdfLimits:
    """Return the limits that the settings set for a PDF."""
    return PdfLimits(settings.receipt_max_pages, settings.receipt_max_pixels)


def picture_limits(settings: Settings) -> PictureLimits:
    """Return the limits that the settings set for a picture."""
    return PictureLimits(settings.receipt_max_bytes, settings.receipt_max_pixels)
