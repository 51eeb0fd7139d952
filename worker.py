"""The worker: one process that serves workflows, providers, OCR, or all of them.

``python worker.py`` does everything, with OCR in a child process, because OCR eats whole cores
and would make an order's light step wait for seconds. ``--role`` runs one part alone.
Exits 0 after SIGTERM or Ctrl-C, 3 if Temporal cannot be reached.
"""

import argparse
import asyncio
import contextlib
import gc
import logging
import os
import signal
import sys
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from enum import StrEnum

from temporalio.client import Client
from temporalio.worker import UnsandboxedWorkflowRunner, Worker
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions
from temporalio.workflow import SandboxImportNotificationPolicy

from bootstrap import Activities, ocr_activities, provider_activities
from client import TemporalUnreachable, connect
from config import Settings, SettingsError, load_settings
from lifecycle import OcrProcess, leave
from workflows.identity import ocr_task_queue
from workflows.order.workflow import OrderWorkflow
from workflows.receipt.workflow import ReceiptWorkflow

WORKFLOWS = (OrderWorkflow, ReceiptWorkflow)

logger = logging.getLogger("worker")

MAX_ACTIVITIES = 100
"""Activities that a worker runs at a time."""

WORKFLOW_TASKS_PER_ACTIVITY = 5
"""A workflow task lasts as long as its local activities: many slow ones must leave room for the
runs that only want to know of a signal. None of the local ones waits for its turn inside of a
workflow task: ``activities/attempts.py`` bounds them."""

LONGEST_BEAT_WAIT = timedelta(seconds=0.4)
"""A beat that waits for the SDK's 80 % of the time limit would come too late after one slow
moment."""

STICKY_WAIT = timedelta(seconds=0.5)
"""How long a run waits for the worker that knew it, before any other may go on."""


class Role(StrEnum):
    """What a worker process serves."""

    ALL = "all"
    WORKFLOWS = "workflows"
    PROVIDERS = "providers"
    OCR = "ocr"


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
    sandboxed: bool = False,
) -> Worker:
    """Build the worker of one task queue, for ``worker.py`` and the tests alike.

    Workflow code is checked where it is written, not where it is run: the SDK's sandbox, which
    finds a clock or a random number in it, costs as much processor time as all the rest of a
    worker. So the tests run every path of both workflows inside of it, and production does not.
    """
    return Worker(
        client,
        task_queue=task_queue,
        workflows=workflows,
        activities=activities,
        workflow_runner=_sandboxed() if sandboxed else UnsandboxedWorkflowRunner(),
        max_concurrent_workflow_tasks=WORKFLOW_TASKS_PER_ACTIVITY * max_activities,
        no_remote_activities=only_local_activities,
        max_concurrent_local_activities=WORKFLOW_TASKS_PER_ACTIVITY * max_activities,
        max_concurrent_activities=max_activities,
        graceful_shutdown_timeout=timedelta(seconds=grace_seconds),
        max_heartbeat_throttle_interval=LONGEST_BEAT_WAIT,
        sticky_queue_schedule_to_start_timeout=STICKY_WAIT,
    )


def _sandboxed() -> SandboxedWorkflowRunner:
    # An import that the sandbox would repeat for every run fails at start-up instead.
    return SandboxedWorkflowRunner(
        restrictions=SandboxRestrictions.default.with_import_notification_policy(
            SandboxImportNotificationPolicy.RAISE_ON_UNINTENTIONAL_PASSTHROUGH
        )
    )


@contextlib.asynccontextmanager
async def _worker_of(role: Role, client: Client, settings: Settings) -> AsyncIterator[Worker]:
    queue, grace = settings.task_queue, settings.worker_grace_seconds
    if role is Role.OCR:
        yield build_worker(
            client,
            ocr_task_queue(queue),
            activities=ocr_activities(settings),
            max_activities=settings.ocr_concurrency,
            grace_seconds=grace,
        )
        return
    async with provider_activities(settings) as activities:
        yield build_worker(
            client,
            queue,
            # Workflows call them as local activities, whoever serves the others.
            activities=activities,
            only_local_activities=role is Role.WORKFLOWS,
            workflows=() if role is Role.PROVIDERS else WORKFLOWS,
            grace_seconds=grace,
        )


# --- the process ------------------------------------------------------------------------------


async def serve(role: Role, settings: Settings) -> None:
    """Serve until SIGTERM or Ctrl-C, then finish what runs; raises TemporalUnreachable."""
    stop = asyncio.Event()
    for signum in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(signum, stop.set)
    client = await connect(settings)
    ocr = OcrProcess(_serve_ocr) if role is Role.ALL else None
    async with _worker_of(role, client, settings) as worker:
        # What is loaded by now stays: without this every full collection looks at all of it.
        gc.freeze()
        running = asyncio.create_task(worker.run())
        if ocr:
            ocr.start()
        _say_ready(role, client, settings)
        stopping = asyncio.create_task(stop.wait())
        await asyncio.wait({running, stopping}, return_when=asyncio.FIRST_COMPLETED)
        logger.info("stopping: running steps may finish for %g s", settings.worker_grace_seconds)
        # Both at once, so that the grace time is waited for once.
        await asyncio.gather(worker.shutdown(), *([ocr.stop()] if ocr else []))
        await running


def _say_ready(role: Role, client: Client, settings: Settings) -> None:
    queue = settings.task_queue
    serves = {
        Role.ALL: f"workflows and providers on {queue}, OCR on {ocr_task_queue(queue)} in a child",
        Role.WORKFLOWS: f"workflows on {queue}",
        Role.PROVIDERS: f"providers on {queue}",
        Role.OCR: f"OCR on {ocr_task_queue(queue)}",
    }[role]
    where = f"Temporal {client.service_client.config.target_host}, namespace {client.namespace}"
    sys.stdout.write(f"worker ready: {where}; serves {serves} (process {os.getpid()})\n")
    sys.stdout.flush()


def _serve_ocr() -> int:
    return run(Role.OCR)


def run(role: Role) -> int:
    """Serve one role until told to stop; return the exit code."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    try:
        asyncio.run(serve(role, load_settings()))
    except TemporalUnreachable as error:
        sys.stderr.write(f"error: {error}; start one with 'make dev' or set TEMPORAL_ADDRESS\n")
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
        help="serve one part alone (default: all, with OCR in a child process)",
    )
    leave(run(parser.parse_args().role))


if __name__ == "__main__":
    main()
