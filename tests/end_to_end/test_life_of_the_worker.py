"""Start and end of ``worker.py``: each role alone, drained by SIGTERM, its OCR child killed."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from config import ROOT
from sandbox.stack import Stack
from tests.support.terminal import (
    COMMAND_SECONDS,
    Terminal,
    beside_a_stack,
    eventually,
    order_document,
    photo,
)


@pytest.fixture(scope="module")
def without_worker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Terminal]:
    """Yield a terminal beside a stack on which each test starts and ends its own workers."""
    with beside_a_stack(tmp_path_factory.mktemp("workers"), worker=False) as terminal:
        yield terminal


def lives(pid: int) -> bool:
    """Return whether a process is running; a zombie is not."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return not _is_zombie(pid)


def _is_zombie(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return False


def test_sigterm_lets_a_running_step_finish_and_the_next_workers_go_on_from_there(
    without_worker: Terminal, tmp_path: Path
) -> None:
    terminal = without_worker
    terminal.stack.start_worker(name="drained")
    terminal.order(order_document("slow", payment_token="tok_slow_2000"))
    eventually(lambda: terminal.in_flight("order-slow:charge"), bool)

    assert terminal.stack.terminate("drained") == 0

    assert not any(lives(pid) for pid in terminal.ocr_processes("drained"))
    assert terminal.keys("charges", "slow") == ["order-slow:charge"]

    # Each role alone; together they serve everything.
    roles = ("workflows", "providers", "ocr")
    for role in roles:
        terminal.stack.start_worker("--role", role, name=role)
    blank = tmp_path / "blank.png"
    Image.new("L", (64, 64), "white").save(blank)
    receipt = terminal.starter("receipt", str(blank), "--json").object

    terminal.until("order-slow", status="waiting_for_business_day")
    assert terminal.calls("order-slow:charge") == 1
    terminal.until(receipt["workflow_id"], status="needs_review")
    assert "serves workflows on pipelines (" in terminal.stack.log("workflows").read_text()
    assert "serves providers on pipelines (" in terminal.stack.log("providers").read_text()
    assert len(terminal.ocr_processes("ocr")) == 1
    assert [terminal.stack.terminate(role) for role in roles] == [0, 0, 0]


def test_an_ocr_child_that_is_killed_comes_back_and_reads_on(without_worker: Terminal) -> None:
    terminal = without_worker
    terminal.stack.start_worker(name="parent")
    (first,) = eventually(lambda: terminal.ocr_processes("parent"), bool)

    os.kill(first, signal.SIGKILL)

    both = eventually(lambda: terminal.ocr_processes("parent"), lambda pids: len(pids) == 2)
    assert both[1] != first
    assert "the OCR process ended (exit code -9)" in terminal.stack.log("parent").read_text()
    receipt = terminal.starter("receipt", photo("grocery"), "--wait", "--json")
    assert receipt.objects[-1]["result"]["total_cents"] == 3085

    assert terminal.stack.kill("parent") == -signal.SIGKILL
    eventually(lambda: lives(both[1]), lambda alive: not alive)


def test_a_worker_without_temporal_ends_with_3_and_names_the_address(
    tmp_path: Path,
) -> None:
    stack = Stack.isolated(tmp_path)

    worker = subprocess.run(
        (sys.executable, "worker.py"),
        cwd=ROOT,
        env=stack.environment(),
        capture_output=True,
        text=True,
        timeout=COMMAND_SECONDS,
        check=False,
    )

    assert (worker.returncode, worker.stdout) == (3, "")
    assert worker.stderr == (
        f"error: no Temporal server answers at {stack.temporal_address}; "
        "start one with 'make dev' or set TEMPORAL_ADDRESS\n"
    )
