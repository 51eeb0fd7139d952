"""Submit many files or orders, a few at a time.

One after the other would leave the server idle between two answers; all at once would hold all of
them in memory and let the server refuse what it cannot take. So each of a few places takes the
next as soon as its last is answered, and the server sets the pace.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import TypeVar

from models import ArchivedOrder
from service.errors import (
    DatabaseUnreachable,
    ServiceError,
    TemporalBusy,
    TemporalGone,
    Unreachable,
)

Item = TypeVar("Item")


GONE = (TemporalGone, DatabaseUnreachable)
"""Errors of one that would be those of all that are left, each after seconds."""


class SubmissionStopped(Unreachable):
    """Temporal or the database went away before all was submitted."""


@dataclass(frozen=True)
class Started:
    """A durable run; ``joined`` if it existed before.

    ``ended`` is its final status if it is over, so that nothing more happens; ``archived`` is what
    is left of it if Temporal has forgotten it.
    """

    workflow_id: str
    run_id: str
    joined: bool
    ended: str | None = None
    archived: ArchivedOrder | None = None


@dataclass
class Tally:
    """What became of all that was submitted so far; ``gone`` if somebody went away meanwhile."""

    started: int = 0
    joined: int = 0
    refused: int = 0
    gone: bool = False

    @property
    def answered(self) -> int:
        """How many have been answered."""
        return self.started + self.joined + self.refused

    def add(self, outcome: Started | ServiceError) -> None:
        """Count one more."""
        if isinstance(outcome, Started):
            self.joined += outcome.joined
            self.started += not outcome.joined
            return
        if isinstance(outcome, GONE):
            self.gone = True
        else:
            self.refused += 1

    def in_words(self, what: str) -> str:
        """Say how many became what: ``1000 orders: 998 started, 1 joined, 1 refused``."""
        counts = {"started": self.started, "joined": self.joined, "refused": self.refused}
        parts = [f"{count} {done}" for done, count in counts.items() if count]
        return f"{self.answered} {what}: {', '.join(parts) or 'none was started'}"

    def require_all(self, what: str) -> None:
        """Raise SubmissionStopped if the rest was not tried, because somebody went away."""
        if self.gone:
            raise SubmissionStopped(
                f"stopped after {self.in_words(what)}; submit the same again: "
                "what was started is joined, and the rest is started"
            )


async def submit_each(
    items: Iterable[Item],
    submit: Callable[[Item], Awaitable[Started]],
    tell: Callable[[Item, Started | ServiceError], None],
    at_once: int,
) -> Tally:
    """Submit ``at_once`` items at a time, however many there are; ``tell`` hears of each.

    A ServiceError of one item stops no other, unless Temporal or the database went away: then no
    further item is taken, because each would wait for seconds for the same, and only the first of
    them is told. A server that asks for fewer calls is no such thing as long as it takes any.
    """
    waiting = iter(items)
    tally = Tally()

    async def until_taken(item: Item) -> Started:
        while True:
            others = tally.answered
            try:
                return await submit(item)
            except TemporalBusy:
                if tally.answered == others:  # not even others got through
                    raise

    async def place() -> None:
        while not tally.gone and (item := next(waiting, None)) is not None:
            outcome: Started | ServiceError
            try:
                outcome = await until_taken(item)
            except ServiceError as error:
                if tally.gone and isinstance(error, GONE):
                    return
                outcome = error
            tally.add(outcome)
            tell(item, outcome)

    await asyncio.gather(*(place() for _ in range(at_once)))
    return tally
