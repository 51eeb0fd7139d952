"""Where a receipt stands that has ended, from its history: no worker is asked."""

from temporalio.converter import DataConverter

from models import (
    ReceiptFields,
    ReceiptResult,
    ReceiptState,
    ReceiptStatus,
    ReceiptStep,
    ReceiptTry,
    SavedExpense,
)
from service.errors import Failed
from service.runs.executions import CANCELED, TERMINATED, TIMED_OUT, Execution
from service.runs.history import RunHistory, decoded

_STEPS = {
    "extract_text": ReceiptStep.TEXT,
    "parse_receipt": ReceiptStep.FIELDS,
    "save_expense": ReceiptStep.RECORD,
    "notify_user": ReceiptStep.TELL,
}
_STATUSES = {
    CANCELED: ReceiptStatus.CANCELLED,
    TERMINATED: ReceiptStatus.TERMINATED,
    TIMED_OUT: ReceiptStatus.TIMED_OUT,
}


async def ended_receipt(
    converter: DataConverter, run: Execution, history: RunHistory
) -> ReceiptState:
    """Return the last state of a receipt; raise Failed if its history holds no receipt."""
    receipt = await decoded(converter, history.input, ReceiptTry)
    if receipt is None:
        raise Failed(f"{run.workflow_id} is over ({run.status}): {history.reason or 'no receipt'}")
    result = await decoded(converter, history.result, ReceiptResult)
    saved = history.results.get("save_expense")
    expense = await decoded(converter, [saved], SavedExpense) if saved else None
    closed_at = run.closed_at or run.started_at
    return ReceiptState(
        receipt_id=receipt.receipt_id,
        user_id=receipt.user_id,
        object_key=receipt.object_key,
        status=result.status if result else _STATUSES.get(run.status, ReceiptStatus.FAILED),
        step=_STEPS.get(history.activities[-1] if history.activities else "", ReceiptStep.TEXT),
        waiting_for=None,
        waiting_until=None,
        reason=history.reason,
        corrected_by=result.corrected_by if result else None,
        fields=await _fields(converter, history, result),
        expense_id=expense.expense_id if expense and expense.duplicate_of is None else None,
        user_told=result.user_told if result else "notify_user" in history.results,
        not_told_because=result.not_told_because if result else None,
        started_at=run.started_at,
        elapsed_seconds=(closed_at - run.started_at).total_seconds(),
    )


async def _fields(
    converter: DataConverter, history: RunHistory, result: ReceiptResult | None
) -> ReceiptFields | None:
    """Return what was read, with what a person corrected in it."""
    found = history.results.get("parse_receipt")
    read = await decoded(converter, [found], ReceiptFields) if found else None
    if result is None:
        return read
    known = result.model_dump(include={"merchant", "total_cents", "currency", "date", "parser"})
    return read.model_copy(update=known) if read else ReceiptFields.model_validate(known)
