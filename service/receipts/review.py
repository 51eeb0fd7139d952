"""The receipts that wait for a person, and what a person says of one."""

import asyncio

from pydantic import JsonValue
from temporalio.client import Client

from models import Action, Correction, ReceiptState, ReceiptStatus
from service.access.log import Doer, noted
from service.calls import MAY_COUNT, answered, reached
from service.runs.executions import Execution, list_executions
from service.runs.find import (
    Run,
    State,
    WorkflowId,
    find_receipt,
    find_run,
    require_answers,
    require_open,
)
from workflows.receipt.workflow import ReceiptWorkflow
from workflows.search_attributes import CUSTOMER_ID, PIPELINE_STATUS

ASKED_AT_ONCE = 8
"""Runs that are asked where they stand at a time."""


async def listed_in_review(client: Client, user: str | None) -> list[Execution]:
    """Return the runs that the server lists as in review, the one that waits longest first.

    The list lags behind by moments. Raise TemporalGone.
    """
    query = (
        f"WorkflowType = '{ReceiptWorkflow.__name__}' AND ExecutionStatus = 'Running' "
        f"AND {PIPELINE_STATUS.name} = '{ReceiptStatus.NEEDS_REVIEW}'"
    )
    if user:
        query += f" AND {CUSTOMER_ID.name} = '{user}'"

    async def listed() -> list[Execution]:
        return [found async for found in list_executions(client, query)]

    return (await reached(listed()))[::-1]


async def review_queue(client: Client, user: str | None) -> list[tuple[Run, ReceiptState]]:
    """Return the runs in review, the one that waits longest first.

    Each is asked itself, because the server's list lags behind. Raise NoWorker if none answers.
    """
    at_once = asyncio.Semaphore(ASKED_AT_ONCE)

    async def asked(workflow_id: str) -> tuple[Run, ReceiptState | None]:
        async with at_once:
            run = await find_run(client, WorkflowId(workflow_id))
            return run, await review_state(run)

    listed = await listed_in_review(client, user)
    answers = await asyncio.gather(*(asked(found.workflow_id) for found in listed))
    return [(run, state) for run, state in answers if state is not None]


async def review_state(run: Run) -> ReceiptState | None:
    """Return where the run stands, if that is in review."""
    state = await run.state()
    in_review = isinstance(state, ReceiptState) and state.status is ReceiptStatus.NEEDS_REVIEW
    return state if isinstance(state, ReceiptState) and in_review else None


async def correct(
    client: Client, receipt_id: str, correction: Correction, doer: Doer | None = None
) -> tuple[Run, State]:
    """Tell a receipt in review what a person read from it.

    Raise NotFound, NoWorker, or Refused with the reason where the correction cannot count;
    DatabaseUnreachable, with nothing done, as ``doer`` wants it.
    """
    run = await find_receipt(client, receipt_id, "corrected")
    require_open(run, "corrected")
    return run, await correct_run(run, correction, doer)


async def currency_read(client: Client, receipt_id: str) -> str | None:
    """Return the currency that was read on a receipt in review; None if none was.

    Raise NotFound, NoWorker, or Refused if the receipt is no longer open.
    """
    run = await find_receipt(client, receipt_id, "corrected")
    require_open(run, "corrected")
    require_answers(run)
    state = await run.state()
    return state.fields.currency if isinstance(state, ReceiptState) and state.fields else None


async def correct_run(run: Run, correction: Correction, doer: Doer | None = None) -> State:
    """As ``correct``, for a run that was found already."""
    require_answers(run)
    before = _fields(await run.state()) if doer else None
    async with noted(doer, Action.CORRECT, run.workflow_id, before) as change:
        correcting = run.handle.execute_update(ReceiptWorkflow.correct, correction)
        state = await answered(correcting, MAY_COUNT)
        change.after = _fields(state)
    return state


async def discard(run: Run, doer: Doer | None = None) -> None:
    """End a receipt in review without an expense; raise TemporalGone, or as ``correct``."""
    async with noted(doer, Action.DISCARD, run.workflow_id):
        await reached(run.handle.cancel())


def _fields(state: State) -> JsonValue:
    """Return what a receipt shows, as far as an expense is made of it."""
    fields = state.fields if isinstance(state, ReceiptState) else None
    if fields is None:
        return None
    return fields.model_dump(mode="json", include={"merchant", "total_cents", "currency", "date"})
