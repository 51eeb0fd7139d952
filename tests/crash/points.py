"""Named points at which one process stops until another lets it go on.

A crash at a moment that luck chooses proves nothing: here the one to be killed, or its caller,
stands still at exactly the named point while the harness kills. Points are files, so that they
work between processes and outlive those that are killed.
"""

import asyncio
import time
from collections.abc import Callable
from pathlib import Path

LOOK_SECONDS = 0.02


class Points:
    """Points in one folder. Each stops one passer, once: a retry after the crash goes through."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder

    # --- for the harness ----------------------------------------------------------------------

    def arm(self, name: str) -> None:
        """Stop the next one who comes to the point."""
        (self._folder / f"{name}.armed").touch()

    def is_reached(self, name: str) -> bool:
        """Whether somebody came to the point."""
        return (self._folder / f"{name}.reached").exists()

    def release(self, name: str) -> None:
        """Let whoever stands at the point go on."""
        (self._folder / f"{name}.released").touch()

    # --- for those who pass -------------------------------------------------------------------

    def take(self, name: str) -> bool:
        """Whether the caller must stop here; true for the first caller of an armed point."""
        try:
            (self._folder / f"{name}.armed").rename(self._folder / f"{name}.reached")
        except FileNotFoundError:
            return False
        return True

    def is_released(self, name: str) -> bool:
        """Whether whoever stopped at the point may go on."""
        return (self._folder / f"{name}.released").exists()

    async def stop_at(self, name: str, meanwhile: Callable[[], None] = lambda: None) -> bool:
        """Stop here if the point is armed; gives whether it was."""
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
    """Name a point; ``what`` is an activity, or a signal for points in a workflow."""
    return f"{moment}.{what}.{workflow_id}"
