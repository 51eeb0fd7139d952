"""What a run's history says of it, so that a run that has ended needs no worker to answer.

A query replays the run in a worker, and answers for a run that was terminated as if it went on.
The history has what each step answered and how the run was closed.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, TypeVar

from pydantic import BaseModel
from temporalio.api.common.v1 import Payload
from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import HistoryEvent
from temporalio.api.update.v1 import Request
from temporalio.client import Client, WorkflowHistoryEventFilterType
from temporalio.converter import DataConverter

from encryption.keyring import PayloadKeyMissing
from service.calls import reached
from service.errors import Failed
from service.runs.executions import FAILED, Execution
from service.runs.reading import reader_of, show_failures

LOCAL_ACTIVITY_MARKER = "core_local_activity"
"""Name of the event in which the SDK's core records a local activity."""

Message = TypeVar("Message", bound=BaseModel)


class Said(NamedTuple):
    """A signal, or an accepted update, and one value that it carried."""

    name: str
    payload: Payload
    is_update: bool = False


@dataclass
class RunHistory:
    """What was recorded of one run.

    ``activities`` are in the order in which they were begun, ``asked`` has the last request of
    each that was not local, ``results`` the last answer, and ``unknown`` those whose outcome nobody
    recorded; ``said`` has signals and accepted updates. ``mails`` are the workflow ids of
    the mails that were handed over. ``first_run_id`` is the run id before any reset, ``failure``
    the type of what failed the run. ``is_cancel_asked`` if somebody asked to cancel it.
    """

    first_run_id: str = ""
    input: Sequence[Payload] = ()
    result: Sequence[Payload] = ()
    reason: str | None = None
    failure: str | None = None
    activities: list[str] = field(default_factory=list)
    asked: dict[str, Payload] = field(default_factory=dict)
    results: dict[str, Payload] = field(default_factory=dict)
    unknown: set[str] = field(default_factory=set)
    said: list[Said] = field(default_factory=list)
    mails: list[str] = field(default_factory=list)
    is_cancel_asked: bool = False


async def read_history(client: Client, execution: Execution) -> RunHistory:
    """Read the history of one run; raise TemporalGone."""
    handle = client.get_workflow_handle(execution.workflow_id, run_id=execution.run_id)
    history = await reached(handle.fetch_history())
    reader = reader_of(client, execution.workflow_id)
    for event in history.events:
        await show_failures(reader, event)
    return recorded(history.events)


async def failure_of(client: Client, run: Execution) -> str | None:
    """Return the type of what failed a run, by its last event alone; None if nothing did.

    Raise TemporalGone.
    """
    if run.status != FAILED:
        return None
    handle = client.get_workflow_handle(run.workflow_id, run_id=run.run_id)
    last = WorkflowHistoryEventFilterType.CLOSE_EVENT
    closed = await reached(anext(handle.fetch_history_events(event_filter_type=last)))
    return recorded([closed]).failure


async def started_with(client: Client, run: Execution, kind: type[Message]) -> Message | None:
    """Return the input of a run, by its first event alone; None if it is anything else.

    Raise TemporalGone.
    """
    handle = client.get_workflow_handle(run.workflow_id, run_id=run.run_id)
    first = await reached(anext(handle.fetch_history_events(page_size=1)))
    return await decoded(reader_of(client, run.workflow_id), recorded([first]).input, kind)


async def decoded(
    converter: DataConverter, payloads: Sequence[Payload], kind: type[Message]
) -> Message | None:
    """Return the one message of this kind; None if the payloads are anything else.

    Raise Failed if the key to it is missing.
    """
    if len(payloads) != 1:
        return None
    try:
        (message,) = await converter.decode(payloads, [kind])
        return message if isinstance(message, kind) else kind.model_validate(message)
    except PayloadKeyMissing as error:
        raise Failed(str(error)) from None
    except Exception:  # whatever any converter raises: anybody may have sent them
        return None


def recorded(events: Sequence[HistoryEvent]) -> RunHistory:
    """Return what the events of one run say."""
    run, names, admitted = RunHistory(), dict[int, str](), dict[int, Request]()
    for event in events:
        match event.event_type:
            case EventType.EVENT_TYPE_WORKFLOW_EXECUTION_STARTED:
                started = event.workflow_execution_started_event_attributes
                run.first_run_id = started.original_execution_run_id
                run.input = started.input.payloads
            case EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED:
                begun = event.activity_task_scheduled_event_attributes
                names[event.event_id] = name = begun.activity_type.name
                run.activities.append(name)
                if begun.input.payloads:
                    run.asked[name] = begun.input.payloads[0]
                run.unknown.add(name)
            case EventType.EVENT_TYPE_ACTIVITY_TASK_COMPLETED:
                done = event.activity_task_completed_event_attributes
                _answer(run, names[done.scheduled_event_id], done.result.payloads)
            case EventType.EVENT_TYPE_ACTIVITY_TASK_FAILED:
                failed = event.activity_task_failed_event_attributes
                if failed.failure.application_failure_info.non_retryable:
                    run.unknown.discard(names[failed.scheduled_event_id])
            case EventType.EVENT_TYPE_START_CHILD_WORKFLOW_EXECUTION_INITIATED:
                child = event.start_child_workflow_execution_initiated_event_attributes
                run.mails.append(child.workflow_id)
            case EventType.EVENT_TYPE_MARKER_RECORDED:
                _local_activity(run, event)
            case EventType.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_ADMITTED:
                again = event.workflow_execution_update_admitted_event_attributes
                admitted[event.event_id] = again.request
            case EventType.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_ACCEPTED:
                accepted = event.workflow_execution_update_accepted_event_attributes
                # A reset repeats updates as admitted; the accepted event then only refers to that.
                before = admitted.get(accepted.accepted_request_sequencing_event_id)
                asked = (before or accepted.accepted_request).input
                run.said += [Said(asked.name, one, is_update=True) for one in asked.args.payloads]
            case _:
                _message_or_end(run, event)
    return run


def _answer(run: RunHistory, activity: str, result: Sequence[Payload]) -> None:
    run.unknown.discard(activity)
    if result:
        run.results[activity] = result[0]


def _local_activity(run: RunHistory, event: HistoryEvent) -> None:
    marker = event.marker_recorded_event_attributes
    if marker.marker_name != LOCAL_ACTIVITY_MARKER or not marker.details["data"].payloads:
        return
    name = json.loads(marker.details["data"].payloads[0].data)["activity_type"]
    run.activities.append(name)
    if not marker.HasField("failure"):
        _answer(run, name, marker.details["result"].payloads)


def _message_or_end(run: RunHistory, event: HistoryEvent) -> None:
    match event.event_type:
        case EventType.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED:
            signal = event.workflow_execution_signaled_event_attributes
            run.said += [Said(signal.signal_name, payload) for payload in signal.input.payloads]
        case EventType.EVENT_TYPE_WORKFLOW_EXECUTION_CANCEL_REQUESTED:
            run.is_cancel_asked = True
        case EventType.EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED:
            run.result = event.workflow_execution_completed_event_attributes.result.payloads
        case EventType.EVENT_TYPE_WORKFLOW_EXECUTION_FAILED:
            failure = event.workflow_execution_failed_event_attributes.failure
            run.reason, run.failure = failure.message, failure.application_failure_info.type
        case EventType.EVENT_TYPE_WORKFLOW_EXECUTION_TERMINATED:
            run.reason = event.workflow_execution_terminated_event_attributes.reason or None
