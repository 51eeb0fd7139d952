"""Find a small part of a list that still fails, by delta debugging (Zeller's ddmin).

A seed that fails has hundreds of orders in it, and one of them is enough to see why.
"""

import time
from collections.abc import Awaitable, Callable, Sequence
from itertools import pairwise
from typing import TypeVar

Item = TypeVar("Item")

Fails = Callable[[list[Item]], Awaitable[bool]]


async def shrink(items: Sequence[Item], fails: Fails[Item], seconds: float) -> list[Item]:
    """Return a part of the items, in their order, that still fails; ``items`` must.

    It is minimal, so that without any one item nothing fails, unless the time was up before.
    """
    deadline = time.monotonic() + seconds
    smallest, parts = list(items), 2
    while len(smallest) > 1 and time.monotonic() < deadline:
        for candidate in _candidates(smallest, parts):
            if time.monotonic() > deadline:
                return smallest
            if await fails(candidate):
                parts = max(parts - 1, 2) if len(candidate) > len(smallest) / 2 else 2
                smallest = candidate
                break
        else:
            if parts >= len(smallest):
                return smallest
            parts = min(2 * parts, len(smallest))
    return smallest


def _candidates(items: list[Item], parts: int) -> list[list[Item]]:
    """Return each part, and then everything but each part."""
    edges = [len(items) * number // parts for number in range(parts + 1)]
    slices = list(pairwise(edges))
    alone = [items[first:last] for first, last in slices]
    without = [items[:first] + items[last:] for first, last in slices] if parts > 2 else []
    return [candidate for candidate in (*alone, *without) if candidate]
