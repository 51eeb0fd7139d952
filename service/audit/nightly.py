"""The schedule by which Temporal starts an audit each night, and what the last one found."""

import datetime as dt
from dataclasses import dataclass, replace
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
from temporalio.service import RPCError

from bootstrap import business_calendar
from config import Settings
from models import AuditReport
from service.calls import reached, service_error
from service.runs.executions import Execution, list_executions
from workflows.audit.workflow import AuditWorkflow

SCHEDULE_ID = "nightly-audit"

AT_FIRST = dt.time(4)
"""No clock skips it in spring: at 02:00 a night of the year would have no audit in Berlin."""

NEVER_NOTE = "starter.py setup --audit-at never"
"""Why it is paused, where that was ours: then a time that is given starts it again."""

MISSED = dt.timedelta(hours=12)
"""An audit that was due while Temporal was away is made up for so long."""


class Outcome(StrEnum):
    """What became of the schedule."""

    CREATED = "created"
    CHANGED = "changed"
    PRESENT = "present"
    PAUSED = "paused"
    FOREIGN = "foreign"
    """One of this id starts something else: somebody made it by hand, and it stays as it is."""


@dataclass(frozen=True)
class Scheduled:
    """What became of the schedule, which workflow it starts, and whether somebody has paused it.

    ``at`` is the time of day of ``time_zone`` at which it does; None if it is not one each day.
    """

    outcome: Outcome
    starts: str = AuditWorkflow.__name__
    is_paused: bool = False
    at: str | None = None
    time_zone: str = "UTC"


async def schedule_audit(client: Client, settings: Settings, at: dt.time | None) -> Scheduled:
    """Let the audit start each day at this time of BUSINESS_TIME_ZONE, also if it did otherwise.

    None is 04:00 if there is no schedule yet; one that is there stays as it is. Raise a service
    error if Temporal does not answer or refuses, SettingsError for a time zone that there is not.
    """
    business_calendar(settings)
    wanted = _schedule(settings, at or AT_FIRST)
    try:
        await reached(client.create_schedule(SCHEDULE_ID, wanted))
    except ScheduleAlreadyRunningError:
        return await (_change(client, wanted) if at else _found(client))
    except RPCError as error:
        raise service_error(error) from None
    return _seen(Outcome.CREATED, wanted)


async def pause_audit(client: Client, settings: Settings) -> Scheduled:
    """Let no audit start: the schedule stays, paused, and says so to whoever sets up again.

    Raise as ``schedule_audit``.
    """
    made = await schedule_audit(client, settings, None)
    if made.outcome is Outcome.FOREIGN:
        return made
    try:
        await reached(client.get_schedule_handle(SCHEDULE_ID).pause(note=NEVER_NOTE))
    except RPCError as error:
        raise service_error(error) from None
    return replace(made, outcome=Outcome.PAUSED, is_paused=True)


async def _found(client: Client) -> Scheduled:
    try:
        there = (await reached(client.get_schedule_handle(SCHEDULE_ID).describe())).schedule
    except RPCError as error:
        raise service_error(error) from None
    is_ours = _started_by(there) == AuditWorkflow.__name__
    return _seen(Outcome.PRESENT if is_ours else Outcome.FOREIGN, there)


def _seen(outcome: Outcome, schedule: Schedule) -> Scheduled:
    first = schedule.spec.calendars[0] if schedule.spec.calendars else ScheduleCalendarSpec()
    at = None
    if len(first.hour) == len(first.minute) == 1:
        at = dt.time(first.hour[0].start, first.minute[0].start)
    is_daily = at and list(schedule.spec.calendars) == [_each_day(at)]
    zone = schedule.spec.time_zone_name or "UTC"
    shown = f"{at:%H:%M}" if at and is_daily else None
    return Scheduled(outcome, _started_by(schedule), schedule.state.paused, shown, zone)


def _schedule(settings: Settings, at: dt.time) -> Schedule:
    return Schedule(
        action=ScheduleActionStartWorkflow(
            AuditWorkflow.run, id=SCHEDULE_ID, task_queue=settings.task_queue
        ),
        spec=ScheduleSpec(calendars=[_each_day(at)], time_zone_name=settings.business_time_zone),
        policy=SchedulePolicy(overlap=ScheduleOverlapPolicy.SKIP, catchup_window=MISSED),
    )


def _each_day(at: dt.time) -> ScheduleCalendarSpec:
    """Return a time of each day, written out as the server repeats it, so as to be compared."""
    return ScheduleCalendarSpec(
        second=_range(0, 0),
        minute=_range(at.minute, at.minute),
        hour=_range(at.hour, at.hour),
        day_of_month=_range(1, 31),
        month=_range(1, 12),
        day_of_week=_range(0, 6),
    )


def _range(first: int, last: int) -> tuple[ScheduleRange]:
    return (ScheduleRange(first, last, 1),)


async def _change(client: Client, wanted: Schedule) -> Scheduled:
    """Give the schedule that is there the wanted times and queue.

    Whether somebody has paused it stays, unless that was ``setup`` itself.
    """
    handle = client.get_schedule_handle(SCHEDULE_ID)
    found = await _found(client)
    if found.outcome is Outcome.FOREIGN:
        return found
    try:
        there = (await reached(handle.describe())).schedule
        is_ours = there.state.paused and there.state.note == NEVER_NOTE
        if _essence(there) == _essence(wanted) and not is_ours:
            return found

        def changed(now: ScheduleUpdateInput) -> ScheduleUpdate:
            schedule = now.description.schedule
            schedule.action, schedule.spec = wanted.action, wanted.spec
            schedule.state.limited_actions = False
            if is_ours:
                schedule.state.paused, schedule.state.note = False, None
            return ScheduleUpdate(schedule)

        await reached(handle.update(changed))
    except RPCError as error:
        raise service_error(error) from None
    return replace(_seen(Outcome.CHANGED, wanted), is_paused=there.state.paused and not is_ours)


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
