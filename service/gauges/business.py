"""How many runs there are of each status, what waits for whom, for how long, and what is stuck.

A worker sees the runs that it works on. What nobody works on, such as an approval that nobody gives
or a refund that fails for hours, shows in no counter of its.
"""

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import HistoryEvent
from temporalio.api.workflowservice.v1 import GetWorkflowExecutionHistoryReverseRequest
from temporalio.client import Client

from config import Settings
from models import OrderStatus, ReceiptStatus
from service.audit.nightly import LastAudit, last_audit
from service.calls import reached
from service.mails.untold import untold
from service.runs.executions import Execution, describe, list_executions
from service.runs.listing import query_of
from service.runs.stuck import backlogs
from service.waiting import stuck_runs
from workflows import limits
from workflows.search_attributes import PIPELINE_STATUS

EXPIRING = dt.timedelta(hours=4)
"""An approval that ends sooner needs somebody now."""

MOST_UNTOLD = 500
"""Mails that are asked about; if there are more, the gauge stays at what was found among these."""

MOST_COMPENSATING = 100
"""Runs whose history is read for when their undo began: the oldest."""

STATUSES: Mapping[str, tuple[str, ...]] = {
    "order": tuple(OrderStatus),
    "receipt": tuple(ReceiptStatus),
}


@dataclass(frozen=True)
class Business:
    """What was seen; ages are in seconds and 0 if nothing waits. ``runs`` is by kind and status."""

    runs: dict[tuple[str, str], int]
    oldest_approval: float
    oldest_review: float
    expiring_approvals: int
    longest_compensation: float
    stuck: int
    untold: int
    queues: dict[str, float] = field(default_factory=dict)
    last_audit: LastAudit | None = None


class Observer:
    """Looks at the business from time to time; it remembers when each undo began."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._undoing_since: dict[str, dt.datetime] = {}

    async def look(self, client: Client) -> Business:
        """Return the state of the business; raise ServiceError."""
        runs = {
            (kind, status): await _count(client, query_of(kind, status))
            for kind, statuses in STATUSES.items()
            for status in statuses
        }
        approvals = _open("order", OrderStatus.AWAITING_APPROVAL)
        reviews = _open("receipt", ReceiptStatus.NEEDS_REVIEW)
        ending = dt.datetime.now(dt.UTC) - (limits.APPROVAL_LIMIT - EXPIRING)
        late = f"{approvals} AND StartTime < '{ending.isoformat()}'"
        return Business(
            runs=runs,
            oldest_approval=_age(await _started(client, approvals)),
            oldest_review=_age(await _started(client, reviews)),
            expiring_approvals=await _count(client, late),
            longest_compensation=await self._longest_compensation(client),
            stuck=len(await stuck_runs(client)),
            untold=len(await untold(client, MOST_UNTOLD)),
            last_audit=await last_audit(client),
            queues={one.task_queue: one.seconds for one in await backlogs(client, self._settings)},
        )

    async def _longest_compensation(self, client: Client) -> float:
        query = _open("order", OrderStatus.COMPENSATING)
        oldest = (await reached(_listed(client, query)))[::-1][:MOST_COMPENSATING]
        known = self._undoing_since
        self._undoing_since = {
            run.run_id: known.get(run.run_id) or await _undoing_since(client, run) for run in oldest
        }
        return _age(min(self._undoing_since.values(), default=None))


def _open(kind: str, status: str) -> str:
    return f"{query_of(kind, status)} AND ExecutionStatus = 'Running'"


async def _count(client: Client, query: str) -> int:
    return (await reached(client.count_workflows(query))).count


async def _started(client: Client, query: str) -> dt.datetime | None:
    """Return when the oldest of these runs began; servers list the newest first."""
    found = await reached(_listed(client, query))
    return found[-1].started_at if found else None


async def _listed(client: Client, query: str) -> list[Execution]:
    return [run async for run in list_executions(client, query)]


def _age(since: dt.datetime | None) -> float:
    return (dt.datetime.now(dt.UTC) - since).total_seconds() if since else 0.0


async def _undoing_since(client: Client, run: Execution) -> dt.datetime:
    """Return when a run said that it undoes; when it began, if its last events do not tell."""
    described = await reached(describe(client, run.workflow_id, run.run_id))
    asked = GetWorkflowExecutionHistoryReverseRequest(
        namespace=client.namespace, execution=described.raw.workflow_execution_info.execution
    )
    answer = await reached(client.workflow_service.get_workflow_execution_history_reverse(asked))
    said = (event for event in answer.history.events if _says_compensating(event))
    event = next(said, None)
    return event.event_time.ToDatetime(dt.UTC) if event else run.started_at


def _says_compensating(event: HistoryEvent) -> bool:
    if event.event_type != EventType.EVENT_TYPE_UPSERT_WORKFLOW_SEARCH_ATTRIBUTES:
        return False
    upserted = event.upsert_workflow_search_attributes_event_attributes.search_attributes
    payload = upserted.indexed_fields.get(PIPELINE_STATUS.name)
    return payload is not None and json.loads(payload.data) == OrderStatus.COMPENSATING
