"""The tasks that a run waits for: how often each was tried, why it failed, when it is tried next.

Without it a run whose refund is refused again and again, or whose code no longer fits its
history, looks like any other that is running.
"""

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from temporalio.api.enums.v1 import EventType, PendingActivityState, WorkflowTaskFailedCause
from temporalio.api.failure.v1 import Failure
from temporalio.api.history.v1 import HistoryEvent
from temporalio.api.workflow.v1 import PendingActivityInfo
from temporalio.api.workflowservice.v1 import GetWorkflowExecutionHistoryReverseRequest
from temporalio.client import Client

from activities.policies import attempt_of_step
from service.calls import reached
from service.runs.executions import Description
from service.runs.reading import reader_of, show_failures
from service.runs.step_words import step_of

WORKFLOW_TASK = "workflow task"
LAST_EVENTS = 20
"""Events to look back for the reason of a failed workflow task. The server records only the
first of several failures in a row, and hardly anything after it: signals and timers."""
MAX_ERROR_CHARACTERS = 300

UNFINISHED = "no worker finished it in time"
"""Of a workflow task that no worker failed at: each was gone before it answered."""

_UNREADABLE_INPUT = "Failed decoding arguments"
"""The SDK's words for an activity's input that a worker cannot read, such as without its key."""


@dataclass(frozen=True)
class Pending:
    """One task of a run: an activity, or the workflow's own next step.

    ``attempt`` counts a step's attempts from 1, local ones too; ``max_attempts`` is None where
    nothing limits them. ``next_try`` (UTC) is None while an attempt runs or waits for a worker.
    """

    task: str
    attempt: int
    max_attempts: int | None
    last_error: str | None
    next_try: dt.datetime | None
    paused: bool = False

    @property
    def fails(self) -> bool:
        """Whether the last attempt failed, or a person paused the activity."""
        return self.last_error is not None or self.paused

    def words(self) -> str:
        """Say it on one line."""
        line = f"{self.task}: attempt {self.attempt}"
        if self.max_attempts:
            line += f" of {self.max_attempts}"
        if self.paused:
            line += ", paused in the Temporal UI"
        if self.last_error:
            line += f", last error: {self.last_error}"
        if self.next_try:
            wait = self.next_try - dt.datetime.now(dt.UTC)
            line += f", next try in {max(0.0, wait.total_seconds()):.0f} s"
        return line

    def plainly(self) -> str:
        """Say it to somebody who knows no name of an activity."""
        is_code = self.task == WORKFLOW_TASK
        line = f"tries to {'decide what comes next' if is_code else step_of(self.task)}"
        if self.attempt > 1 or self.last_error:
            line += f", attempt {self.attempt}"
            line += f" of {self.max_attempts}" if self.max_attempts else ""
        if self.paused:
            line += ", paused in the Temporal UI"
        if self.last_error:
            line += f"; it failed last: {self.last_error}"
        if self.next_try:
            wait = self.next_try - dt.datetime.now(dt.UTC)
            line += f"; next try in {max(0.0, wait.total_seconds()):.0f} s"
        return line


def pending_activities(description: Description) -> list[Pending]:
    """Return the activities that a run waits for; one that is over waits for nothing."""
    return unfinished_activities(description) if description.execution.is_open else []


def unfinished_activities(description: Description) -> list[Pending]:
    """Return the activities without an end, which the server also lists of a run that is over."""
    return [_activity(info) for info in description.raw.pending_activities]


async def failing_workflow_task(client: Client, description: Description) -> Pending | None:
    """Return the run's own next step if workers fail at it, as after a bad deploy.

    Raise TemporalGone if the server went away meanwhile.
    """
    raw = description.raw
    attempt = raw.pending_workflow_task.attempt
    if not raw.HasField("pending_workflow_task") or attempt <= 1:
        return None
    events = await last_events(client, description)
    reader = reader_of(client, description.execution.workflow_id)
    for event in events:
        await show_failures(reader, event)
    error = next(_workflow_task_errors(events), UNFINISHED)
    return Pending(WORKFLOW_TASK, attempt, None, error, None)


async def last_events(client: Client, description: Description) -> Sequence[HistoryEvent]:
    """Return the last events of a run, newest first; raise TemporalGone."""
    answer = await reached(
        client.workflow_service.get_workflow_execution_history_reverse(
            GetWorkflowExecutionHistoryReverseRequest(
                namespace=client.namespace,
                execution=description.raw.workflow_execution_info.execution,
                maximum_page_size=LAST_EVENTS,
            )
        )
    )
    return answer.history.events


def _activity(info: PendingActivityInfo) -> Pending:
    scheduled = info.scheduled_time.ToDatetime(dt.UTC)
    waits = info.state == PendingActivityState.PENDING_ACTIVITY_STATE_SCHEDULED
    name, last = info.activity_type.name, info.maximum_attempts
    return Pending(
        task=name,
        attempt=attempt_of_step(name, info.attempt, last),
        max_attempts=attempt_of_step(name, last, last) if last else None,
        last_error=one_line(_said(info.last_failure)) if info.HasField("last_failure") else None,
        next_try=scheduled if waits and scheduled > dt.datetime.now(dt.UTC) else None,
        paused=info.paused,
    )


def _said(failure: Failure) -> str:
    """Return what a failure says, or its cause where the SDK's own words say nothing."""
    is_unclear = failure.message == _UNREADABLE_INPUT and failure.HasField("cause")
    return failure.cause.message if is_unclear else failure.message


def _workflow_task_errors(newest_first: Iterable[HistoryEvent]) -> Iterator[str]:
    for event in newest_first:
        if event.event_type == EventType.EVENT_TYPE_WORKFLOW_TASK_FAILED:
            failed = event.workflow_task_failed_event_attributes
            cause = WorkflowTaskFailedCause.Name(failed.cause)
            kind = cause.removeprefix("WORKFLOW_TASK_FAILED_CAUSE_").lower().replace("_", " ")
            yield one_line(f"{kind}: {failed.failure.message}")


def one_line(message: str) -> str:
    """Return what an error says on one line, cut if it is long."""
    line = " ".join(message.split())
    short = line[:MAX_ERROR_CHARACTERS]
    return short if short == line else f"{short}..."
