"""A gate before every step, so that a person can stop an order without losing its place.

The server's own workflow pause makes queries and updates fail; behind this one they answer.
"""

from temporalio import workflow


class PauseGate:
    """Open unless paused. A step that comes while it is paused waits for resume, however long."""

    def __init__(self) -> None:
        self.paused = False

    async def passed(self) -> None:
        """Return as soon as it is open. Raise asyncio.CancelledError if cancelled meanwhile."""
        if self.paused:
            await workflow.wait_condition(lambda: not self.paused)
