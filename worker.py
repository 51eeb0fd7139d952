"""The worker: one process that serves workflows, providers, OCR, or all of them.

``python worker.py`` serves everything, with OCR in a child process: OCR uses whole cores, and in
the same process it would delay an order's short steps by seconds. ``--role`` serves one part
only. Exits with 0 after SIGTERM or Ctrl-C, 2 if a setting cannot be used, 3 if Temporal cannot
be reached.
"""

import argparse
import asyncio
import contextlib
import gc
import logging
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import timedelta
from functools import partial
from typing import Any

from temporalio.client import Client
from temporalio.common import WorkerDeploymentVersion
from temporalio.worker import (
    UnsandboxedWorkflowRunner,
    Worker,
    WorkerDeploymentConfig,
    WorkflowRunner,
)

from bootstrap import Activities, audit_activities, ocr_activities, provider_activities
from client import connect, runtime_of
from config import Settings, SettingsError, load_settings
from connection.causes import TemporalUnreachable
from encryption.attributes import HidingRunner
from encryption.codec import pseudonyms_of
from environment import Part, advice_on_temporal, check
from lifecycle import OcrProcess, keep_files_private, leave
from observability.health import Health, answering_probes
from observability.logs import set_up_logging
from observability.polling import why_no_work_comes
from observability.tracing import tracing
from service.audit.auditing import Auditing
from service.readiness.check import State, check_for_worker
from service.readiness.code import worker_identity
from service.readiness.queues import OCR, calling, limits_of, served_queues
from service.readiness.roles import Role, parts_of_role
from service.readiness.schema import require_schema
from workflows import limits
from workflows.identity import ocr_task_queue, provider_task_queue
from workflows.registered import WORKFLOWS
from workflows.runners import UnversionedRunner, sandboxed_runner
from workflows.worker_bounds import WorkerBounds
from workflows.worker_threshold import WorkerThreshold

logger = logging.getLogger("worker")

MAX_ACTIVITIES = 100
"""How many activities one worker runs at a time."""

WORKFLOW_TASKS_PER_ACTIVITY = 5
"""How many workflow tasks, and local activities, a worker may run at a time per activity.

A workflow task lasts as long as its local activities. Many slow ones must leave room for runs
that only have to handle a signal. A local activity never waits for a slot inside a workflow
task, because ``activities/attempts.py`` limits them to fewer."""

LONGEST_BEAT_WAIT = timedelta(seconds=0.4)
"""The longest time that the SDK holds back a heartbeat. Its default, 80 % of the heartbeat
timeout, leaves too little time after one slow moment."""

STICKY_WAIT = timedelta(seconds=0.5)
"""How long a run waits for the worker that has it in memory before any worker may continue it."""


OF_THE_OCR_PROCESS = {Part.BUCKET, Part.OCR}

# --- workers from activities ------------------------------------------------------------------


def build_worker(
    client: Client,
    task_queue: str,
    *,
    activities: Activities = (),
    only_local_activities: bool = False,
    workflows: Sequence[type] = (),
    max_activities: int = MAX_ACTIVITIES,
    grace_seconds: float = 20.0,
    approval_threshold: int = limits.APPROVAL_THRESHOLD,
    sandboxed: bool = False,
    version: WorkerDeploymentVersion | None = None,
    bounds: WorkerBounds | None = None,
    per_second: float | None = None,
) -> Worker:
    """Build the worker of one task queue, for ``worker.py`` and for the tests.

    ``approval_threshold``, in units of an order's currency, is for orders that were started
    without a status.

    ``sandboxed`` runs workflows in the SDK's sandbox, which detects a clock or a random number in
    workflow code. It costs as much CPU time as the rest of the worker. So the tests replay the
    recorded histories in it, one of every scenario, and production does not use it.

    ``version`` is the build as which Temporal knows the worker: it then gets only what is for this
    build, and runs no sandbox.

    ``bounds`` is what it changes of the activities that its workflows ask for. ``per_second`` is
    how many activities of this queue the server gives to all of its workers together.
    """
    runner = _runner(sandboxed=sandboxed, version=version)
    pseudonyms = pseudonyms_of(client.data_converter)
    return Worker(
        client,
        task_queue=task_queue,
        workflows=workflows,
        activities=activities,
        interceptors=[WorkerThreshold(approval_threshold), *([bounds] if bounds else [])],
        workflow_runner=HidingRunner(runner, pseudonyms) if pseudonyms else runner,
        max_concurrent_workflow_tasks=WORKFLOW_TASKS_PER_ACTIVITY * max_activities,
        no_remote_activities=only_local_activities,
        max_concurrent_local_activities=WORKFLOW_TASKS_PER_ACTIVITY * max_activities,
        max_concurrent_activities=max_activities,
        graceful_shutdown_timeout=timedelta(seconds=grace_seconds),
        max_heartbeat_throttle_interval=LONGEST_BEAT_WAIT,
        sticky_queue_schedule_to_start_timeout=STICKY_WAIT,
        deployment_config=_deployment(version),
        max_task_queue_activities_per_second=per_second,
    )


