"""The log of actions names those whom a run's history does not."""

import datetime as dt

from models import Action, ActionLogEntry, DecisionChannel
from service.runs.story import StoryEntry, StoryKind, with_names

AT = dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)


def said(event_id: int, seconds: float, words: str) -> StoryEntry:
    return StoryEntry(event_id, AT + dt.timedelta(seconds=seconds), StoryKind.SAID, words)


def row(
    number: int, seconds: float, action: Action, who: str, of: int | None = None
) -> ActionLogEntry:
    return ActionLogEntry(
        id=number,
        at=AT + dt.timedelta(seconds=seconds),
        who=who,
        channel=DecisionChannel.HTTP,
        action=action,
        subject="order-7",
        outcome="asked" if of is None else "done",
        asked_id=of,
    )


def test_each_is_named_once_by_the_nearest_row_that_asked() -> None:
    story = [
        said(3, 0, "paused: stops before its next step"),
        said(5, 10, "resumed"),
        said(7, 12, "paused: stops before its next step"),
        said(9, 20, "somebody asked to cancel it"),
        said(11, 21, "begins to refund"),
    ]
    rows = [
        row(6, 20.1, Action.CANCEL, "olga", of=5),
        row(5, 19.9, Action.CANCEL, "olga"),
        row(3, 11.9, Action.PAUSE, "grace"),
        row(1, -0.1, Action.PAUSE, "ada"),
    ]

    words = [entry.words for entry in with_names(story, rows)]

    assert words == [
        "paused by ada: stops before its next step",
        "resumed",
        "paused by grace: stops before its next step",
        "cancel asked for by olga",
        "begins to refund",
    ]


def test_a_row_of_another_time_names_nobody() -> None:
    story = [said(9, 0, "somebody asked to cancel it")]
    rows = [row(1, -3_600, Action.CANCEL, "olga")]

    assert list(with_names(story, rows)) == story
