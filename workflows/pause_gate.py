"""A gate before every step, so that a person can stop an order without losing its place.

The server's own workflow pause makes queries and updates fail; behind this one they answer.
"""

from temporalio import workflow


class PauseGate:
    """Open until paused; whoever wants to pass waits until it is resumed, however long."""

    def __init__(self) -> None:
        self.paused = False

    async def passed(self) -> None:
        """Return at once unless paused. Raises asyncio.CancelledError if cancelled meanwhile."""
        if self.paused:
            await workflow.wait_condition(lambda: not self.paused)
