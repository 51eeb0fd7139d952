"""OCR, apart from the other activities because its worker process does nothing else."""

import asyncio

from temporalio import activity

from activities.attempts import attempt
from models import ReceiptText, StoredObject
from providers.object_store import ObjectStore
from providers.ocr import TextReader


class OcrActivities:
    """The activity of the OCR task queue. Raises ApplicationError, typed by provider error."""

    def __init__(self, store: ObjectStore, reader: TextReader) -> None:
        self._store = store
        self._reader = reader

    @activity.defn
    async def extract_text(self, stored: StoredObject) -> ReceiptText:
        """Read all text of a stored receipt.

        The engine blocks, so it has a thread; the event loop beats meanwhile. A thread cannot
        be interrupted: the worker takes no more of these than it has threads to run.
        """
        return await attempt(asyncio.to_thread(self._fetch_and_read, stored.object_key))

    def _fetch_and_read(self, object_key: str) -> ReceiptText:
        text = self._reader.read(self._store.get(object_key))
        return text.model_copy(update={"object_key": object_key})
