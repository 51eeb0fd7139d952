"""Our command lines in processes that need not import first what most of them import.

Importing takes half a second of a processor, several times what a command does, and the tests run
hundreds. So one process imports it once, and a fork of it is the process of each command: with
arguments, environment, streams and exit code of its own.
"""

import gc
import multiprocessing
import os
import runpy
import sys
import tempfile
import threading
from collections.abc import Mapping
from functools import cache
from importlib.util import find_spec
from multiprocessing.connection import wait
from multiprocessing.context import ForkServerContext
from pathlib import Path

from config import ROOT

IMPORTED_ONCE = (
    "commands.archive",
    "commands.audit",
    "commands.listing",
    "commands.mails",
    "commands.order",
    "commands.receipt",
    "commands.retry",
    "commands.review",
    "commands.watch",
    "lifecycle",
    "providers.inventory.http",
    "providers.object_store.s3",
    "providers.payments.http",
    "providers.records.access",
    "providers.records.edits",
    "providers.records.orders",
    "providers.records.sql",
    "providers.shipping.http",
    "aiohttp",
    "aiosqlite",
    "boto3.s3.inject",
)

_ONE_AT_A_TIME = threading.Lock()
"""The standard library looks after all processes when it starts one, and two threads that look at
once take the exit code from each other."""


def run_warm(
    arguments: tuple[str, ...], stdin: str, environment: Mapping[str, str], seconds: float
) -> tuple[int, str, str]:
    """Run ``python`` with these arguments, a script or ``-m`` and a module, until it ends.

    Return its exit code, stdout and stderr. Raise TimeoutError after ``seconds``.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "stdin").write_text(stdin, encoding="utf-8")
        process = imported().Process(target=_become, args=(arguments, dict(environment), folder))
        with _ONE_AT_A_TIME:
            process.start()
        has_ended = wait([process.sentinel], seconds)
        with _ONE_AT_A_TIME:
            if not has_ended:
                process.kill()
            process.join()
            code = process.exitcode or 0
            process.close()
        if not has_ended:
            raise TimeoutError(f"after {seconds:g} s {arguments} had not ended")
        out, err = (
            (folder / stream).read_text(encoding="utf-8") for stream in ("stdout", "stderr")
        )
    return code, out, err


@cache
def imported() -> ForkServerContext:
    """Return what starts processes as forks of the one that has imported our code."""
    # The process that imports them says nothing about those that do not exist.
    assert all(map(find_spec, IMPORTED_ONCE))
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(list(IMPORTED_ONCE))
    return context


def _become(arguments: tuple[str, ...], environment: Mapping[str, str], folder: Path) -> None:
    """Be the process that a shell would have started."""
    gc.freeze()  # a collection would copy every page that is shared with the other commands
    os.chdir(ROOT)
    os.environ.clear()
    os.environ.update(environment)
    os.dup2(os.open(folder / "stdin", os.O_RDONLY), sys.stdin.fileno())
    for name, stream in (("stdout", sys.stdout), ("stderr", sys.stderr)):
        written = os.open(folder / name, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        os.dup2(written, stream.fileno())
    if arguments[0] == "-m":
        sys.argv = list(arguments[1:])
        runpy.run_module(arguments[1], run_name="__main__", alter_sys=True)
    else:
        sys.argv = list(arguments)
        runpy.run_path(arguments[0], run_name="__main__")
