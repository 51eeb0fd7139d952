"""Child processes that cannot outlive us.

Without this a closed terminal or a killed test run would leave servers behind that hold
ports and write to files. Every child joins the process group of a guard before it runs
its first instruction, and the guard reads a pipe that only we hold: when we are gone,
however we went, the pipe closes and the guard kills the whole group. There is no moment
between birth and registration, and a child born too late cannot join a dead group.
"""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

POLL_SECONDS = 0.02
LAST_LINES = 8

# A shell because it starts in a millisecond. It ignores the signals that ask for an ordered
# stop: that is ours to do while we live.
_GUARD = "trap '' INT TERM HUP; read -r line; kill -9 0"


class StackError(Exception):
    """The local stack cannot run; the message is for the person who started it."""


@dataclass(frozen=True)
class Address:
    """Where a part listens, and which setting says so."""

    host: str
    port: int
    setting: str


@dataclass(frozen=True)
class Part:
    """One child process of the local stack.

    ``is_ready`` is called with what the process has printed since it was started. Environment
    is added to the stack's own. ``grace_seconds`` is the time between SIGTERM and SIGKILL.
    """

    name: str
    command: tuple[str, ...]
    is_ready: Callable[[str], bool]
    addresses: tuple[Address, ...] = ()
    environment: Mapping[str, str] | None = None
    grace_seconds: float = 5.0


class ProcessGroup:
    """A guard and the children that die with it."""

    def __init__(self) -> None:
        # A group of its own, so that Ctrl-C in the terminal reaches us alone and we stop the
        # children in order.
        self._guard = subprocess.Popen(  # noqa: S603 - our own constant
            ["/bin/sh", "-c", _GUARD], stdin=subprocess.PIPE, process_group=0
        )
        self._children: list[subprocess.Popen[bytes]] = []

    @property
    def id(self) -> int:
        """Return the id of the process group."""
        return self._guard.pid

    def spawn(
        self,
        command: tuple[str, ...],
        environment: Mapping[str, str],
        cwd: Path,
        output: IO[bytes] | None = None,
    ) -> subprocess.Popen[bytes]:
        """Start a child that prints to ``output``, or to where we print."""
        child = subprocess.Popen(  # noqa: S603 - the commands are ours
            command,
            env=environment,
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT if output else None,
            process_group=self.id,
        )
        self.adopt(child)
        return child

    def adopt(self, child: subprocess.Popen[bytes]) -> None:
        """Wait for this child too when the group is closed; it has joined the group."""
        self._children.append(child)

    def close(self) -> None:
        """Kill whatever is left of the group, the guard included."""
        if self._guard.stdin:
            self._guard.stdin.close()
        for process in (self._guard, *self._children):
            process.wait()


class RunningPart:
    """A part that was started: its process, and what it has printed since."""

    def __init__(
        self, part: Part, group: ProcessGroup, environment: Mapping[str, str], cwd: Path, log: Path
    ) -> None:
        self.part = part
        self.log = log
        with log.open("ab") as output:
            self._log_start = output.tell()
            self.process = group.spawn(
                part.command, {**environment, **(part.environment or {})}, cwd, output
            )

    def output(self) -> str:
        """Return what the process has printed since it was started."""
        with self.log.open("rb") as log:
            log.seek(self._log_start)
            return log.read().decode(errors="replace")

    def is_ready(self) -> bool:
        """Return whether it serves; raise StackError if it has ended instead."""
        if self.process.poll() is not None:
            raise StackError(
                f"{self.part.name} ended with exit code {self.process.returncode} "
                f"before it was ready. {self._evidence()}"
            )
        return self.part.is_ready(self.output())

    def wait_until_ready(self, deadline: float) -> None:
        """Wait until it serves; raise StackError at ``deadline``, a time.monotonic()."""
        while not self.is_ready():
            if time.monotonic() > deadline:
                raise StackError(f"{self.part.name} is not ready in time. {self._evidence()}")
            time.sleep(POLL_SECONDS)

    def stop(self) -> int:
        """Send SIGTERM, and SIGKILL after the grace time; return the exit code."""
        self.process.terminate()
        with suppress(subprocess.TimeoutExpired):
            return self.process.wait(self.part.grace_seconds)
        return self.kill()

    def kill(self) -> int:
        """Send SIGKILL, as in a crash; return the exit code."""
        with suppress(ProcessLookupError):
            os.kill(self.process.pid, signal.SIGKILL)
        return self.process.wait()

    def _evidence(self) -> str:
        lines = self.output().strip().splitlines()[-LAST_LINES:]
        if not lines:
            return f"It printed nothing to {self.log}"
        return f"The end of {self.log}:\n" + "\n".join(f"    {line}" for line in lines)
