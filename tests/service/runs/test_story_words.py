"""Stories of all recorded histories: sentences for people who never saw the code."""

import datetime as dt
from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import cast

import pytest
from temporalio.api.history.v1 import HistoryEvent
from temporalio.client import Client, WorkflowHistory

from activities.policies import TABLE
from service.runs.find import Run
from service.runs.pending import WORKFLOW_TASK, Pending
from service.runs.step_words import A_STEP, STEPS, step_of, without_names
from service.runs.story import StoryEntry, StoryKind, shortened, story_of
from tests.record_histories import HISTORIES
from tests.support.pipelines import DATA_CONVERTER

FILES = sorted(HISTORIES.glob("*.json"))
TECHNICAL = (
    "receipts/",
    "the next undo",
    "nothing of try",
    "an earlier cancel counts",
    "over HTTP",
    "the time is up",
    "the wait was ended",
    ", key ",
    "begins to confirm",
)
CLIENT = cast("Client", SimpleNamespace(namespace="default", data_converter=DATA_CONVERTER))


async def story_in(name: str) -> list[StoryEntry]:
    """Return the story of a recorded history."""
    text = (HISTORIES / f"{name}.json").read_text()
    history = WorkflowHistory.from_json("order-1", text)

    async def events(**_options: object) -> AsyncIterator[HistoryEvent]:
        for event in history.events:
            yield event

    handle = SimpleNamespace(fetch_history_events=events)
    run = cast("Run", SimpleNamespace(workflow_id=history.workflow_id, handle=handle))
    return [entry async for entry in story_of(CLIENT, run)]


@pytest.mark.parametrize("name", [file.stem for file in FILES])
async def test_a_story_names_nothing_that_only_engineers_know(name: str) -> None:
    words = "\n".join(entry.words for entry in await story_in(name))

    assert [one for one in (*TECHNICAL, *STEPS) if one in words] == []
    assert words.splitlines()[-1] != "ended"


async def test_a_rejected_order() -> None:
    story = [entry.words for entry in shortened(await story_in("order_rejected"))]

    assert story[0] == "started"
    assert story[-1] == "ended: rejected"
    assert any(words.startswith("waits for somebody to approve ") for words in story)


def test_only_the_beginnings_of_what_was_done_are_left_out() -> None:
    at = dt.datetime(2026, 3, 2, tzinfo=dt.UTC)
    told = [
        StoryEntry(1, at, StoryKind.STEP_BEGAN, "begins to charge 1.00 USD"),
        StoryEntry(2, at, StoryKind.STEP_DONE, "done: charge 1.00 USD"),
        StoryEntry(3, at, StoryKind.STEP_BEGAN, "begins to send the mail"),
    ]

    assert shortened(told) == told[1:]


def test_every_activity_of_ours_has_words() -> None:
    assert {row.activity for row in TABLE} <= set(STEPS)
    assert step_of("an_activity_of_another_pipeline") == A_STEP
    told = "settle_try failed last, at attempt 2: no answer"
    assert (
        without_names(told)
        == f"the step to {STEPS['settle_try']} failed last, at attempt 2: no answer"
    )


@pytest.mark.parametrize(
    ("pending", "words"),
    [
        (
            Pending("settle_try", 1, None, None, None),
            "tries to make sure that nothing stays charged or reserved",
        ),
        (
            Pending("refund_payment", 3, 5, "it was refused", None),
            "tries to refund the payment, attempt 3 of 5; it failed last: it was refused",
        ),
        (
            Pending("another", 2, None, None, None, paused=True),
            "tries to do a step, attempt 2, paused in the Temporal UI",
        ),
        (
            Pending(WORKFLOW_TASK, 4, None, "non deterministic", None),
            "tries to decide what comes next, attempt 4; it failed last: non deterministic",
        ),
    ],
)
def test_what_is_being_done(pending: Pending, words: str) -> None:
    assert pending.plainly() == words
