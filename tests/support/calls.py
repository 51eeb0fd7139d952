"""Calls of the fake providers: each attempt, how it is made to fail, and what holds it."""

import asyncio
import datetime as dt
from dataclasses import dataclass

PATIENCE = 60.0
"""Seconds that a test waits for something that must happen."""


@dataclass(frozen=True)
class Call:
    """One attempt of an activity, from its own info: the time by the server's clock (UTC), its
    time limit, and its request. After a local attempt the activity counts from 1 again."""

    activity: str
    is_local: bool
    attempt: int
    at: dt.datetime
    time_limit: dt.timedelta | None
    request: object


LocalCall = tuple[str, str]
"""Run id and activity id of a local call. If the same pair comes again, it is not a new step: its
workflow task timed out, as on a busy machine, or the server refused the task's completion, and the
task was run again with its calls."""


@dataclass(frozen=True)
class Fault:
    """How one call fails; if ``answer_lost`` is set, its effect happens all the same."""

    error: BaseException
    answer_lost: bool = False


class Hold:
    """Holds calls of one activity inside the provider until ``go_on`` is set."""

    def __init__(self) -> None:
        self.entered = asyncio.Event()
        self.go_on = asyncio.Event()

    async def wait_until_entered(self) -> None:
        """Return when a call is inside; raises TimeoutError after ``PATIENCE`` seconds."""
        await asyncio.wait_for(self.entered.wait(), PATIENCE)
