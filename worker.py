"""The worker: builds providers from settings, activities from providers, workers from activities.

``python worker.py`` does everything, with OCR in a child process, because OCR eats whole cores
and would make an order's light step wait for seconds. ``--role`` runs one part alone.
Exits 0 after SIGTERM or Ctrl-C, 3 if Temporal cannot be reached.
"""

import argparse
import asyncio
import contextlib
import gc
import logging
import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import timedelta
from enum import StrEnum
from multiprocessing.process import BaseProcess
from typing import TYPE_CHECKING, Any

from temporalio.client import Client
from temporalio.worker import UnsandboxedWorkflowRunner, Worker
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions
from temporalio.workflow import SandboxImportNotificationPolicy

from activities.ocr import OcrActivities
from activities.orders import OrderActivities
from activities.receipts import ReceiptActivities
from client import TemporalUnreachable, connect
from config import Settings, SettingsError, load_settings
from providers.mail import MailProvider
from providers.ocr import TextReader
from providers.payments import PaymentProvider
from providers.receipt_parser import ReceiptParser
from providers.records import SentMailRecords
from workflows.order import OrderWorkflow
from workflows.policies import ocr_task_queue
from workflows.receipt import ReceiptWorkflow

if TYPE_CHECKING:
    from providers.http_api import HttpApi

WORKFLOWS = (OrderWorkflow, ReceiptWorkflow)

RESTART_SECONDS = 1.0
"""Between the end of an OCR process and the start of the next: one that cannot start must not
spin."""

OCR_NICENESS = 10
"""OCR takes all the processor time that the rest leaves, and no more: a receipt may wait for a
moment, while an order's step, a signal or a query is over before OCR would notice."""

logger = logging.getLogger("worker")

Activities = Sequence[Callable[..., Any]]


class Role(StrEnum):
    """What a worker process serves."""

    ALL = "all"
    WORKFLOWS = "workflows"
    PROVIDERS = "providers"
    OCR = "ocr"


# --- providers from settings, activities from providers ----------------------------------------


@contextlib.asynccontextmanager
async def provider_activities(settings: Settings) -> AsyncIterator[Activities]:
    """Give the activities that call payment, inventory, shipping, mail, parser and records."""
    from providers.http_api import HttpApi
    from providers.http_inventory import HttpInventory
    from providers.http_shipping import HttpShipping
    from providers.sql_records import SqlRecords, database_url

    async with contextlib.AsyncExitStack() as closing:
        api = HttpApi(settings.provider_api_url, settings.provider_api_key)
        closing.push_async_callback(api.close)
        records = SqlRecords(database_url(settings))
        closing.push_async_callback(records.close)
        mail = _mail(settings, records, closing)
        orders = OrderActivities(
            _payments(settings, api, closing), HttpInventory(api), HttpShipping(api), mail
        )
        receipts = ReceiptActivities(_parser(settings, closing), records, mail)
        yield (*activities_of(orders), *activities_of(receipts))


def ocr_activities(settings: Settings) -> Activities:
    """Give the activity that reads text; loads the engine, which takes about a second."""
    from providers.s3_object_store import S3ObjectStore

    return activities_of(OcrActivities(S3ObjectStore(settings), _text_reader(settings)))


def activities_of(owner: object) -> Activities:
    """Give all activity methods of an activities class."""
    methods = (getattr(owner, name) for name in dir(type(owner)) if not name.startswith("_"))
    return [method for method in methods if hasattr(method, "__temporal_activity_definition")]


def _payments(
    settings: Settings, api: "HttpApi", closing: contextlib.AsyncExitStack
) -> PaymentProvider:
    if settings.payment_provider == "stripe":
        from providers.stripe_payments import StripePayments

        stripe = StripePayments(settings)
        closing.push_async_callback(stripe.close)
        return stripe
    from providers.http_payments import HttpPayments

    return HttpPayments(api)


def _mail(
    settings: Settings, sent: SentMailRecords, closing: contextlib.AsyncExitStack
) -> MailProvider:
    if settings.mail_provider == "ses":
        from providers.ses_mail import SesMail

        ses = SesMail(settings, sent)
        closing.callback(ses.close)
        return ses
    from providers.smtp_mail import SmtpMail

    return SmtpMail(settings, sent)


