"""Waits for states and ends of runs, and reads their histories."""

import asyncio
import contextlib
import datetime as dt
from collections.abc import Awaitable, Callable, Iterator
from typing import Any, TypeVar

from temporalio.api.enums.v1 import EventType
from temporalio.api.failure.v1 import Failure
from temporalio.api.history.v1 import HistoryEvent
from temporalio.client import (
    WorkflowExecutionStatus,
    WorkflowFailureError,
    WorkflowHandle,
    WorkflowHistory,
)
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.exceptions import CancelledError

from activities.attempts import NOT_LOCALLY
from models import MailState, OrderState, OrderStatus, ReceiptState
from tests.support.calls import PATIENCE
from tests.support.pipelines import MailRun, OrderRun, ReceiptRun, Run
from workflows.mail.workflow import MailWorkflow
from workflows.order.workflow import OrderWorkflow
from workflows.receipt.workflow import ReceiptWorkflow

Result = TypeVar("Result")
State = TypeVar("State", OrderState, ReceiptState)

SHORTEST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 0.02, 0.2

TASK_STARTED = EventType.EVENT_TYPE_WORKFLOW_TASK_STARTED
TASK_COMPLETED = EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED


async def until(condition: Callable[[], Awaitable[bool]]) -> None:
    """Wait until a condition holds, at most ``PATIENCE`` seconds, without skipping time."""
    async with asyncio.timeout(PATIENCE):
        for pause in _pauses():
            if await condition():
                return
            await asyncio.sleep(pause)


def _pauses() -> Iterator[float]:
    """Yield ever longer pauses, in seconds: to ask at once again costs a processor's time."""
    pause = SHORTEST_PAUSE_SECONDS
    while True:
        yield pause
        pause = min(1.5 * pause, LONGEST_PAUSE_SECONDS)


async def order_state(run: OrderRun) -> OrderState:
    """Return an order's status, by a query."""
    return await run.query(OrderWorkflow.status)


async def receipt_state(run: ReceiptRun) -> ReceiptState:
    """Return a receipt's status, by a query."""
    return await run.query(ReceiptWorkflow.status)


async def mail_state(run: MailRun) -> MailState:
    """Return the status of a mail that was handed over, by a query."""
    return await run.query(MailWorkflow.status)


async def until_order(run: OrderRun, **wanted: object) -> OrderState:
    """Wait until the order's state has these values; return it."""
    return await _until_state(lambda: order_state(run), wanted)


async def until_receipt(run: ReceiptRun, **wanted: object) -> ReceiptState:
    """Wait until the receipt's state has these values; return it."""
    return await _until_state(lambda: receipt_state(run), wanted)


async def _until_state(ask: Callable[[], Awaitable[State]], wanted: dict[str, object]) -> State:
    async with asyncio.timeout(PATIENCE):
        for pause in _pauses():
            state = await ask()
            if all(getattr(state, name) == value for name, value in wanted.items()):
                # The first answer may come before the workflow task that gave it is in the
                # history, a second one does not.
                await ask()
                return state
            await asyncio.sleep(pause)
    raise AssertionError("the pauses never end")


async def until_backoff(run: Run, activity: str) -> None:
    """Wait until a step's first attempt has failed.

    Time stands still, so the next attempt does not start.
    """

    async def waits_in_the_workflow() -> bool:
        state = await run.query("status", result_type=dict)
        return str(state["waiting_for"]).startswith("another attempt: ")

    async def waits_in_the_server() -> bool:
        description = await run.describe()
        return any(
            pending.activity_type.name == activity and pending.attempt > 1
            for pending in description.raw_description.pending_activities
        )

    async def waits() -> bool:
        return await waits_in_the_server() or await waits_in_the_workflow()

    await until(waits)


async def cancel_heard(run: Run) -> None:
    """Cancel a run, and wait until the workflow has handled it and asked its activity to stop.

    If the activity completed at that moment, the time-skipping server would hang.
    """
    await run.cancel()
    await until_heard(run, EventType.EVENT_TYPE_WORKFLOW_EXECUTION_CANCEL_REQUESTED)


async def until_heard(run: Run, kind: EventType.ValueType) -> None:
    """Wait until a workflow task is completed that began after an event of this type."""

    async def so() -> bool:
        # A query makes a workflow task that waits for a local activity complete at once.
        await run.query("status")
        history = await run.fetch_history()
        came = [event.event_id for event in events_of(history, kind)]
        began = [event.event_id for event in events_of(history, TASK_STARTED)]
        completed = [event.event_id for event in events_of(history, TASK_COMPLETED)]
        return any(c < b < done for c in came for b in began for done in completed)

    await until(so)


