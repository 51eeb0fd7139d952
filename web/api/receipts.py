"""Receipts: post pictures or PDFs, and see where they stand."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response
from starlette.datastructures import FormData, UploadFile

from models import Principal, ReceiptState, Role
from service import values
from service.errors import BadInput, ServiceError
from service.following import changed
from service.receipts.edits import change_of
from service.receipts.start import SUBMISSIONS_AT_ONCE, Submission, submit_receipt
from service.runs.listing import query_of
from service.status import Standing, standings
from service.submission import GONE, Started, submit_each
from web.api.answers import (
    AcceptedReceipt,
    AcceptedReceipts,
    Page,
    Receipt,
    RefusedFile,
    receipt_answer,
    with_change,
)
from web.api.examples import RECEIPT_ID
from web.api.links import links, next_page
from web.api.orders import Wait
from web.api.paging import Cursor, Limit, page_of
from web.backend import Backend, OpenBackend
from web.bodies import read_body
from web.callers import Caller, hidden, may_see_receipt, only_one
from web.intake import IntakeRoute
from web.problems import Problem, refusals, told
from web.texts import posted_form
from workflows.identity import receipt_id_in

router = APIRouter(tags=["receipts"])
intake = APIRouter(tags=["receipts"], route_class=IntakeRoute)

ReceiptId = Annotated[
    str, Path(description="The receipt's id, or its run's.", examples=[RECEIPT_ID])
]

MOST_FILES = 100
"""Files of one request; a request of more is refused."""

_BODY = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "properties": {
                        "file": {"type": "array", "items": {"type": "string", "format": "binary"}},
                        "notify": {"type": "string", "format": "email"},
                        "userId": {"type": "string"},
                    },
                }
            },
            "application/octet-stream": {"schema": {"type": "string", "format": "binary"}},
        },
    }
}


@dataclass(frozen=True)
class PostedFile:
    """One file of a form, which is read when its turn comes, or the body itself."""

    name: str | None
    upload: UploadFile | bytes

    async def read(self, most: int) -> bytes:
        """Return the bytes, one more than ``most`` of a file that is too large."""
        return self.upload if isinstance(self.upload, bytes) else await self.upload.read(most + 1)


@dataclass(frozen=True)
class _Posted:
    """The files of one request, whose they are, and who is told of the expenses."""

    files: list[PostedFile]
    user_id: str
    notify: str | None


@intake.post(
    "/receipts",
    status_code=HTTPStatus.ACCEPTED,
    response_model=AcceptedReceipt | AcceptedReceipts,
    openapi_extra=_BODY,
    responses={
        HTTPStatus.ACCEPTED.value: {
            "headers": {"Location": {"$ref": "#/components/headers/Location"}},
            **links("/receiptId", "getReceipt", "receiptEvents", "getImage", "correctReceipt"),
        },
        **refusals(HTTPStatus.FORBIDDEN, HTTPStatus.CONFLICT, HTTPStatus.UNSUPPORTED_MEDIA_TYPE),
    },
)
async def post_receipts(request: Request, backend: OpenBackend, principal: Caller) -> Response:
    """Accept a picture or a PDF, or several: each is checked and stored when this answers.

    The same file of the same user joins the run that is there. Of several files each has its own
    answer, and one that is no receipt stops no other.
    """
    async with _posted(request, backend, principal) as posted:
        submission = backend.intake.of(await backend.client(), posted.user_id, posted.notify)
        outcomes = await submit_files(posted.files, submission)
    if len(outcomes) > 1:
        several = AcceptedReceipts(receipts=[_answer(file, one) for file, one in outcomes])
        return _json(several.model_dump_json())
    ((file, outcome),) = outcomes
    if isinstance(outcome, ServiceError):
        raise outcome
    answer = _accepted(file, outcome)
    return _json(answer.model_dump_json(), {"Location": f"/receipts/{answer.receipt_id}"})


@router.get(
    "/receipts",
    response_model=Page,
    responses={
        HTTPStatus.OK.value: next_page("getReceipts"),
        **refusals(HTTPStatus.FORBIDDEN),
    },
)
async def get_receipts(
    backend: OpenBackend,
    principal: Caller,
    status: Annotated[str | None, Query(max_length=40)] = None,
    user_id: Annotated[str | None, Query(alias="userId", max_length=40)] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page:
    """List the receipts that one may see, newest first."""
    query = query_of("receipt", status, customer_id=_whose(principal, user_id))
    return await page_of(await backend.client(), query, limit, cursor)


@router.get(
    "/receipts/{id}",
    response_model=Receipt,
    responses={
        HTTPStatus.OK.value: links("/expenseId", "editExpense", "deleteExpense"),
        **refusals(HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT),
    },
)
async def get_receipt(
    id: ReceiptId, backend: OpenBackend, principal: Caller, wait: Wait = 0
) -> Receipt:
    """Say where a receipt stands; with ``wait`` hold the answer until something changes."""

    async def look() -> Receipt:
        return receipt_answer(await seen_receipt(backend, principal, id))

    found = await changed(look, wait, _where)
    return with_change(found, await change_of(backend.settings, found.expense_id))


async def seen_receipt(backend: Backend, principal: Principal, id: str) -> Standing:
    """Return where a receipt stands; raise NotFound also if the caller may not see it."""
    with hidden("receipt", id):
        found = await standings(await backend.client(), id, backend.settings)
        return only_one(
            id,
            [
                at
                for at in found
                if isinstance(at.state, ReceiptState)
                and may_see_receipt(principal, at.state.user_id)
            ],
        )


def _where(receipt: Receipt) -> object:
    return receipt.model_dump(exclude={"elapsed_seconds"})


def _whose(principal: Principal, user_id: str | None) -> str | None:
    """Return whose receipts are listed; None for everybody's, which only operators see."""
    if principal.role.includes(Role.OPERATE):
        return values.given(values.user_id, user_id, "userId")
    if user_id not in (None, principal.name):
        raise Problem(HTTPStatus.FORBIDDEN, "only operators see the receipts of others")
    return principal.name


