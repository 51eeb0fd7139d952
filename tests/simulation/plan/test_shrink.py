"""Shrinking ends at a part from which nothing can be left out, or when its time is up."""

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.simulation.plan.shrink import shrink


@given(
    items=st.lists(st.integers(0, 200), min_size=1, max_size=60, unique=True),
    needed=st.sets(st.integers(0, 59), min_size=1, max_size=4),
)
@settings(max_examples=50, deadline=None)
async def test_what_is_needed_is_all_that_is_left(items: list[int], needed: set[int]) -> None:
    wanted = [items[index % len(items)] for index in sorted(needed)]

    async def fails(part: list[int]) -> bool:
        return set(wanted) <= set(part)

    left = await shrink(items, fails, seconds=10)
    assert left == [item for item in items if item in wanted]


async def test_it_stops_when_its_time_is_up() -> None:
    tried: list[list[int]] = []

    async def fails(part: list[int]) -> bool:
        tried.append(part)
        return True

    assert await shrink([1, 2, 3], fails, seconds=0) == [1, 2, 3]
    assert tried == []


async def test_what_fails_only_as_a_whole_stays_whole() -> None:
    async def fails(part: list[int]) -> bool:
        return len(part) == 5

    assert await shrink(range(5), fails, seconds=10) == [0, 1, 2, 3, 4]
