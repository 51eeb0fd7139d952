"""The saved expenses: search, filter, correct, delete, totals by month and currency, files."""

from collections.abc import Collection, Mapping
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from models import ReceiptFields, StoredExpense
from service.errors import NotFound, WrongFields
from service.expenses import (
    ExpenseFilter,
    month_of,
    saved_expenses,
    totals_by_month,
)
from service.exports.streams import FORMATS, export
from service.receipts.edits import delete_expense, edit_expense, find_expense
from service.receipts.typed import FIELDS, typed_correction
from web.api.expenses import owner
from web.api.files import as_file
from web.backend import Backend, OpenBackend
from web.desk.pages import page
from web.desk.receipts import cleared_in, fields_of, purchase
from web.desk.signed_in.sessions import PATH
from web.desk.signed_in.viewer import SentForm, SignedIn, Viewer, go_and_say, text_in

router = APIRouter()

MOST_SHOWN = 200
"""Expenses of a page; all of them are in the totals and in the files."""

FORMATS_SHOWN = {
    "csv": "CSV file",
    "zip": "With all receipts",
    "ledger": "Ledger",
    "beancount": "Beancount",
    "firefly": "Firefly III",
}
"""What the links to the files say."""

Text = Annotated[str, Query(max_length=200)]


@router.get("/expenses")
async def expenses(
    request: Request,
    backend: OpenBackend,
    viewer: SignedIn,
    text: Text = "",
    month: Text = "",
    currency: Text = "",
) -> Response:
    """Show the expenses that one may see, the newest first."""
    wanted = ExpenseFilter(text.strip(), month, currency)
    saved = await _saved(backend, viewer)
    found = [one for one in saved if wanted.matches(one)]
    return page(
        request,
        "expenses.html",
        viewer,
        found=found[::-1][:MOST_SHOWN],
        count=len(found),
        totals=totals_by_month(found),
        wanted=wanted,
        query=request.url.query,
        formats=FORMATS_SHOWN,
        months=sorted({month_of(one) for one in saved} - {""}, reverse=True),
        currencies=sorted({one.currency for one in saved}),
    )


@router.get("/expenses/{id}")
async def expense(request: Request, id: str, backend: OpenBackend, viewer: SignedIn) -> Response:
    """Show an expense, to be corrected or deleted."""
    found = await find_expense(backend.settings, id, owner(viewer.principal))
    return _form_of(request, viewer, found)


@router.post("/expenses/{id}/edit")
async def edit(
    request: Request, id: str, backend: OpenBackend, viewer: SignedIn, form: SentForm
) -> Response:
    """Take what a person has typed into the fields of an expense."""
    found = await find_expense(backend.settings, id, owner(viewer.principal))
    typed, clear = {name: text_in(form, name) for name in FIELDS}, cleared_in(form)
    by, order = viewer.principal.name, backend.settings.default_date_order
    try:
        correction = typed_correction(typed, _as_read(found), by, order, clear)
    except WrongFields as error:
        wrong = {str(fault.path[0]): fault.message for fault in error.faults}
        return _form_of(request, viewer, found, typed, wrong, clear)
    doer = backend.callers.doer_of(viewer.principal)
    edited = await edit_expense(backend.settings, found, correction, doer)
    return go_and_say(f"{PATH}/expenses", f"Saved {purchase(edited)}.", viewer, request)


@router.post("/expenses/{id}/delete")
async def delete(
    request: Request, id: str, backend: OpenBackend, viewer: SignedIn, _form: SentForm
) -> Response:
    """Delete an expense."""
    found = await find_expense(backend.settings, id, owner(viewer.principal))
    await delete_expense(backend.settings, found, backend.callers.doer_of(viewer.principal))
    return go_and_say(f"{PATH}/expenses", f"Deleted {purchase(found)}.", viewer, request)


@router.get("/expenses.{form}")
async def as_a_file(
    backend: OpenBackend,
    viewer: SignedIn,
    form: str,
    text: Text = "",
    month: Text = "",
    currency: Text = "",
) -> Response:
    """Return the same expenses as a file for another program, or with all their receipts."""
    if form not in FORMATS:
        raise NotFound(f"there is no format {form!r}: there are {', '.join(FORMATS)}")
    wanted = ExpenseFilter(text.strip(), month, currency)
    chunks = export(backend.settings, form, owner(viewer.principal), wanted)
    return await as_file(chunks, form)


def _form_of(
    request: Request,
    viewer: Viewer,
    expense: StoredExpense,
    typed: Mapping[str, str] | None = None,
    wrong: Mapping[str, str] | None = None,
    clear: Collection[str] = (),
) -> Response:
    return page(
        request,
        "expense.html",
        viewer,
        HTTPStatus.UNPROCESSABLE_ENTITY if wrong else HTTPStatus.OK,
        expense=expense,
        fields=fields_of(_as_read(expense), typed or {}, wrong or {}, clear),
    )


def _as_read(expense: StoredExpense) -> ReceiptFields:
    known = expense.model_dump(include={"merchant", "total_cents", "currency", "date", "parser"})
    return ReceiptFields.model_validate(known)


async def _saved(backend: Backend, viewer: Viewer) -> list[StoredExpense]:
    """Return the expenses that somebody may see: operators see all."""
    return await saved_expenses(backend.settings, owner(viewer.principal))
