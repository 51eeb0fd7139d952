"""What a person needs to check a receipt, and what they say of it."""

import asyncio
import datetime as dt
import io
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Response
from pydantic import Field

from config import Settings
from models import AmountSaid, ClearableField, Correction, Principal, ReceiptFields, ReceiptState
from service import values
from service.errors import BadInput, NotFound
from service.receipts import review
from service.receipts.evidence import Evidence, evidence_of
from service.runs.find import Run, find_run
from service.status import Standing
from web.api.answers import Receipt, receipt_answer
from web.api.receipts import ReceiptId, seen_receipt
from web.backend import OpenBackend
from web.bodies import PostedBody
from web.callers import Caller, exactly
from web.problems import refusals

router = APIRouter(tags=["receipts"])

JPEG = "image/jpeg"
JPEG_QUALITY = 85

DRAWN_AT_ONCE = 2
"""A page of 50 million pixels takes 150 MB while it is drawn."""

drawing = asyncio.Semaphore(DRAWN_AT_ONCE)


class CorrectionBody(PostedBody):
    """What a person read; who corrects is who is signed in.

    The total as people write it (``total``: "12.30"), or in minor units (``total_cents``). What is
    left out stays as it was read; what is named in ``clear`` is wrong, and nobody knows what is
    right.
    """

    total: Annotated[str, Field(max_length=40)] | None = None
    total_cents: AmountSaid | None = None
    merchant: Annotated[str, Field(max_length=200)] | None = None
    date: dt.date | None = None
    currency: Annotated[str, Field(max_length=3)] | None = None
    clear: Annotated[list[ClearableField], Field(max_length=2, default_factory=list)]

    def cleared(self) -> tuple[ClearableField, ...]:
        """Return what is to be cleared; raise BadInput for what is given, too."""
        for name in self.clear:
            if getattr(self, name) is not None:
                raise BadInput(f"{name} is given and in clear: it must be one of both")
        return tuple(self.clear)


@router.get(
    "/receipts/{id}/image",
    response_class=Response,
    responses={
        HTTPStatus.OK.value: {"content": {JPEG: {}}},
        **refusals(HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT),
    },
)
async def get_image(id: ReceiptId, backend: OpenBackend, principal: Caller) -> Response:
    """Return the picture, upright, with a box around each field that was read."""
    at = await seen_receipt(backend, principal, id)
    client, state = await backend.client(), at.state
    if not isinstance(state, ReceiptState):
        raise NotFound(f"there is no receipt {id!r}")
    run = at.found if isinstance(at.found, Run) else await find_run(client, exactly(at))
    evidence = await evidence_of(client, run, state.object_key, backend.settings)
    async with drawing:
        drawn = await asyncio.to_thread(_drawn, evidence, state.fields, backend.settings)
    return Response(drawn, media_type=JPEG, headers={"Cache-Control": "private, max-age=60"})


@router.post(
    "/receipts/{id}/correct",
    operation_id="correctReceipt",
    response_model=Receipt,
    responses=refusals(HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT),
)
async def correct(id: ReceiptId, backend: OpenBackend, by: Caller, body: CorrectionBody) -> Receipt:
    """Say what a receipt in review shows, so that it goes on."""
    at = await seen_receipt(backend, by, id)
    fields = at.state.fields if isinstance(at.state, ReceiptState) else None
    correction = _correction(body, by, fields)
    doer = backend.callers.doer_of(by)
    run, state = await review.correct(await backend.client(), exactly(at), correction, doer)
    return receipt_answer(Standing(run, state))


def _correction(body: CorrectionBody, by: Principal, fields: ReceiptFields | None) -> Correction:
    currency = values.given(values.currency, body.currency, "currency")
    known = currency or (fields.currency if fields else None)
    if (body.total is None) == (body.total_cents is None):
        raise BadInput(f"either total or {body.spelt('total_cents')} is needed, and not both")
    total = body.total_cents or values.total_cents(body.total or "", "total", known)
    return Correction(
        total_cents=total,
        merchant=values.given(values.merchant, body.merchant, "merchant"),
        date=body.date,
        currency=currency,
        clear=body.cleared(),
        corrected_by=by.name,
    )


def _drawn(evidence: Evidence, fields: ReceiptFields | None, settings: Settings) -> bytes:
    from service.receipts.drawing import annotated

    if evidence.text is None:
        raise NotFound("there is no picture with its fields yet: nobody has read the receipt")
    file = io.BytesIO()
    annotated(evidence.file, evidence.text, fields, settings).save(
        file, "JPEG", quality=JPEG_QUALITY
    )
    return file.getvalue()
