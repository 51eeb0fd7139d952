"""Count what each path of both pipelines costs: ``python -m benchmarks.costs``.

The counts come from the recorded histories that the tests replay, so a change that makes a path
more expensive is noticed. Prints one line of JSON, or with ``--table`` the rows of the table in
docs/costs.md.
"""

import argparse
import sys
from collections import Counter
from dataclasses import asdict, dataclass
from pathlib import Path

from temporalio.api.enums.v1 import EventType
from temporalio.client import WorkflowHistory

from benchmarks.rig.comparison import report

HISTORIES = Path(__file__).parent.parent / "tests" / "histories"

BILLED = (
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_STARTED,
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED,
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_ACCEPTED,
    EventType.EVENT_TYPE_TIMER_STARTED,
    EventType.EVENT_TYPE_UPSERT_WORKFLOW_SEARCH_ATTRIBUTES,
)
"""Events that are one action each (https://docs.temporal.io/cloud/actions). Attempts of
activities are counted separately, because only a step's last attempt has an event."""

LOCAL_ACTIVITY = "core_local_activity"
"""The SDK's name of the marker that a local activity leaves. All local activities of one workflow
task are one action together (https://docs.temporal.io/cloud/actions)."""

PATHS = {
    "order_completed_by_rules_4": "order",
    "order_paused_by_rules_4": "order, paused and resumed",
    "order_approved_by_rules": "order, approved, one provider failure",
    "order_rejected_by_rules_3": "order, rejected",
    "order_declined_by_rules": "order, card declined",
    "order_out_of_stock_by_rules_2": "order, out of stock, refunded",
    "order_cancelled_after_asking_by_rules_4": "order, cancelled, all undone",
    "order_not_told": "order, its mail handed over",
    "mail_sent": "mail that was handed over, sent at its second attempt",
    "receipt_not_told": "receipt, with nobody to tell",
    "receipt_completed": "receipt, one database failure",
    "receipt_by_model": "receipt, read by a language model",
    "receipt_corrected_with_a_cancel_in_mind": "receipt, corrected by a person",
}


@dataclass(frozen=True)
class Cost:
    """What one run cost: billed actions, events, and the size of its events in bytes."""

    actions: int
    events: int
    bytes: int


def cost_of(history: WorkflowHistory) -> Cost:
    """Return the cost of a history, without heartbeats and queries, which leave no events."""
    kinds = Counter(event.event_type for event in history.events)
    attempts = sum(
        event.activity_task_started_event_attributes.attempt
        for event in history.events
        if event.event_type == EventType.EVENT_TYPE_ACTIVITY_TASK_STARTED
    )
    tasks_with_local_activities = {
        event.marker_recorded_event_attributes.workflow_task_completed_event_id
        for event in history.events
        if event.marker_recorded_event_attributes.marker_name == LOCAL_ACTIVITY
    }
    return Cost(
        actions=attempts + len(tasks_with_local_activities) + sum(kinds[kind] for kind in BILLED),
        events=len(history.events),
        bytes=sum(event.ByteSize() for event in history.events),
    )


def costs() -> dict[str, Cost]:
    """Return the cost of each path, by the name of its history."""
    return {
        name: cost_of(
            WorkflowHistory.from_json(name, (HISTORIES / f"{name}.json").read_text("utf-8"))
        )
        for name in PATHS
    }


def rows() -> list[str]:
    """Return the table's rows in Markdown."""
    return [
        f"| {PATHS[name]} | {cost.actions} | {cost.events} | {cost.bytes:,} |"
        for name, cost in costs().items()
    ]


def main() -> None:
    """Print the costs as JSON, or as a table."""
    parser = argparse.ArgumentParser(description="Count what the recorded runs cost.")
    parser.add_argument(
        "--table", action="store_true", help="print rows of Markdown instead of JSON"
    )
    if parser.parse_args().table:
        sys.stdout.write("\n".join(rows()) + "\n")
    else:
        report("costs", {name: asdict(cost) for name, cost in costs().items()})


if __name__ == "__main__":
    main()
