"""Named points at which one process stops until another releases it.

A crash at a random moment proves little. Here the victim, or its caller, is stopped at exactly the
named point while the harness kills. Points are files, so they work between processes and survive
the kill of a process.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

LOOK_SECONDS = 0.05
ASK_SECONDS = 0.25
"""How often a condition is looked at that may be a question to a server: dozens ask at once."""


class Points:
    """Points in one folder. Each stops one caller, once: a retry after the crash passes."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder

    # --- for the harness ----------------------------------------------------------------------

    def arm(self, name: str) -> None:
        """Make the point stop its next caller."""
        (self._folder / f"{name}.armed").touch()

    def is_reached(self, name: str) -> bool:
        """Return whether a caller has reached the point."""
        return (self._folder / f"{name}.reached").exists()

    def release(self, name: str) -> None:
        """Release the caller that is stopped at the point."""
        (self._folder / f"{name}.released").touch()

    # --- for the processes that may stop --------------------------------------------------------

    def take(self, name: str) -> bool:
        """Return whether the caller must stop here: True for an armed point's first caller."""
        try:
            (self._folder / f"{name}.armed").rename(self._folder / f"{name}.reached")
        except FileNotFoundError:
            return False
        return True

    def is_released(self, name: str) -> bool:
        """Return whether the stopped caller may continue."""
        return (self._folder / f"{name}.released").exists()

    async def stop_at(self, name: str, meanwhile: Callable[[], None] = lambda: None) -> bool:
        """Stop here if the point is armed, and call ``meanwhile`` again and again.

        Returns whether it was armed.
        """
        if not self.take(name):
            return False
        while not self.is_released(name):
            meanwhile()
            await asyncio.sleep(LOOK_SECONDS)
        return True

    def stop_thread_at(self, name: str) -> None:
        """Stop the calling thread here if the point is armed."""
        if self.take(name):
            while not self.is_released(name):
                time.sleep(LOOK_SECONDS)


def point(moment: str, what: str, workflow_id: str) -> str:
    """Return the name of a point; ``what`` is an activity, or for workflows a signal."""
    return f"{moment}.{what}.{workflow_id}"


async def until(condition: Callable[[], Awaitable[bool] | bool], seconds: float, what: str) -> None:
    """Wait until a condition holds; raises TimeoutError with ``what`` after ``seconds``."""
    try:
        async with asyncio.timeout(seconds):
            while True:
                holds = condition()
                if holds if isinstance(holds, bool) else await holds:
                    return
                await asyncio.sleep(ASK_SECONDS)
    except TimeoutError:
        raise TimeoutError(f"{what}: not within {seconds:g} s") from None
