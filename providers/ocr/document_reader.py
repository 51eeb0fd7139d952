"""The text of a document: of each page its text layer, or else what OCR reads on its picture.

An OCR engine reads one picture. A PDF has pages, and often a text layer, which is exact where
OCR would make mistakes.
"""

from collections.abc import Iterator
from io import BytesIO

import numpy as np
from PIL import Image

from config import Settings
from models import MAX_TEXT_LINES, ReceiptText, TextLine, TextPage
from providers.files.confined_pdf import PageText, page_pictures, text_layers
from providers.files.confined_pictures import decode_picture
from providers.files.documents import (
    page_images,
    pdf_limits,
    picture_limits,
    picture_pages,
    tiff_page,
)
from providers.files.image_kinds import TIFF_STARTS
from providers.files.images import DecodedImage
from providers.files.pdf_pages import LONGEST_SIDE, is_pdf
from providers.ocr import TextReader


class DocumentReader:
    """A ``PageReader`` for every file that ``documents.check_receipt`` accepts.

    ``pictures`` reads pictures, and the pages of a PDF that have no usable text layer.
    """

    def __init__(self, pictures: TextReader, settings: Settings) -> None:
        self._pictures = pictures
        self._limits = pdf_limits(settings)
        self._settings = settings

    def read(self, image: bytes) -> ReceiptText:
        """Return the text of all pages; see ``TextReader.read``."""
        if not is_pdf(image):
            return self._read_picture(image)
        layers = text_layers(image, self._limits)
        if any(layer is None for layer in layers):
            pictures = page_pictures(image, self._limits, LONGEST_SIDE)
        else:
            pictures = []
        return _joined(list(self._pages(layers, pictures)))

    def read_page(self, document: bytes, page: int) -> ReceiptText:
        """Return the text of one page; see ``PageReader.read_page``."""
        if not is_pdf(document):
            if page == 0:
                return self._pictures.read(document)
            limits = picture_limits(self._settings)
            number = tiff_page(document, page, self._settings)
            return self._seen(decode_picture(document, limits, LONGEST_SIDE, number), page)
        (layer,) = text_layers(document, self._limits, page)
        if layer is not None:
            return _carried(layer)
        (picture,) = page_pictures(document, self._limits, LONGEST_SIDE, page)
        return self._seen(picture, page)

    def _read_picture(self, image: bytes) -> ReceiptText:
        """Read a picture, or each page of a TIFF; a kind that the engine checks itself."""
        if image[:4] not in TIFF_STARTS or picture_pages(image, self._settings) == 1:
            return self._pictures.read(image)
        pages = page_images(image, self._settings, LONGEST_SIDE)
        return _joined([self._seen(page, number) for number, page in enumerate(pages)])

    def _pages(
        self, layers: list[PageText | None], pictures: list[DecodedImage]
    ) -> Iterator[ReceiptText]:
        for number, layer in enumerate(layers):
            yield self._seen(pictures[number], number) if layer is None else _carried(layer)

    def _seen(self, picture: DecodedImage, page: int) -> ReceiptText:
        text = self._pictures.read(_as_png(picture.pixels))
        lines = tuple(line.model_copy(update={"page": page}) for line in text.lines)
        return text.model_copy(update={"lines": lines})


def _carried(layer: PageText) -> ReceiptText:
    text = ReceiptText(**layer._asdict(), engine="text layer")
    return text.model_copy(update={"lines": _capped(text.lines)})


def _as_png(pixels: np.ndarray) -> bytes:
    file = BytesIO()
    # The file is not kept, so speed matters and size does not.
    Image.fromarray(pixels).save(file, "PNG", compress_level=1)
    return file.getvalue()


def _joined(pages: list[ReceiptText]) -> ReceiptText:
    """Return one text of all pages, with the size, rotation and skew of the first page."""
    sizes = tuple(
        TextPage.model_validate(page.model_dump(include=set(TextPage.model_fields)))
        for page in pages
    )
    engines = dict.fromkeys(page.engine for page in pages)
    lines = tuple(line for page in pages for line in page.lines)
    return pages[0].model_copy(
        update={"lines": _capped(lines), "pages": sizes, "engine": " and ".join(engines)}
    )


def _capped(lines: tuple[TextLine, ...]) -> tuple[TextLine, ...]:
    """Keep the first and the last lines: the merchant is at the top, the total at the end."""
    if len(lines) <= MAX_TEXT_LINES:
        return lines
    half = MAX_TEXT_LINES // 2
    return lines[:half] + lines[-half:]
