"""List runs, newest first, by what the server's visibility knows of them."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from models import OrderStatus, ReceiptStatus
from service import values
from service.calls import reached
from service.errors import BadInput, TemporalGone
from service.runs.executions import Execution, list_executions, page_of_executions
from service.runs.pending import Pending
from service.runs.stuck import among
from workflows.mail.workflow import MailWorkflow
from workflows.order.workflow import OrderWorkflow
from workflows.receipt.workflow import ReceiptWorkflow
from workflows.search_attributes import (
    CURRENCY,
    CUSTOMER_ID,
    MERCHANT,
    PIPELINE_STATUS,
    SUBMITTED_BY,
    TOTAL_CENTS,
)

WORKFLOW_OF_KIND = {
    "receipt": ReceiptWorkflow.__name__,
    "order": OrderWorkflow.__name__,
    "mail": MailWorkflow.__name__,
}
PIPELINES = ("receipt", "order")
"""What is listed if no kind is named: mails that runs could not send are no runs of their own."""

STATUSES = sorted({*OrderStatus, *ReceiptStatus})

_ENDED_FROM_OUTSIDE: dict[str | None, str] = {
    OrderStatus.TERMINATED: "Terminated",
    OrderStatus.TIMED_OUT: "TimedOut",
}
"""Statuses that only the server knows, by its own word in a visibility query."""

OPEN = {
    OrderStatus.RUNNING,
    OrderStatus.AWAITING_APPROVAL,
    OrderStatus.WAITING_FOR_BUSINESS_DAY,
    OrderStatus.COMPENSATING,
    ReceiptStatus.NEEDS_REVIEW,
}
"""Statuses of runs that are not over."""


@dataclass(frozen=True)
class ListedRun:
    """One run as a list shows it; ``failing`` is what keeps an undo from being done.

    ``customer_id`` is the user of a receipt; ``total_cents`` is in minor units of
    ``currency``, which runs of older versions do not show; times are UTC. ``is_forgotten`` says
    that only the archive knows it, and Temporal no more.
    """

    workflow_id: str
    run_id: str
    status: str | None
    customer_id: str | None
    total_cents: int | None
    currency: str | None
    merchant: str | None
    started_at: dt.datetime
    closed_at: dt.datetime | None
    failing: list[Pending]
    is_forgotten: bool = False


def query_of(
    kind: str | None = None,
    status: str | None = None,
    of: Sequence[str] = PIPELINES,
    customer_id: str | None = None,
    submitted_by: str | None = None,
) -> str:
    """Return the visibility query of the runs of these kinds, or of one kind or status.

    ``customer_id`` is the user of a receipt. Raise BadInput for a status that does not exist, and
    for an id that is none.
    """
    kinds = [WORKFLOW_OF_KIND[one] for one in ([kind] if kind else of)]
    if status and status not in STATUSES:
        raise BadInput(f"status is {status!r}: it must be one of {', '.join(STATUSES)}")
    names = ", ".join(f"'{name}'" for name in kinds)
    query = f"WorkflowType IN ({names})"
    for key, name, value in (
        (CUSTOMER_ID, "customer", customer_id),
        (SUBMITTED_BY, "submitter", submitted_by),
    ):
        if value is not None:
            query += f" AND {key.name} = '{values.identifier(value, name)}'"
    if status in _ENDED_FROM_OUTSIDE:
        return f"{query} AND ExecutionStatus = '{_ENDED_FROM_OUTSIDE[status]}'"
    if status in OPEN:
        # A run that was ended from outside keeps the status that it had shown last.
        ended = ", ".join(f"'{word}'" for word in _ENDED_FROM_OUTSIDE.values())
        query += f" AND ExecutionStatus NOT IN ({ended}, 'Failed')"
    return f"{query} AND {PIPELINE_STATUS.name} = '{status}'" if status else query


async def list_runs(client: Client, query: str, limit: int) -> list[ListedRun]:
    """List at most ``limit`` runs of a visibility query, newest first."""
    return await shown(client, await found_runs(client, query, limit))


async def found_runs(client: Client, query: str, limit: int) -> list[Execution]:
    """Return at most ``limit`` runs of a visibility query, newest first; raise BadInput."""
    if limit < 1:
        raise BadInput(f"limit is {limit}: it must be 1 or more")
    return await reached(_listed(client, query, limit))


async def shown(client: Client, runs: Sequence[Execution]) -> list[ListedRun]:
    """Return runs as a list shows them, in the same order."""
    undoing = [
        run
        for run in runs
        if run.search_attributes.get(PIPELINE_STATUS) == OrderStatus.COMPENSATING
    ]
    failing = {found.run.run_id: found.failing async for found in among(client, undoing)}
    return [_as_listed(run, failing.get(run.run_id, [])) for run in runs]


async def list_page(
    client: Client, query: str, limit: int, token: bytes
) -> tuple[list[ListedRun], bytes]:
    """List a page of runs, newest first, and return the token of the next page.

    Raise BadInput for a token that is none of the server's.
    """
    try:
        runs, following = await reached(page_of_executions(client, query, limit, token))
    except RPCError as error:
        if error.status is not RPCStatusCode.INVALID_ARGUMENT:
            raise
        raise BadInput(f"the list cannot be shown: {error.message}") from None
    except TemporalGone:
        if not token:
            raise
        # A server says of a token that is none of its own only that something went wrong.
        await reached(page_of_executions(client, query, 1))
        raise BadInput("cursor is not valid: it must be nextCursor of the page before") from None
    return [_as_listed(run, []) for run in runs], following


async def _listed(client: Client, query: str, limit: int) -> list[Execution]:
    return [run async for run in list_executions(client, query, limit)]


def _as_listed(run: Execution, failing: list[Pending]) -> ListedRun:
    shown = run.search_attributes
    return ListedRun(
        workflow_id=run.workflow_id,
        run_id=run.run_id,
        status=_status(run),
        customer_id=shown.get(CUSTOMER_ID),
        total_cents=shown.get(TOTAL_CENTS),
        currency=shown.get(CURRENCY),
        merchant=shown.get(MERCHANT),
        started_at=run.started_at,
        closed_at=run.closed_at,
        failing=failing,
    )


def final_status(run: Execution) -> str | None:
    """Return the status that a run ended with; None while it is open."""
    return None if run.is_open else _status(run)


def _status(run: Execution) -> str | None:
    """Return what a run shows, or the server's word if it was closed while it showed as open."""
    shown: str | None = run.search_attributes.get(PIPELINE_STATUS)
    return run.status if not run.is_open and (shown is None or shown in OPEN) else shown
