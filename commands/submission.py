"""Submit many files or orders, a few at a time.

One after the other would leave the server idle between two answers; all at once would hold all of
them in memory and let the server refuse what it cannot take. So each of a few places takes the
next as soon as its last is answered, and the server sets the pace.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeVar

from commands.outcome import CommandError, ExitCode
from commands.output import Output
from commands.runs import TemporalBusy, TemporalGone
from commands.start import Started

Item = TypeVar("Item")


@dataclass
class Tally:
    """What became of all that was submitted so far; ``gone`` if Temporal went away meanwhile."""

    started: int = 0
    joined: int = 0
    refused: int = 0
    exit_code: ExitCode = ExitCode.DONE
    gone: bool = False

    @property
    def answered(self) -> int:
        """How many there are an answer to."""
        return self.started + self.joined + self.refused

    def add(self, outcome: Started | CommandError) -> None:
        """Count one more."""
        if isinstance(outcome, Started):
            self.joined += outcome.joined
            self.started += not outcome.joined
            return
        self.exit_code = max(self.exit_code, outcome.exit_code)
        if isinstance(outcome, TemporalGone):
            self.gone = True
        else:
            self.refused += 1

    def in_words(self, what: str) -> str:
        """Say how many of what: ``1000 orders: 998 started, 1 joined, 1 refused``."""
        counts = {"started": self.started, "joined": self.joined, "refused": self.refused}
        parts = [f"{count} {done}" for done, count in counts.items() if count]
        return f"{self.answered} {what}: {', '.join(parts) or 'none was started'}"

    def require_all(self, what: str) -> None:
        """Raise CommandError if the rest was not tried, because Temporal went away."""
        if self.gone:
            raise CommandError(
                f"stopped after {self.in_words(what)}; submit the same again: "
                "what was started is joined, and the rest is started",
                ExitCode.UNREACHABLE,
            )


async def submit_each(
    items: Iterable[Item],
    submit: Callable[[Item], Awaitable[Started]],
    tell: Callable[[Item, Started | CommandError], None],
    at_once: int,
) -> Tally:
    """Submit ``at_once`` items at a time, however many there are; ``tell`` hears of each.

    A CommandError of one item stops no other, unless Temporal went away: then no further item is
    taken, because each would wait for seconds for the same, and only the first of them is told.
    A server that asks for fewer calls is no such thing as long as it takes any.
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
            outcome: Started | CommandError
            try:
                outcome = await until_taken(item)
            except CommandError as error:
                if tally.gone and isinstance(error, TemporalGone):
                    return
                outcome = error
            tally.add(outcome)
            tell(item, outcome)

    await asyncio.gather(*(place() for _ in range(at_once)))
    return tally


@contextmanager
def progress(doing: str, total: int | None, output: Output) -> Iterator[Callable[[int], None]]:
    """Show a bar if a person is looking; ``total`` is None where nobody knows how much there is.

    Gives what moves the bar on by so much of the total. One thing alone needs no bar.
    """
    if total == 1 or not output.is_watched:
        yield lambda _: None
        return
    from rich.progress import Progress

    with Progress(
        console=output.console(), transient=True, redirect_stdout=output.shares_terminal
    ) as shown:
        bar = shown.add_task(doing, total=total)
        yield lambda done: shown.advance(bar, done)