def build_ocr_worker(client: Client, settings: Settings) -> Worker:
    """Build the worker of OCR's task queue."""
    return build_worker(
        client,
        ocr_task_queue(settings.task_queue),
        activities=ocr_activities(settings),
        max_activities=settings.ocr_concurrency,
        grace_seconds=settings.worker_grace_seconds,
        version=version_of(settings),
        per_second=limits_of(settings).get(OCR),
    )


def build_limited_workers(
    client: Client, settings: Settings, activities: Activities
) -> list[Worker]:
    """Build a worker for the queue of each provider with a limit, but for OCR's.

    The server counts by queue, so that is the only way to one limit over all machines.
    """
    return [
        build_worker(
            client,
            provider_task_queue(settings.task_queue, provider),
            activities=calling(provider, activities),
            grace_seconds=settings.worker_grace_seconds,
            version=version_of(settings),
            per_second=rate,
        )
        for provider, rate in limits_of(settings).items()
        if provider != OCR
    ]


def bounds_of(settings: Settings) -> WorkerBounds:
    """Return what the settings change of the activities that workflows ask for."""
    patience = timedelta(seconds=settings.patience_seconds)
    return WorkerBounds(limits_of(settings), patience)


def version_of(settings: Settings) -> WorkerDeploymentVersion | None:
    """Return the build that all roles of this checkout are; None without Worker Versioning."""
    if settings.deployment_name is None or settings.build_id is None:
        return None
    return WorkerDeploymentVersion(settings.deployment_name, settings.build_id)


def _runner(*, sandboxed: bool, version: WorkerDeploymentVersion | None) -> WorkflowRunner:
    if version:
        return UnsandboxedWorkflowRunner()
    return sandboxed_runner() if sandboxed else UnversionedRunner()


def _deployment(version: WorkerDeploymentVersion | None) -> WorkerDeploymentConfig | None:
    return WorkerDeploymentConfig(version, use_worker_versioning=True) if version else None


@contextlib.asynccontextmanager
async def _workers_of(
    role: Role, client: Client, settings: Settings
) -> AsyncIterator[list[Worker]]:
    queue, grace = settings.task_queue, settings.worker_grace_seconds
    if role is Role.OCR:
        yield [build_ocr_worker(client, settings)]
        return
    async with provider_activities(settings) as providers:
        activities = (*providers, *audit_activities(Auditing(client, settings)))
        worker = build_worker(
            client,
            queue,
            # The workflows role needs them too, for local activities.
            activities=activities,
            only_local_activities=role is Role.WORKFLOWS,
            workflows=() if role is Role.PROVIDERS else WORKFLOWS,
            grace_seconds=grace,
            approval_threshold=settings.approval_threshold,
            version=version_of(settings),
            bounds=bounds_of(settings),
        )
        serves_providers = role is not Role.WORKFLOWS
        limited = build_limited_workers(client, settings, activities) if serves_providers else []
        yield [worker, *limited]


# --- the process ------------------------------------------------------------------------------


async def serve(role: Role, settings: Settings) -> None:
    """Serve until SIGTERM or Ctrl-C, then let running steps finish.

    Raises TemporalUnreachable or SettingsError.
    """
    stop = asyncio.Event()
    for signum in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(signum, stop.set)
    async with answering_probes(settings) as health:
        await _serve(role, settings, health, stop)


