"""Who asks a task queue for work, by the server's own word and not the worker's."""

from collections.abc import Sequence
from datetime import timedelta

from temporalio.api.enums.v1 import DescribeTaskQueueMode, TaskQueueType
from temporalio.api.taskqueue.v1 import PollerInfo, TaskQueue
from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest, DescribeTaskQueueResponse
from temporalio.client import Client
from temporalio.service import RPCError
from temporalio.worker import Worker

ANSWER_LIMIT = timedelta(seconds=2)
"""How long the server may take to answer; whoever probes waits no longer."""


async def described(
    client: Client, name: str, kind: TaskQueueType.ValueType
) -> tuple[DescribeTaskQueueResponse, Sequence[PollerInfo]]:
    """Return what the server says of a task queue, and who asks any partition of it for tasks.

    The plain answer names those who ask one of the partitions. Raise RPCError.
    """
    request = DescribeTaskQueueRequest(
        namespace=client.namespace, task_queue=TaskQueue(name=name), task_queue_type=kind
    )
    service = client.workflow_service
    plain = await service.describe_task_queue(request, timeout=ANSWER_LIMIT)
    request.api_mode = DescribeTaskQueueMode.DESCRIBE_TASK_QUEUE_MODE_ENHANCED
    request.task_queue_types.append(kind)
    request.report_pollers = True
    try:
        whole = await service.describe_task_queue(request, timeout=ANSWER_LIMIT)
    except RPCError:  # a server that does not know the question, or no longer
        return plain, plain.pollers
    versions = whole.versions_info.values()
    kinds = [kind for version in versions for kind in version.types_info.values()]
    return plain, [*plain.pollers, *(one for kind in kinds for one in kind.pollers)]


async def why_no_work_comes(client: Client, workers: Sequence[Worker]) -> str | None:
    """Return why Temporal gives one of these nothing to do; None if all ask for work there."""
    for worker in workers:
        is_for_workflows = bool(worker.config().get("workflows"))
        kind = (
            TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW
            if is_for_workflows
            else TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY
        )
        try:
            _, pollers = await described(client, worker.task_queue, kind)
        except RPCError as error:
            return f"Temporal does not answer it: {error.status.name.lower()}"
        if not any(poller.identity == client.identity for poller in pollers):
            return f"Temporal does not see it ask for work on {worker.task_queue}"
    return None
