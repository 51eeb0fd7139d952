"""Orders: post them, and see where they stand."""

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Header, Path, Query, Request, Response
from fastapi.responses import StreamingResponse
from starlette.requests import ClientDisconnect
from starlette.types import Receive, Scope, Send

from models import OrderState, Principal, Role
from service.errors import BadInput, ServiceError, WrongFields
from service.following import changed
from service.orders.content import OtherContent
from service.orders.document import MAX_ORDER_BYTES, parse_order, spelling_of, with_order_id
from service.orders.start import STARTS_AT_ONCE, start_order
from service.runs.find import order_named
from service.runs.listing import query_of
from service.status import Standing, standings
from service.submission import Started
from web.api import examples
from web.api.answers import AcceptedOrder, Order, Page, order_answer
from web.api.links import links, next_page
from web.api.paging import Cursor, Limit, page_of
from web.backend import Backend, OpenBackend
from web.bodies import lines_of, read_body
from web.callers import Caller, hidden, may_see_order, only_one
from web.intake import IntakeRoute
from web.problems import fault_objects, refusals, status_of, told

router = APIRouter(tags=["orders"])
intake = APIRouter(tags=["orders"], route_class=IntakeRoute)

LONGEST_WAIT_SECONDS = 60
BATCH = "/orders/batch"
NDJSON = "application/x-ndjson"
KEY_DIGITS = 32
_OR_BY_KEY = "; or send a header Idempotency-Key, which stands for an id"

Wait = Annotated[
    int,
    Query(ge=0, le=LONGEST_WAIT_SECONDS, description="Seconds to hold the answer for a change."),
]

ORDER_SCHEMA = "PostedOrder"
"""The schema of the OpenAPI document that says what an order looks like."""

OrderId = Annotated[
    str, Path(description="The order's id, or its run's.", examples=[examples.ORDER_ID])
]

_ORDER_BODY = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {"$ref": f"#/components/schemas/{ORDER_SCHEMA}"},
                "examples": {"order": {"value": examples.ORDER}},
            }
        },
    }
}
_BATCH_BODY = {
    "requestBody": {
        "required": True,
        "content": {
            NDJSON: {
                "schema": {"type": "string"},
                "examples": {"one order a line": {"value": json.dumps(examples.ORDER) + "\n"}},
            }
        },
    }
}
_BATCH_ANSWER: dict[str, Any] = {
    "description": "A line for each",
    "content": {
        NDJSON: {
            "schema": {"type": "string"},
            "examples": {
                "accepted": {
                    "value": json.dumps({"line": 1, **examples.EXAMPLES["AcceptedOrder"]}) + "\n"
                }
            },
        }
    },
}
_ACCEPTED_LINKS = links("/instanceId", "getOrder", "orderEvents", "approve", "pause", "cancel")
_LOCATION = {
    "headers": {
        "Location": {
            "description": "Where the order stands.",
            "required": True,
            "schema": {"type": "string", "format": "uri-reference"},
        }
    }
}


class _WhileReading(StreamingResponse):
    """Answers while the body still comes.

    The framework's own would read the body's rest away, to hear of a client that left.
    """

    media_type = NDJSON

    async def __call__(self, _scope: Scope, _receive: Receive, send: Send) -> None:
        """Send the parts as they are made."""
        await self.stream_response(send)


@intake.post(
    "/orders",
    status_code=HTTPStatus.ACCEPTED,
    response_model=AcceptedOrder,
    openapi_extra=_ORDER_BODY,
    responses={
        HTTPStatus.ACCEPTED.value: {**_LOCATION, **_ACCEPTED_LINKS},
        HTTPStatus.OK.value: {
            "description": "The same order was there",
            "model": AcceptedOrder,
            **_LOCATION,
            **_ACCEPTED_LINKS,
        },
        **refusals(HTTPStatus.CONFLICT, HTTPStatus.UNPROCESSABLE_ENTITY),
    },
)
async def post_order(
    request: Request,
    backend: OpenBackend,
    principal: Caller,
    idempotency_key: Annotated[str | None, Header(min_length=1, max_length=255)] = None,
) -> Response:
    """Accept an order: durable when this answers. The same order again joins its run.

    An order without an id gets one from the ``Idempotency-Key``, so that the same call again is the
    same order (IETF draft "The Idempotency-Key HTTP Header Field"): no other record is kept.
    """
    document = await read_body(request, MAX_ORDER_BYTES)
    if idempotency_key is not None:
        document = with_order_id(document, _id_for(principal, idempotency_key))
    accepted = await _accept(backend, principal, document, _OR_BY_KEY)
    status = HTTPStatus.OK if accepted.joined else HTTPStatus.ACCEPTED
    return Response(
        accepted.model_dump_json(),
        status,
        {"Location": f"/orders/{accepted.instance_id}"},
        media_type="application/json",
    )


@router.post(
    BATCH,
    openapi_extra=_BATCH_BODY,
    response_class=_WhileReading,
    responses={HTTPStatus.OK.value: _BATCH_ANSWER},
)
async def post_orders(
    request: Request, backend: OpenBackend, principal: Caller
) -> StreamingResponse:
    """Accept orders in JSON Lines, one a line; answers a line for each, in the order of their end.

    ``line`` says of which line it is. A line that is no order stops no other.
    """
    return _WhileReading(_batch(request, backend, principal))


