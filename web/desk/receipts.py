"""The page of a receipt: the picture beside its fields, for a person who checks them."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Query, Request
from starlette.datastructures import FormData
from starlette.responses import Response

from models import (
    Correction,
    ExpenseEdit,
    ReceiptFields,
    ReceiptState,
    ReceiptStatus,
    Role,
    StoredExpense,
)
from service.errors import NotFound, WrongFields
from service.receipts import review
from service.receipts.edits import change_of
from service.receipts.evidence import text_of
from service.receipts.fields import choices_of, value_of
from service.receipts.typed import CLEARABLE, FIELDS, typed_correction
from service.runs.find import Run, find_receipt, require_open, run_link
from service.runs.story import story_of
from service.status import Standing
from service.waiting import next_review
from web.api.expenses import owner
from web.api.receipts import seen_receipt
from web.backend import Backend, OpenBackend
from web.callers import exactly
from web.desk.inbox import OpenBoard
from web.desk.pages import page
from web.desk.pictures import Page, pages_of
from web.desk.signed_in.sessions import HOME, PATH
from web.desk.signed_in.viewer import SentForm, SignedIn, Viewer, go_and_say, go_to, text_in
from workflows import wording
from workflows.identity import receipt_id_in, receipt_workflow_id

router = APIRouter()

AnId = Annotated[str | None, Query(max_length=1_000)]

ALL_SEEN = "You have seen all receipts that wait; those that you left for later are still here."

SURE = 0.9
"""A field that was read with less confidence is marked."""


@dataclass(frozen=True)
class Field:
    """A field of the form: what is in it, what else it may be, and what is wrong with it."""

    name: str
    value: str
    choices: list[str]
    confidence: float | None
    wrong: str = ""
    may_clear: bool = False
    is_cleared: bool = False

    @property
    def is_doubtful(self) -> bool:
        """Whether a person should look at it first."""
        is_unsure = self.confidence is not None and self.confidence < SURE
        return bool(self.wrong) or not self.value or is_unsure


@router.get("/receipts/next")
async def following(
    request: Request,
    backend: OpenBackend,
    viewer: SignedIn,
    after: AnId = None,
    began: AnId = None,
) -> Response:
    """Go to the receipt that waits longest, or the one that follows another in the queue.

    ``began`` is the first that was left for later: once the queue is back at it, all were seen.
    """
    user = None if viewer.includes(Role.OPERATE) else viewer.principal.name
    besides = receipt_workflow_id(after) if after else None
    workflow_id = await next_review(await backend.client(), user, besides)
    if workflow_id is None:
        return go_to(f"{HOME}?none=1")
    if began is not None and not await _waits(backend, viewer, began):
        began = receipt_id_in(workflow_id)  # somebody else has dealt with it: go round from here
    elif began is not None and workflow_id == receipt_workflow_id(began):
        return go_and_say(HOME, ALL_SEEN, viewer, request)
    query = f"?began={quote(began, safe='')}" if began is not None else ""
    return go_to(f"{PATH}/receipts/{workflow_id}{query}")


async def _waits(backend: Backend, viewer: Viewer, id: str) -> bool:
    try:
        at = await seen_receipt(backend, viewer.principal, id)
    except NotFound:
        return False
    return at.state.status == ReceiptStatus.NEEDS_REVIEW


@router.get("/receipts/{id}")
async def receipt(
    request: Request, id: str, backend: OpenBackend, viewer: SignedIn, began: AnId = None
) -> Response:
    """Show a receipt: its form if it is in review, else what became of it."""
    at = await seen_receipt(backend, viewer.principal, id)
    return await _page(request, backend, viewer, at, began=began)


@router.post("/receipts/{id}/confirm")
async def confirm(
    request: Request,
    id: str,
    backend: OpenBackend,
    board: OpenBoard,
    viewer: SignedIn,
    form: SentForm,
) -> Response:
    """Take what a person says that a receipt shows, and go to the next one."""
    at = await seen_receipt(backend, viewer.principal, id)
    assert isinstance(at.state, ReceiptState)
    typed, clear = {name: text_in(form, name) for name in FIELDS}, cleared_in(form)
    by, order = viewer.principal.name, backend.settings.default_date_order
    try:
        correction = typed_correction(typed, at.state.fields, by, order, clear)
    except WrongFields as error:
        wrong = {str(fault.path[0]): fault.message for fault in error.faults}
        began = text_in(form, "began")
        return await _page(request, backend, viewer, at, typed, wrong, clear, began)
    doer = backend.callers.doer_of(viewer.principal)
    _, now = await review.correct(await backend.client(), exactly(at), correction, doer)
    board.forget()
    saved = now.fields if isinstance(now, ReceiptState) and now.fields else correction
    said = f"Confirmed {purchase(saved)}: it is saved as an expense."
    return go_and_say(_next(at.state, form), said, viewer, request)


@router.post("/receipts/{id}/discard")
async def discard(
    request: Request,
    id: str,
    backend: OpenBackend,
    board: OpenBoard,
    viewer: SignedIn,
    form: SentForm,
) -> Response:
    """End a receipt in review without an expense, and go to the next one."""
    at = await seen_receipt(backend, viewer.principal, id)
    assert isinstance(at.state, ReceiptState)
    run = await find_receipt(await backend.client(), exactly(at), "discarded")
    require_open(run, "discarded")
    await review.discard(run, backend.callers.doer_of(viewer.principal))
    board.forget()
    what = purchase(at.state.fields) if at.state.fields else f"receipt {at.state.receipt_id}"
    said = f"Discarded {what}: nothing was saved."
    return go_and_say(_next(at.state, form), said, viewer, request)


def _next(done: ReceiptState, form: FormData) -> str:
    """Return the way to the receipt that follows one that is done with."""
    began = text_in(form, "began")
    query = {"after": done.receipt_id} | ({"began": began} if began else {})
    return f"{PATH}/receipts/next?{urlencode(query)}"


def purchase(made: StoredExpense | ExpenseEdit | ReceiptFields | Correction) -> str:
    """Say what was bought: ``12.00 USD at Corner Cafe``."""
    where = f" at {made.merchant}" if made.merchant else ""
    if made.total_cents is None:
        return f"a purchase{where}"
    return f"{wording.money(made.total_cents, made.currency)}{where}"


async def _page(
    request: Request,
    backend: Backend,
    viewer: Viewer,
    at: Standing,
    typed: Mapping[str, str] | None = None,
    wrong: Mapping[str, str] | None = None,
    clear: Collection[str] = (),
    began: str | None = None,
) -> Response:
    client, state = await backend.client(), at.state
    assert isinstance(state, ReceiptState)
    run = at.found if isinstance(at.found, Run) else None
    text = await text_of(client, run) if run else None
    fields = fields_of(state.fields, typed or {}, wrong or {}, clear)
    story = [entry async for entry in story_of(client, run)] if run else []
    return page(
        request,
        "receipt.html",
        viewer,
        HTTPStatus.UNPROCESSABLE_ENTITY if wrong else HTTPStatus.OK,
        state=state,
        began=began or "",
        purchase=purchase,
        change=await change_of(backend.settings, state.expense_id),
        may_edit=owner(viewer.principal) in (None, state.user_id),
        in_review=state.status is ReceiptStatus.NEEDS_REVIEW,
        is_open=run is not None and run.is_open,
        fields=fields,
        first=next((one.name for one in fields if one.is_doubtful), fields[0].name),
        doubts=list(state.fields.doubts) if state.fields else [],
        pages=pages_of(text, state.fields) if text else [Page(0)],
        is_lost=await backend.intake.has_lost(state.object_key),
        attempts=[pending.plainly() for pending in at.pending],
        story=story,
        last_event=story[-1].event_id if story else 0,
        ui=run_link(backend.settings, client, at.found.workflow_id, at.found.run_id),
    )


def cleared_in(form: FormData) -> frozenset[str]:
    """Return which fields a person says are wrong without knowing what is right."""
    named = form.getlist("clear")
    return frozenset(name for name in CLEARABLE if name in named)


def fields_of(
    read: ReceiptFields | None,
    typed: Mapping[str, str],
    wrong: Mapping[str, str],
    clear: Collection[str] = (),
) -> list[Field]:
    """Return the fields of the form, with what was typed or else with what was read."""
    return [
        Field(
            name=name,
            value=typed.get(name, value_of(name, read) if read else ""),
            choices=choices_of(name, read) if read else [],
            confidence=read.readings[name].confidence if read and name in read.readings else None,
            wrong=wrong.get(name, ""),
            may_clear=name in CLEARABLE and read is not None and bool(value_of(name, read)),
            is_cleared=name in clear,
        )
        for name in FIELDS
    ]
