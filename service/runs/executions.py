"""Runs as the server knows them, whatever state it has put them in.

The SDK's own ``describe`` and ``list_workflows`` raise ValueError for a status that their enum
lacks, such as that of a run that somebody paused with Temporal's own ``workflow pause``, and one
such run would end every list with a traceback. Here any status is a word.
"""

import datetime as dt
from collections.abc import AsyncIterator
from dataclasses import dataclass

from temporalio.api.common.v1 import WorkflowExecution as ExecutionId
from temporalio.api.enums.v1 import WorkflowExecutionStatus
from temporalio.api.workflow.v1 import WorkflowExecutionInfo
from temporalio.api.workflowservice.v1 import (
    DescribeWorkflowExecutionRequest,
    DescribeWorkflowExecutionResponse,
    ListWorkflowExecutionsRequest,
)
from temporalio.client import Client
from temporalio.common import TypedSearchAttributes
from temporalio.converter import decode_typed_search_attributes

from encryption.codec import pseudonyms_of
from models import PSEUDONYM_PREFIX
from service.runs.attributes import query_of_hidden, readable
from service.runs.reading import reader_of, show_failures
from workflows.search_attributes import CUSTOMER_ID

COMPLETED, FAILED, CANCELED = "completed", "failed", "canceled"
TERMINATED, TIMED_OUT, PAUSED = "terminated", "timed_out", "paused"
"""The server's words for statuses that mean something to us."""

PAGE_SIZE = 1_000
"""Runs that are asked for at a time: as many as a server gives."""


@dataclass(frozen=True)
class Execution:
    """One run; ``status`` is the server's word in lower case. Times are UTC."""

    workflow_id: str
    run_id: str
    workflow_type: str
    status: str
    started_at: dt.datetime
    closed_at: dt.datetime | None
    search_attributes: TypedSearchAttributes

    @property
    def is_open(self) -> bool:
        """Whether it has not ended, also while the server has paused it."""
        return self.closed_at is None


@dataclass(frozen=True)
class Description:
    """A run, and the tasks that it waits for just now."""

    execution: Execution
    raw: DescribeWorkflowExecutionResponse


async def describe(client: Client, workflow_id: str, run_id: str = "") -> Description:
    """Describe a run, the latest of its id if none is named; raise RPCError."""
    raw = await client.workflow_service.describe_workflow_execution(
        DescribeWorkflowExecutionRequest(
            namespace=client.namespace,
            execution=ExecutionId(workflow_id=workflow_id, run_id=run_id),
        ),
        retry=True,
    )
    execution = _execution(raw.workflow_execution_info)
    reader = reader_of(client, execution.workflow_id)
    for activity in raw.pending_activities:
        await show_failures(reader, activity)
    return Description(execution, raw)


async def list_executions(
    client: Client, query: str, limit: int | None = None
) -> AsyncIterator[Execution]:
    """Yield the runs that match a visibility query, newest first; raise RPCError."""
    token, left = b"", limit
    while left is None or left > 0:
        page, token = await page_of_executions(
            client, query, min(PAGE_SIZE, left or PAGE_SIZE), token
        )
        for run in page[:left]:
            yield run
        left = left and left - len(page)
        if not token:
            return


async def page_of_executions(
    client: Client, query: str, size: int, token: bytes = b""
) -> tuple[list[Execution], bytes]:
    """Return a page of such runs, and the token of the next, empty at the end; raise RPCError."""
    page = await client.workflow_service.list_workflow_executions(
        ListWorkflowExecutionsRequest(
            namespace=client.namespace,
            page_size=size,
            next_page_token=token,
            query=query_of_hidden(client, query),
        ),
        retry=True,
    )
    return [_execution(info) for info in page.executions], page.next_page_token


async def names_cannot_be_found(client: Client) -> bool:
    """Tell whether names are hidden here by keys that this process lacks; raise RPCError."""
    if pseudonyms_of(client.data_converter) is not None:
        return False
    query = f"{CUSTOMER_ID.name} STARTS_WITH '{PSEUDONYM_PREFIX}'"
    return any([True async for _ in list_executions(client, query, limit=1)])


async def latest_executions(
    client: Client, workflow_type: str, since: dt.datetime | None = None
) -> list[Execution]:
    """Return the latest run of each workflow id that began at ``since`` (UTC) or later."""
    latest: dict[str, Execution] = {}
    began = f" AND StartTime >= '{since.isoformat()}'" if since else ""
    async for run in list_executions(client, f"WorkflowType = '{workflow_type}'{began}"):
        known = latest.get(run.workflow_id)
        if known is None or known.started_at < run.started_at:
            latest[run.workflow_id] = run
    return list(latest.values())


def _execution(info: WorkflowExecutionInfo) -> Execution:
    return Execution(
        workflow_id=info.execution.workflow_id,
        run_id=info.execution.run_id,
        workflow_type=info.type.name,
        status=_word(info.status),
        started_at=info.start_time.ToDatetime(dt.UTC),
        closed_at=info.close_time.ToDatetime(dt.UTC) if info.HasField("close_time") else None,
        search_attributes=readable(decode_typed_search_attributes(info.search_attributes)),
    )


def _word(status: int) -> str:
    if status not in WorkflowExecutionStatus.values():
        return f"unknown ({status})"
    name = WorkflowExecutionStatus.Name(WorkflowExecutionStatus.ValueType(status))
    return name.removeprefix("WORKFLOW_EXECUTION_STATUS_").lower()