@router.get(
    "/orders",
    response_model=Order | Page,
    responses={
        HTTPStatus.OK.value: next_page("getOrders"),
        **refusals(HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT),
    },
)
async def get_orders(
    backend: OpenBackend,
    principal: Caller,
    id: Annotated[str | None, Query(max_length=1_000, description="One order's id.")] = None,
    status: Annotated[str | None, Query(max_length=40)] = None,
    customer_id: Annotated[str | None, Query(alias="customerId", max_length=64)] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
    wait: Wait = 0,
) -> Order | Page:
    """List the orders that one may see, newest first; with ``id`` say where that one stands."""
    if id is not None:
        return await get_order(id, backend, principal, wait)
    query = query_of("order", status, customer_id=customer_id, submitted_by=_only(principal))
    return await page_of(await backend.client(), query, limit, cursor)


@router.get(
    "/orders/{id}",
    response_model=Order,
    responses=refusals(HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT),
)
async def get_order(id: OrderId, backend: OpenBackend, principal: Caller, wait: Wait = 0) -> Order:
    """Say where an order stands; with ``wait`` hold the answer until something changes."""

    async def look() -> Order:
        return order_answer(await seen_order(backend, principal, id))

    return await changed(look, wait, _where)


async def seen_order(backend: Backend, principal: Principal, id: str) -> Standing:
    """Return where an order stands; raise NotFound also if the caller may not see it.

    Whatever is done with it afterwards is done with what ``exactly`` names, not with the id: that
    may mean another order by then. Raise Ambiguous if it means two that the caller may see.
    """
    with hidden("order", id):
        found = await standings(await backend.client(), id, backend.settings)
        return only_one(
            id,
            [
                at
                for at in found
                if isinstance(at.state, OrderState)
                and may_see_order(principal, at.state.submitted_by)
            ],
        )


def _id_for(principal: Principal, idempotency_key: str) -> str:
    """Return the order id that a key stands for: nobody else's key is the same one."""
    digest = hashlib.sha256(f"{principal.name}\n{idempotency_key}".encode()).hexdigest()
    return f"key-{digest[:KEY_DIGITS]}"


def _only(principal: Principal) -> str | None:
    """Return whose orders alone one may see; None if that is everybody's."""
    return None if principal.role.includes(Role.APPROVE) else principal.name


def _where(order: Order) -> object:
    """Return what changes when something happens to an order: not the time that passes."""
    return order.model_dump(exclude={"elapsed_seconds"})


async def _accept(
    backend: Backend, principal: Principal, document: bytes, or_id: str = ""
) -> AcceptedOrder:
    order = parse_order(document, or_id)
    archived = await backend.archive.of(order.order_id)
    settings = backend.settings
    try:
        started = await start_order(
            await backend.client(),
            order,
            settings.task_queue,
            settings.approval_threshold,
            archived,
            submitted_by=principal.name,
        )
    except OtherContent as error:
        # What differs would let anybody guess the content of somebody else's order.
        names = error.names if await _is_seen(backend, principal, order.order_id) else []
        raise OtherContent(error.order_id, names, spelling_of(document)) from None
    return accepted(order.order_id, started)


async def _is_seen(backend: Backend, principal: Principal, order_id: str) -> bool:
    try:
        await seen_order(backend, principal, order_named(order_id))
    except ServiceError:
        return False
    return True


def accepted(order_id: str, started: Started) -> AcceptedOrder:
    """Return the answer that a run is durable."""
    return AcceptedOrder(
        instance_id=started.workflow_id,
        order_id=order_id,
        run_id=started.run_id,
        status=started.ended or "processing",
        joined=started.joined,
    )


async def _batch(request: Request, backend: Backend, principal: Principal) -> AsyncIterator[bytes]:
    """Start the orders as they come, some at a time: the server sets the pace."""
    under_way: set[asyncio.Task[bytes]] = set()
    try:
        async for number, line in lines_of(request, MAX_ORDER_BYTES):
            under_way.add(asyncio.create_task(_answer_line(backend, principal, number, line)))
            if len(under_way) >= STARTS_AT_ONCE:
                done, under_way = await asyncio.wait(under_way, return_when=asyncio.FIRST_COMPLETED)
                for one in done:
                    yield one.result()
        for answer in asyncio.as_completed(under_way):
            yield await answer
    except ClientDisconnect:
        return  # nobody is left to hear the rest
    finally:
        for task in under_way:
            task.cancel()


async def _answer_line(
    backend: Backend, principal: Principal, number: int, line: bytes | BadInput
) -> bytes:
    try:
        if isinstance(line, BadInput):
            raise line
        answer = (await _accept(backend, principal, line)).model_dump(mode="json")
        return _line(number, answer)
    except ServiceError as error:
        faults = fault_objects(error) if isinstance(error, WrongFields) else []
        refused = {"status": "refused", "problem": status_of(error), "detail": told(error, BATCH)}
        return _line(number, {**refused, **({"errors": faults} if faults else {})})


def _line(number: int, answer: dict[str, object]) -> bytes:
    return json.dumps({"line": number, **answer}).encode() + b"\n"
