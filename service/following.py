"""Wait until something changes, but not for ever."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

LOOK_SECONDS = 0.5
"""Between two looks: each is a query of the run, which costs its worker a moment."""

Seen = TypeVar("Seen")


async def changed(
    look: Callable[[], Awaitable[Seen]], seconds: float, what_counts: Callable[[Seen], object]
) -> Seen:
    """Return what is seen once it differs from the first look, or after so many seconds."""
    seen = await look()
    before, until = what_counts(seen), time.monotonic() + seconds
    while what_counts(seen) == before and (left := until - time.monotonic()) > 0:
        await asyncio.sleep(min(LOOK_SECONDS, left))
        seen = await look()
    return seen
