"""The story of a run, event by event, in sentences: what a person or a program follows.

Told from the run's history, so that it is the same however often it is asked for, goes on where
somebody stopped listening, and needs no worker.
"""

import datetime as dt
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from pydantic import BaseModel
from temporalio.api.common.v1 import Payload
from temporalio.api.enums.v1 import EventType
from temporalio.api.failure.v1 import Failure
from temporalio.api.history.v1 import HistoryEvent
from temporalio.client import Client
from temporalio.converter import DataConverter

from models import Action, ActionLogEntry, Approval, Correction, DecisionChannel
from service.calls import reached
from service.runs.find import Run
from service.runs.history import LOCAL_ACTIVITY_MARKER, decoded
from service.runs.reading import reader_of, show_failures
from service.runs.step_words import A_STEP, spaced, step_in_words, step_of, wait_in_words
from workflows import wording

MAX_REASON_CHARACTERS = 300


class StoryKind(StrEnum):
    """What kind of thing happened."""

    STARTED = "started"
    STEP_BEGAN = "step_began"
    STEP_DONE = "step_done"
    STEP_FAILED = "step_failed"
    WAITS = "waits"
    WAIT_ENDED = "wait_ended"
    SAID = "said"
    ENDED = "ended"


@dataclass(frozen=True)
class StoryEntry:
    """One thing that happened: ``event_id`` is its number in the run's history; ``at`` is UTC."""

    event_id: int
    at: dt.datetime
    kind: StoryKind
    words: str


Told = tuple[StoryKind, str] | None

_PLAIN: dict["EventType.ValueType", tuple[StoryKind, str]] = {
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_STARTED: (StoryKind.STARTED, "started"),
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_CANCEL_REQUESTED: (
        StoryKind.SAID,
        "somebody asked to cancel it",
    ),
    EventType.EVENT_TYPE_START_CHILD_WORKFLOW_EXECUTION_INITIATED: (
        StoryKind.STEP_BEGAN,
        "a mail that could not be sent is left to a run of its own, which tries for days",
    ),
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_CANCELED: (StoryKind.ENDED, "ended: cancelled"),
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_TERMINATED: (
        StoryKind.ENDED,
        "ended from outside: terminated",
    ),
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_TIMED_OUT: (
        StoryKind.ENDED,
        "ended from outside: timed out",
    ),
}

_SIGNALS = {
    "pause": "paused: stops before its next step",
    "resume": "resumed",
    "expedite": "expedited: the wait for the business day is skipped",
}


async def story_of(client: Client, run: Run, follow: bool = False) -> AsyncIterator[StoryEntry]:
    """Yield what happened to a run; with ``follow`` also what happens, until its end.

    Raise TemporalGone.
    """
    teller = _Teller(reader_of(client, run.workflow_id))
    events = run.handle.fetch_history_events(wait_new_event=follow, skip_archival=True)
    while True:
        try:
            event = await reached(anext(events))
        except StopAsyncIteration:
            return
        told = await teller.tell(event)
        if told is not None:
            kind, words = told
            yield StoryEntry(event.event_id, event.event_time.ToDatetime(dt.UTC), kind, words)


_DONE_BY = {
    "paused": (Action.PAUSE, "paused by {}"),
    "resumed": (Action.RESUME, "resumed by {}"),
    "expedited": (Action.EXPEDITE, "expedited by {}"),
    "somebody asked to cancel it": (Action.CANCEL, "cancel asked for by {}"),
}
"""How the words of an entry begin that a person has caused without giving a name to the run, and
how they begin with one. A name never comes first, where it would be written with a capital."""

_AT_MOST_APART = dt.timedelta(seconds=30)
"""Between the row that an action is asked for and the event in the history."""


