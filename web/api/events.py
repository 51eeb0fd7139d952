"""Server-sent events (WHATWG HTML, 9.2): a run's story as it happens.

The id of each is its number in the run's history: a client that lost its connection sends the last
one back, and misses nothing.
"""

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from functools import partial
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Header, Request
from fastapi.responses import StreamingResponse

from service.errors import NotFound, ServiceError
from service.runs.find import Run, WorkflowId, find_run
from service.runs.story import StoryEntry, StoryKind, story_of
from web.api.orders import OrderId, seen_order
from web.api.receipts import ReceiptId, seen_receipt
from web.backend import Backend, OpenBackend
from web.callers import Caller, exactly, still_counts
from web.problems import Problem, refusals

router = APIRouter(tags=["events"])

EVENT_STREAM = "text/event-stream"
_STREAM: dict[int | str, dict[str, Any]] = {
    HTTPStatus.OK.value: {"content": {EVENT_STREAM: {"schema": {"type": "string"}}}},
    **refusals(HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT, HTTPStatus.GONE),
}

Counts = Callable[[], Awaitable[bool]]
"""Tells whether whoever began to listen may still do so."""

LastEventId = Annotated[int, Header(alias="Last-Event-ID", ge=0, le=10**9)]


class EventStream(StreamingResponse):
    """A stream that nobody on the way keeps or holds back."""

    media_type = EVENT_STREAM


@router.get("/orders/{id}/events", response_class=EventStream, responses=_STREAM)
async def order_events(
    id: OrderId,
    request: Request,
    backend: OpenBackend,
    principal: Caller,
    last_event_id: LastEventId = 0,
) -> EventStream:
    """Tell what happens to an order, step by step, until its end."""
    at = await seen_order(backend, principal, id)
    counts = partial(still_counts, request, backend)
    return await event_stream(backend, exactly(at), last_event_id, counts)


@router.get("/receipts/{id}/events", response_class=EventStream, responses=_STREAM)
async def receipt_events(
    id: ReceiptId,
    request: Request,
    backend: OpenBackend,
    principal: Caller,
    last_event_id: LastEventId = 0,
) -> EventStream:
    """Tell what happens to a receipt, step by step, until its end."""
    at = await seen_receipt(backend, principal, id)
    counts = partial(still_counts, request, backend)
    return await event_stream(backend, exactly(at), last_event_id, counts)


async def event_stream(
    backend: Backend, id: WorkflowId, last_event_id: int, counts: Counts
) -> EventStream:
    """Return the stream of a run that may be seen, from behind this event on.

    It ends when whoever listens no longer ``counts``.
    """
    try:
        run = await find_run(await backend.client(), id)
    except NotFound:
        raise Problem(
            HTTPStatus.GONE, f"{id} is over, and Temporal has forgotten its run and its story"
        ) from None
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return EventStream(_events(backend, run, last_event_id, counts), headers=headers)


async def _events(
    backend: Backend, run: Run, last_event_id: int, counts: Counts
) -> AsyncIterator[str]:
    yield "retry: 2000\n\n"
    try:
        async for entry in story_of(await backend.client(), run, follow=True):
            if entry.event_id <= last_event_id:
                continue
            if not await counts():
                return
            yield _event(entry)
    except ServiceError:
        return  # the client comes back with its last id


def _event(entry: StoryEntry) -> str:
    at = entry.at.isoformat().replace("+00:00", "Z")  # as in all other answers
    data = {"at": at, "kind": entry.kind, "words": entry.words}
    name = "end" if entry.kind is StoryKind.ENDED else "step"
    return f"id: {entry.event_id}\nevent: {name}\ndata: {json.dumps(data)}\n\n"
