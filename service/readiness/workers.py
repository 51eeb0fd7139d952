"""Who asks our task queues for tasks, and with which code."""

import asyncio
import datetime as dt
from collections.abc import Sequence
from typing import NamedTuple

from temporalio.api.enums.v1 import DescribeTaskQueueMode, TaskQueueType
from temporalio.api.taskqueue.v1 import PollerInfo, TaskQueue
from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest
from temporalio.client import Client
from temporalio.service import RPCError

from config import Settings
from service.calls import reached
from service.errors import NoWorker, Refused
from service.readiness.code import code_digest, digest_in
from workflows.identity import ocr_task_queue

POLL_LASTS = dt.timedelta(seconds=70)
"""A worker asks anew after a minute at the latest; the server lists it for minutes more."""


class _Queue(NamedTuple):
    """A task queue, by one kind of its tasks."""

    name: str
    kind: TaskQueueType.ValueType
    tasks: str


async def who_works(client: Client, settings: Settings) -> str:
    """Return in words who serves the task queues.

    Raise NoWorker if nobody serves one of them, Refused if somebody's code is not this.
    """
    queue, ocr = settings.task_queue, ocr_task_queue(settings.task_queue)
    asked = (
        _Queue(queue, TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW, "workflows"),
        _Queue(queue, TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY, "activities"),
        _Queue(ocr, TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY, "OCR"),
    )
    found = await asyncio.gather(*(_who_serves(client, one) for one in asked))
    served = list(zip(asked, found, strict=True))
    if missing := [f"{one.tasks} ({one.name})" for one, who in served if not who]:
        raise NoWorker(f"no worker serves {', '.join(missing)}: start 'python worker.py'")
    everybody = sorted({identity for who in found for identity in who})
    ours = code_digest()
    if others := [one for one in everybody if digest_in(one) != ours]:
        raise Refused(
            f"{len(others)} of {len(everybody)} workers run other code than this ({ours}), such as "
            f"{others[0]!r}: start them again with this, or run the check beside their code"
        )
    counted = ", ".join(f"{len(who)} for {one.tasks}" for one, who in served)
    return f"{counted}, all with this code ({ours})"


async def _who_serves(client: Client, queue: _Queue) -> Sequence[str]:
    """Return the identities of those who have asked for tasks lately."""
    pollers = await _pollers(client, queue)
    since = dt.datetime.now(dt.UTC) - POLL_LASTS
    return sorted(
        {one.identity for one in pollers if one.last_access_time.ToDatetime(dt.UTC) > since}
    )


async def _pollers(client: Client, queue: _Queue) -> list[PollerInfo]:
    """Return who asks any partition of the queue; the plain question is about one of them."""
    request = DescribeTaskQueueRequest(
        namespace=client.namespace,
        task_queue=TaskQueue(name=queue.name),
        task_queue_type=queue.kind,
    )
    plain = await reached(client.workflow_service.describe_task_queue(request))
    request.api_mode = DescribeTaskQueueMode.DESCRIBE_TASK_QUEUE_MODE_ENHANCED
    request.task_queue_types.append(queue.kind)
    request.report_pollers = True
    try:
        whole = await client.workflow_service.describe_task_queue(request)
    except RPCError:  # a server that does not know the question, or no longer
        return list(plain.pollers)
    versions = whole.versions_info.values()
    kinds = [kind for version in versions for kind in version.types_info.values()]
    return [*plain.pollers, *(one for kind in kinds for one in kind.pollers)]
