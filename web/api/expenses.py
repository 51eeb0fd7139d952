"""The saved expenses, as JSON and as CSV."""

import io
from http import HTTPStatus
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Response

from models import Principal, Role
from service import values
from service.expenses import expenses_page, saved_expenses, write_csv
from web.api.answers import Expense, Expenses
from web.api.paging import Cursor, Limit
from web.backend import OpenBackend
from web.callers import Caller
from web.problems import Problem

router = APIRouter(tags=["expenses"])

CSV = "text/csv; charset=utf-8"


@router.get(
    "/expenses",
    response_model=Expenses,
    responses={HTTPStatus.OK.value: {"content": {"text/csv": {"schema": {"type": "string"}}}}},
)
async def get_expenses(
    backend: OpenBackend,
    principal: Caller,
    user_id: Annotated[str | None, Query(alias="userId", max_length=40)] = None,
    format: Annotated[Literal["json", "csv"], Query(description="csv: all, in one file.")] = "json",
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Expenses | Response:
    """List the expenses that one may see, oldest first."""
    user = _whose(principal, user_id)
    if format == "csv":
        file = io.StringIO(newline="")
        write_csv(await saved_expenses(backend.settings, user), file)
        name = 'attachment; filename="expenses.csv"'
        return Response(file.getvalue(), headers={"Content-Disposition": name}, media_type=CSV)
    found, following = await expenses_page(backend.settings, user, limit, cursor)
    return Expenses(items=[Expense.model_validate(one) for one in found], next_cursor=following)


def _whose(principal: Principal, user_id: str | None) -> str | None:
    """Return whose expenses are listed; None for everybody's, which only operators see."""
    if principal.role.includes(Role.OPERATE):
        return values.given(values.user_id, user_id, "userId")
    if user_id not in (None, principal.name):
        raise Problem(HTTPStatus.FORBIDDEN, "only operators see the expenses of others")
    return principal.name
