"""The schedule by which Temporal starts an audit each night, and what the last one found."""

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum

from temporalio.client import (
    Client,
    Schedule,
    ScheduleActionStartWorkflow,
    ScheduleAlreadyRunningError,
    ScheduleCalendarSpec,
    ScheduleOverlapPolicy,
    SchedulePolicy,
    ScheduleRange,
    ScheduleSpec,
    ScheduleUpdate,
    ScheduleUpdateInput,
)
from temporalio.service import RPCError, RPCStatusCode

from config import Settings
from models import AuditReport
from service.calls import reached, service_error
from service.runs.executions import Execution, list_executions
from workflows.audit.workflow import AuditWorkflow

SCHEDULE_ID = "nightly-audit"

MISSED = dt.timedelta(hours=12)
"""An audit that was due while Temporal was away is made up for so long."""


class Outcome(StrEnum):
    """What became of the schedule."""

    CREATED = "created"
    CHANGED = "changed"
    PRESENT = "present"
    DELETED = "deleted"
    NONE = "none"
    FOREIGN = "foreign"
    """One of this id starts something else: somebody made it by hand, and it stays as it is."""


@dataclass(frozen=True)
class Scheduled:
    """What became of the schedule, which workflow it starts, and whether somebody has paused it."""

    outcome: Outcome
    starts: str = AuditWorkflow.__name__
    is_paused: bool = False


async def schedule_audit(client: Client, settings: Settings, at: dt.time) -> Scheduled:
    """Let the audit start each day at this time of BUSINESS_TIME_ZONE, also if it did otherwise.

    Raise a service error if Temporal does not answer or refuses.
    """
    wanted = _schedule(settings, at)
    try:
        await reached(client.create_schedule(SCHEDULE_ID, wanted))
    except ScheduleAlreadyRunningError:
        return await _change(client, wanted)
    except RPCError as error:
        raise service_error(error) from None
    return Scheduled(Outcome.CREATED)


async def unschedule_audit(client: Client) -> Scheduled:
    """Delete the schedule; NONE if there is none. Raise as ``schedule_audit``."""
    handle = client.get_schedule_handle(SCHEDULE_ID)
    try:
        there = (await reached(handle.describe())).schedule
        if (starts := _started_by(there)) != AuditWorkflow.__name__:
            return Scheduled(Outcome.FOREIGN, starts)
        await reached(handle.delete())
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND:
            return Scheduled(Outcome.NONE)
        raise service_error(error) from None
    return Scheduled(Outcome.DELETED)


def _schedule(settings: Settings, at: dt.time) -> Schedule:
    # All of it is written out as the server repeats it, so that the two can be compared.
    each_day = ScheduleCalendarSpec(
        second=_range(0, 0),
        minute=_range(at.minute, at.minute),
        hour=_range(at.hour, at.hour),
        day_of_month=_range(1, 31),
        month=_range(1, 12),
        day_of_week=_range(0, 6),
    )
    return Schedule(
        action=ScheduleActionStartWorkflow(
            AuditWorkflow.run, id=SCHEDULE_ID, task_queue=settings.task_queue
        ),
        spec=ScheduleSpec(calendars=[each_day], time_zone_name=settings.business_time_zone),
        policy=SchedulePolicy(overlap=ScheduleOverlapPolicy.SKIP, catchup_window=MISSED),
    )


def _range(first: int, last: int) -> tuple[ScheduleRange]:
    return (ScheduleRange(first, last, 1),)


async def _change(client: Client, wanted: Schedule) -> Scheduled:
    """Give the schedule that is there the wanted times and queue; whether it is paused stays."""
    handle = client.get_schedule_handle(SCHEDULE_ID)
    try:
        there = (await reached(handle.describe())).schedule
        starts, is_paused = _started_by(there), there.state.paused
        if starts != AuditWorkflow.__name__:
            return Scheduled(Outcome.FOREIGN, starts)
        if _essence(there) == _essence(wanted):
            return Scheduled(Outcome.PRESENT, is_paused=is_paused)

        def changed(now: ScheduleUpdateInput) -> ScheduleUpdate:
            schedule = now.description.schedule
            schedule.action, schedule.spec = wanted.action, wanted.spec
            schedule.state.limited_actions = False
            return ScheduleUpdate(schedule)

        await reached(handle.update(changed))
    except RPCError as error:
        raise service_error(error) from None
    return Scheduled(Outcome.CHANGED, is_paused=is_paused)


def _started_by(schedule: Schedule) -> str:
    """Return the type of the workflow that a schedule starts."""
    action = schedule.action
    return action.workflow if isinstance(action, ScheduleActionStartWorkflow) else "nothing"


def _essence(schedule: Schedule) -> tuple[object, ...]:
    """Return where and when a schedule starts something, and whether it will stop doing so."""
    action = schedule.action
    queue = action.task_queue if isinstance(action, ScheduleActionStartWorkflow) else None
    return queue, schedule.spec, schedule.state.limited_actions


# --- its last report --------------------------------------------------------------------------


@dataclass(frozen=True)
class LastAudit:
    """When the last audit that came to an end did (UTC), and how much does not agree."""

    ended_at: dt.datetime
    findings: int


async def last_audit(client: Client) -> LastAudit | None:
    """Return the last report; None if Temporal remembers none. Raise a service error."""
    query = f"WorkflowType = '{AuditWorkflow.__name__}' AND ExecutionStatus = 'Completed'"

    async def newest() -> Execution | None:
        async for run in list_executions(client, query, 1):
            return run
        return None

    run = await reached(newest())
    if run is None or run.closed_at is None:
        return None
    handle = client.get_workflow_handle(run.workflow_id, run_id=run.run_id, result_type=AuditReport)
    report: AuditReport = await reached(handle.result())
    return LastAudit(run.closed_at, report.findings)
