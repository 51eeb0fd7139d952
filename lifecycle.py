"""How our processes begin and exit, and how the OCR process is kept running.

What they write holds names, amounts and addresses of people, and must not be open to every user
of the machine. Scripts rely on a command's exit code, so it must be right. And if a worker's OCR
process ended unnoticed, receipts would wait for no visible reason.
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
"""Pause between the end of an OCR process and the start of the next, so that a process which
cannot start does not restart in a busy loop."""

REFUSED = 2
"""Exit code of a process that cannot do its work with these settings."""

PRIVATE = 0o077
"""The umask that keeps files, folders and sockets from everybody but their owner."""

logger = logging.getLogger("worker")


def keep_files_private() -> None:
    """Let only our own user read what this process, and each that it starts, makes from now on."""
    os.umask(PRIVATE)


def leave(code: int) -> NoReturn:
    """Flush the output and exit with the code, without the interpreter's shutdown.

    During that shutdown the SDK's threads sometimes crash on Python 3.11, and the exit code is
    134 or 139 although all work is done: https://github.com/temporalio/sdk-python/issues/300.
    Close everything before calling this.
    """
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(BrokenPipeError):
            stream.flush()
    logging.shutdown()
    os._exit(code)


class OcrProcess:
    """A child process that serves OCR, and is restarted whenever it ends.

    ``serve`` runs in the child and returns its exit code. It must be importable by name, because
    the child is spawned. ``niceness`` is the child's nice value. With 10 it takes only the CPU time
    that other work leaves: a receipt can wait for a moment, and an order's step, a signal or a
    query is short. If other programs are never idle, a receipt waits long. ``on_restart`` is called
    for each restart.
    """

    def __init__(
        self, serve: Callable[[], int], niceness: int, on_restart: Callable[[], None]
    ) -> None:
        self._serve = serve
        self._niceness = niceness
        self._on_restart = on_restart

    def start(self) -> None:
        """Start the child and a task that restarts it when it ends.

        ``refused`` is done once a child has refused to begin: the next would, too.
        """
        self.refused: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._supervisor = asyncio.create_task(self._supervise())

    async def stop(self) -> None:
        """Send the child SIGTERM, let it finish what it reads, and wait for its end."""
        self._supervisor.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._supervisor

    async def _supervise(self) -> None:
        import multiprocessing

        spawn = multiprocessing.get_context("spawn")
        while True:
            child = spawn.Process(target=_in_child, args=(self._serve, self._niceness), name="ocr")
            child.start()
            try:
                await _ended(child)
            except asyncio.CancelledError:
                child.terminate()
                await asyncio.to_thread(child.join)
                raise
            if child.exitcode == REFUSED:
                self.refused.set_result(None)
                return
            logger.error("the OCR process ended (exit code %s); restarting it", child.exitcode)
            self._on_restart()
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


def _in_child(serve: Callable[[], int], niceness: int) -> None:
    """Serve in the child process, and exit when the parent ends, even if it was killed."""
    import multiprocessing
    import threading

    parent = multiprocessing.parent_process()
    if parent is not None:

        def die_with_parent() -> None:
            parent.join()
            os._exit(1)

        threading.Thread(target=die_with_parent, daemon=True).start()
    os.nice(niceness)
    leave(serve())
