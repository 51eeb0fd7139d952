"""OCR, apart from the other activities because its worker process does nothing else."""

import asyncio

from temporalio import activity

from activities.attempts import attempt
from activities.metrics import measured_reading
from models import ReceiptText, StoredObject
from providers.object_store import ObjectStore
from providers.ocr import PageReader


class OcrActivities:
    """The activity of the OCR task queue. It raises ApplicationError, typed by provider error."""

    def __init__(self, store: ObjectStore, reader: PageReader) -> None:
        self._store = store
        self._reader = reader

    @activity.defn
    async def extract_text(self, stored: StoredObject) -> ReceiptText:
        """Read all text of a stored file, or of one of its pages.

        The engine blocks, so it runs on a thread while the event loop beats. A thread cannot be
        interrupted: the worker takes no more of these than it has threads.
        """
        return await attempt(measured_reading(asyncio.to_thread(self._fetch_and_read, stored)))

    def _fetch_and_read(self, stored: StoredObject) -> ReceiptText:
        file = self._store.get(stored.object_key)
        if stored.page is None:
            text = self._reader.read(file)
        else:
            text = self._reader.read_page(file, stored.page)
        return text.model_copy(update={"object_key": stored.object_key})
