"""A step whose first attempt was local and failed: until its next one only a timer runs.

The server lists no activity of it meanwhile, and a provider may have asked to wait for long.
"""

import datetime as dt
import json
from collections.abc import Sequence

from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import HistoryEvent
from temporalio.client import Client

from activities.policies import POLICIES
from service.runs.executions import Description
from service.runs.history import LOCAL_ACTIVITY_MARKER
from service.runs.pending import Pending, last_events, one_line
from service.runs.reading import reader_of, show_failures

_SAYS_NOTHING_OF_IT = {
    EventType.EVENT_TYPE_WORKFLOW_TASK_SCHEDULED,
    EventType.EVENT_TYPE_WORKFLOW_TASK_STARTED,
    EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED,
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED,
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_ACCEPTED,
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_COMPLETED,
    EventType.EVENT_TYPE_UPSERT_WORKFLOW_SEARCH_ATTRIBUTES,
    EventType.EVENT_TYPE_WORKFLOW_PROPERTIES_MODIFIED,
}


async def waiting_step(client: Client, description: Description) -> Pending | None:
    """Return the step that waits for its next attempt after a local one; None if none does.

    Raise TemporalGone if the server went away meanwhile.
    """
    raw = description.raw
    if (
        not description.execution.is_open
        or raw.pending_activities
        or raw.HasField("pending_workflow_task")
    ):
        return None
    told = [
        event
        for event in await last_events(client, description)
        if event.event_type not in _SAYS_NOTHING_OF_IT
    ]
    if not _is_failed_attempt_and_timer(told):
        return None
    timer, marker = told[0], told[1]
    await show_failures(reader_of(client, description.execution.workflow_id), marker)
    wait = timer.timer_started_event_attributes.start_to_fire_timeout.ToTimedelta()
    attempt = marker.marker_recorded_event_attributes
    failure = attempt.failure.cause if attempt.failure.HasField("cause") else attempt.failure
    name = json.loads(attempt.details["data"].payloads[0].data)["activity_type"]
    policy = POLICIES.get(name)
    return Pending(
        task=name,
        attempt=1,
        max_attempts=(policy.attempts or None) if policy else None,
        last_error=one_line(failure.message),
        next_try=timer.event_time.ToDatetime(dt.UTC) + wait,
    )


def _is_failed_attempt_and_timer(newest_first: Sequence[HistoryEvent]) -> bool:
    if len(newest_first) < 2:
        return False
    timer, marker = newest_first[0], newest_first[1].marker_recorded_event_attributes
    return (
        timer.event_type == EventType.EVENT_TYPE_TIMER_STARTED
        and marker.marker_name == LOCAL_ACTIVITY_MARKER
        and marker.HasField("failure")
    )
