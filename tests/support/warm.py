"""Our programs in processes that need not import first what most of them import.

Importing takes half a second of a processor, several times what a command does, and the tests run
hundreds. So one process imports it once, and a fork of it is the process of each command or part of
the local stack: with arguments, environment, streams, process group and exit code of its own.
"""

import gc
import multiprocessing
import os
import runpy
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping
from contextlib import suppress
from functools import cache
from importlib.util import find_spec
from multiprocessing.connection import wait
from multiprocessing.context import ForkServerContext
from pathlib import Path
from typing import IO

from config import ROOT
from sandbox.processes import ProcessGroup

IMPORTED_ONCE = (
    "commands.operate.archive",
    "commands.operate.audit",
    "commands.listing",
    "commands.mails",
    "commands.operate.migrate",
    "commands.order",
    "commands.receipts.receipt",
    "commands.retry",
    "commands.operate.check",
    "commands.operate.setup",
    "service.readiness.check",
    "commands.receipts.review",
    "commands.watch",
    "lifecycle",
    "providers.inventory.http",
    "providers.object_store.s3",
    "providers.payments.http",
    "providers.records.access",
    "providers.records.edits",
    "providers.records.migrations",
    "providers.records.orders",
    "providers.records.sql",
    "providers.shipping.http",
    "aiohttp",
    "aiosqlite",
    "boto3.s3.inject",
    "sandbox.mailbox",
    "sandbox.provider_api.server",
    "server",
    "web.app",
    "worker",
)

_ONE_AT_A_TIME = threading.Lock()
"""The standard library looks after all processes when it starts one, and two threads that look at
once take the exit code from each other."""


class Forked(subprocess.Popen[bytes]):
    """``python -u`` with these arguments, a script or ``-m`` and a module: a fork, and yet a child
    process as any other.

    It appends what it prints to files; without ``errors`` all of it to one.
    """

    def __init__(
        self,
        arguments: tuple[str, ...],
        environment: Mapping[str, str],
        output: Path,
        *,
        errors: Path | None = None,
        given: Path = Path(os.devnull),
        group: int | None = None,
    ) -> None:
        # Not Popen's own, which would start an interpreter.
        self.args = arguments
        self.stdin = self.stdout = self.stderr = None
        self.returncode = None
        streams = (given, output, errors or output)
        self._process = imported().Process(
            target=_become, args=(arguments, dict(environment), streams, group)
        )
        with _ONE_AT_A_TIME:
            self._process.start()
        self.pid = self._process.ident or 0

    def poll(self) -> int | None:
        """Return its exit code, or None while it runs."""
        with suppress(subprocess.TimeoutExpired):
            return self.wait(0)
        return None

    def wait(self, timeout: float | None = None) -> int:
        """Return its exit code; raise TimeoutExpired after so many seconds."""
        if self.returncode is None:
            if not wait([self._process.sentinel], timeout):
                raise subprocess.TimeoutExpired(self.args, timeout or 0)
            with _ONE_AT_A_TIME:
                self._process.join()
            self.returncode = self._process.exitcode or 0
        return self.returncode


def spawn_warm(
    group: ProcessGroup,
    command: tuple[str, ...],
    environment: Mapping[str, str],
    cwd: Path,
    output: IO[bytes] | None = None,
) -> subprocess.Popen[bytes]:
    """Start a child as ``ProcessGroup.spawn`` does; a part that is ours is a fork."""
    if output is None or command[:2] != (sys.executable, "-u"):
        return _SPAWN(group, command, environment, cwd, output)
    child = Forked(command[2:], environment, Path(output.name), group=group.id)
    group.adopt(child)
    return child


_SPAWN = ProcessGroup.spawn


def run_warm(
    arguments: tuple[str, ...], stdin: str, environment: Mapping[str, str], seconds: float
) -> tuple[int, str, str]:
    """Run ``python`` with these arguments, a script or ``-m`` and a module, until it ends.

    Return its exit code, stdout and stderr. Raise TimeoutError after ``seconds``.
    """
    return Command(arguments, stdin, environment).finish(seconds)


class Command:
    """A command that was started, with what it printed in files."""

    def __init__(
        self, arguments: tuple[str, ...], stdin: str, environment: Mapping[str, str]
    ) -> None:
        self._folder = Path(tempfile.mkdtemp())
        given, self._out, self._err = (
            self._folder / name for name in ("stdin", "stdout", "stderr")
        )
        self._arguments = arguments
        given.write_text(stdin, encoding="utf-8")
        self._process = Forked(arguments, environment, self._out, errors=self._err, given=given)

    def printed(self) -> list[str]:
        """Return the lines on stdout so far."""
        return _lines(self._out)

    def said(self) -> list[str]:
        """Return the lines on stderr so far."""
        return _lines(self._err)

    def send_signal(self, number: signal.Signals) -> None:
        """Send it a signal."""
        self._process.send_signal(number)

    def finish(self, seconds: float) -> tuple[int, str, str]:
        """Wait for its end; return its exit code, stdout and stderr.

        Raise TimeoutError after ``seconds``.
        """
        try:
            code = self._process.wait(seconds)
            out, err = (file.read_text(encoding="utf-8") for file in (self._out, self._err))
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
            raise TimeoutError(f"after {seconds:g} s {self._arguments} had not ended") from None
        finally:
            shutil.rmtree(self._folder)
        return code, out, err


def _lines(file: Path) -> list[str]:
    lines = file.read_text(encoding="utf-8").splitlines(keepends=True) if file.exists() else []
    return [line for line in lines if line.endswith("\n")]


@cache
def imported() -> ForkServerContext:
    """Return what starts processes as forks of the one that has imported our code."""
    # The process that imports them says nothing about those that do not exist.
    assert all(map(find_spec, IMPORTED_ONCE))
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(list(IMPORTED_ONCE))
    return context


def _become(
    arguments: tuple[str, ...],
    environment: Mapping[str, str],
    streams: tuple[Path, Path, Path],
    group: int | None,
) -> None:
    """Be the process that a shell, or a group of processes, would have started."""
    if group is not None:
        os.setpgid(0, group)
    signal.signal(signal.SIGINT, signal.default_int_handler)  # whatever our parent ignores
    gc.freeze()  # a collection would copy every page that is shared with the other processes
    os.chdir(ROOT)
    os.environ.clear()
    os.environ.update(environment)
    given, *printed = streams
    os.dup2(os.open(given, os.O_RDONLY), sys.stdin.fileno())
    for file, stream in zip(printed, (sys.stdout, sys.stderr), strict=True):
        os.dup2(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND), stream.fileno())
        stream.reconfigure(write_through=True)  # type: ignore[union-attr] # these are text
    if arguments[0] == "-m":
        sys.argv = list(arguments[1:])
        runpy.run_module(arguments[1], run_name="__main__", alter_sys=True)
    else:
        sys.argv = list(arguments)
        runpy.run_path(arguments[0], run_name="__main__")