def with_names(story: Iterable[StoryEntry], rows: Sequence[ActionLogEntry]) -> Iterator[StoryEntry]:
    """Yield a story in which the log of actions says who paused, resumed, expedited, cancelled."""
    left = [row for row in rows if row.asked_id is None]
    for entry in story:
        unnamed = next((words for words in _DONE_BY if entry.words.startswith(words)), "")
        action, named = _DONE_BY.get(unnamed, (None, ""))
        near = [
            row for row in left if row.action is action and abs(row.at - entry.at) <= _AT_MOST_APART
        ]
        if not near:
            yield entry
            continue
        row = min(near, key=lambda one: abs(one.at - entry.at))
        left.remove(row)
        yield replace(entry, words=named.format(row.who) + entry.words.removeprefix(unnamed))


def shortened(story: Sequence[StoryEntry]) -> list[StoryEntry]:
    """Return a story without the beginnings of steps of which it tells that they are done."""
    ends = (entry for entry in story if entry.kind is StoryKind.STEP_DONE)
    done = {entry.words.removeprefix("done: ") for entry in ends}
    return [
        entry
        for entry in story
        if entry.kind is not StoryKind.STEP_BEGAN
        or entry.words.removeprefix("begins to ") not in done
    ]


class _Result(BaseModel):
    """What the results of all our runs have in common."""

    status: str


class _Teller:
    """Turns events into sentences; remembers what the steps that are under way are called."""

    def __init__(self, reader: DataConverter) -> None:
        self._reader = reader
        self._steps: dict[int, str] = {}
        self._ends_of_waits: dict[int, str | None] = {}

    async def tell(self, event: HistoryEvent) -> Told:
        """Return what an event means to a person; None for one that means nothing to them."""
        tell = _TELLERS.get(event.event_type)
        await show_failures(self._reader, event)
        return await tell(self, event) if tell else _PLAIN.get(event.event_type)

    async def signalled(self, event: HistoryEvent) -> Told:
        signal = event.workflow_execution_signaled_event_attributes
        return await self._said(signal.signal_name, signal.input.payloads)

    async def updated(self, event: HistoryEvent) -> Told:
        asked = event.workflow_execution_update_accepted_event_attributes.accepted_request.input
        return await self._said(asked.name, asked.args.payloads)

    async def waits(self, event: HistoryEvent) -> Told:
        begins, ends = wait_in_words(await self._summary(event, "a moment"))
        self._ends_of_waits[event.event_id] = ends
        return (StoryKind.WAITS, begins) if begins else None

    async def wait_ended(self, event: HistoryEvent) -> Told:
        # One that was ended before its time was ended by something that is told itself.
        timer = event.timer_fired_event_attributes.started_event_id
        ends = self._ends_of_waits.get(timer)
        return (StoryKind.WAIT_ENDED, ends) if ends else None

    async def ended(self, event: HistoryEvent) -> Told:
        payloads = event.workflow_execution_completed_event_attributes.result.payloads
        result = await decoded(self._reader, payloads, _Result)
        return StoryKind.ENDED, f"ended: {spaced(result.status)}" if result else "ended: done"

    async def failed(self, event: HistoryEvent) -> Told:
        failure = event.workflow_execution_failed_event_attributes.failure
        return StoryKind.ENDED, f"ended: failed, {_short(failure.message)}"

    async def step_began(self, event: HistoryEvent) -> Told:
        kind = event.activity_task_scheduled_event_attributes.activity_type.name
        summary = await self._summary(event, "")
        self._steps[event.event_id] = name = step_in_words(summary) if summary else step_of(kind)
        return StoryKind.STEP_BEGAN, f"begins to {name}"

    async def step_repeated(self, event: HistoryEvent) -> Told:
        began = event.activity_task_started_event_attributes
        if not began.HasField("last_failure"):
            return None
        name, why = self._name(began.scheduled_event_id), _short(began.last_failure.message)
        return StoryKind.STEP_BEGAN, f"attempt {began.attempt} to {name}, after: {why}"

    async def step_done(self, event: HistoryEvent) -> Told:
        done = event.activity_task_completed_event_attributes
        return StoryKind.STEP_DONE, f"done: {self._name(done.scheduled_event_id)}"

    async def step_failed(self, event: HistoryEvent) -> Told:
        failed = event.activity_task_failed_event_attributes
        return self._failed(failed.scheduled_event_id, failed.failure)

    async def step_timed_out(self, event: HistoryEvent) -> Told:
        late = event.activity_task_timed_out_event_attributes
        return self._failed(late.scheduled_event_id, late.failure)

    async def step_stopped(self, event: HistoryEvent) -> Told:
        stopped = event.activity_task_canceled_event_attributes
        return StoryKind.STEP_FAILED, f"stopped: {self._name(stopped.scheduled_event_id)}"

    async def local_step(self, event: HistoryEvent) -> Told:
        marker = event.marker_recorded_event_attributes
        if marker.marker_name != LOCAL_ACTIVITY_MARKER:
            return None
        name = step_in_words(await self._summary(event, A_STEP))
        if marker.HasField("failure"):
            return StoryKind.STEP_FAILED, f"failed to {name}: {_cause(marker.failure)}"
        return StoryKind.STEP_DONE, f"done: {name}"

    def _failed(self, scheduled_event_id: int, failure: Failure) -> Told:
        words = f"failed to {self._name(scheduled_event_id)}: {_cause(failure)}"
        return StoryKind.STEP_FAILED, words

    async def _said(self, name: str, payloads: Sequence[Payload]) -> Told:
        if known := _SIGNALS.get(name):
            return StoryKind.SAID, known
        converter, first = self._reader, list(payloads[:1])
        if name == "approval" and (approval := await decoded(converter, first, Approval)):
            return StoryKind.SAID, _decision(approval)
        if name == "correction" and (correction := await decoded(converter, first, Correction)):
            return StoryKind.SAID, f"corrected by {correction.corrected_by}"
        return StoryKind.SAID, f"somebody sent {name[:60]!r}"

    async def _summary(self, event: HistoryEvent, otherwise: str) -> str:
        """Return what a step is called in the Temporal UI, without its idempotency key."""
        payload = event.user_metadata.summary
        if not payload.data:
            return otherwise
        (summary,) = await reached(self._reader.decode([payload]))
        return summary.partition(", key ")[0] if isinstance(summary, str) else otherwise

    def _name(self, scheduled_event_id: int) -> str:
        return self._steps.get(scheduled_event_id, A_STEP)


