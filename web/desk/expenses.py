"""The saved expenses: search, filter, totals by month and currency, and all of it as CSV."""

import io
from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from models import Role, StoredExpense
from service.expenses import (
    ExpenseFilter,
    month_of,
    saved_expenses,
    totals_by_month,
    write_csv,
)
from web.api.expenses import CSV
from web.backend import Backend, OpenBackend
from web.desk.pages import page
from web.desk.signed_in import SignedIn, Viewer

router = APIRouter()

MOST_SHOWN = 200
"""Expenses of a page; all of them are in the totals and in the CSV file."""

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
        months=sorted({month_of(one) for one in saved} - {""}, reverse=True),
        currencies=sorted({one.currency for one in saved}),
    )


@router.get("/expenses.csv")
async def as_csv(
    backend: OpenBackend,
    viewer: SignedIn,
    text: Text = "",
    month: Text = "",
    currency: Text = "",
) -> Response:
    """Return the same expenses as a file for a spreadsheet."""
    wanted = ExpenseFilter(text.strip(), month, currency)
    file = io.StringIO(newline="")
    write_csv([one for one in await _saved(backend, viewer) if wanted.matches(one)], file)
    name = 'attachment; filename="expenses.csv"'
    return Response(file.getvalue(), headers={"Content-Disposition": name}, media_type=CSV)


async def _saved(backend: Backend, viewer: Viewer) -> list[StoredExpense]:
    """Return the expenses that somebody may see: operators see all."""
    user = None if viewer.includes(Role.OPERATE) else viewer.principal.name
    return await saved_expenses(backend.settings, user)
