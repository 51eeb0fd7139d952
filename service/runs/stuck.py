"""Find every open run that waits on something failing, among thousands that do not.

Temporal can list runs by status, but not by what the last attempt of an activity said: that
takes one question a run, so runs that only wait for a person or a date are not asked.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest, DescribeTaskQueueRequest
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from config import Settings
from models import OrderStatus, ReceiptStatus
from service.calls import reached
from service.readiness.queues import all_queues
from service.runs.executions import Execution, describe, list_executions
from service.runs.local_waits import waiting_step
from service.runs.pending import Pending, failing_workflow_task, pending_activities
from workflows.search_attributes import PIPELINE_STATUS

AT_ONCE = 32
"""Questions under way at a time: the dev server answers about 800 runs a second."""

BACKLOG_SECONDS = 30.0
"""A task queue is reported when its oldest task has waited longer for a worker."""

WAITING = (
    OrderStatus.AWAITING_APPROVAL,
    OrderStatus.WAITING_FOR_BUSINESS_DAY,
    ReceiptStatus.NEEDS_REVIEW,
)
"""Statuses of open runs that wait for a person or a date. All others do something: one that has
its final status and is open is being archived."""


@dataclass(frozen=True)
class Stuck:
    """An open run, and what fails in it; empty for most runs."""

    run: Execution
    failing: list[Pending]


@dataclass(frozen=True)
class Backlog:
    """Tasks that wait because no worker, or too few, ask for them; the age is the oldest's."""

    task_queue: str
    waiting: int
    seconds: float


async def runs_to_ask(client: Client, query: str) -> list[Execution]:
    """List the open runs of a visibility query that do more than wait for a person or a date."""
    return await reached(_listed(client, await _narrowed(client, query)))


async def among(client: Client, runs: Sequence[Execution]) -> AsyncIterator[Stuck]:
    """Ask each of the runs what fails in it, in their order, some at a time.

    Raise TemporalGone if the server went away meanwhile.
    """
    free = asyncio.Semaphore(AT_ONCE)

    async def ask(run: Execution) -> Stuck:
        async with free:
            return Stuck(run, await _failing(client, run))

    asking = [asyncio.create_task(ask(run)) for run in runs]
    try:
        for asked in asking:
            yield await asked
    finally:
        for asked in asking:
            asked.cancel()


async def _narrowed(client: Client, query: str) -> str:
    """Leave out the runs that wait, unless the server reports that their code fails."""
    query = f"({query}) AND ExecutionStatus = 'Running'"
    namespace = await reached(
        client.workflow_service.describe_namespace(
            DescribeNamespaceRequest(namespace=client.namespace)
        )
    )
    if not namespace.namespace_info.capabilities.reported_problems_search_attribute:
        return query  # a server before 1.30: every open run is asked
    waiting = ", ".join(f"'{status}'" for status in WAITING)
    return (
        f"{query} AND ({PIPELINE_STATUS.name} NOT IN ({waiting}) "
        f"OR {PIPELINE_STATUS.name} IS NULL OR TemporalReportedProblems IS NOT NULL)"
    )


async def _listed(client: Client, query: str) -> list[Execution]:
    return [run async for run in list_executions(client, query)]


async def _failing(client: Client, run: Execution) -> list[Pending]:
    try:
        description = await reached(describe(client, run.workflow_id, run.run_id))
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND:
            return []  # deleted since it was listed
        raise
    failing = [activity for activity in pending_activities(description) if activity.fails]
    code = await failing_workflow_task(client, description)
    step = await waiting_step(client, description)
    return [*(one for one in (code, step) if one), *failing]


async def backlogs(client: Client, settings: Settings) -> list[Backlog]:
    """Return where tasks wait for a worker for longer than BACKLOG_SECONDS."""
    queues = all_queues(settings)
    found = await asyncio.gather(*(_backlog(client, one.name, one.kind) for one in queues))
    return [backlog for backlog in found if backlog.waiting and backlog.seconds > BACKLOG_SECONDS]


async def _backlog(client: Client, task_queue: str, kind: TaskQueueType.ValueType) -> Backlog:
    answer = await reached(
        client.workflow_service.describe_task_queue(
            DescribeTaskQueueRequest(
                namespace=client.namespace,
                task_queue=TaskQueue(name=task_queue),
                task_queue_type=kind,
                report_stats=True,
            )
        )
    )
    age = answer.stats.approximate_backlog_age.ToTimedelta()
    return Backlog(task_queue, answer.stats.approximate_backlog_count, age.total_seconds())
