"""Record the histories that ``test_replay.py`` replays: ``python -m tests.record_histories``.

A recorded history stands for the runs in flight: a workflow that cannot replay it would stop them
in the middle. Record again only what no deployed version has ever run. To keep the old history as
well, use another name for the new scenario.
"""

import asyncio
import json
import sys
from pathlib import Path

from tests.support import audit_scenarios, mail_scenarios, order_scenarios, receipt_scenarios
from tests.support.pipelines import real_time, serving_pipelines
from tests.support.recording import Scenario, without_stack_traces

HISTORIES = Path(__file__).parent / "histories"

SCENARIOS: tuple[Scenario, ...] = (
    *order_scenarios.SCENARIOS,
    *mail_scenarios.SCENARIOS,
    *receipt_scenarios.SCENARIOS,
    *audit_scenarios.SCENARIOS,
)


def file_of(scenario: Scenario) -> Path:
    """Return the file of a scenario's history."""
    return HISTORIES / f"{getattr(scenario, '__name__', '')}.json"


async def record(scenario: Scenario) -> None:
    """Run one scenario on a server of its own, and write its history."""
    server = real_time if "_reset_" in file_of(scenario).stem else serving_pipelines
    async with server(identity="recorder") as pipelines:
        history = await (await scenario(pipelines)).fetch_history()
    content = without_stack_traces(json.loads(history.to_json()))
    file_of(scenario).write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")


async def main(names: list[str]) -> None:
    """Record the named scenarios, or those that have no history yet."""
    for scenario in SCENARIOS:
        path = file_of(scenario)
        if path.stem in names or not (names or path.exists()):
            await record(scenario)
            sys.stdout.write(f"recorded {path.name}\n")


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1:]))
