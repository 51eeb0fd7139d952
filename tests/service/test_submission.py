"""Many submissions at once: never more than the limit, and none waits for ever."""

import asyncio

import pytest

from service.errors import BadInput, BucketUnreachable, ServiceError, TemporalBusy, TemporalGone
from service.submission import Started, SubmissionStopped, Tally, submit_each

AT_ONCE = 4


class Server:
    """A server that answers when told to, and records how many calls ran at a time."""

    def __init__(self) -> None:
        self.told: dict[int, Started | ServiceError] = {}
        self.submitted: list[int] = []
        self.most_at_once = 0
        self.most_tasks = 0
        self._in_flight = 0

    async def submit(self, item: int) -> Started:
        """Refuse multiples of seven, join multiples of five, start all others."""
        self.submitted.append(item)
        self._in_flight += 1
        self.most_at_once = max(self.most_at_once, self._in_flight)
        self.most_tasks = max(self.most_tasks, len(asyncio.all_tasks()))
        await asyncio.sleep(0)
        self._in_flight -= 1
        if item % 7 == 0:
            raise BadInput(f"{item} is no order")
        return Started(f"order-{item}", "run", joined=item % 5 == 0)

    async def submit_until_gone(self, item: int) -> Started:
        """Like ``submit``, but unreachable from the ninth item on."""
        started = await self.submit(item)
        if len(self.submitted) > 8:
            raise TemporalGone("Temporal at nowhere does not answer")
        return started

    async def submit_in_two_tries(self, item: int) -> Started:
        """Like ``submit``, but busy at the first try of every third item."""
        started = await self.submit(item)
        if item % 3 == 0 and self.submitted.count(item) == 1:
            raise TemporalBusy("Temporal at nowhere takes no more for now")
        return started

    async def submit_to_a_busy_server(self, item: int) -> Started:
        """Always be busy."""
        await self.submit(item)
        raise TemporalBusy("Temporal at nowhere takes no more for now")

    def tell(self, item: int, outcome: Started | ServiceError) -> None:
        assert item not in self.told
        self.told[item] = outcome


async def test_all_are_submitted_a_few_at_a_time_and_one_that_is_bad_stops_no_other() -> None:
    server = Server()
    already = len(asyncio.all_tasks())

    tally = await submit_each(range(1, 1001), server.submit, server.tell, AT_ONCE)

    assert server.submitted == list(range(1, 1001))
    assert server.most_at_once == AT_ONCE
    assert server.most_tasks == already + AT_ONCE
    assert sorted(server.told) == list(range(1, 1001))
    refused = {item for item, told in server.told.items() if isinstance(told, ServiceError)}
    assert refused == set(range(7, 1001, 7))
    assert tally.in_words("orders") == "1000 orders: 686 started, 172 joined, 142 refused"
    tally.require_all("orders")


async def test_once_temporal_is_gone_nothing_more_is_tried_and_it_is_said_once() -> None:
    server = Server()

    tally = await submit_each(
        (item for item in range(1, 1001) if item % 7), server.submit_until_gone, server.tell, 4
    )

    assert len(server.submitted) < 8 + 2 * AT_ONCE
    (gone,) = (told for told in server.told.values() if isinstance(told, ServiceError))
    assert str(gone) == "Temporal at nowhere does not answer"
    started = len(server.told) - 1
    with pytest.raises(
        SubmissionStopped, match=f"^stopped after {started} files: .*joined, and the"
    ):
        tally.require_all("files")


async def test_a_server_that_asks_for_fewer_calls_gets_all_in_the_end() -> None:
    server = Server()
    items = [item for item in range(1, 101) if item % 7]

    tally = await submit_each(iter(items), server.submit_in_two_tries, server.tell, AT_ONCE)

    assert sorted(server.told) == items
    assert tally.refused == 0


async def test_a_server_that_takes_nothing_at_all_is_not_asked_for_ever() -> None:
    server = Server()

    tally = await submit_each(range(1, 101), server.submit_to_a_busy_server, server.tell, AT_ONCE)

    assert tally.gone
    assert server.submitted == [1, 2, 3, 4]


@pytest.mark.parametrize(
    ("outcomes", "words"),
    [
        ([], "0 orders: none was started"),
        ([Started("a", "b", joined=True)] * 2, "2 orders: 2 joined"),
        ([BadInput("bad")] * 2, "2 orders: 2 refused"),
        ([BucketUnreachable("no bucket"), BadInput("bad")], "2 orders: 2 refused"),
        ([TemporalGone("gone")], "0 orders: none was started"),
    ],
)
def test_the_summary_of_a_batch(outcomes: list[Started | ServiceError], words: str) -> None:
    tally = Tally()
    for outcome in outcomes:
        tally.add(outcome)

    assert tally.in_words("orders") == words
