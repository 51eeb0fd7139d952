"""A bar that shows how far a long command is, if a person is looking."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from commands.terminal.output import Output


@contextmanager
def progress(doing: str, total: int | None, output: Output) -> Iterator[Callable[[int], None]]:
    """Show a bar; ``total`` is None where nobody knows how much there is.

    Yield what moves the bar on by so much of the total. One thing alone needs no bar.
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
