"""Worker Versioning with two builds that cannot replay each other's orders, as two processes.

Without versions the first deploy of such a build would stop every order in flight.
"""

import asyncio
import json
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from temporalio.api.enums.v1 import EventType
from temporalio.client import WorkflowHandle

from sandbox.parts import worker_part
from sandbox.stack import Stack
from tests.support.pdf_files import printed_pdf
from tests.support.terminal import Answer, Terminal, eventually, order_document

SHOP = "shop"
DRAINS_AT_ONCE = (
    # By default the server looks after three minutes whether an old build still has runs.
    '--dynamic-config-value=matching.wv.VersionDrainageStatusVisibilityGracePeriod="1s"',
    '--dynamic-config-value=matching.wv.VersionDrainageStatusRefreshInterval="1s"',
)
CHANGED = (sys.executable, "-u", "-m", "tests.support.changed_worker")


class Builds:
    """Builds of one deployment: started, made the current one, and looked at."""

    def __init__(self, terminal: Terminal) -> None:
        self._terminal = terminal
        self._stack = terminal.stack

    def start(self, build: str, command: tuple[str, ...] | None = None, role: str = "all") -> None:
        """Start the worker of a build; it gets nothing before its build is current."""
        name = build if role == "all" else f"{build}-{role}"
        part = worker_part(name, ("--role", role), self._stack.settings)
        versioned = {"DEPLOYMENT_NAME": SHOP, "BUILD_ID": build}
        command = command or part.command
        self._stack.start_part(replace(part, command=command, environment=versioned))

    def make_current(self, build: str) -> None:
        """Do what an operator does, once the server has heard of the build."""
        eventually(
            lambda: self._ask("set-current-version", "--build-id", build, "--yes"),
            lambda answer: answer.code == 0,
        )

    def drainage(self, build: str) -> str:
        """Return whether an old build still has orders: draining or drained."""
        answer = self._ask("describe-version", "--build-id", build, "--output", "json")
        drainage: str = json.loads(answer.out)["drainageInfo"]["drainageStatus"]
        return drainage

    def pids(self, build: str) -> set[str]:
        """Return the process ids under which the workers of a build did tasks."""
        log = self._stack.log(build).read_text()
        return {line.partition("(process ")[2].rstrip(")") for line in log.splitlines()} - {""}

    def _ask(self, what: str, *options: str) -> Answer:
        at = ("--deployment-name", SHOP, "--address", self._stack.temporal_address)
        return self._terminal.temporal("worker", "deployment", what, *at, *options)


@pytest.fixture(scope="module")
def terminal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Terminal]:
    stack = Stack.isolated(tmp_path_factory.mktemp("builds"), DRAINS_AT_ONCE)
    with stack:
        yield Terminal(stack)


def worked_on_by(terminal: Terminal, workflow_id: str) -> set[str]:
    """Return the process ids of the workers that did a run's workflow tasks and activities."""

    async def read() -> set[str]:
        handle: WorkflowHandle[Any, Any] = (await terminal.connect()).get_workflow_handle(
            workflow_id
        )
        found = set()
        async for event in handle.fetch_history_events():
            match event.event_type:
                case EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED:
                    found.add(event.workflow_task_completed_event_attributes.identity)
                case EventType.EVENT_TYPE_ACTIVITY_TASK_STARTED:
                    found.add(event.activity_task_started_event_attributes.identity)
                case EventType.EVENT_TYPE_WORKFLOW_TASK_FAILED:
                    pytest.fail(f"a task of {workflow_id} failed")
        return {identity.partition("@")[0] for identity in found}

    return asyncio.run(read())


def waiting_for_approval(terminal: Terminal, name: str) -> str:
    """Start an order that waits for a person; return its workflow id."""
    terminal.order(order_document(name, cents=64_000))
    workflow_id = f"order-{name}"
    terminal.until(workflow_id, status="awaiting_approval")
    return workflow_id


def complete(terminal: Terminal, name: str) -> None:
    """Approve and expedite an order, and wait for its end."""
    terminal.starter("approve", name)
    terminal.starter("expedite", name)
    assert terminal.result(f"order-{name}")["status"] == "completed"


def receipt_in_review(terminal: Terminal, folder: Path) -> str:
    """Submit a receipt without a total; return its workflow id."""
    file = folder / "receipt.pdf"
    file.write_bytes(printed_pdf([("Corner Cafe", ""), ("Main Street 1", ""), ("04.03.2026", "")]))
    workflow_id: str = terminal.starter("receipt", str(file), "--json").object["workflow_id"]
    terminal.until(workflow_id, status="needs_review")
    return workflow_id


def test_old_orders_end_on_the_old_build_and_new_ones_on_the_new_also_after_a_rollback(
    terminal: Terminal, tmp_path: Path
) -> None:
    builds = Builds(terminal)
    builds.start("old")
    builds.make_current("old")
    on_old = waiting_for_approval(terminal, "on-old")
    receipt = receipt_in_review(terminal, tmp_path)

    # A deploy. The old build's order goes on where it is; a receipt goes along to the new build.
    builds.start("new", CHANGED)
    builds.make_current("new")
    on_new = waiting_for_approval(terminal, "on-new")
    assert builds.drainage("old") == "draining"
    complete(terminal, "on-old")
    corrected = terminal.starter("correct", receipt, "--total", "12.30", "--currency", "EUR")
    assert corrected.code == 0, corrected
    assert terminal.result(receipt)["total_cents"] == 1230
    assert worked_on_by(terminal, on_old) <= builds.pids("old")
    assert worked_on_by(terminal, receipt) & builds.pids("new")
    eventually(lambda: builds.drainage("old"), lambda drainage: drainage == "drained")
    assert terminal.stack.terminate("old") == 0

    # A rollback. The new build's order ends there, whatever is current.
    builds.start("old")
    builds.make_current("old")
    back_on_old = waiting_for_approval(terminal, "back-on-old")
    complete(terminal, "back-on-old")
    complete(terminal, "on-new")
    assert worked_on_by(terminal, back_on_old) <= builds.pids("old")
    assert worked_on_by(terminal, on_new) <= builds.pids("new")
    eventually(lambda: builds.drainage("new"), lambda drainage: drainage == "drained")

    for name in ("on-old", "on-new", "back-on-old"):
        for step in ("charge", "reserve", "ship"):
            assert terminal.calls(f"order-{name}:{step}") == 1


def test_a_current_build_whose_roles_are_not_all_there_is_named(terminal: Terminal) -> None:
    builds = Builds(terminal)
    for role in ("workflows", "providers"):
        builds.start("split", role=role)
    # It asks for work, but as no build: receipts of a build never reach it.
    terminal.stack.start_part(worker_part("ocr", ("--role", "ocr"), terminal.stack.settings))
    builds.make_current("split")

    without = eventually(lambda: said_of_workers(terminal), lambda said: "build" in said)
    builds.start("split", role="ocr")
    complete = eventually(lambda: said_of_workers(terminal), lambda said: "for OCR" in said)

    queue = terminal.stack.settings.task_queue
    assert without == (
        f"no worker of the current build (split) serves OCR ({queue}-ocr): start 'python worker.py'"
    )
    assert complete.startswith("1 for workflows, 1 for activities, 1 for OCR, all with this code")


def said_of_workers(terminal: Terminal) -> str:
    """Return what ``starter.py check`` says of the workers."""
    found = {one["part"]: one["words"] for one in terminal.starter("check", "--json").objects}
    said: str = found["workers"]
    return said
