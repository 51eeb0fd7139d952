"""The pictures of a receipt, for parsers that read pictures instead of text.

They get the pages that OCR read: each one upright, as a JPEG of a bounded size, whatever the
format of the file.
"""

from io import BytesIO

import numpy as np
from PIL import Image

from config import Settings
from models import ReceiptText
from providers.errors import ObjectMissing
from providers.files.documents import page_images
from providers.object_store import ObjectStore

_LONGEST_SIDE = 2000
"""In pixels. A model would shrink a larger page itself, after it was sent and paid for."""
_JPEG_QUALITY = 85


class ReceiptPictures:
    """Fetches receipts from the bucket. Blocking: call it from a thread."""

    def __init__(self, store: ObjectStore, settings: Settings) -> None:
        self._store = store
        self._settings = settings

    def pages(self, text: ReceiptText) -> list[bytes]:
        """Return each page as a JPEG, turned as OCR turned it.

        Raises ObjectMissing, NotAnImage, ImageTooLarge, InvalidRequest, or a retryable error.
        """
        if text.object_key is None:
            raise ObjectMissing("the text has no object_key, so its picture cannot be fetched")
        images = page_images(self._store.get(text.object_key), self._settings, _LONGEST_SIDE)
        pages = text.pages or (text,)
        return [
            _jpeg(np.rot90(image.pixels, page.rotation // 90))
            for image, page in zip(images, pages, strict=False)
        ]


def _jpeg(pixels: np.ndarray) -> bytes:
    file = BytesIO()
    Image.fromarray(np.ascontiguousarray(pixels)).save(file, "JPEG", quality=_JPEG_QUALITY)
    return file.getvalue()
