"""Histories as they are when a query was answered between a local step and what follows it.

The server may end the workflow task there: the step's marker is in one task, and whatever the
workflow did because of it in the next.
"""

from collections.abc import Iterator
from typing import Any

Event = dict[str, Any]

TASK = [f"EVENT_TYPE_WORKFLOW_TASK_{event}" for event in ("SCHEDULED", "STARTED", "COMPLETED")]


def marker_of(event: Event) -> str | None:
    """Return the name of the marker that an event in JSON records; None if it records none."""
    name: str | None = event.get("markerRecordedEventAttributes", {}).get("markerName")
    return name


def split_behind_local_steps(events: list[Event]) -> list[list[Event]]:
    """Return the events once for each local step that ends in the middle of a workflow task."""
    return [_split(events, number) for number in _places(events)]


def can_be_split(events: list[Event]) -> bool:
    """Tell whether a local step ends in the middle of a workflow task, without splitting there."""
    return any(True for _ in _places(events))


def _places(events: list[Event]) -> Iterator[int]:
    for number, event in enumerate(events[:-1], 1):
        if marker_of(event) == "core_local_activity" and _follows_in_its_task(events[number]):
            yield number


def _follows_in_its_task(event: Event) -> bool:
    kind = event["eventType"].removeprefix("EVENT_TYPE_")
    return marker_of(event) is not None or kind in (
        "ACTIVITY_TASK_SCHEDULED",
        "TIMER_STARTED",
        "UPSERT_WORKFLOW_SEARCH_ATTRIBUTES",
    )


def _split(events: list[Event], number: int) -> list[Event]:
    """Return the events with one workflow task more, behind the event of that number."""
    ids = [str(number + n) for n in range(1, len(TASK) + 1)]
    names = ("scheduledEventId", "startedEventId")
    task = [
        {
            "eventId": own_id,
            "eventTime": events[number - 1]["eventTime"],
            "eventType": kind,
            f"workflowTask{kind.rpartition('_')[2].capitalize()}EventAttributes": dict(
                zip(names[:n], ids, strict=False)
            ),
        }
        for n, (own_id, kind) in enumerate(zip(ids, TASK, strict=True))
    ]
    behind: list[Event] = _renumbered(events[number:], after=number, by=len(TASK))
    return events[:number] + task + behind


def _renumbered(content: Any, after: int, by: int) -> Any:
    """Return content in which all event ids after one are greater by ``by``."""
    if isinstance(content, list):
        return [_renumbered(item, after, by) for item in content]
    if not isinstance(content, dict):
        return content
    return {
        name: str(int(value) + by)
        if name.endswith("ventId") and isinstance(value, str) and int(value) > after
        else _renumbered(value, after, by)
        for name, value in content.items()
    }
