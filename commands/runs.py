"""Find a run, talk to it, link to it; every failure of that in one sentence.

The server answers "not found" alike for a run that never was and one that is over, and says
nothing at all if no worker is up; a person needs to know which.
"""

import asyncio
import datetime as dt
from collections.abc import Awaitable
from typing import Any, TypeVar
from urllib.parse import quote

from temporalio.client import (
    Client,
    WorkflowExecutionDescription,
    WorkflowExecutionStatus,
    WorkflowHandle,
    WorkflowQueryFailedError,
    WorkflowUpdateFailedError,
    WorkflowUpdateRPCTimeoutOrCancelledError,
)
from temporalio.service import RPCError, RPCStatusCode

import client as temporal
from commands.outcome import CommandError, ExitCode
from config import Settings
from models import OrderState, ReceiptState
from workflows.order.workflow import OrderWorkflow
from workflows.receipt.workflow import ReceiptWorkflow

ANSWER_SECONDS = 10.0
"""How long a worker may take to answer a query or an update."""

KEPT = "; what was sent may still count then"
"""What becomes of a signal or an update that no worker answered: the server keeps it."""

_GONE = (RPCStatusCode.UNAVAILABLE, RPCStatusCode.DEADLINE_EXCEEDED, RPCStatusCode.UNKNOWN)
"""What is left after the ten seconds for which the SDK itself tries again; and UNKNOWN, at once,
for a call that waited when its connection was cut."""

Answer = TypeVar("Answer")
State = OrderState | ReceiptState


class TemporalGone(CommandError):
    """Temporal went away, so that whatever else it is asked will not be answered either."""

    def __init__(self, message: str) -> None:
        super().__init__(message, ExitCode.UNREACHABLE)


class TemporalBusy(TemporalGone):
    """Temporal is there, but took no more calls for the ten seconds that the SDK tried."""


class Run:
    """One workflow run that exists, and what kind it is."""

    def __init__(
        self, handle: WorkflowHandle[Any, Any], description: WorkflowExecutionDescription
    ) -> None:
        self.handle = handle
        self.description = description

    @property
    def is_order(self) -> bool:
        """Whether it runs the order pipeline."""
        return self.description.workflow_type == OrderWorkflow.__name__

    @property
    def is_open(self) -> bool:
        """Whether it was still running when it was found."""
        return self.description.status is WorkflowExecutionStatus.RUNNING

    @property
    def elapsed(self) -> dt.timedelta:
        """How long it has run, or ran."""
        end = self.description.close_time or dt.datetime.now(dt.UTC)
        return end - self.description.start_time

    async def state(self, unanswered: str = "") -> State:
        """Ask the run itself; raises CommandError if no worker answers."""
        query = OrderWorkflow.status if self.is_order else ReceiptWorkflow.status
        return await answered(self.handle.query(query), unanswered)


async def connect(settings: Settings) -> Client:
    """Connect to Temporal; raises CommandError with the address tried."""
    try:
        return await temporal.connect(settings)
    except temporal.TemporalUnreachable as error:
        raise CommandError(
            f"{error}; start one with 'make dev' or set TEMPORAL_ADDRESS", ExitCode.UNREACHABLE
        ) from None


async def find_run(client: Client, run_id: str) -> Run:
    """Find a run by its workflow id or by its order's or receipt's id alone."""
    for workflow_id in (run_id, f"order-{run_id}", f"receipt-{run_id}"):
        handle = client.get_workflow_handle(workflow_id)
        try:
            return Run(handle, await reached(handle.describe()))
        except RPCError as error:
            if error.status not in (RPCStatusCode.NOT_FOUND, RPCStatusCode.INVALID_ARGUMENT):
                raise
    raise CommandError(f"there is no run {run_id!r}: 'starter.py list' shows all")


async def find_open_order(client: Client, run_id: str, to_do: str) -> Run:
    """Find an order that is not over; raises CommandError for anything else."""
    run = await find_run(client, run_id)
    if not run.is_order:
        raise CommandError(f"{run.handle.id} is a receipt: only an order can be {to_do}")
    require_open(run, to_do)
    return run


def require_open(run: Run, to_do: str) -> None:
    """Raise CommandError if the run is over."""
    if not run.is_open:
        status = run.description.status
        how = status.name.lower() if status else "over"
        raise CommandError(f"{run.handle.id} cannot be {to_do}: it is over ({how})")


async def reached(call: Awaitable[Answer]) -> Answer:
    """Await a call to the server; raises TemporalGone if it went away, TemporalBusy if it is."""
    try:
        return await call
    except RPCError as error:
        if error.status is RPCStatusCode.RESOURCE_EXHAUSTED:
            raise TemporalBusy(
                f"Temporal at {temporal.address()} takes no more for now: {error.message}"
            ) from None
        if error.status not in _GONE:
            raise
        raise TemporalGone(
            f"Temporal at {temporal.address()} does not answer: {error.message}"
        ) from None


async def answered(call: Awaitable[Answer], unanswered: str = "") -> Answer:
    """Await an answer of the run itself; raises CommandError if it refuses or no worker is up.

    ``unanswered`` is added to that error: what becomes of what was sent.
    """
    try:
        # Not the SDK's own time limit, which begins anew when the server gives up first.
        return await asyncio.wait_for(call, ANSWER_SECONDS)
    except WorkflowUpdateFailedError as error:
        raise CommandError(getattr(error.cause, "message", str(error.cause))) from None
    except WorkflowQueryFailedError as error:
        raise CommandError(f"the run cannot answer: {error}", ExitCode.RUN_FAILED) from None
    except (WorkflowUpdateRPCTimeoutOrCancelledError, RPCError, TimeoutError) as error:
        if isinstance(error, RPCError) and error.status is RPCStatusCode.NOT_FOUND:
            raise CommandError("the run is over") from None
        if _code_fails(error):
            raise CommandError(
                "the run cannot answer because its code fails: 'starter.py list --stuck' says why",
                ExitCode.RUN_FAILED,
            ) from None
        raise CommandError(
            f"no worker answered within {ANSWER_SECONDS:g} s: start one with 'make dev' or "
            f"'python worker.py'{unanswered}",
            ExitCode.UNREACHABLE,
        ) from None


def _code_fails(error: Exception) -> bool:
    """Whether the server knows that asking is in vain; not that it merely saw no worker lately."""
    return (
        isinstance(error, RPCError)
        and error.status is RPCStatusCode.FAILED_PRECONDITION
        and "no poller" not in error.message
    )


def run_link(settings: Settings, client: Client, workflow_id: str, run_id: str | None) -> str:
    """Give the address of a run in the Temporal UI."""
    path = f"{quote(workflow_id, safe='')}/{run_id}/history" if run_id else quote(workflow_id, "")
    return f"{settings.temporal_ui_url}/namespaces/{client.namespace}/workflows/{path}"


def list_link(settings: Settings, client: Client, query: str) -> str:
    """Give the address of a filtered list in the Temporal UI."""
    return (
        f"{settings.temporal_ui_url}/namespaces/{client.namespace}/workflows"
        f"?query={quote(query, safe='')}"
    )
