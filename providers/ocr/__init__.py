"""OCR: the text of a receipt, line by line, with its place on the image."""

from typing import Protocol

from models import ReceiptText


class TextReader(Protocol):
    """Who reads text from an image. Blocking, and eats whole cores: call it from a thread."""

    def read(self, image: bytes) -> ReceiptText:
        """Read all text; an image without text gives no lines.

        Raises NotAnImage, ImageTooLarge, or one of the errors worth retrying.
        """
        ...


class PageReader(TextReader, Protocol):
    """A ``TextReader`` of documents that also reads one page alone. Pages count from 0."""

    def count_pages(self, document: bytes) -> int:
        """Return how many pages the document has; raises as ``read``."""
        ...

    def read_page(self, document: bytes, page: int) -> ReceiptText:
        """Read all text of one page; raises as ``read``."""
        ...