@asynccontextmanager
async def _posted(
    request: Request, backend: Backend, principal: Principal
) -> AsyncIterator[_Posted]:
    """Yield what was posted; files of a form lie on disk until the end of the block."""
    if not request.headers.get("content-type", "").startswith("multipart/form-data"):
        body = await read_body(request, backend.settings.receipt_max_bytes)
        yield _Posted([PostedFile(None, body)], principal.name, None)
        return
    async with posted_form(request, MOST_FILES, MOST_FILES) as form:
        files = [
            PostedFile(one.filename or None, one)
            for _, one in form.multi_items()
            if isinstance(one, UploadFile)
        ]
        if not files:
            raise BadInput("there is no file in the form: send one or more as 'file'")
        yield _Posted(files, _user(form, principal), _notify(form))


def _user(form: FormData, principal: Principal) -> str:
    user_id = form.get("userId")
    if not isinstance(user_id, str) or user_id == principal.name:
        return principal.name
    if not principal.role.includes(Role.OPERATE):
        raise Problem(HTTPStatus.FORBIDDEN, "only operators submit receipts for others")
    return values.user_id(user_id, "userId")


def _notify(form: FormData) -> str | None:
    address = form.get("notify")
    return values.email(address, "notify") if isinstance(address, str) and address else None


async def submit_files(
    files: list[PostedFile], submission: Submission
) -> list[tuple[PostedFile, Started | ServiceError]]:
    """Submit each file, some at a time; raise what makes the rest of them useless to try."""
    outcomes: dict[int, Started | ServiceError] = {}

    async def submit(place: int) -> Started:
        data = await files[place].read(submission.settings.receipt_max_bytes)
        return await submit_receipt(submission, data)

    tally = await submit_each(range(len(files)), submit, outcomes.__setitem__, SUBMISSIONS_AT_ONCE)
    if tally.gone:
        raise next(one for one in outcomes.values() if isinstance(one, GONE))
    return [(file, outcomes[place]) for place, file in enumerate(files)]


def _answer(file: PostedFile, outcome: Started | ServiceError) -> AcceptedReceipt | RefusedFile:
    if isinstance(outcome, ServiceError):
        return RefusedFile(detail=told(outcome, "/receipts"), file=file.name)
    return _accepted(file, outcome)


def _accepted(file: PostedFile, started: Started) -> AcceptedReceipt:
    return AcceptedReceipt(
        run_id=started.run_id,
        receipt_id=receipt_id_in(started.workflow_id),
        status=started.ended or "processing",
        joined=started.joined,
        file=file.name,
    )


def _json(content: str, headers: dict[str, str] | None = None) -> Response:
    return Response(content, HTTPStatus.ACCEPTED, headers, media_type="application/json")
