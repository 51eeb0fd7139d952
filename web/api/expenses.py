"""The saved expenses, as JSON and as files for other programs."""

from http import HTTPStatus
from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query, Response

from models import Correction, Principal, Role, StoredExpense
from service import values
from service.errors import BadInput
from service.expenses import expenses_page
from service.exports.streams import FORMATS, export
from service.receipts.edits import delete_expense, edit_expense, find_expense, kept_total
from web.api.answers import Expense, Expenses, expense_answer
from web.api.examples import EXPENSE_ID
from web.api.files import as_file
from web.api.links import next_page
from web.api.paging import Cursor, Limit
from web.api.review import CorrectionBody
from web.backend import OpenBackend
from web.callers import Caller
from web.problems import Problem, refusals

router = APIRouter(tags=["expenses"])

ExpenseId = Annotated[str, Path(description="The expense's id.", examples=[EXPENSE_ID])]


@router.get(
    "/expenses",
    response_model=Expenses,
    responses={
        HTTPStatus.OK.value: {
            "content": {
                one.media_type.partition(";")[0]: {"schema": {"type": "string"}}
                for one in FORMATS.values()
            },
            **next_page("getExpenses"),
        },
        **refusals(HTTPStatus.FORBIDDEN),
    },
)
async def get_expenses(
    backend: OpenBackend,
    principal: Caller,
    user_id: Annotated[str | None, Query(alias="userId", max_length=40)] = None,
    format: Annotated[
        Literal["json", "csv", "ledger", "beancount", "firefly", "zip"],
        Query(description="json: in pages; any other: all, in one file; zip: with all receipts."),
    ] = "json",
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Expenses | Response:
    """List the expenses that one may see, oldest first."""
    user = _whose(principal, user_id)
    if format != "json":
        return await as_file(export(backend.settings, format, user), format)
    found, following = await expenses_page(backend.settings, user, limit, cursor)
    return Expenses(items=[Expense.model_validate(one) for one in found], next_cursor=following)


@router.patch(
    "/expenses/{id}",
    operation_id="editExpense",
    response_model=Expense,
    responses=refusals(HTTPStatus.NOT_FOUND),
)
async def edit(id: ExpenseId, backend: OpenBackend, by: Caller, body: CorrectionBody) -> Expense:
    """Correct a saved expense; what is left out stays as it is."""
    expense = await find_expense(backend.settings, id, owner(by))
    correction = _correction(body, by, expense)
    doer = backend.callers.doer_of(by)
    return expense_answer(await edit_expense(backend.settings, expense, correction, doer))


@router.delete(
    "/expenses/{id}",
    operation_id="deleteExpense",
    status_code=HTTPStatus.NO_CONTENT,
    response_class=Response,
    responses=refusals(HTTPStatus.NOT_FOUND),
)
async def delete(id: ExpenseId, backend: OpenBackend, by: Caller) -> Response:
    """Delete a saved expense; the log of actions keeps what it was."""
    expense = await find_expense(backend.settings, id, owner(by))
    await delete_expense(backend.settings, expense, backend.callers.doer_of(by))
    return Response(status_code=HTTPStatus.NO_CONTENT)


def owner(principal: Principal) -> str | None:
    """Return whose expenses somebody may see and change; None for everybody's."""
    return None if principal.role.includes(Role.OPERATE) else principal.name


def _correction(body: CorrectionBody, by: Principal, expense: StoredExpense) -> Correction:
    if body.total is not None and body.total_cents is not None:
        cents = body.spelt("total_cents")
        raise BadInput(f"total and {cents} say the same: give one of them")
    currency = values.given(values.currency, body.currency, "currency") or expense.currency
    if body.total is not None:
        total = values.total_cents(body.total, "total", currency)
    else:
        total = body.total_cents or kept_total(expense, currency)
    return Correction(
        total_cents=total,
        merchant=values.given(values.merchant, body.merchant, "merchant"),
        date=body.date,
        currency=currency,
        clear=body.cleared(),
        corrected_by=by.name,
    )


def _whose(principal: Principal, user_id: str | None) -> str | None:
    """Return whose expenses are listed; None for everybody's, which only operators see."""
    if principal.role.includes(Role.OPERATE):
        return values.given(values.user_id, user_id, "userId")
    if user_id not in (None, principal.name):
        raise Problem(HTTPStatus.FORBIDDEN, "only operators see the expenses of others")
    return principal.name
