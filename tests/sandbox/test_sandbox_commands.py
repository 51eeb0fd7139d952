"""``python -m sandbox dev``: stack and worker in the foreground, restarted and stopped in order."""

import os
import re
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from config import ROOT
from sandbox.parts import WORKER_READY
from sandbox.stack import Stack
from tests.support.warm import run_warm

DEADLINE_SECONDS = 120.0


class Foreground:
    """A command as a person sees it in the terminal."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        assert process.stdout
        self.process = process
        self.seen = ""
        self._output = process.stdout.fileno()

    def read_until(self, text: str) -> None:
        """Read on, from after the last read, until the text appears."""
        new = ""
        deadline = time.monotonic() + DEADLINE_SECONDS
        while text not in new:
            remaining = max(0.0, deadline - time.monotonic())
            assert select.select([self._output], [], [], remaining)[0], f"no {text!r}: {new}"
            chunk = os.read(self._output, 65536).decode()
            assert chunk, f"ended without {text!r}: {new}"
            new += chunk
        self.seen += new


@pytest.fixture
def stack(tmp_path: Path) -> Stack:
    """Return a stack with addresses and state for the command; it is not started here."""
    return Stack.isolated(tmp_path)


@pytest.fixture
def dev(stack: Stack) -> Iterator[Foreground]:
    with subprocess.Popen(
        [sys.executable, "-m", "sandbox", "dev"],
        cwd=ROOT,
        env=stack.environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        umask=0o022,  # what most people's is
    ) as process:
        yield Foreground(process)
        process.kill()


def test_dev_keeps_its_files_private_revives_what_was_killed_and_stops_in_order(
    stack: Stack, dev: Foreground
) -> None:
    dev.read_until(WORKER_READY)
    assert stack.settings.temporal_ui_url in dev.seen
    assert f":{stack.settings.server_port}/desk/sign-in/link?token=" in dev.seen

    state = stack.settings.state_dir
    open_to_others = [path for path in state.rglob("*") if path.stat().st_mode & 0o077]
    assert any(state.rglob("*.db"))
    assert open_to_others == []

    printed = re.search(r"^mailbox .*\(process (\d+)\)", dev.seen, re.MULTILINE)
    assert printed
    os.kill(int(printed[1]), signal.SIGKILL)

    dev.read_until("mailbox ended with exit code -9")
    dev.read_until("mailbox is back")

    dev.process.terminate()

    dev.read_until("stopping")
    assert dev.process.wait(DEADLINE_SECONDS) == 0
    assert not [line for line in dev.seen.splitlines() if "Traceback" in line]


@pytest.mark.parametrize(
    ("name", "value"), [("ENVIRONMENT", "production"), ("OCR_ENGINE", "textract")]
)
@pytest.mark.parametrize(("command", "code"), [(("sandbox", "dev"), 1), (("sandbox.demo",), 2)])
def test_the_local_stack_and_its_demo_are_no_production(
    stack: Stack, command: tuple[str, ...], code: int, name: str, value: str
) -> None:
    surroundings = {**stack.environment(), name: value}

    ended, out, err = run_warm(("-m", *command), "", surroundings, DEADLINE_SECONDS)

    assert (ended, out) == (code, "")
    assert re.fullmatch(rf"error: {name}.* production.*; the local stack and its .*\n", err)
