"""A terminal that writes down what is typed and answered, under names that do not change."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

from config import ROOT

PATIENCE_SECONDS = 120.0
_POLL_SECONDS = 0.1


class WalkFailed(Exception):
    """A command did not end as the road says."""


class Transcript:
    """Lines of Markdown; ``names`` has this machine's words for things, and those of the page."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.names: dict[str, str] = {}

    def heading(self, words: str) -> None:
        """Begin a section."""
        self.lines += ["", f"## {words}", ""]

    def text(self, *words: str) -> None:
        """Add paragraphs."""
        for paragraph in words:
            self.lines += [paragraph, ""]

    def shown(self, *lines: str) -> None:
        """Add lines of a terminal or a file."""
        named = [self.named(line) for line in lines]
        self.lines += [f"    {line}".rstrip() for line in named]
        for line in named:
            sys.stdout.write(f"{line}\n")
        sys.stdout.flush()

    def named(self, line: str) -> str:
        """Return a line as the page has it."""
        for name in sorted(self.names, key=len, reverse=True):
            line = line.replace(name, self.names[name])
        return line


class Operator:
    """Types commands with the settings of a file, and keeps the processes that go on."""

    def __init__(self, transcript: Transcript, logs: Path) -> None:
        self.transcript = transcript
        self.settings: dict[str, str] = {}
        self._logs = logs
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def types(
        self, command: str, expected: int = 0, *, last: int | None = None, **also: str
    ) -> str:
        """Run a command; write it down with its output, or the last lines of that; return that.

        Raise WalkFailed if it ends with another exit code.
        """
        ended = subprocess.run(
            ["/bin/bash", "-c", command],
            env=self._environment(also),
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=PATIENCE_SECONDS,
            check=False,
        )
        said = re.sub(r"\x1b\[[0-9;]*m", "", ended.stdout).strip("\n")
        set_here = "".join(f"{name}={value} " for name, value in also.items())
        code = [] if ended.returncode == 0 else [f"(exit code {ended.returncode})"]
        lines = said.splitlines()
        shown = lines if last is None else ["...", *lines[-last:]]
        self.transcript.shown(f"$ {set_here}{command}", *shown, *code, "")
        if ended.returncode != expected:
            raise WalkFailed(f"{command}: exit code {ended.returncode}, not {expected}: {said}")
        return said

    def until(self, command: str, wanted: str) -> None:
        """Type a command that asks, again and again, until it is answered so; write it once."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            asked = ["/bin/bash", "-c", command]
            answer = subprocess.run(
                asked,
                env=self._environment({}),
                cwd=ROOT,
                capture_output=True,
                text=True,
                check=False,
            )
            if wanted in answer.stdout:
                return
            if time.monotonic() > deadline:
                raise WalkFailed(f"{command} never said {wanted!r}: {answer.stdout}")
            time.sleep(_POLL_SECONDS)

    def starts(self, name: str, command: str, ready: str, **also: str) -> None:
        """Start a process that goes on, and wait until its log says that it is ready."""
        log = self._logs / f"{name}.log"
        with log.open("wb") as file:
            self._running[name] = subprocess.Popen(
                ["/bin/bash", "-c", f"exec {command}"],
                env=self._environment(also),
                cwd=ROOT,
                stdout=file,
                stderr=subprocess.STDOUT,
            )
        deadline = time.monotonic() + PATIENCE_SECONDS
        while ready not in (text := log.read_text()):
            if self._running[name].poll() is not None or time.monotonic() > deadline:
                raise WalkFailed(f"{command} did not become ready: {text}")
            time.sleep(_POLL_SECONDS)
        said = next(line for line in text.splitlines() if ready in line)
        set_here = "".join(f"{one}={value} " for one, value in also.items())
        self.transcript.shown(f"$ {set_here}{command} &", said, "")

    def terminates(self, name: str) -> None:
        """Send SIGTERM, wait for the end, and write down the exit code."""
        process = self._running.pop(name)
        process.send_signal(signal.SIGTERM)
        code = process.wait(PATIENCE_SECONDS)
        self.transcript.shown(
            f"$ kill -TERM {name.upper()}; wait {name.upper()}; echo $?", str(code), ""
        )
        if code != 0:
            raise WalkFailed(f"{name} ended with exit code {code}")

    def end(self) -> None:
        """End what still runs."""
        for process in self._running.values():
            process.terminate()
        for process in self._running.values():
            process.wait(PATIENCE_SECONDS)

    def _environment(self, also: Mapping[str, str]) -> dict[str, str]:
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        path = f"{Path(sys.executable).parent}{os.pathsep}{kept.get('PATH', '')}"
        return {**kept, "PATH": path, "NO_COLOR": "1", **self.settings, **also}
