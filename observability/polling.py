"""Whether Temporal sees a worker ask for work: the server's own word, not the worker's."""

from datetime import timedelta

from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest
from temporalio.client import Client
from temporalio.service import RPCError
from temporalio.worker import Worker

ANSWER_LIMIT = timedelta(seconds=2)
"""How long the server may take to answer; whoever probes waits no longer."""


async def why_no_work_comes(client: Client, worker: Worker) -> str | None:
    """Return why Temporal gives this worker nothing to do; None if it asks for work there."""
    is_for_workflows = bool(worker.config().get("workflows"))
    kind = (
        TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW
        if is_for_workflows
        else TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY
    )
    asked = DescribeTaskQueueRequest(
        namespace=client.namespace,
        task_queue=TaskQueue(name=worker.task_queue),
        task_queue_type=kind,
    )
    try:
        answer = await client.workflow_service.describe_task_queue(asked, timeout=ANSWER_LIMIT)
    except RPCError as error:
        return f"Temporal does not answer it: {error.status.name.lower()}"
    if not any(poller.identity == client.identity for poller in answer.pollers):
        return "Temporal does not see it ask for work"
    return None
