"""List what has ended, last ended first, whether Temporal still knows it or only the archive."""

import datetime as dt
from collections.abc import Sequence

from temporalio.client import Client

from models import ArchivedOrder, OrderStatus
from service.calls import reached
from service.errors import BadInput
from service.orders.archive import Archive
from service.runs.ends import did_nothing, each_that_counts
from service.runs.executions import Execution, list_executions
from service.runs.listing import OPEN, ListedRun, found_runs, query_of, shown
from workflows.identity import order_id_of

_CLOSED = "ExecutionStatus IN ('Completed', 'Failed', 'Canceled', 'Terminated', 'TimedOut')"

_IDS_A_QUERY = 100
"""Workflow ids in one visibility query, which the server keeps short."""


def query_of_ended(kind: str | None = None, status: str | None = None) -> str:
    """Return the visibility query of all runs that are over; raise BadInput as ``query_of``."""
    query = query_of(kind, status)
    if status in OPEN:
        raise BadInput(f"status is {status!r}: a run that has ended has a final status")
    return f"{query} AND {_CLOSED}"


async def list_ended(
    client: Client, archive: Archive, kind: str | None, status: str | None, limit: int
) -> list[ListedRun]:
    """List at most ``limit`` runs that are over; raise BadInput or DatabaseUnreachable.

    Temporal's word comes first: an archived order that is tried again is not over.
    """
    closed = await _closed(client, archive, query_of_ended(kind, status), limit)
    if kind not in (None, "order"):
        return closed
    rows = await archive.ended(OrderStatus(status) if status else None, limit)
    known = await _known(client, [row.workflow_id for row in rows])
    forgotten = [_as_listed(row) for row in rows if row.workflow_id not in known]
    return sorted([*closed, *forgotten], key=_ended_at, reverse=True)[:limit]


async def _closed(client: Client, archive: Archive, query: str, limit: int) -> list[ListedRun]:
    """List closed runs, but not those that did nothing where another has the end."""
    asked = limit
    while True:
        runs = await found_runs(client, query, asked)
        hidden = await _hidden(client, archive, runs)
        ends = [run for run in runs if run.run_id not in hidden]
        if len(ends) >= limit or len(runs) < asked:
            return await shown(client, ends[:limit])
        asked += max(limit, len(hidden))


async def _hidden(client: Client, archive: Archive, runs: Sequence[Execution]) -> set[str]:
    """Return the run ids of those that did nothing, and whose id has an end of its own."""
    ended = await each_that_counts(client, runs)
    others = {
        run.run_id for run, end in zip(runs, ended, strict=True) if end and end.run_id != run.run_id
    }
    without = {
        run.run_id: order_id
        for run, end in zip(runs, ended, strict=True)
        if end is None and (order_id := order_id_of(run.workflow_id))
    }
    archived = await archive.of_all(set(without.values()))
    return others | {run_id for run_id, order_id in without.items() if order_id in archived}


async def _known(client: Client, workflow_ids: Sequence[str]) -> set[str]:
    """Return those of the workflow ids of which Temporal knows a run that counts."""
    known: set[str] = set()
    for first in range(0, len(workflow_ids), _IDS_A_QUERY):
        names = ", ".join(f"'{name}'" for name in workflow_ids[first : first + _IDS_A_QUERY])
        for run in await reached(_listed(client, f"WorkflowId IN ({names})")):
            if run.workflow_id not in known and not await did_nothing(client, run):
                known.add(run.workflow_id)
    return known


async def _listed(client: Client, query: str) -> list[Execution]:
    return [run async for run in list_executions(client, query)]


def _ended_at(run: ListedRun) -> dt.datetime:
    return run.closed_at or run.started_at


def _as_listed(row: ArchivedOrder) -> ListedRun:
    return ListedRun(
        workflow_id=row.workflow_id,
        run_id=row.run_id,
        status=row.result.status,
        customer_id=row.customer_id,
        total_cents=row.result.total_cents,
        currency=row.result.currency,
        merchant=None,
        started_at=row.started_at,
        closed_at=row.ended_at,
        failing=[],
        is_forgotten=True,
    )
