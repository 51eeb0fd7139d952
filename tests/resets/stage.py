"""The local stack with a worker whose real providers can be made to fail, and runs that skip time.

Policies, waits and time limits are those of production; the server skips them, each run for
itself.
"""

import asyncio
import contextlib
import datetime as dt
import threading
import uuid
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from google.protobuf.field_mask_pb2 import FieldMask
from pydantic import SecretStr
from temporalio.api.common.v1 import FastForwardConfig, TimeSkippingConfig, WorkflowExecution
from temporalio.api.workflow.v1 import WorkflowExecutionOptions
from temporalio.api.workflowservice.v1 import UpdateWorkflowExecutionOptionsRequest
from temporalio.client import Client, WorkflowHandle
from temporalio.runtime import Runtime, TelemetryConfig

from activities.business_hours import BusinessHoursActivities
from activities.mails import MailActivities
from activities.ocr import OcrActivities
from activities.orders import OrderActivities
from activities.receipts import ReceiptActivities
from bootstrap import (
    Activities,
    activities_of,
    ledger_providers,
    object_store,
    order_providers,
    receipt_parser,
    text_reader,
)
from client import data_converter
from config import Settings
from models import ReceiptText
from providers.business_calendar.opening_hours import OpeningHours
from providers.mail.smtp import SmtpMail
from providers.ocr import PageReader
from providers.payments.stripe import StripePayments
from providers.records.database import database_url
from providers.records.orders import SqlOrderArchive
from providers.records.sql import SqlRecords
from sandbox.stack import Stack
from tests.resets.faults import Faults, Faulty
from worker import build_worker
from workflows.identity import ocr_task_queue
from workflows.registered import WORKFLOWS

Run = WorkflowHandle[Any, Any]

TIME_SKIPPING = "--dynamic-config-value=frontend.WorkflowTimeSkippingEnabled=true"

END_OF_JPEG = b"\xff\xd9"


class Stage:
    """Everything that the reset matrix needs; made by ``open_stage``."""

    def __init__(self, stack: Stack, client: Client, parts: contextlib.AsyncExitStack) -> None:
        self.stack = stack
        self.settings = stack.settings
        self.queue = stack.settings.task_queue
        self.client = client
        self.ledgers = ledger_providers(self.settings, parts)
        self.faults = Faults()
        self.activities: Activities = ()
        self._parts = parts

    def run(self, workflow_id: str, run_id: str | None = None) -> Run:
        """Return a run, the latest of its id if none is named."""
        return self.client.get_workflow_handle(workflow_id, run_id=run_id)

    async def skip_time(self, workflow_id: str, up_to: dt.timedelta | None = None) -> None:
        """Skip all waits of the latest run of an id, or only until so much time has passed."""
        config = TimeSkippingConfig(enabled=True)
        if up_to is not None:
            config.fast_forward_config.CopyFrom(FastForwardConfig(id=str(uuid.uuid4())))
            config.fast_forward_config.duration.FromTimedelta(up_to)
        await self.client.workflow_service.update_workflow_execution_options(
            UpdateWorkflowExecutionOptionsRequest(
                namespace=self.client.namespace,
                workflow_execution=WorkflowExecution(workflow_id=workflow_id),
                workflow_execution_options=WorkflowExecutionOptions(time_skipping_config=config),
                update_mask=FieldMask(paths=["time_skipping_config"]),
            )
        )

    async def serve(self, task_queue: str, activities: Activities | None = None) -> None:
        """Serve a task queue, with all activities except OCR unless others are given."""
        worker = build_worker(
            self.client,
            task_queue,
            activities=self.activities if activities is None else activities,
            workflows=() if activities else WORKFLOWS,
            grace_seconds=0,
        )
        await self._parts.enter_async_context(worker)


@contextlib.asynccontextmanager
async def open_stage(folder: Path) -> AsyncIterator[Stage]:
    """Start an isolated stack and workers in this process; stop all of it at the end."""
    stack = Stack.isolated(folder, temporal_options=(TIME_SKIPPING,))
    await asyncio.to_thread(stack.start)
    try:
        async with contextlib.AsyncExitStack() as parts:
            client = await Client.connect(
                stack.temporal_address,
                data_converter=data_converter(stack.settings),
                runtime=Runtime(telemetry=TelemetryConfig(logging=None)),
            )
            stage = Stage(stack, client, parts)
            stage.activities = _activities(stage, parts)
            store = object_store(stack.settings)
            parts.callback(store.close)
            ocr = activities_of(OcrActivities(store, _Remembered(stack.settings)))
            await stage.serve(stage.queue)
            await stage.serve(ocr_task_queue(stage.queue), ocr)
            yield stage
    finally:
        await asyncio.to_thread(stack.stop)


def _activities(stage: Stage, closing: contextlib.AsyncExitStack) -> Activities:
    settings, faults = stage.settings, stage.faults
    providers = order_providers(settings, closing)
    stripe = StripePayments(
        settings.model_copy(
            update={
                "stripe_api_key": SecretStr(settings.provider_api_key.get_secret_value()),
                "stripe_api_url": settings.provider_api_url,
            }
        )
    )
    closing.push_async_callback(stripe.close)
    records = SqlRecords(database_url(settings))
    closing.push_async_callback(records.close)
    mail: Any = Faulty(SmtpMail(settings, records), faults)
    payments: Any = Faulty(providers.payments, faults, other=stripe)
    inventory: Any = Faulty(providers.inventory, faults)
    shipping: Any = Faulty(providers.shipping, faults)
    parser: Any = Faulty(receipt_parser(settings, closing), faults)
    expenses: Any = Faulty(records, faults)
    archive: Any = Faulty(SqlOrderArchive(records), faults, spared=("archived",))
    return (
        *activities_of(OrderActivities(payments, inventory, shipping, mail, archive)),
        *activities_of(BusinessHoursActivities(OpeningHours())),
        *activities_of(MailActivities(mail)),
        *activities_of(ReceiptActivities(parser, expenses, mail)),
    )


class _Remembered:
    """Reads each picture once: hundreds of runs have the same one, and OCR takes a second."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._reader: PageReader | None = None
        self._known: dict[bytes, ReceiptText] = {}
        self._one_at_a_time = threading.Lock()

    def read(self, image: bytes) -> ReceiptText:
        """Return the text of a picture; what follows the end of a JPEG does not count."""
        picture = image[: image.rindex(END_OF_JPEG)]
        with self._one_at_a_time:
            self._reader = self._reader or text_reader(self._settings)
            if picture not in self._known:
                self._known[picture] = self._reader.read(image)
            return self._known[picture]

    def read_page(self, document: bytes, _page: int) -> ReceiptText:
        """Return the text of a picture, which has one page."""
        return self.read(document)
