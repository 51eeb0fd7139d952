"""Where a run can be reset to, what that leaves it to remember, and the reset itself.

A reset to a workflow task keeps what was recorded before that task began.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from google.protobuf.field_mask_pb2 import FieldMask
from temporalio.api.common.v1 import TimeSkippingConfig, WorkflowExecution
from temporalio.api.enums.v1 import EventType, ResetReapplyExcludeType, ResetReapplyType
from temporalio.api.history.v1 import HistoryEvent
from temporalio.api.workflow.v1 import PostResetOperation, WorkflowExecutionOptions
from temporalio.api.workflowservice.v1 import ResetWorkflowExecutionRequest
from temporalio.client import Client

from service.runs.history import recorded

ENDS_OF_TASKS = (
    EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED,
    EventType.EVENT_TYPE_WORKFLOW_TASK_FAILED,
    EventType.EVENT_TYPE_WORKFLOW_TASK_TIMED_OUT,
)
SIGNALLED = EventType.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED
UPDATED = EventType.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_ACCEPTED
CANCEL_REQUESTED = EventType.EVENT_TYPE_WORKFLOW_EXECUTION_CANCEL_REQUESTED


class Remembers(StrEnum):
    """The last thing that a run still remembers after it was reset; the columns of the table."""

    NOTHING = "nothing"
    CHARGE = "the charge"
    RESERVATION = "the reservation"
    SHIPMENT = "the shipment"
    UNDOING = "an undo"
    TEXT = "the text"
    EXPENSE = "the expense"


_LAST_THING = {
    "charge_payment": Remembers.CHARGE,
    "find_charge": Remembers.CHARGE,
    "reserve_inventory": Remembers.RESERVATION,
    "schedule_shipment": Remembers.SHIPMENT,
    "find_shipment": Remembers.UNDOING,
    "release_inventory": Remembers.UNDOING,
    "refund_payment": Remembers.UNDOING,
    "send_cancellation": Remembers.UNDOING,
    "extract_text": Remembers.TEXT,
    "save_expense": Remembers.EXPENSE,
}
"""What an activity that has answered leaves in a run's memory."""


class Reapply(StrEnum):
    """Which messages to the old run the new one gets again: every option of the server's API."""

    ALL = "all"
    NO_SIGNALS = "no signals"
    NO_UPDATES = "no updates"
    NO_CANCELS = "no cancel requests"
    NO_NEXUS = "no nexus"
    NONE = "none"
    ONLY_SIGNALS_BY_TYPE = "type signal"
    ALL_BY_TYPE = "type all eligible"
    NONE_BY_TYPE = "type none"


_EXCLUDED = {
    Reapply.NO_SIGNALS: [ResetReapplyExcludeType.RESET_REAPPLY_EXCLUDE_TYPE_SIGNAL],
    Reapply.NO_UPDATES: [ResetReapplyExcludeType.RESET_REAPPLY_EXCLUDE_TYPE_UPDATE],
    Reapply.NO_CANCELS: [ResetReapplyExcludeType.RESET_REAPPLY_EXCLUDE_TYPE_CANCEL_REQUEST],
    Reapply.NO_NEXUS: [ResetReapplyExcludeType.RESET_REAPPLY_EXCLUDE_TYPE_NEXUS],
    Reapply.NONE: [
        ResetReapplyExcludeType.RESET_REAPPLY_EXCLUDE_TYPE_SIGNAL,
        ResetReapplyExcludeType.RESET_REAPPLY_EXCLUDE_TYPE_UPDATE,
        ResetReapplyExcludeType.RESET_REAPPLY_EXCLUDE_TYPE_CANCEL_REQUEST,
        ResetReapplyExcludeType.RESET_REAPPLY_EXCLUDE_TYPE_NEXUS,
    ],
}
_WITHOUT_SKIPPED_TIME = PostResetOperation(
    update_workflow_options=PostResetOperation.UpdateWorkflowOptions(
        workflow_execution_options=WorkflowExecutionOptions(
            time_skipping_config=TimeSkippingConfig(enabled=False)
        ),
        update_mask=FieldMask(paths=["time_skipping_config"]),
    )
)
_TYPES = {
    Reapply.ONLY_SIGNALS_BY_TYPE: ResetReapplyType.RESET_REAPPLY_TYPE_SIGNAL,
    Reapply.ALL_BY_TYPE: ResetReapplyType.RESET_REAPPLY_TYPE_ALL_ELIGIBLE,
    Reapply.NONE_BY_TYPE: ResetReapplyType.RESET_REAPPLY_TYPE_NONE,
}


@dataclass(frozen=True)
class Point:
    """One point of a run's history: the ``number``-th workflow task, counted from 1.

    ``later`` has the kinds of messages that the run got afterwards.
    """

    number: int
    event_id: int
    remembers: Remembers
    later: frozenset[EventType.ValueType]

    @property
    def options(self) -> tuple[Reapply, ...]:
        """The options that can make a difference: all if there is anything to reapply."""
        return tuple(Reapply) if self.later else (Reapply.ALL,)


def points_of(events: Sequence[HistoryEvent]) -> list[Point]:
    """Return every point of a history to which the server resets, oldest first."""
    points: list[Point] = []
    began = 0
    for event in events:
        if event.event_type == EventType.EVENT_TYPE_WORKFLOW_TASK_STARTED:
            began = event.event_id
        if event.event_type not in ENDS_OF_TASKS:
            continue
        kept = [one for one in events if one.event_id <= began]
        later = {one.event_type for one in events if one.event_id > began}
        points.append(
            Point(
                number=len(points) + 1,
                event_id=event.event_id,
                remembers=_remembers(kept),
                later=frozenset(later & {SIGNALLED, UPDATED, CANCEL_REQUESTED}),
            )
        )
    return points


def _remembers(events: Sequence[HistoryEvent]) -> Remembers:
    known = recorded(events)
    things = [
        _LAST_THING[name]
        for name in known.activities
        if name in _LAST_THING and name in known.results
    ]
    return things[-1] if things else Remembers.NOTHING


async def reset(
    client: Client,
    workflow_id: str,
    run_id: str,
    event_id: int,
    option: Reapply,
    *,
    skips_time: bool = False,
) -> str:
    """Reset a run; return the id of the new one. Raise RPCError if the server refuses.

    If the old run skips time (``skips_time``), the new one does not, until it is told to.
    """
    answer = await client.workflow_service.reset_workflow_execution(
        ResetWorkflowExecutionRequest(
            namespace=client.namespace,
            workflow_execution=WorkflowExecution(workflow_id=workflow_id, run_id=run_id),
            reason="a test",
            identity=client.identity,
            workflow_task_finish_event_id=event_id,
            request_id=str(uuid.uuid4()),
            reset_reapply_type=_TYPES.get(option, ResetReapplyType.RESET_REAPPLY_TYPE_UNSPECIFIED),
            reset_reapply_exclude_types=_EXCLUDED.get(option, []),
            post_reset_operations=[_WITHOUT_SKIPPED_TIME] if skips_time else [],
        )
    )
    return answer.run_id
