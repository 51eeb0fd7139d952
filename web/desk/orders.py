"""The page of an order: its story in sentences, and what can be done with it."""

from http import HTTPStatus

from fastapi import APIRouter, Request
from pydantic import SecretStr
from starlette.responses import Response

from models import Action, OrderState, Principal, Role
from service.orders.actions import PossibleAction, possible_actions
from service.orders.content import ordered
from service.runs.find import Run, order_named, run_link
from service.runs.story import StoryEntry, shortened, story_of, with_names
from service.status import Standing
from web.api import order_actions
from web.api.order_actions import RetryBody
from web.api.orders import seen_order
from web.backend import Backend, OpenBackend
from web.callers import require
from web.desk.approvals import Verdict, decide_on, what_was_decided
from web.desk.inbox import OpenBoard
from web.desk.pages import page
from web.desk.signed_in.sessions import PATH
from web.desk.signed_in.viewer import (
    SentForm,
    SignedIn,
    go_and_say,
    go_to,
    text_in,
)
from web.problems import Problem

router = APIRouter()

DECISIONS: dict[str, Verdict] = {Action.APPROVE: "approve", Action.REJECT: "reject"}
OPERATIONS = {
    Action.PAUSE: order_actions.pause,
    Action.RESUME: order_actions.resume,
    Action.EXPEDITE: order_actions.expedite,
    Action.CANCEL: order_actions.cancel,
}


@router.get("/orders/{id}")
async def order(request: Request, id: str, backend: OpenBackend, viewer: SignedIn) -> Response:
    """Show an order: where it stands, what happened, what can be done."""
    at = await seen_order(backend, viewer.principal, order_named(id))
    client, state = await backend.client(), at.state
    assert isinstance(state, OrderState)
    content = await ordered(client, at.found)
    items = content.items if content else ()
    is_open = isinstance(at.found, Run) and at.found.is_open
    story = await _story(backend, at)
    return page(
        request,
        "order.html",
        viewer,
        at=at,
        state=state,
        order=content,
        is_open=is_open,
        actions=allowed(viewer.principal, state, possible_actions(state, items, is_open)),
        is_own=state.submitted_by == viewer.principal.name,
        story=shortened(story),
        last_event=story[-1].event_id if story else 0,
        ui=run_link(
            backend.settings,
            client,
            at.found.workflow_id,
            at.found.run_id,
        ),
    )


@router.get("/orders/{id}/retry")
async def plan(request: Request, id: str, backend: OpenBackend, viewer: SignedIn) -> Response:
    """Say what trying an order again would do."""
    require(viewer.principal, Role.OPERATE)
    planned = await order_actions.retry(
        order_named(id), backend, viewer.principal, RetryBody(dry_run=True)
    )
    return page(request, "retry.html", viewer, id=id, planned=planned)


@router.post("/orders/{id}/retry")
async def retry(
    id: str, backend: OpenBackend, board: OpenBoard, viewer: SignedIn, form: SentForm
) -> Response:
    """Try an order again, with another card if its token is given."""
    require(viewer.principal, Role.OPERATE)
    token = text_in(form, "payment_token")
    again = RetryBody(payment_token=SecretStr(token) if token else None)
    await order_actions.retry(order_named(id), backend, viewer.principal, again)
    board.forget()
    return go_to(f"{PATH}/orders/{id}")


@router.post("/orders/{id}/{action}")
async def act(
    id: str,
    action: str,
    backend: OpenBackend,
    board: OpenBoard,
    viewer: SignedIn,
    request: Request,
    form: SentForm,
) -> Response:
    """Do with an order what a button says."""
    if action in DECISIONS:
        reason = text_in(form, "reason")
        await decide_on(backend, viewer.principal, id, DECISIONS[action], reason)
        board.forget()
        note = what_was_decided(DECISIONS[action], [id], reason)
        return go_and_say(f"{PATH}/orders/{id}", note, viewer, request)
    if action in OPERATIONS:
        require(viewer.principal, Role.OPERATE)
        await OPERATIONS[Action(action)](order_named(id), backend, viewer.principal)
    else:
        raise Problem(HTTPStatus.NOT_FOUND, f"nothing of the kind can be done: {action[:40]!r}")
    board.forget()
    return go_to(f"{PATH}/orders/{id}")


def allowed(
    principal: Principal, state: OrderState, possible: list[PossibleAction]
) -> list[PossibleAction]:
    """Return what somebody may do of all that can be done: nobody decides on an own order."""
    is_own = state.submitted_by == principal.name

    def may(action: Action) -> bool:
        if action in DECISIONS:
            return principal.role.includes(Role.APPROVE) and not is_own
        return principal.role.includes(Role.OPERATE)

    return [one for one in possible if may(one.action)]


async def _story(backend: Backend, at: Standing) -> list[StoryEntry]:
    """Return what happened to an order; nothing of one that Temporal has forgotten."""
    if not isinstance(at.found, Run):
        return []
    story = [entry async for entry in story_of(await backend.client(), at.found)]
    rows = await backend.callers.actions_on(at.found.workflow_id)
    return list(with_names(story, rows))
