"""What each path of both pipelines costs: ``python -m benchmarks.costs``.

Counted from the recorded histories that the tests replay, so that a change which makes a path
dearer shows. Prints the rows of the README's table.
"""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from temporalio.api.enums.v1 import EventType
from temporalio.client import WorkflowHistory

HISTORIES = Path(__file__).parent.parent / "tests" / "histories"

BILLED = (
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_STARTED,
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED,
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_ACCEPTED,
    EventType.EVENT_TYPE_TIMER_STARTED,
    EventType.EVENT_TYPE_UPSERT_WORKFLOW_SEARCH_ATTRIBUTES,
)
"""Events that are an action each (https://docs.temporal.io/cloud/actions); attempts of
activities are counted apart, because only the last of a step has an event."""

PATHS = {
    "order_paused": "order, paused and resumed",
    "order_approved": "order, approved, one provider failure",
    "order_rejected": "order, rejected",
    "order_declined": "order, card declined",
    "order_out_of_stock": "order, out of stock, refunded",
    "order_cancelled": "order, cancelled, all undone",
    "receipt_completed": "receipt",
    "receipt_corrected": "receipt, corrected by a person",
}


@dataclass(frozen=True)
class Cost:
    """What one run cost; ``bytes`` are those of its history's events."""

    actions: int
    events: int
    bytes: int


def cost_of(history: WorkflowHistory) -> Cost:
    """Count a history. Heartbeats and queries leave no events and are not in it."""
    kinds = Counter(event.event_type for event in history.events)
    attempts = sum(
        event.activity_task_started_event_attributes.attempt
        for event in history.events
        if event.event_type == EventType.EVENT_TYPE_ACTIVITY_TASK_STARTED
    )
    return Cost(
        actions=attempts + sum(kinds[kind] for kind in BILLED),
        events=len(history.events),
        bytes=sum(event.ByteSize() for event in history.events),
    )


def rows() -> list[str]:
    """Give the table's rows in Markdown."""
    table = []
    for name, title in PATHS.items():
        recorded = (HISTORIES / f"{name}.json").read_text(encoding="utf-8")
        cost = cost_of(WorkflowHistory.from_json(name, recorded))
        table.append(f"| {title} | {cost.actions} | {cost.events} | {cost.bytes:,} |")
    return table


if __name__ == "__main__":
    print("\n".join(rows()))  # noqa: T201 - its output is the point
