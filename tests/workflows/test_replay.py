"""The workflows replay the histories of earlier versions, so a deploy breaks no run in flight."""

import re
from pathlib import Path

import pytest
from temporalio.client import WorkflowHistory
from temporalio.workflow import NondeterminismError

from service.runs.replaying import history_in
from tests.record_histories import HISTORIES, SCENARIOS, file_of
from tests.support.pipelines import replayer
from workflows.order import rules
from workflows.order.rules import Rule

RECORDED = sorted(HISTORIES.glob("*.json"))


def test_every_scenario_is_recorded() -> None:
    assert {file_of(scenario) for scenario in SCENARIOS} <= set(RECORDED)


@pytest.mark.parametrize("path", RECORDED, ids=lambda path: path.stem)
async def test_a_recorded_history_replays(path: Path) -> None:
    """In the sandbox, which fails on a clock or a random number; production does without."""
    await replayer(sandboxed=True).replay_workflow(history_in(path))


async def test_a_history_of_other_steps_does_not_replay() -> None:
    path = HISTORIES / "order_declined.json"
    other = path.read_text(encoding="utf-8").replace('"charge_payment"', '"reserve_inventory"')
    with pytest.raises(NondeterminismError):
        await replayer().replay_workflow(WorkflowHistory.from_json(path.stem, other))


async def test_without_its_guard_the_example_in_contributing_stops_older_orders(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    before, after = (HISTORIES / f"order_completed_by_rules_{version}.json" for version in (3, 4))
    monkeypatch.setitem(rules._SINCE, Rule.BUSINESS_HOURS_LOOKED_UP, 1)  # as if always so
    await replayer().replay_workflow(history_in(after))
    with pytest.raises(NondeterminismError):
        await replayer().replay_workflow(history_in(before))


@pytest.mark.parametrize("path", RECORDED, ids=lambda path: path.stem)
def test_a_recorded_history_names_no_machine(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    identities = set(re.findall(r'"identity": "([^"]*)"', text))
    # The server itself fails the task at which a run is reset.
    assert identities <= {"recorder", "history-service"}
    assert "stackTrace" not in text
