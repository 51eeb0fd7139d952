"""Try receipts again that ended without an expense, from what is stored of them.

The file is in the bucket and mostly its text in the history, so nobody has to submit it again.
"""

import asyncio
from dataclasses import dataclass

from pydantic import JsonValue
from temporalio.client import Client
from temporalio.converter import DataConverter

from bootstrap import object_store
from config import Settings
from models import Action, Receipt, ReceiptState, ReceiptStatus, ReceiptText, ReceiptTry
from providers.errors import ProviderError
from providers.object_store import ReceiptStore
from service.access.log import Doer, noted
from service.calls import reached
from service.errors import BucketUnreachable, Failed, Refused
from service.receipts.ended import ended_receipt
from service.receipts.start import PUT_ATTEMPTS, start_receipt
from service.runs.ends import did_nothing, is_foreign
from service.runs.executions import FAILED, list_executions
from service.runs.find import Run, WorkflowId, find_run
from service.runs.history import RunHistory, decoded, read_history
from service.runs.reading import reader_of
from service.submission import Started
from workflows.identity import receipt_id_of, receipt_workflow_id
from workflows.receipt.workflow import ReceiptWorkflow

RETRIES_AT_ONCE = 8
"""Receipts that are looked at and started at a time."""


class FileGone(Refused):
    """The receipt's file is no longer in the bucket, so that nothing can be read again."""


@dataclass(frozen=True)
class ReceiptRetry:
    """A receipt that may be tried again, and where its earlier try stands.

    ``receipt`` has the text of the earlier try, if that came so far.
    """

    run: Run
    earlier: ReceiptState
    receipt: Receipt

    @property
    def reuses_text(self) -> bool:
        """Whether the text is not read again."""
        return isinstance(self.receipt, ReceiptTry)


async def failed_receipts(client: Client) -> list[str]:
    """Return the ids of receipts of which some run failed, each once, the latest first."""
    query = f"WorkflowType = '{ReceiptWorkflow.__name__}' AND ExecutionStatus = 'Failed'"

    async def listed() -> list[str]:
        runs = list_executions(client, query)
        return [run.workflow_id async for run in runs if not is_foreign(run)]

    return list(dict.fromkeys(await reached(listed())))


async def plan_failed(client: Client, store: ReceiptStore, workflow_id: str) -> ReceiptRetry | None:
    """Return what trying a failed receipt again would do; None if it has not failed after all.

    A later run of the same file may have succeeded, or may be under way; or no run did anything.
    Raise as ``plan_receipt``.
    """
    run = await find_run(client, WorkflowId(workflow_id))
    if run.execution.status != FAILED or await did_nothing(client, run.execution):
        return None
    return await plan_receipt(client, store, run)


async def plan_receipt(client: Client, store: ReceiptStore, run: Run) -> ReceiptRetry:
    """Return what trying a receipt again would do; nothing is changed.

    Raise FileGone, Refused with any other reason why it cannot be tried again, BucketUnreachable.
    """
    if run.is_open:
        raise _refused(run, "it is not over")
    history = await read_history(client, run.execution)
    reader = reader_of(client, run.workflow_id)
    earlier = await ended_receipt(reader, run.execution, history)
    # Both of what a run was started with by hand: its id, and what such an id is made of.
    for receipt_id in (earlier.receipt_id, receipt_id_of(earlier.user_id, earlier.object_key)):
        if (own := receipt_workflow_id(receipt_id)) != run.workflow_id:
            raise _refused(run, f"its input belongs to {own}")
    if earlier.status is ReceiptStatus.COMPLETED:
        raise _refused(run, f"it is completed, with expense {earlier.expense_id}")
    if not await asyncio.to_thread(_holds, store, earlier.object_key):
        raise FileGone(str(_refused(run, f"the bucket has no {earlier.object_key} any more")))
    return ReceiptRetry(run, earlier, await next_receipt(reader, history))


async def start_receipt_again(
    client: Client, retry: ReceiptRetry, settings: Settings, doer: Doer | None = None
) -> Started:
    """Start a receipt that was planned; raise Refused if somebody else was faster.

    Raise DatabaseUnreachable, with nothing done, as ``doer`` wants it.
    """
    before: JsonValue = {"status": retry.earlier.status}
    async with noted(doer, Action.RETRY, retry.run.workflow_id, before) as change:
        started = await start_receipt(client, retry.receipt, settings.task_queue)
        if started.joined:
            raise _refused(retry.run, f"somebody has just done so (run {started.run_id})")
        change.after = {"run_id": started.run_id}
    return started


async def next_receipt(converter: DataConverter, history: RunHistory) -> Receipt:
    """Return the input of the run after this one, with the text if one is known.

    Raise Failed if the history holds no receipt.
    """
    started = await decoded(converter, history.input, ReceiptTry)
    if started is None:
        raise Failed("its input is no receipt")
    read = history.results.get("extract_text")
    text = await decoded(converter, [read], ReceiptText) if read else started.text
    receipt = Receipt.model_validate(started.model_dump(include=set(Receipt.model_fields)))
    return ReceiptTry(**receipt.model_dump(), text=text) if text is not None else receipt


def receipt_store(settings: Settings) -> ReceiptStore:
    """Return the bucket's store; whoever asks for it closes it."""
    return object_store(settings, attempts=PUT_ATTEMPTS)


def _holds(store: ReceiptStore, object_key: str) -> bool:
    try:
        return store.holds(object_key)
    except ProviderError as error:
        raise BucketUnreachable(str(error)) from None


def _refused(run: Run, why: str) -> Refused:
    return Refused(f"{run.workflow_id} cannot be tried again: {why}")
