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
