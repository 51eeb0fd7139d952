"""Who asks our task queues for tasks, with which code, and as which build."""

import asyncio
import datetime as dt
from collections.abc import Sequence

from temporalio.api.deployment.v1 import WorkerDeploymentVersion
from temporalio.api.enums.v1 import TaskQueueType, WorkerVersioningMode
from temporalio.api.taskqueue.v1 import PollerInfo
from temporalio.api.workflowservice.v1 import DescribeWorkerDeploymentVersionRequest
from temporalio.client import Client

from config import Settings
from observability.polling import described
from service.calls import reached
from service.errors import NoWorker, Refused
from service.readiness.code import code_digest, digest_in
from service.readiness.queues import Queue, served_queues

POLL_LASTS = dt.timedelta(seconds=70)
"""A worker asks anew after a minute at the latest; the server lists it for minutes more."""

_UNVERSIONED = WorkerDeploymentVersion()


async def who_works(client: Client, settings: Settings) -> str:
    """Return in words who serves the task queues.

    With Worker Versioning only the current build counts: no other gets what begins.
    Raise NoWorker if nobody serves one of them, Refused if somebody's code is not this.
    """
    queues = served_queues(settings)
    build, _ = await _asking(client, queues[0])
    has = await _queues_of(client, build)
    found = await asyncio.gather(*(_who_serves(client, one, build) for one in queues))
    served = list(zip(queues, found, strict=True))
    missing = [
        f"{one.tasks} ({one.name})"
        for one, who in served
        if not who or (has is not None and (one.name, one.kind) not in has)
    ]
    if missing:
        of = f" of the current build ({build.build_id})" if has is not None else ""
        raise NoWorker(f"no worker{of} serves {', '.join(missing)}: start 'python worker.py'")
    everybody = sorted({identity for who in found for identity in who})
    ours = code_digest()
    if others := [one for one in everybody if digest_in(one) != ours]:
        raise Refused(
            f"{len(others)} of {len(everybody)} workers run other code than this ({ours}), such as "
            f"{others[0]!r}: start them again with this, or run the check beside their code"
        )
    counted = ", ".join(f"{len(who)} for {one.tasks}" for one, who in served)
    return f"{counted}, all with this code ({ours})"


async def _asking(
    client: Client, queue: Queue
) -> tuple[WorkerDeploymentVersion, Sequence[PollerInfo]]:
    """Return the queue's current build, whose id is empty without one, and who asks for tasks."""
    plain, pollers = await reached(described(client, queue.name, queue.kind))
    return plain.versioning_info.current_deployment_version, pollers


async def _queues_of(
    client: Client, build: WorkerDeploymentVersion
) -> set[tuple[str, TaskQueueType.ValueType]] | None:
    """Return the queues that workers of a build have ever asked; None if there is no build."""
    if build == _UNVERSIONED:
        return None
    answer = await reached(
        client.workflow_service.describe_worker_deployment_version(
            DescribeWorkerDeploymentVersionRequest(
                namespace=client.namespace, deployment_version=build
            )
        )
    )
    return {(one.name, one.type) for one in answer.version_task_queues}


async def _who_serves(
    client: Client, queue: Queue, build: WorkerDeploymentVersion
) -> Sequence[str]:
    """Return the identities of those of this build who have asked for tasks lately."""
    _, pollers = await _asking(client, queue)
    since = dt.datetime.now(dt.UTC) - POLL_LASTS
    return sorted(
        {
            one.identity
            for one in pollers
            if one.last_access_time.ToDatetime(dt.UTC) > since and _build_of(one) == build
        }
    )


def _build_of(poller: PollerInfo) -> WorkerDeploymentVersion:
    """Return the build as which a worker takes tasks; one without any has none."""
    options = poller.deployment_options
    if options.worker_versioning_mode != WorkerVersioningMode.WORKER_VERSIONING_MODE_VERSIONED:
        return _UNVERSIONED
    return WorkerDeploymentVersion(
        deployment_name=options.deployment_name, build_id=options.build_id
    )
