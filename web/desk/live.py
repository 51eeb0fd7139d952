"""What tells an open page that something happened: the story of its run, as server-sent events."""

from typing import Annotated

from fastapi import APIRouter, Header, Query

from service.errors import ServiceError
from service.runs.find import WorkflowId, order_named
from web.api.events import EventStream, event_stream
from web.api.orders import seen_order
from web.api.receipts import seen_receipt
from web.backend import Backend, OpenBackend
from web.callers import exactly
from web.desk.signed_in.viewer import SignedIn, Viewer, principal_of

router = APIRouter()

Known = Annotated[int, Query(alias="after", ge=0, le=10**9)]
LastEventId = Annotated[int, Header(alias="Last-Event-ID", ge=0, le=10**9)]


@router.get("/orders/{id}/events")
async def of_order(
    id: str, backend: OpenBackend, viewer: SignedIn, known: Known = 0, last: LastEventId = 0
) -> EventStream:
    """Tell what happens to an order, from behind the event that the page knows already."""
    at = await seen_order(backend, viewer.principal, order_named(id))
    return await _stream(backend, viewer, exactly(at), max(known, last))


@router.get("/receipts/{id}/events")
async def of_receipt(
    id: str, backend: OpenBackend, viewer: SignedIn, known: Known = 0, last: LastEventId = 0
) -> EventStream:
    """Tell what happens to a receipt, from behind the event that the page knows already."""
    at = await seen_receipt(backend, viewer.principal, id)
    return await _stream(backend, viewer, exactly(at), max(known, last))


async def _stream(backend: Backend, viewer: Viewer, id: WorkflowId, after: int) -> EventStream:
    """Return a stream that ends when the key behind the session counts no more."""

    async def counts() -> bool:
        try:
            return await principal_of(backend, viewer.session) is not None
        except ServiceError:
            return False

    return await event_stream(backend, id, after, counts)