def _parser(settings: Settings, closing: contextlib.AsyncExitStack) -> ReceiptParser:
    name: str = settings.receipt_parser
    if name == "auto":
        name = "openai" if settings.openai_api_key or settings.openai_base_url else "rules"
    first = _parser_named(name, settings, closing)
    if settings.receipt_second_parser is None:
        return first
    from providers.two_parsers import TwoParsers

    return TwoParsers(first, _parser_named(settings.receipt_second_parser, settings, closing))


def _parser_named(
    name: str, settings: Settings, closing: contextlib.AsyncExitStack
) -> ReceiptParser:
    if name == "rules":
        from providers.receipt_rules import RulesParser

        return RulesParser(settings)
    if name == "openai":
        from providers.openai_parser import OpenAiParser

        reading = OpenAiParser(settings)
        closing.push_async_callback(reading.close)
        return reading
    from providers.s3_object_store import S3ObjectStore

    store = S3ObjectStore(settings)
    closing.callback(store.close)
    if name == "vision":
        from providers.vision_parser import VisionParser

        looking = VisionParser(settings, store)
        closing.push_async_callback(looking.close)
        return looking
    from providers.textract_expense import TextractExpenseParser

    analyzing = TextractExpenseParser(settings, store)
    closing.callback(analyzing.close)
    return analyzing


def _text_reader(settings: Settings) -> TextReader:
    from providers.document_reader import DocumentReader

    return DocumentReader(_picture_reader(settings), settings)


def _picture_reader(settings: Settings) -> TextReader:
    if settings.ocr_engine == "textract":
        from providers.textract_ocr import TextractReader

        return TextractReader(settings)
    from providers.rapid_ocr import RapidOcrReader

    return RapidOcrReader(settings)


# --- workers from activities ------------------------------------------------------------------


def build_worker(
    client: Client,
    task_queue: str,
    *,
    activities: Activities = (),
    only_local_activities: bool = False,
    workflows: Sequence[type] = (),
    max_activities: int = 100,
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
        # A workflow task lasts as long as its local activities: many slow ones must leave room
        # for the runs that only want to know of a signal.
        max_concurrent_workflow_tasks=5 * max_activities,
        no_remote_activities=only_local_activities,
        # None waits for its turn inside of a workflow task: activities/attempts.py bounds them.
        max_concurrent_local_activities=5 * max_activities,
        max_concurrent_activities=max_activities,
        graceful_shutdown_timeout=timedelta(seconds=grace_seconds),
        # A beat that waits for the default of 80 % of the time limit would come too late after
        # one slow moment.
        max_heartbeat_throttle_interval=timedelta(seconds=0.4),
        # How long a run waits for the worker that knew it, before any other may go on.
        sticky_queue_schedule_to_start_timeout=timedelta(seconds=0.5),
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
    ocr = OcrChild() if role is Role.ALL else None
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


class OcrChild:
    """One child process with the OCR role, started anew whenever it ends."""

    def start(self) -> None:
        """Start the child and watch it."""
        self._supervisor = asyncio.create_task(self._supervise())

    async def stop(self) -> None:
        """Let the child finish what it reads, and wait for its end."""
        self._supervisor.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._supervisor

    async def _supervise(self) -> None:
        while True:
            child = multiprocessing.get_context("spawn").Process(target=_ocr_child, name="ocr")
            child.start()
            try:
                await _ended(child)
            except asyncio.CancelledError:
                child.terminate()
                await asyncio.to_thread(child.join)
                raise
            logger.error("the OCR process ended (exit code %s); starting it again", child.exitcode)
            await asyncio.sleep(RESTART_SECONDS)


async def _ended(child: BaseProcess) -> None:
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.add_reader(child.sentinel, ended.set)
    try:
        await ended.wait()
    finally:
        loop.remove_reader(child.sentinel)
    child.join()


def _ocr_child() -> None:
    """Serve OCR, and die with the parent, however that dies."""
    parent = multiprocessing.parent_process()
    if parent is not None:

        def die_with_parent() -> None:
            parent.join()
            os._exit(1)

        threading.Thread(target=die_with_parent, daemon=True).start()
    os.nice(OCR_NICENESS)
    _leave(run(Role.OCR))


def run(role: Role) -> int:
    """Serve one role until told to stop; gives the exit code."""
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


def _leave(code: int) -> None:
    """Exit without the interpreter's shutdown, in which the SDK's threads sometimes crash.

    https://github.com/temporalio/sdk-python/issues/300: the work is done and the exit code is
    then 134 or 139 on Python 3.11. Everything is closed and flushed before.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    logging.shutdown()
    os._exit(code)


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
    _leave(run(parser.parse_args().role))


if __name__ == "__main__":
    main()
