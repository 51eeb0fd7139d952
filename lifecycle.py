"""How our processes end, and how the OCR process is kept alive.

A command line whose exit code cannot be trusted breaks every script around it, and a worker
whose OCR process has died would leave receipts waiting for a reason nobody can see.
"""

import asyncio
import contextlib
import logging
import os
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from multiprocessing.process import BaseProcess

RESTART_SECONDS = 1.0
"""Between the end of an OCR process and the start of the next: one that cannot start must not
spin."""

OCR_NICENESS = 10
"""OCR takes all the processor time that the rest leaves, and no more: a receipt may wait for a
moment, while an order's step, a signal or a query is over before OCR would notice."""

logger = logging.getLogger("worker")


def leave(code: int) -> NoReturn:
    """Exit without the interpreter's shutdown, in which the SDK's threads sometimes crash.

    https://github.com/temporalio/sdk-python/issues/300: on Python 3.11 the exit code is then 134
    or 139 although all work is done. Everything is closed before, and flushed here.
    """
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(BrokenPipeError):
            stream.flush()
    logging.shutdown()
    os._exit(code)


class OcrProcess:
    """A child process that serves OCR, started again whenever it ends.

    ``serve`` runs in the child and returns its exit code; it must be importable by name.
    """

    def __init__(self, serve: Callable[[], int]) -> None:
        self._serve = serve

    def start(self) -> None:
        """Start the child and watch it."""
        self._supervisor = asyncio.create_task(self._supervise())

    async def stop(self) -> None:
        """Let the child finish what it reads, and wait for its end."""
        self._supervisor.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._supervisor

    async def _supervise(self) -> None:
        import multiprocessing

        spawn = multiprocessing.get_context("spawn")
        while True:
            child = spawn.Process(target=_in_child, args=(self._serve,), name="ocr")
            child.start()
            try:
                await _ended(child)
            except asyncio.CancelledError:
                child.terminate()
                await asyncio.to_thread(child.join)
                raise
            logger.error("the OCR process ended (exit code %s); starting it again", child.exitcode)
            await asyncio.sleep(RESTART_SECONDS)


async def _ended(child: "BaseProcess") -> None:
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.add_reader(child.sentinel, ended.set)
    try:
        await ended.wait()
    finally:
        loop.remove_reader(child.sentinel)
    child.join()


def _in_child(serve: Callable[[], int]) -> None:
    """Serve, and die with the parent, however that dies."""
    import multiprocessing
    import threading

    parent = multiprocessing.parent_process()
    if parent is not None:

        def die_with_parent() -> None:
            parent.join()
            os._exit(1)

        threading.Thread(target=die_with_parent, daemon=True).start()
    os.nice(OCR_NICENESS)
    leave(serve())
