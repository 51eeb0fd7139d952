"""Replay runs against this checkout, so that a deploy that does not fit their histories is refused.

What is deployed without this stops every run whose history asks for other steps than the new code:
its next task fails, again and again, and nobody hears of it before somebody misses an order.
"""

import asyncio
import re
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import HistoryEvent
from temporalio.client import Client, WorkflowHistory
from temporalio.service import RPCError, RPCStatusCode
from temporalio.worker import Replayer, UnsandboxedWorkflowRunner

from client import data_converter, quiet_runtime
from config import Settings
from service.calls import ask_whether_it_answers, reached
from service.errors import BadInput, TemporalGone
from service.runs.executions import Execution, list_executions
from service.runs.history import recorded
from workflows.identity import mail_named
from workflows.registered import WORKFLOWS
from workflows.search_attributes import PIPELINE_STATUS
from workflows.worker_threshold import WorkerThreshold

AT_ONCE = 8
"""Histories that are fetched, or wait to be replayed, at a time: all that is kept in memory."""

_MESSAGE = re.compile(r'message: "((?:[^"\\]|\\.)*)"')
_RULE_NUMBER = re.compile(r"^\[TMPRL\d+\] (Nondeterminism error: )?")

_BEHAVIOR = "TemporalWorkflowVersioningBehavior"

_ENDS = {
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED,
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_FAILED,
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_TIMED_OUT,
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_CANCELED,
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_TERMINATED,
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_CONTINUED_AS_NEW,
}


class Outcome(StrEnum):
    """What came of a run."""

    REPLAYS = "replays"
    BREAKS = "breaks"
    UNREADABLE = "unreadable"
    ENDED = "ended"
    """Meanwhile: it was open when it was listed, and what has ended has no next task."""


@dataclass(frozen=True)
class Replayed:
    """What came of one run; ``reason`` says in one line what differs, or why it is unreadable."""

    workflow_id: str
    run_id: str
    outcome: Outcome
    reason: str | None = None


NO_NAMESPACE = "files"
"""That of recorded histories; of encrypted ones, which are of their own namespace, none replays."""

History = WorkflowHistory | Replayed
"""A history that can be replayed, or what came of a run without it."""


# --- which runs -------------------------------------------------------------------------------


def query_of_open(task_queue: str) -> str:
    """Return the visibility query of all open runs that this task queue's workers serve."""
    types = ", ".join(f"'{workflow.__name__}'" for workflow in WORKFLOWS)
    # Not by status: one that the server has paused is open, too.
    return f"WorkflowType IN ({types}) AND TaskQueue = '{task_queue}' AND CloseTime IS NULL"


def query_of_waiting(query: str, task_queue: str, statuses: Sequence[str]) -> str:
    """Return the query of those open runs that wait in these statuses and go on with newer code.

    Runs that are pinned to a build end on it, whatever this checkout says.
    """
    listed = ", ".join(f"'{status}'" for status in statuses)
    return (
        f"({query}) AND {query_of_open(task_queue)} AND {PIPELINE_STATUS.name} IN ({listed}) AND "
        f"({_BEHAVIOR} IS NULL OR {_BEHAVIOR} != 'Pinned')"
    )


async def count(client: Client, query: str) -> int:
    """Count the runs of a visibility query; raise BadInput if the server cannot read it."""
    try:
        return (await reached(client.count_workflows(query))).count
    except RPCError as error:
        if error.status is not RPCStatusCode.INVALID_ARGUMENT:
            raise
        raise BadInput(f"--query cannot be used: {error.message}") from None


async def replay_runs(
    client: Client, settings: Settings, query: str, total: int, sample: int
) -> AsyncGenerator[Replayed, None]:
    """Replay ``sample`` of the ``total`` runs of a query, chosen evenly; yield what came of each.

    Raise TemporalGone if the server goes away meanwhile.
    """
    runs = _evenly(list_executions(client, query), total, sample)
    async for replayed in _replayed(settings, _fetched(client, runs), client.namespace):
        yield replayed


async def _evenly(
    runs: AsyncIterator[Execution], total: int, sample: int
) -> AsyncIterator[Execution]:
    """Yield so many of all runs, from the newest to the oldest, and those that came since."""
    place = 0
    async for run in runs:
        is_chosen = (place + 1) * sample // total > place * sample // total
        if is_chosen or sample == total:
            yield run
        place += 1


# --- their histories --------------------------------------------------------------------------


async def _fetched(client: Client, runs: AsyncIterator[Execution]) -> AsyncIterator[History]:
    """Yield the history of each run, in their order; fetch a few ahead."""
    fetching = deque[asyncio.Task[History]]()
    try:
        async for run in _listed(runs):
            fetching.append(asyncio.create_task(_fetch(client, run)))
            if len(fetching) == AT_ONCE:
                yield await fetching.popleft()
        while fetching:
            yield await fetching.popleft()
    finally:
        for task in fetching:
            task.cancel()


