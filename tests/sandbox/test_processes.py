"""Child processes of the local stack: watched until ready, stopped, never left behind."""

import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from config import ROOT
from sandbox.processes import Part, ProcessGroup, RunningPart, StackError

DEADLINE_SECONDS = 60.0


@pytest.fixture
def group() -> Iterator[ProcessGroup]:
    group = ProcessGroup()
    yield group
    group.close()


def start(group: ProcessGroup, log: Path, script: str, grace_seconds: float = 5.0) -> RunningPart:
    part = Part(
        name="echo",
        command=("/bin/sh", "-c", script),
        is_ready=lambda output: "ready" in output,
        grace_seconds=grace_seconds,
    )
    return RunningPart(part, group, os.environ, ROOT, log)


def soon() -> float:
    return time.monotonic() + DEADLINE_SECONDS


def test_only_output_since_this_start_means_ready(group: ProcessGroup, tmp_path: Path) -> None:
    log = tmp_path / "echo.log"
    log.write_text("ready, said in a former life\n")
    running = start(group, log, "read -r line; echo never")

    running.process.wait(DEADLINE_SECONDS)

    assert running.output() == "never\n"
    with pytest.raises(StackError, match=r"echo ended with exit code 0 before it was ready"):
        running.wait_until_ready(soon())


def test_a_part_that_dies_says_where_its_log_is_and_how_it_ends(
    group: ProcessGroup, tmp_path: Path
) -> None:
    log = tmp_path / "echo.log"
    running = start(group, log, "echo out of paper >&2; exit 3")

    with pytest.raises(StackError) as caught:
        running.wait_until_ready(soon())

    message = str(caught.value)
    assert "exit code 3" in message
    assert str(log) in message
    assert "out of paper" in message


def test_a_part_that_hangs_is_named_at_the_deadline(group: ProcessGroup, tmp_path: Path) -> None:
    running = start(group, tmp_path / "echo.log", "exec sleep 99")

    with pytest.raises(StackError, match="echo is not ready in time"):
        running.wait_until_ready(time.monotonic())


def test_stop_lets_a_part_finish(group: ProcessGroup, tmp_path: Path) -> None:
    running = start(group, tmp_path / "echo.log", "trap 'exit 7' TERM; echo ready; sleep 99 & wait")
    running.wait_until_ready(soon())

    assert running.stop() == 7


def test_stop_kills_what_ignores_it(group: ProcessGroup, tmp_path: Path) -> None:
    script = "trap '' TERM; echo ready; while :; do sleep 99; done"
    running = start(group, tmp_path / "echo.log", script, grace_seconds=0.05)
    running.wait_until_ready(soon())

    assert running.stop() == -signal.SIGKILL


def test_closing_the_group_kills_what_is_left_and_its_children() -> None:
    group = ProcessGroup()
    reading, writing = os.pipe()
    with os.fdopen(reading, "rb") as said, os.fdopen(writing, "wb") as output:
        child = group.spawn(("/bin/sh", "-c", "sleep 99 & wait"), os.environ, ROOT, output)
        output.close()

        group.close()

        assert child.returncode == -signal.SIGKILL
        # The output has ended, so no process that could write to it is running.
        assert select.select([said], [], [], DEADLINE_SECONDS)[0]
        assert said.read() == b""


def test_children_die_with_a_parent_that_is_killed() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", PARENT], cwd=ROOT, stdout=subprocess.PIPE
    ) as parent:
        assert parent.stdout
        assert parent.stdout.readline() == b"child is up\n"

        parent.kill()

        # The output has ended, and the child shares it, so the child has ended too.
        assert parent.communicate(timeout=DEADLINE_SECONDS)[0] == b""


PARENT = """
import os, signal
from config import ROOT
from sandbox.processes import ProcessGroup

group = ProcessGroup()
group.spawn(("/bin/sh", "-c", "echo child is up; exec sleep 99"), os.environ, ROOT)
signal.pause()
"""
