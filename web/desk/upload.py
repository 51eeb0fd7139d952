"""Upload receipts: files, or photos that are just being taken; and see what becomes of each."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.datastructures import UploadFile
from starlette.responses import Response

from models import ReceiptState
from service import values
from service.errors import ServiceError, TemporalGone
from service.submission import Started
from web.api.receipts import PostedFile, seen_receipt, submit_files
from web.backend import Backend, OpenBackend
from web.desk.inbox import OpenBoard
from web.desk.pages import page
from web.desk.signed_in.viewer import MOST_FILES, SentForm, SignedIn, Viewer, text_in
from web.problems import Problem, told
from workflows.identity import receipt_id_in

router = APIRouter()

MOST_SHOWN = 100
MOST_CHARACTERS = 100
"""Of the name of a file, which the way to what became of it repeats."""


@dataclass(frozen=True)
class Uploaded:
    """What became of a file so far; it has no ``receipt_id`` if it was refused.

    ``state`` is None where it is not known yet.
    """

    name: str
    receipt_id: str = ""
    refused: str = ""
    state: ReceiptState | None = None
    is_open: bool = False


@router.get("/upload")
async def form(
    request: Request,
    backend: OpenBackend,
    viewer: SignedIn,
    receipt: Annotated[list[str] | None, Query(max_length=MOST_SHOWN)] = None,
    name: Annotated[list[str] | None, Query(max_length=MOST_SHOWN)] = None,
) -> Response:
    """Show the form, and what became of receipts that were uploaded before, by their names."""
    names = dict(zip(receipt or [], name or [], strict=False))
    uploaded = [
        await _standing(backend, viewer, one, names.get(one, one)[:MOST_CHARACTERS])
        for one in dict.fromkeys(receipt or [])
    ]
    return _page(request, backend, viewer, uploaded)


@router.post("/upload")
async def upload(
    request: Request, backend: OpenBackend, board: OpenBoard, viewer: SignedIn, form: SentForm
) -> Response:
    """Take files; each is checked and stored when this answers."""
    files = [
        PostedFile(one.filename, one)
        for one in form.getlist("file")
        if isinstance(one, UploadFile) and one.filename
    ]
    if not files:
        raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, "no file was chosen")
    notify = values.given(values.email, text_in(form, "notify") or None, "the address")
    user = viewer.principal.name
    submission = backend.intake.of(await backend.client(), user, notify)
    outcomes = await submit_files(files, submission)
    board.forget()
    return _page(request, backend, viewer, [_uploaded(*one) for one in outcomes])


def _page(request: Request, backend: Backend, viewer: Viewer, uploaded: list[Uploaded]) -> Response:
    return page(
        request,
        "upload.html",
        viewer,
        uploaded=uploaded,
        most_files=MOST_FILES,
        most_bytes=backend.settings.receipt_max_bytes,
    )


def _uploaded(file: PostedFile, outcome: Started | ServiceError) -> Uploaded:
    name = file.name or "a file"
    if isinstance(outcome, ServiceError):
        return Uploaded(name, refused=told(outcome, "/desk/upload"))
    return Uploaded(name, receipt_id_in(outcome.workflow_id), is_open=True)


async def _standing(backend: Backend, viewer: Viewer, receipt_id: str, name: str) -> Uploaded:
    """Say where one stands; raise TemporalGone."""
    try:
        at = await seen_receipt(backend, viewer.principal, receipt_id)
    except TemporalGone:
        raise
    except ServiceError as error:
        return Uploaded(name, refused=told(error, "/desk/upload"))
    assert isinstance(at.state, ReceiptState)
    is_open = at.state.expense_id is None and at.state.status in ("running", "needs_review")
    return Uploaded(name, at.state.receipt_id, state=at.state, is_open=is_open)