async def _listed(runs: AsyncIterator[Execution]) -> AsyncIterator[Execution]:
    while True:
        try:
            yield await reached(anext(runs))
        except StopAsyncIteration:
            return


async def _fetch(client: Client, run: Execution) -> History:
    handle = client.get_workflow_handle(run.workflow_id, run_id=run.run_id)
    try:
        history = await reached(handle.fetch_history())
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND:
            return Replayed(run.workflow_id, run.run_id, Outcome.ENDED)
        return _unreadable(run, error.message)
    except TemporalGone as error:
        await ask_whether_it_answers(client)  # then it is this history that it cannot give
        return _unreadable(run, str(error))
    except (ValueError, TypeError) as error:
        return _unreadable(run, str(error))
    if run.is_open and _has_ended(history.events):
        return Replayed(run.workflow_id, run.run_id, Outcome.ENDED)
    return history


def _has_ended(events: Sequence[HistoryEvent]) -> bool:
    return bool(events) and events[-1].event_type in _ENDS


def _unreadable(run: Execution, reason: str) -> Replayed:
    return Replayed(run.workflow_id, run.run_id, Outcome.UNREADABLE, " ".join(reason.split()))


def files_in(folder: Path) -> list[Path]:
    """Return the histories in a folder, by name; raise BadInput if there is none."""
    files = sorted(folder.glob("*.json"))
    if not files:
        raise BadInput(f"--histories is {str(folder)!r}: no *.json is in it")
    return files


async def replay_files(settings: Settings, files: Sequence[Path]) -> AsyncGenerator[Replayed, None]:
    """Replay the histories in files; yield what came of each, also of one that is none."""

    async def histories() -> AsyncIterator[History]:
        for file in files:
            try:
                yield history_in(file)
            except Exception as error:  # whatever the parser raises
                reason = " ".join(str(error).split())
                yield Replayed(file.stem, "", Outcome.UNREADABLE, f"no history: {reason}")

    async for replayed in _replayed(settings, histories()):
        yield replayed


def history_in(file: Path) -> WorkflowHistory:
    """Return a recorded history.

    The file's name is its workflow id, unless it handed over a mail, whose id names it.
    """
    history = WorkflowHistory.from_json(file.stem, file.read_text(encoding="utf-8"))
    named = [mail_named(mail) for mail in recorded(history.events).mails]
    return WorkflowHistory(named[0][0] if named and named[0] else file.stem, history.events)


# --- replay -----------------------------------------------------------------------------------


async def _replayed(
    settings: Settings, histories: AsyncIterator[History], namespace: str = NO_NAMESPACE
) -> AsyncIterator[Replayed]:
    """Replay each history; what needs no replay goes through as it is."""
    aside = list[Replayed]()

    async def readable() -> AsyncIterator[WorkflowHistory]:
        async for history in histories:
            if isinstance(history, Replayed):
                aside.append(history)
            elif _has_begun(history.events):
                yield history
            else:
                aside.append(_of(history, None))

    def taken() -> Iterator[Replayed]:
        while aside:
            yield aside.pop(0)

    async with _replayer(settings, namespace).workflow_replay_iterator(readable()) as results:
        async for result in results:
            for one in taken():
                yield one
            yield _of(result.history, result.replay_failure)
    for one in taken():
        yield one


def _has_begun(events: Sequence[HistoryEvent]) -> bool:
    """Whether it has a task; the SDK waits for ever to replay one that is to begin later."""
    kind = EventType.EVENT_TYPE_WORKFLOW_TASK_SCHEDULED
    return any(event.event_type == kind for event in events)


def _of(history: WorkflowHistory, failure: Exception | None) -> Replayed:
    if failure is None:
        return Replayed(history.workflow_id, history.run_id, Outcome.REPLAYS)
    return Replayed(history.workflow_id, history.run_id, Outcome.BREAKS, _reason(failure))


def _reason(failure: Exception) -> str:
    """Return what differs; the SDK's core puts it among all fields of the failed task."""
    found = _MESSAGE.search(str(failure))
    words = found[1].encode().decode("unicode_escape") if found else str(failure)
    return _RULE_NUMBER.sub("", " ".join(words.split()))


def _replayer(settings: Settings, namespace: str) -> Replayer:
    """Return what replays as ``worker.py`` runs: the same workflows, settings and converter."""
    return Replayer(
        workflows=WORKFLOWS,
        workflow_runner=UnsandboxedWorkflowRunner(),
        data_converter=data_converter(settings),
        interceptors=[WorkerThreshold(settings.approval_threshold)],
        runtime=quiet_runtime(),
        namespace=namespace,
    )
