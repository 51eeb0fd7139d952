"""Find every open run that waits on something failing, among thousands that do not.

Temporal can list runs by status, but not by what the last attempt of an activity said: that
takes one question a run, so runs that only wait for a person or a date are not asked.
"""

import asyncio
import datetime as dt
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass

from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest, DescribeTaskQueueRequest
from temporalio.client import Client, WorkflowExecution
from temporalio.service import RPCError, RPCStatusCode

from commands.output import Output
from commands.pending import Pending, failing_workflow_task, pending_activities
from commands.runs import reached, run_link
from config import Settings
from models import OrderStatus
from workflows.identity import ocr_task_queue
from workflows.search_attributes import PIPELINE_STATUS

AT_ONCE = 32
"""Questions under way at a time: the dev server answers about 800 runs a second."""

BACKLOG_SECONDS = 30.0
"""A task queue whose oldest task has waited so long for a worker is worth telling."""

BUSY = (OrderStatus.RUNNING, OrderStatus.COMPENSATING)
"""Statuses of runs that do something; in all other open ones they wait for a person or a date.
A receipt's status ``running`` is the same word."""


@dataclass(frozen=True)
class Stuck:
    """An open run and what fails in it; nothing does in most."""

    run: WorkflowExecution
    failing: list[Pending]


async def list_stuck(client: Client, query: str, settings: Settings, output: Output) -> None:
    """Show which of the open runs that match a visibility query wait on something failing."""
    runs = await reached(_listed(client, await _narrowed(client, query)))
    stuck = 0
    with _progress(len(runs), output) as advance:
        async for found in among(client, runs):
            advance()
            if found.failing:
                stuck += 1
                _show(client, found, settings, output)
    for queue in (settings.task_queue, ocr_task_queue(settings.task_queue)):
        await _show_backlog(client, queue, output)
    output.note(
        f"{stuck} stuck of {len(runs)} open run{'' if len(runs) == 1 else 's'}, not counting "
        "those that wait for a person or a date"
    )


async def among(client: Client, runs: Sequence[WorkflowExecution]) -> AsyncIterator[Stuck]:
    """Ask each of the runs what fails in it, in their order, some at a time.

    Raises CommandError if the server went away meanwhile.
    """
    free = asyncio.Semaphore(AT_ONCE)

    async def ask(run: WorkflowExecution) -> Stuck:
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
    busy = ", ".join(f"'{status}'" for status in BUSY)
    return (
        f"{query} AND ({PIPELINE_STATUS.name} IN ({busy}) OR TemporalReportedProblems IS NOT NULL)"
    )


async def _listed(client: Client, query: str) -> list[WorkflowExecution]:
    return [run async for run in client.list_workflows(query)]


async def _failing(client: Client, run: WorkflowExecution) -> list[Pending]:
    handle = client.get_workflow_handle(run.id, run_id=run.run_id)
    try:
        description = await reached(handle.describe())
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND:
            return []  # deleted since it was listed
        raise
    failing = [activity for activity in pending_activities(description) if activity.fails]
    code = await failing_workflow_task(client, description)
    return [*([code] if code else []), *failing]


def _show(client: Client, stuck: Stuck, settings: Settings, output: Output) -> None:
    run = stuck.run
    status = run.typed_search_attributes.get(PIPELINE_STATUS)
    link = run_link(settings, client, run.id, run.run_id)
    output.result(
        {
            "workflow_id": run.id,
            "run_id": run.run_id,
            "status": status,
            "failing": [asdict(failing) for failing in stuck.failing],
            "ui": link,
        },
        "\n".join(
            [
                f"{run.id}: {status or '-'}",
                *(f"  {failing.words()}" for failing in stuck.failing),
                f"  {link}",
            ]
        ),
    )


async def _show_backlog(client: Client, task_queue: str, output: Output) -> None:
    """Say if tasks wait because no worker, or too few, ask for them."""
    for kind in (
        TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW,
        TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY,
    ):
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
        count = answer.stats.approximate_backlog_count
        age = answer.stats.approximate_backlog_age.ToTimedelta()
        if count and age > dt.timedelta(seconds=BACKLOG_SECONDS):
            output.result(
                {"task_queue": task_queue, "waiting": count, "seconds": age.total_seconds()},
                f"task queue {task_queue}: about {count} tasks wait for a worker, the oldest for "
                f"{age.total_seconds():.0f} s",
            )


@contextmanager
def _progress(runs: int, output: Output) -> Iterator[Callable[[], None]]:
    """Show a bar while many runs are asked, if a person is looking."""
    if runs <= AT_ONCE or not output.is_watched:
        yield lambda: None
        return
    from rich.progress import Progress

    with Progress(
        console=output.console(), transient=True, redirect_stdout=output.shares_terminal
    ) as progress:
        bar = progress.add_task("asking each run", total=runs)
        yield lambda: progress.advance(bar)
