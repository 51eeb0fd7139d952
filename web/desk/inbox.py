"""The inbox: all that waits for a person, most urgent first."""

from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from models import Principal, Role
from service.errors import NotFound
from service.waiting import Waiting, WaitingBoard
from web.api.orders import seen_order
from web.api.receipts import seen_receipt
from web.backend import OpenBackend
from web.callers import MAX_NAME_CHARACTERS, may_see_receipt
from web.desk.pages import page
from web.desk.signed_in.sessions import PATH
from web.desk.signed_in.viewer import SignedIn, Viewer, go_to
from workflows.identity import order_id_of

router = APIRouter()

POLL_SECONDS = 5
"""How often an open inbox looks for more."""


@dataclass(frozen=True)
class Note:
    """What stands above the inbox; ``is_wrong`` if something was not done."""

    words: str
    is_wrong: bool = False


async def _board(request: Request) -> WaitingBoard:
    board: WaitingBoard = request.app.state.board
    return board


OpenBoard = Annotated[WaitingBoard, Depends(_board)]


@router.get("/")
async def inbox(
    request: Request,
    board: OpenBoard,
    viewer: SignedIn,
    none_left: Annotated[bool, Query(alias="none")] = False,
) -> Response:
    """Show all that waits for whoever is signed in."""
    notes = []
    if none_left:
        notes.append(Note("No other receipt waits."))
    return await inbox_page(request, board, viewer, notes)


async def inbox_page(
    request: Request,
    board: WaitingBoard,
    viewer: Viewer,
    notes: Sequence[Note],
    status: HTTPStatus = HTTPStatus.OK,
) -> Response:
    """Return the inbox, with these notes above it; raise TemporalGone."""
    waiting = seen_by(await board.look(), viewer.principal)
    return page(
        request,
        "inbox.html",
        viewer,
        status,
        waiting=waiting,
        notes=notes,
        poll_seconds=POLL_SECONDS,
        page_of=_page_of,
    )


@router.get("/find")
async def find(
    backend: OpenBackend, viewer: SignedIn, id: Annotated[str, Query(max_length=1_000)]
) -> Response:
    """Go to the page of an order or a receipt."""
    wanted = id.strip()
    try:
        at = await seen_order(backend, viewer.principal, wanted)
    except NotFound:
        try:
            at = await seen_receipt(backend, viewer.principal, wanted)
        except NotFound:
            raise NotFound(
                f"there is no order or receipt {wanted[:MAX_NAME_CHARACTERS]!r}"
            ) from None
    return go_to(_page_of(at.found.workflow_id))


def seen_by(waiting: Waiting, principal: Principal) -> Waiting:
    """Return what of all that waits concerns somebody: operators see everything."""
    if principal.role.includes(Role.OPERATE):
        return waiting
    approves = principal.role.includes(Role.APPROVE)
    return Waiting(
        approvals=waiting.approvals if approves else (),
        reviews=[one for one in waiting.reviews if may_see_receipt(principal, one.user_id)],
        silent=waiting.silent,
    )


def _page_of(workflow_id: str) -> str:
    """Return the path of the page of an order or a receipt."""
    order_id = order_id_of(workflow_id)
    return f"{PATH}/orders/{order_id}" if order_id else f"{PATH}/receipts/{workflow_id}"
