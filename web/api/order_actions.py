"""What a person or a program does with an order: decide, hold up, let go on, cancel, try again.

Each also under the path that other implementations of this shape use: ``/orders/pause?id=7``.
"""

from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Body, Query
from pydantic import Field, SecretStr, StrictBool
from temporalio.client import Client

from models import Approval, DecisionChannel, OrderState, Principal
from service import values
from service.access.log import Doer
from service.orders import decisions
from service.orders.decisions import Taken
from service.orders.retry import payment_token, plan_again, start_order_again
from service.over import archive_knows_end
from service.runs import find as runs
from service.status import Standing
from web.api.answers import AcceptedOrder, Answer, Order, order_answer
from web.api.examples import ORDER_ID
from web.api.orders import OrderId, accepted, seen_order
from web.backend import Backend, OpenBackend
from web.bodies import PostedBody
from web.callers import Approver, Operator, exactly
from web.problems import Problem, refusals

router = APIRouter(tags=["order actions"])


class DecisionBody(PostedBody):
    """A decision; who decides is who is signed in, and nothing that the body says."""

    approved: StrictBool | None = None
    reason: Annotated[str, Field(max_length=500)] = ""


class RetryBody(PostedBody):
    """Another card, if it is not to be the same; ``dry_run`` only says what would be done."""

    payment_token: SecretStr | None = None
    dry_run: bool = False


class Effect(Answer):
    """One effect of an earlier try, and what a later one does about it."""

    effect: str
    plan: str
    words: str


class RetryAnswer(Answer):
    """What trying again does, or would do; ``started`` is the new run."""

    try_number: int
    effects: list[Effect]
    started: AcceptedOrder | None


Decided = Annotated[DecisionBody, Body(default_factory=DecisionBody)]
Again = Annotated[RetryBody, Body(default_factory=RetryBody)]
Id = Annotated[
    str, Query(max_length=1_000, description="The order's id, or its run's.", examples=[ORDER_ID])
]

_REFUSALS = refusals(HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT)


@router.post("/orders/{id}/approve", response_model=Order, responses=_REFUSALS)
async def approve(id: OrderId, backend: OpenBackend, by: Approver, decision: Decided) -> Order:
    """Approve an order that waits for it, or reject it with ``approved: false``."""
    return await _decide(backend, by, id, decision, decision.approved is not False)


@router.post("/orders/{id}/reject", response_model=Order, responses=_REFUSALS)
async def reject(id: OrderId, backend: OpenBackend, by: Approver, decision: Decided) -> Order:
    """Reject an order that waits for an approval."""
    if decision.approved:
        raise Problem(
            HTTPStatus.UNPROCESSABLE_ENTITY, "approved is true: it must be false, or left out"
        )
    return await _decide(backend, by, id, decision, False)


@router.post("/orders/{id}/pause", response_model=Order, responses=_REFUSALS)
async def pause(id: OrderId, backend: OpenBackend, by: Operator) -> Order:
    """Stop an order before its next step."""
    return await _signal(backend, by, id, decisions.pause, "paused")


@router.post("/orders/{id}/resume", response_model=Order, responses=_REFUSALS)
async def resume(id: OrderId, backend: OpenBackend, by: Operator) -> Order:
    """Let a paused order go on."""
    return await _signal(backend, by, id, decisions.resume, "resumed")


@router.post("/orders/{id}/expedite", response_model=Order, responses=_REFUSALS)
async def expedite(id: OrderId, backend: OpenBackend, by: Operator) -> Order:
    """Let an order skip the wait for the business day."""
    return await _signal(backend, by, id, decisions.expedite, "expedited")


@router.post(
    "/orders/{id}/cancel",
    status_code=HTTPStatus.ACCEPTED,
    response_model=Order,
    responses=_REFUSALS,
)
async def cancel(id: OrderId, backend: OpenBackend, by: Operator) -> Order:
    """Ask an order to cancel itself: what it did is undone, unless it was shipped."""
    order = exactly(await seen_order(backend, by, id))
    async with archive_knows_end(backend.settings, order, "cancelled"):
        await runs.cancel(await backend.client(), order, backend.callers.doer_of(by))
    return order_answer(await seen_order(backend, by, order))