_TELLERS = {
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED: _Teller.signalled,
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_ACCEPTED: _Teller.updated,
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_FAILED: _Teller.failed,
    EventType.EVENT_TYPE_MARKER_RECORDED: _Teller.local_step,
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED: _Teller.ended,
    EventType.EVENT_TYPE_TIMER_STARTED: _Teller.waits,
    EventType.EVENT_TYPE_TIMER_FIRED: _Teller.wait_ended,
    EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED: _Teller.step_began,
    EventType.EVENT_TYPE_ACTIVITY_TASK_STARTED: _Teller.step_repeated,
    EventType.EVENT_TYPE_ACTIVITY_TASK_COMPLETED: _Teller.step_done,
    EventType.EVENT_TYPE_ACTIVITY_TASK_FAILED: _Teller.step_failed,
    EventType.EVENT_TYPE_ACTIVITY_TASK_TIMED_OUT: _Teller.step_timed_out,
    EventType.EVENT_TYPE_ACTIVITY_TASK_CANCELED: _Teller.step_stopped,
}


def _decision(approval: Approval) -> str:
    """Say what was decided; not that it came over HTTP, as it does from the desk, too."""
    if approval.channel is DecisionChannel.HTTP:
        approval = approval.model_copy(update={"channel": DecisionChannel.UNKNOWN})
    return wording.decision(approval)


def _cause(failure: Failure) -> str:
    """Return the message of what a failure was caused by in the end."""
    while failure.HasField("cause"):
        failure = failure.cause
    return _short(failure.message)


def _short(message: str) -> str:
    line = " ".join(message.split())
    return line if len(line) <= MAX_REASON_CHARACTERS else f"{line[:MAX_REASON_CHARACTERS]}..."
