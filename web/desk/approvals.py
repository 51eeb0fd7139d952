"""Decide on orders, one or several at once."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Literal

from fastapi import APIRouter, Request
from starlette.datastructures import FormData
from starlette.responses import Response

from models import Principal, Role
from service.errors import ServiceError, TemporalGone
from service.runs.find import order_named
from web.api import order_actions
from web.api.order_actions import DecisionBody
from web.backend import Backend, OpenBackend
from web.callers import require
from web.desk.inbox import Note, OpenBoard, inbox_page
from web.desk.signed_in.sessions import HOME
from web.desk.signed_in.viewer import SentForm, SignedIn, go_and_say, text_in
from web.problems import Problem, told

router = APIRouter()

Verdict = Literal["approve", "reject"]


@router.post("/approvals")
async def decide(
    request: Request,
    backend: OpenBackend,
    board: OpenBoard,
    viewer: SignedIn,
    form: SentForm,
) -> Response:
    """Approve or reject the orders that are named; one that refuses stops no other."""
    require(viewer.principal, Role.APPROVE)
    verdict, reason = verdict_in(form), text_in(form, "reason")
    order_ids = dict.fromkeys(one for one in form.getlist("order") if isinstance(one, str))
    if not order_ids:
        raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, "no order was selected: tick one first")
    refused, done = [], []
    for order_id in order_ids:
        try:
            await decide_on(backend, viewer.principal, order_id, verdict, reason)
        except TemporalGone:
            raise
        except (ServiceError, Problem) as error:
            why = error if isinstance(error, Problem) else told(error, request.url.path)
            refused.append(Note(f"Not {_DONE[verdict].lower()}, {order_id}: {why}.", True))
        else:
            done.append(order_id)
    board.forget()
    note = what_was_decided(verdict, done, reason)
    if not refused:
        return go_and_say(HOME, note, viewer, request)
    notes = [Note(note), *refused] if done else refused
    return await inbox_page(request, board, viewer, notes, HTTPStatus.CONFLICT)


async def decide_on(
    backend: Backend, principal: Principal, order_id: str, verdict: Verdict, reason: str
) -> None:
    """Take somebody's decision on an order; raise as the API does."""
    require(principal, Role.APPROVE)
    decision = DecisionBody(reason=reason)
    do = order_actions.approve if verdict == "approve" else order_actions.reject
    await do(order_named(order_id), backend, principal, decision)


_DONE: dict[Verdict, str] = {"approve": "Approved", "reject": "Rejected"}


def what_was_decided(verdict: Verdict, order_ids: Sequence[str], reason: str) -> str:
    """Say what was decided on which order, or on how many, and why."""
    orders = order_ids[0] if len(order_ids) == 1 else f"{len(order_ids)} orders"
    why = f": {reason}" if reason else ""
    return f"{_DONE[verdict]} {orders}{why}{'' if why.endswith(('.', '!', '?')) else '.'}"


def verdict_in(form: FormData) -> Verdict:
    """Return what was decided; raise Problem 422 if nothing was."""
    match text_in(form, "verdict"):
        case "approve":
            return "approve"
        case "reject":
            return "reject"
    raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, "choose first whether to approve or to reject")