@router.post("/orders/{id}/retry", response_model=RetryAnswer, responses=_REFUSALS)
async def retry(id: OrderId, backend: OpenBackend, by: Operator, again: Again) -> RetryAnswer:
    """Try an order again that ended without shipping; with ``dryRun`` only say what that does."""
    token = again.payment_token and payment_token(again.payment_token.get_secret_value())
    order = exactly(await seen_order(backend, by, id))
    client = await backend.client()
    planned = await plan_again(client, backend.settings, order, token)
    started = None
    if not again.dry_run:
        doer = backend.callers.doer_of(by)
        run = await start_order_again(client, backend.settings, planned, doer)
        started = accepted(planned.order.order_id, run)
    effects = [Effect.model_validate(effect) for effect in planned.effects]
    return RetryAnswer(try_number=planned.order.try_number, effects=effects, started=started)


# --- the same by query parameter ---------------------------------------------------------------


@router.post("/orders/approve", response_model=Order, responses=_REFUSALS)
async def approve_by_query(id: Id, backend: OpenBackend, by: Approver, decision: Decided) -> Order:
    """As ``/orders/{id}/approve``."""
    return await approve(id, backend, by, decision)


@router.post("/orders/reject", response_model=Order, responses=_REFUSALS)
async def reject_by_query(id: Id, backend: OpenBackend, by: Approver, decision: Decided) -> Order:
    """As ``/orders/{id}/reject``."""
    return await reject(id, backend, by, decision)


@router.post("/orders/pause", response_model=Order, responses=_REFUSALS)
async def pause_by_query(id: Id, backend: OpenBackend, by: Operator) -> Order:
    """As ``/orders/{id}/pause``."""
    return await pause(id, backend, by)


@router.post("/orders/resume", response_model=Order, responses=_REFUSALS)
async def resume_by_query(id: Id, backend: OpenBackend, by: Operator) -> Order:
    """As ``/orders/{id}/resume``."""
    return await resume(id, backend, by)


@router.post("/orders/expedite", response_model=Order, responses=_REFUSALS)
async def expedite_by_query(id: Id, backend: OpenBackend, by: Operator) -> Order:
    """As ``/orders/{id}/expedite``."""
    return await expedite(id, backend, by)


@router.post(
    "/orders/cancel",
    status_code=HTTPStatus.ACCEPTED,
    response_model=Order,
    responses=_REFUSALS,
)
async def cancel_by_query(id: Id, backend: OpenBackend, by: Operator) -> Order:
    """As ``/orders/{id}/cancel``."""
    return await cancel(id, backend, by)


@router.post("/orders/retry", response_model=RetryAnswer, responses=_REFUSALS)
async def retry_by_query(id: Id, backend: OpenBackend, by: Operator, again: Again) -> RetryAnswer:
    """As ``/orders/{id}/retry``."""
    return await retry(id, backend, by, again)


# --- how ---------------------------------------------------------------------------------------


async def _decide(
    backend: Backend, by: Principal, id: str, decision: DecisionBody, approved: bool
) -> Order:
    at = await seen_order(backend, by, id)
    if isinstance(at.state, OrderState) and at.state.submitted_by == by.name:
        raise Problem(
            HTTPStatus.FORBIDDEN, f"{by.name} submitted {id}: somebody else has to decide on it"
        )
    approval = Approval(
        approved=approved,
        decided_by=by.name,
        reason=values.usable(decision.reason, "reason"),
        channel=DecisionChannel.HTTP,
    )
    doer = backend.callers.doer_of(by)
    order = exactly(at)
    async with archive_knows_end(backend.settings, order, "approved" if approved else "rejected"):
        return _taken(await decisions.decide(await backend.client(), order, approval, doer))


async def _signal(
    backend: Backend,
    by: Principal,
    id: str,
    do: Callable[[Client, str, Doer], Awaitable[Taken]],
    done: str,
) -> Order:
    order = exactly(await seen_order(backend, by, id))
    async with archive_knows_end(backend.settings, order, done):
        return _taken(await do(await backend.client(), order, backend.callers.doer_of(by)))


def _taken(taken: Taken) -> Order:
    return order_answer(Standing(taken.run, taken.state))