async def result_of(run: WorkflowHandle[Any, Result]) -> Result:
    """Wait for a run's end while time skips, at most ``PATIENCE`` seconds; return its result."""
    return await asyncio.wait_for(run.result(), PATIENCE)


async def failure_of(run: Run) -> BaseException:
    """Wait for the end of a run that must fail; return the cause."""
    try:
        result = await result_of(run)
    except WorkflowFailureError as failure:
        return failure.cause
    raise AssertionError(f"the run succeeded: {result}")


async def until_end(run: OrderRun) -> OrderState:
    """Wait for the end of an order, whether it succeeds or fails; return its state."""
    with contextlib.suppress(WorkflowFailureError):
        await result_of(run)
    return await order_state(run)


async def cancelled_order(run: OrderRun) -> OrderState:
    """Wait until an order has closed as Canceled; return its state."""
    assert isinstance(await failure_of(run), CancelledError)
    assert await closing_status(run) == WorkflowExecutionStatus.CANCELED
    state = await order_state(run)
    assert state.status == OrderStatus.CANCELLED
    return state


async def closing_status(run: Run) -> WorkflowExecutionStatus | None:
    """Return a run's status as the server describes it."""
    return (await run.describe()).status


# --- histories --------------------------------------------------------------------------------


def events_of(history: WorkflowHistory, kind: EventType.ValueType) -> list[HistoryEvent]:
    """Return the events of one type."""
    return [event for event in history.events if event.event_type == kind]


def scheduled(history: WorkflowHistory) -> dict[str, HistoryEvent]:
    """Return the scheduling events of all activities that were not local, by activity."""
    return {
        event.activity_task_scheduled_event_attributes.activity_type.name: event
        for event in events_of(history, EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED)
    }


def heartbeats_of(scheduling: dict[str, HistoryEvent]) -> dict[str, dt.timedelta]:
    """Return the heartbeat timeout of each activity."""
    return {
        name: event.activity_task_scheduled_event_attributes.heartbeat_timeout.ToTimedelta()
        for name, event in scheduling.items()
    }


def made_locally(history: WorkflowHistory) -> list[str]:
    """Return the activities that were run locally, in the order of their ends."""
    payloads = [
        event.marker_recorded_event_attributes.details["data"].payloads
        for event in events_of(history, EventType.EVENT_TYPE_MARKER_RECORDED)
        if not _is_patch(event)
        and _failure_type(event.marker_recorded_event_attributes.failure) != NOT_LOCALLY
    ]
    converter = pydantic_data_converter.payload_converter
    return [converter.from_payloads(p, [dict])[0]["activity_type"] for p in payloads]


def _is_patch(event: HistoryEvent) -> bool:
    """Tell whether this is the marker of a ``workflow.patched``, behind which nothing was done."""
    return event.marker_recorded_event_attributes.marker_name == "core_patch"


def _failure_type(failure: Failure) -> str:
    return failure.application_failure_info.type


def last_attempt(history: WorkflowHistory, activity: str) -> int:
    """Return the number of a step's last attempt, from the history."""
    attempts = made_locally(history).count(activity)
    if activity not in scheduled(history):
        return attempts
    scheduled_id = scheduled(history)[activity].event_id
    return attempts + max(
        event.activity_task_started_event_attributes.attempt
        for event in events_of(history, EventType.EVENT_TYPE_ACTIVITY_TASK_STARTED)
        if event.activity_task_started_event_attributes.scheduled_event_id == scheduled_id
    )


def timers(history: WorkflowHistory) -> list[tuple[dt.datetime, dt.timedelta]]:
    """Return when each timer started (UTC) and its duration."""
    return [
        (
            event.event_time.ToDatetime(dt.UTC),
            event.timer_started_event_attributes.start_to_fire_timeout.ToTimedelta(),
        )
        for event in events_of(history, EventType.EVENT_TYPE_TIMER_STARTED)
    ]


def summaries(history: WorkflowHistory) -> list[str]:
    """Return the summaries of all activities, local ones too, and timers, in their order."""
    kinds = (
        EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED,
        EventType.EVENT_TYPE_MARKER_RECORDED,
        EventType.EVENT_TYPE_TIMER_STARTED,
    )
    return [
        _summary_of(event)
        for event in history.events
        if event.event_type in kinds and not _is_patch(event)
    ]


def _summary_of(event: HistoryEvent) -> str:
    payloads = [event.user_metadata.summary]
    return str(pydantic_data_converter.payload_converter.from_payloads(payloads, [str])[0])