async def _serve(role: Role, settings: Settings, health: Health, stop: asyncio.Event) -> None:
    if role is not Role.OCR and (newer := await require_schema(settings)):
        logger.warning(newer)
    runtime = runtime_of(settings)
    restarts = runtime.metric_meter.create_counter("pipelines_ocr_restarts")
    restarts.add(0)  # so that the first one is a change
    client = await connect(settings, identity=worker_identity(), runtime=runtime)
    checking = asyncio.create_task(_refuse_unfit(role, client, settings))
    again = partial(restarts.add, 1)
    ocr = OcrProcess(_serve_ocr, settings.ocr_niceness, again) if role is Role.ALL else None
    async with _workers_of(role, client, settings) as workers:
        await checking
        # Everything loaded so far stays loaded; keep full garbage collections from scanning it.
        gc.freeze()
        running = [asyncio.create_task(worker.run()) for worker in workers]
        if ocr:
            ocr.start()
        health.serving(partial(why_no_work_comes, client, workers))
        _say_ready(role, client, settings)
        ends: set[asyncio.Future[Any]] = {*running, asyncio.create_task(stop.wait())}
        await asyncio.wait(
            ends | ({ocr.refused} if ocr else set()), return_when=asyncio.FIRST_COMPLETED
        )
        health.stopping()
        logger.info("stopping: running steps may finish for %g s", settings.worker_grace_seconds)
        # Both at the same time, so that their grace times overlap.
        shutting_down = [worker.shutdown() for worker in workers]
        await asyncio.gather(*shutting_down, *([ocr.stop()] if ocr else []))
        await asyncio.gather(*running)
        if ocr and ocr.refused.done():
            raise SettingsError("the OCR process cannot be used, and has said why")


async def _refuse_unfit(role: Role, client: Client, settings: Settings) -> None:
    """Raise SettingsError for parts with which every run would fail; warn of those that are away.

    What the OCR process uses, that one checks.
    """
    parts = parts_of_role(role, settings)
    if role is Role.ALL:
        parts -= OF_THE_OCR_PROCESS
    found = await check_for_worker(client, settings, parts)
    for one in found:
        if one.state is State.AWAY:
            logger.warning("%s: %s", one.part, one.words)
    wrong = [f"{one.part}: {one.words}" for one in found if one.state is State.WRONG]
    if wrong:
        raise SettingsError("this worker could do nothing right with these", wrong)


def _say_ready(role: Role, client: Client, settings: Settings) -> None:
    queue = settings.task_queue
    limited = [one.name for one in served_queues(settings)[2:-1]]
    providers = f"providers on {', '.join([queue, *limited])}"
    serves = {
        Role.ALL: f"workflows and {providers}, OCR on {ocr_task_queue(queue)} in a child",
        Role.WORKFLOWS: f"workflows on {queue}",
        Role.PROVIDERS: providers,
        Role.OCR: f"OCR on {ocr_task_queue(queue)}",
    }[role]
    build = f", build {settings.build_id}" if settings.build_id else ""
    where = f"Temporal {client.service_client.config.target_host}, namespace {client.namespace}"
    sys.stdout.write(f"worker ready: {where}; serves {serves}{build} (process {os.getpid()})\n")
    sys.stdout.flush()


def _serve_ocr() -> int:
    return run(Role.OCR, _settings_of_the_child)


def _settings_of_the_child() -> Settings:
    """Return the settings, which the parent has checked; its ports are its own."""
    settings = load_settings()
    port = settings.metrics_port and settings.metrics_port + 1
    return settings.model_copy(update={"health_port": None, "metrics_port": port})


def checked_settings(role: Role) -> Settings:
    """Return the settings; raise SettingsError if this role must not start with them."""
    settings = load_settings()
    for warning in check(settings, parts_of_role(role, settings)):
        logger.warning(warning)
    return settings


def run(role: Role, settings: Callable[[], Settings]) -> int:
    """Serve one role until told to stop; return the exit code: 0, 2 or 3."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    try:
        chosen = settings()
        set_up_logging(chosen)
        with tracing(chosen, "worker"):
            asyncio.run(serve(role, chosen))
    except TemporalUnreachable as error:
        sys.stderr.write(f"error: {error}; {advice_on_temporal(chosen)}\n")
        return 3
    except SettingsError as error:
        sys.stderr.write(f"error: {error}\n")
        return 2
    return 0


def main() -> None:
    """Parse the command line and serve."""
    parser = argparse.ArgumentParser(description="Serve the pipelines' workflows and activities.")
    parser.add_argument(
        "--role",
        type=Role,
        choices=list(Role),
        default=Role.ALL,
        help="serve one part only (default: all, with OCR in a child process)",
    )
    role = parser.parse_args().role
    leave(run(role, partial(checked_settings, role)))


if __name__ == "__main__":
    keep_files_private()
    main()
