"""The log of actions: a row before, a row after, and what happens if there is none."""

import asyncio
import datetime as dt
import logging
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from config import Settings
from models import (
    MAX_OUTCOME_CHARACTERS,
    Action,
    ActionLogEntry,
    ActionToLog,
    DecisionChannel,
    Principal,
    Role,
)
from providers.errors import ProviderUnavailable
from providers.records import ActionLog
from service.access.log import MAX_ENTRIES, Doer, entries, entries_about, noted, outcome_of
from service.access.records import opened_access
from service.errors import (
    BadInput,
    DatabaseUnreachable,
    Failed,
    NotFound,
    NoWorker,
    Refused,
    ServiceError,
)

ADA = Principal(name="ada", role=Role.APPROVE, channel=DecisionChannel.HTTP)


class Gone:
    """A log that answers so often, and then no more."""

    def __init__(self, log: ActionLog, answers: int = 0) -> None:
        self._log = log
        self.answers = answers
        self.asked = 0

    async def add(self, action: ActionToLog) -> int:
        self.asked += 1
        if self.asked > self.answers:
            raise ProviderUnavailable("could not log an action: no connection")
        return await self._log.add(action)

    async def list(
        self, subject: str | None = None, limit: int = 100, before_id: int | None = None
    ) -> list[ActionLogEntry]:
        raise ProviderUnavailable(f"no connection for {limit} of {subject} before {before_id}")


@pytest.fixture
async def log(tmp_path: Path) -> AsyncIterator[ActionLog]:
    async with opened_access(Settings(state_dir=tmp_path)) as access:
        yield access.log


async def test_an_action_has_a_row_before_it_and_one_after(log: ActionLog) -> None:
    async with Doer.signed_in(ADA, log).doing(
        Action.CORRECT, "receipt-bob-1", {"total_cents": 100}
    ) as change:
        (asked,) = await entries(log)
        change.after = {"total_cents": 1000}

    done, first = await entries(log)

    assert first == asked
    assert (asked.who, asked.channel, asked.action) == ("ada", "http", "correct")
    assert (asked.subject, asked.before, asked.after) == (
        "receipt-bob-1",
        {"total_cents": 100},
        None,
    )
    assert (asked.outcome, asked.asked_id) == ("asked", None)
    # The second row says all there is to say by itself.
    told = {"outcome": "done", "after": {"total_cents": 1000}, "asked_id": asked.id}
    assert done.model_dump() == {**asked.model_dump(), **told, "id": done.id, "at": done.at}
    assert done.at >= asked.at


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (Refused("order o1 was already approved by bob"), "refused: order o1 was already approved"),
        (BadInput("no"), "refused: no"),
        (NotFound("no"), "refused: no"),
        (NoWorker("no worker answered within 10 s"), "not answered: no worker answered within"),
        (Failed("its code fails"), "failed: its code fails"),
        (RuntimeError("card tok_visa"), "failed: RuntimeError"),
        (Refused("a\0b\ud800"), "refused: a\ufffdb\ufffd"),
    ],
)
async def test_what_was_not_done_says_why_and_is_raised(
    log: ActionLog, error: Exception, outcome: str
) -> None:
    doer = Doer.signed_in(ADA, log)
    with pytest.raises(type(error)) as raised:
        async with doer.doing(Action.APPROVE, "order-o1"):
            raise error

    row, asked = await entries(log)

    assert raised.value is error
    assert row.outcome.startswith(outcome)
    assert "tok_" not in row.outcome
    assert row.asked_id == asked.id


def test_the_longest_outcome_fits() -> None:
    assert len(outcome_of(Refused("x" * 10_000))) == MAX_OUTCOME_CHARACTERS


async def test_an_interrupted_action_stays_asked(log: ActionLog) -> None:
    begun = asyncio.Event()

    async def act() -> None:
        async with Doer.signed_in(ADA, log).doing(Action.CANCEL, "order-o1"):
            begun.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(act())
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    assert [row.outcome for row in await entries(log)] == ["asked"]


# --- without a database -----------------------------------------------------------------------


async def test_nothing_is_done_for_whoever_is_signed_in_that_cannot_be_logged(
    log: ActionLog,
) -> None:
    done = False
    with pytest.raises(DatabaseUnreachable, match="no connection"):
        async with Doer.signed_in(ADA, Gone(log)).doing(Action.APPROVE, "order-o1"):
            done = True
    assert not done


async def test_what_is_done_is_not_refused_because_its_end_cannot_be_logged(
    log: ActionLog, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING, "service.access.log"):
        async with Doer.signed_in(ADA, Gone(log, answers=1)).doing(Action.APPROVE, "order-o1"):
            pass
    assert caplog.messages == [
        "it is not logged how approve order-o1 went (done): could not log an action: no connection"
    ]


async def test_a_person_at_a_terminal_goes_on_and_is_told_once(log: ActionLog) -> None:
    told: list[str] = []
    gone = Gone(log)
    doer = Doer("ada", DecisionChannel.TERMINAL, gone, told.append)

    with pytest.raises(Refused):
        async with doer.doing(Action.APPROVE, "order-o1"):
            raise Refused("too late")

    assert told == ["the action is not logged: could not log an action: no connection"]
    assert gone.asked == 1, "nobody waits a second time for a database that is away"


async def test_where_nobody_says_who_does_it_nothing_is_logged(log: ActionLog) -> None:
    async with noted(None, Action.PAUSE, "order-o1") as change:
        change.after = {"paused": True}
    with pytest.raises(ServiceError):
        async with noted(None, Action.PAUSE, "order-o1"):
            raise Refused("over")
    assert await entries(log) == []


async def test_the_log_is_read_page_by_page_and_says_if_it_cannot_be(log: ActionLog) -> None:
    doer = Doer.signed_in(ADA, log)
    for number in range(3):
        async with noted(doer, Action.PAUSE, f"order-{number % 2}"):
            pass

    newest = await entries(log, limit=1)
    rest = await entries(log, "order-0", MAX_ENTRIES, newest[0].id)

    assert (newest[0].subject, newest[0].outcome) == ("order-0", "done")
    assert [row.outcome for row in rest] == ["asked", "done", "asked"]
    with pytest.raises(DatabaseUnreachable):
        await entries(Gone(log))
    for wrong in (-1, 0, MAX_ENTRIES + 1):
        with pytest.raises(BadInput, match=f"the limit is {wrong}: it must be from 1 to 1000"):
            await entries(log, limit=wrong)


@pytest.mark.parametrize(
    ("named", "subjects"),
    [
        (None, ["receipt-7", "order-7"]),
        ("order-7", ["order-7"]),
        ("7", ["order-7"]),
        ("receipt-7", ["receipt-7"]),
        ("8", []),
        ("\0\ud800", []),
    ],
)
async def test_rows_are_found_by_the_ids_that_people_type(
    log: ActionLog, named: str | None, subjects: list[str]
) -> None:
    for subject in ("order-7", "receipt-7"):
        await log.add(
            ActionToLog(
                at=dt.datetime.now(dt.UTC),
                who="ada",
                channel=DecisionChannel.HTTP,
                action=Action.CANCEL,
                subject=subject,
                outcome="asked",
            )
        )
    assert [row.subject for row in await entries_about(log, named)] == subjects
