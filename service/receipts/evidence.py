"""What a receipt's decision was made from: the picture, and the text that OCR read on it.

Neither is in the run's status: the text would burden every query, and the picture is in the
bucket. The history has the one and names the other, also after the run's end.
"""

import asyncio
from dataclasses import dataclass

from temporalio.client import Client

from activities.ocr import OcrActivities
from bootstrap import object_store
from config import Settings
from models import ReceiptText, ReceiptTry
from providers.errors import ObjectMissing, ProviderError
from service.calls import reached
from service.errors import BucketUnreachable, NotFound
from service.runs.find import Run
from service.runs.history import decoded, recorded
from service.runs.reading import reader_of


@dataclass(frozen=True)
class Evidence:
    """The file as it was submitted, and its text; None while nobody has read it."""

    file: bytes
    text: ReceiptText | None


async def evidence_of(client: Client, run: Run, object_key: str, settings: Settings) -> Evidence:
    """Fetch both; raise NotFound or BucketUnreachable if the bucket does not give the file."""
    text = await text_of(client, run)
    return Evidence(await file_of(object_key, settings), text)


async def file_of(object_key: str, settings: Settings) -> bytes:
    """Fetch the file as it was submitted; raise NotFound or BucketUnreachable."""
    return await asyncio.to_thread(_file, object_key, settings)


async def text_of(client: Client, run: Run) -> ReceiptText | None:
    """Return the result of ``extract_text``, the last if a reset run read it again.

    None while nobody has read it. A later try of a receipt has the text of the earlier one in its
    input.
    """
    history, reader = await reached(run.handle.fetch_history()), reader_of(client, run.workflow_id)
    readings = {
        event.event_id
        for event in history.events
        if event.activity_task_scheduled_event_attributes.activity_type.name
        == OcrActivities.extract_text.__name__
    }
    for event in reversed(history.events):
        done = event.activity_task_completed_event_attributes
        if done.scheduled_event_id in readings:
            return await decoded(reader, done.result.payloads, ReceiptText)
    started = await decoded(reader, recorded(history.events).input, ReceiptTry)
    return started.text if started else None


def _file(object_key: str, settings: Settings) -> bytes:
    store = object_store(settings)
    try:
        return store.get(object_key)
    except ObjectMissing as error:
        raise NotFound(f"the receipt's file is gone: {error}") from None
    except ProviderError as error:
        raise BucketUnreachable(str(error)) from None
    finally:
        store.close()
