"""A run goes on although a query was answered between a local step and what follows it."""

import json
from pathlib import Path

import pytest
from temporalio.client import WorkflowHistory
from temporalio.workflow import NondeterminismError

from tests.record_histories import HISTORIES
from tests.support.pipelines import replayer
from tests.support.splitting import Event, can_be_split, split_behind_local_steps

NEEDS_ITS_OWN_ID = "receipt_mail_handed_over"
"""Names the run of its mail by its own id, which a split history does not keep."""


def splits_of(path: Path) -> list[WorkflowHistory]:
    """Return a history once for each place where it can be split."""
    return [
        WorkflowHistory.from_json(path.stem, {"events": split})
        for split in split_behind_local_steps(_events_of(path))
    ]


def _events_of(path: Path) -> list[Event]:
    events: list[Event] = json.loads(path.read_text(encoding="utf-8"))["events"]
    return events


DECIDED_AT_START = [
    path
    for path in sorted(HISTORIES.glob("*.json"))
    if "_by_rules" in path.stem or path.stem.startswith("receipt_")
    if path.stem != NEEDS_ITS_OWN_ID and can_be_split(_events_of(path))
]


@pytest.mark.parametrize("path", DECIDED_AT_START, ids=lambda path: path.stem)
async def test_a_run_replays_wherever_a_local_step_ends_its_task(path: Path) -> None:
    for history in splits_of(path):
        await replayer().replay_workflow(history)


async def test_a_rule_decided_behind_a_local_step_would_not_replay() -> None:
    [*_, late] = splits_of(HISTORIES / "order_out_of_stock_after_asking.json")
    with pytest.raises(NondeterminismError):
        await replayer().replay_workflow(late)
