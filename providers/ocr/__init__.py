"""OCR: the text of a receipt, line by line, with its position on the page."""

from typing import Protocol

from models import ReceiptText


class TextReader(Protocol):
    """Reads text from an image. Blocking and CPU-bound: call it from a thread."""

    def read(self, image: bytes) -> ReceiptText:
        """Return the text; an image without text has no lines.

        Boxes are in pixels of the upright page. Raises NotAnImage, ImageTooLarge,
        InvalidRequest, or a retryable error.
        """
        ...


class PageReader(TextReader, Protocol):
    """A ``TextReader`` for documents that can also read a single page. Pages count from 0."""

    def read_page(self, document: bytes, page: int) -> ReceiptText:
        """Return the text of one page; raises the errors of ``read``."""
        ...
