"""The pictures of receipts, and where on them each field was read."""

import asyncio
import io
from dataclasses import dataclass

from fastapi import APIRouter
from starlette.responses import Response

from config import Settings
from models import ReceiptFields, ReceiptState, ReceiptText
from service.errors import NotFound
from service.receipts.evidence import Evidence, evidence_of
from service.receipts.fields import value_of
from service.runs.find import Run, find_run
from web.api.receipts import seen_receipt
from web.api.review import JPEG, JPEG_QUALITY, drawing
from web.backend import OpenBackend
from web.callers import exactly
from web.desk.signed_in.viewer import SignedIn

router = APIRouter()


@dataclass(frozen=True)
class Box:
    """Where a field was read, in pixels of its upright page; ``words`` say what."""

    field: str
    words: str
    left: int
    top: int
    width: int
    height: int


@dataclass(frozen=True)
class Page:
    """A page of a receipt; ``number`` counts from 0. Its size is 0 while nobody has read it."""

    number: int
    width: int = 0
    height: int = 0
    boxes: tuple[Box, ...] = ()


def pages_of(text: ReceiptText, fields: ReceiptFields | None) -> list[Page]:
    """Return the pages of a receipt that was read, each with the boxes of its fields."""
    return [
        Page(number, page.width, page.height, tuple(_boxes(number, fields)) if fields else ())
        for number, page in enumerate(text.pages or (text,))
    ]


def _boxes(number: int, fields: ReceiptFields) -> list[Box]:
    boxes = []
    for name, reading in fields.readings.items():
        if reading.page == number and reading.box:
            left, top, right, bottom = reading.box
            words = f"{name}: {value_of(name, fields)}"
            boxes.append(Box(name, words, left, top, max(1, right - left), max(1, bottom - top)))
    return boxes


@router.get("/receipts/{id}/pages/{number}")
async def picture(id: str, number: int, backend: OpenBackend, viewer: SignedIn) -> Response:
    """Return a page of a receipt as it is, upright."""
    at = await seen_receipt(backend, viewer.principal, id)
    client, state = await backend.client(), at.state
    if not isinstance(state, ReceiptState):
        raise NotFound(f"there is no receipt {id!r}")
    run = at.found if isinstance(at.found, Run) else await find_run(client, exactly(at))
    evidence = await evidence_of(client, run, state.object_key, backend.settings)
    async with drawing:
        drawn = await asyncio.to_thread(_drawn, evidence, number, backend.settings)
    return Response(drawn, media_type=JPEG)


def _drawn(evidence: Evidence, number: int, settings: Settings) -> bytes:
    from service.receipts.drawing import upright_page

    file = io.BytesIO()
    upright_page(evidence.file, evidence.text, number, settings).save(
        file, "JPEG", quality=JPEG_QUALITY
    )
    return file.getvalue()
