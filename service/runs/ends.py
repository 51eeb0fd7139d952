"""Whose end a run's end is: not every closed run stands for what its workflow id names.

Anybody can start a run by hand under the id of an order, a receipt or a mail that has ended. One
that is refused, that has no input, or that is of another type did nothing: its end is not theirs.
"""

import asyncio
import datetime as dt
from collections.abc import Sequence

from pydantic import ValidationError
from temporalio.client import Client

from models import HandedOverMail
from service.calls import reached
from service.runs.executions import Execution, latest_executions, list_executions
from service.runs.history import RunHistory, decoded, failure_of, read_history
from service.runs.reading import reader_of
from workflows.identity import (
    MAIL_PREFIX,
    ORDER_PREFIX,
    WRONG_WORKFLOW_ID,
    receipt_workflow_id,
)
from workflows.mail.workflow import MailWorkflow
from workflows.order.archiving import NOT_ARCHIVED
from workflows.order.workflow import OrderWorkflow
from workflows.receipt.workflow import ReceiptWorkflow

AT_ONCE = 16
"""Runs that are asked about at a time."""

_TYPES = {
    ORDER_PREFIX: OrderWorkflow.__name__,
    receipt_workflow_id(""): ReceiptWorkflow.__name__,
    MAIL_PREFIX: MailWorkflow.__name__,
}
_NO_INPUT = ValidationError.__name__
"""Type of the failure of a run whose input is none; also of a bug, after it did something."""

_OF_AN_ORDER = tuple(failure for failure in NOT_ARCHIVED if failure != WRONG_WORKFLOW_ID)
"""Types of failures that say of a run that did nothing that its order was there before it."""


def type_named(workflow_id: str) -> str | None:
    """Return the type of the workflow whose runs have such an id; None if it is nobody's."""
    types = (name for prefix, name in _TYPES.items() if workflow_id.startswith(prefix))
    return next(types, None)


def is_foreign(run: Execution) -> bool:
    """Tell whether a run is of another type than its id names."""
    return type_named(run.workflow_id) not in (None, run.workflow_type)


def is_refusal(history: RunHistory) -> bool:
    """Tell whether a run was refused, or had no input, before it did anything."""
    if history.failure == _NO_INPUT:
        return not history.activities and not history.mails
    return history.failure in NOT_ARCHIVED


async def did_nothing(client: Client, run: Execution) -> bool:
    """Tell whether a closed run did nothing, so that its end is not that of what its id names.

    Raise TemporalGone.
    """
    if is_foreign(run):
        return not run.is_open
    failure = await failure_of(client, run)
    if failure != _NO_INPUT:
        return failure in NOT_ARCHIVED
    history = await read_history(client, run)
    if run.workflow_type != MailWorkflow.__name__:
        return is_refusal(history)
    # One that was handed over as refused fails with the type of that refusal, and is still untold.
    return await decoded(reader_of(client, run.workflow_id), history.input, HandedOverMail) is None


async def run_that_counts(client: Client, latest: Execution) -> Execution | None:
    """Return the run whose end is that of what its id names: the latest that did something.

    None if Temporal knows none, or none any more. Raise TemporalGone.
    """
    if not await did_nothing(client, latest):
        return latest
    named = type_named(latest.workflow_id)
    if named is None or "'" in latest.workflow_id:
        return None
    for run in sorted(await reached(_runs(client, latest.workflow_id)), key=_began, reverse=True):
        is_another = run.run_id != latest.run_id and run.workflow_type == named
        if is_another and not await did_nothing(client, run):
            return run
    return None


async def is_unused(client: Client, latest: Execution) -> bool:
    """Tell whether its workflow id was never an order's, as far as Temporal knows.

    A run that was refused because of what an earlier one did speaks for an order. Raise
    TemporalGone.
    """
    if await run_that_counts(client, latest) is not None:
        return False
    others = await reached(_runs(client, latest.workflow_id))
    failures = [await failure_of(client, run) for run in (latest, *others)]
    return not any(failure in _OF_AN_ORDER for failure in failures)


async def runs_that_count(client: Client, latest: Sequence[Execution]) -> list[Execution | None]:
    """Return ``run_that_counts`` of each, in the same order, and None for one of another type.

    Raise TemporalGone.
    """
    ends = await each_that_counts(client, latest)
    return [
        end if end is not None and end.workflow_type == run.workflow_type else None
        for run, end in zip(latest, ends, strict=True)
    ]


async def each_that_counts(client: Client, runs: Sequence[Execution]) -> list[Execution | None]:
    """Return ``run_that_counts`` of each, of any type, in the same order; raise TemporalGone."""
    free = asyncio.Semaphore(AT_ONCE)

    async def find(run: Execution) -> Execution | None:
        async with free:
            return await run_that_counts(client, run)

    return list(await asyncio.gather(*map(find, runs)))


async def latest_that_count(client: Client, workflow_type: str) -> list[Execution]:
    """Return for each id of this type the run that counts, or the latest if none does.

    Raise TemporalGone.
    """
    latest = await reached(latest_executions(client, workflow_type))
    latest = [run for run in latest if not is_foreign(run)]
    found = await runs_that_count(client, latest)
    return [end or run for run, end in zip(latest, found, strict=True)]


async def _runs(client: Client, workflow_id: str) -> list[Execution]:
    return [run async for run in list_executions(client, f"WorkflowId = '{workflow_id}'")]


def _began(run: Execution) -> dt.datetime:
    return run.started_at
