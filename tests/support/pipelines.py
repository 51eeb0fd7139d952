"""Both pipelines on a time-skipping server of their own, with fake providers.

Time stands still except while ``result`` or ``env.sleep`` runs, so a test can act at an exact
moment. Each test has its own server: after a run has ended, time jumps years ahead for the next.
"""

import datetime as dt
import sys
import uuid
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from functools import cache
from pathlib import Path
from typing import Any

from google.protobuf.duration_pb2 import Duration
from pydantic import SecretStr
from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.operatorservice.v1 import AddSearchAttributesRequest
from temporalio.api.workflowservice.v1 import RegisterNamespaceRequest
from temporalio.client import Client, WorkflowHandle
from temporalio.converter import DataConverter
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Replayer, UnsandboxedWorkflowRunner

from activities.audit import AuditActivities
from activities.business_hours import BusinessHoursActivities
from activities.mails import MailActivities
from activities.ocr import OcrActivities
from activities.orders import OrderActivities
from activities.receipts import ReceiptActivities
from bootstrap import Activities, activities_of
from client import data_converter
from config import Settings
from models import (
    AuditReport,
    BusinessHours,
    HoursQuestion,
    Order,
    OrderItem,
    OrderResult,
    OrderTry,
    Receipt,
    ReceiptResult,
    ReceiptStatus,
    SentMail,
)
from providers.business_calendar import BusinessCalendar
from providers.business_calendar.opening_hours import OpeningHours
from tests.support.fakes import World
from worker import build_worker
from workflows import limits
from workflows.audit.workflow import AuditWorkflow
from workflows.identity import (
    mail_workflow_id,
    ocr_task_queue,
    order_workflow_id,
    receipt_workflow_id,
)
from workflows.mail.workflow import MailWorkflow
from workflows.order.workflow import OrderWorkflow
from workflows.receipt.workflow import ReceiptWorkflow
from workflows.registered import WORKFLOWS
from workflows.runners import sandboxed_runner
from workflows.search_attributes import (
    CURRENCY,
    CUSTOMER_ID,
    MERCHANT,
    PIPELINE_STATUS,
    SUBMITTED_BY,
    TOTAL_CENTS,
    first_status,
    needs_approval,
    of_order,
    of_receipt,
)
from workflows.worker_bounds import WorkerBounds
from workflows.worker_threshold import WorkerThreshold

QUEUE = "pipelines"

HEARS_DURING_LOCAL_STEPS = dt.timedelta(seconds=1)
"""Workflow task timeout of a run that gets a message while a local step is held. Signals, cancels
and queries wait for the end of the workflow task, or for its heartbeat at 80 % of this."""

TOKEN_KEY = SecretStr("dGVzdHMgb25seSwgbm90aGluZyBzZWNyZXQgaGVyZSE=")
"""The tests have their own key, so that recorded histories stay readable."""

DATA_CONVERTER = data_converter(Settings(token_encryption_keys=TOKEN_KEY))

SEARCH_ATTRIBUTES = (PIPELINE_STATUS, CUSTOMER_ID, MERCHANT, TOTAL_CENTS, CURRENCY, SUBMITTED_BY)

OrderRun = WorkflowHandle[OrderWorkflow, OrderResult]
ReceiptRun = WorkflowHandle[ReceiptWorkflow, ReceiptResult]
AuditRun = WorkflowHandle[AuditWorkflow, AuditReport]
MailRun = WorkflowHandle[MailWorkflow, SentMail]
Run = WorkflowHandle[Any, Any]


class Pipelines:
    """Starts runs, and replays them at the end of a test."""

    def __init__(self, env: WorkflowEnvironment, world: World) -> None:
        self.env = env
        self.world = world
        self.calendar: BusinessCalendar = OpeningHours()
        self.runs: list[Run] = []

    def next_hours(self, question: HoursQuestion) -> BusinessHours:
        """Answer by the calendar of the moment, which a test may change while orders wait."""
        return self.calendar.next_hours(question)

    def activities(self) -> Activities:
        """Return all activities except OCR."""
        world = self.world
        return (
            *activities_of(OrderActivities(world, world, world, world, world)),
            *activities_of(BusinessHoursActivities(self)),
            *activities_of(ReceiptActivities(world, world, world)),
            *activities_of(MailActivities(world)),
            *activities_of(AuditActivities(world)),
        )

    @asynccontextmanager
    async def worker(
        self,
        approval_threshold: int = limits.APPROVAL_THRESHOLD,
        bounds: WorkerBounds | None = None,
    ) -> AsyncIterator[None]:
        """Run the workers of both pipelines until the end of the block."""
        client, steps = self.env.client, self.activities()
        ocr = activities_of(OcrActivities(self.world, self.world))
        async with (
            build_worker(
                client,
                QUEUE,
                activities=steps,
                workflows=WORKFLOWS,
                grace_seconds=0,
                approval_threshold=approval_threshold,
                bounds=bounds,
            ),
            build_worker(client, ocr_task_queue(QUEUE), activities=ocr, grace_seconds=0),
        ):
            yield

    async def order(self, order: Order | None = None, **options: Any) -> OrderRun:
        """Start an order as ``starter.py`` does; ``options`` go to ``start_workflow``."""
        order = order or small_order()
        options.setdefault(
            "search_attributes", of_order(order, first_status(needs_approval(order)))
        )
        run = await self.env.client.start_workflow(
            OrderWorkflow.run,
            order,
            id=order_workflow_id(order.order_id),
            task_queue=QUEUE,
            **options,
        )
        self.runs.append(run)
        return run

    async def audit(self) -> AuditRun:
        """Start an audit as its schedule does."""
        run = await self.env.client.start_workflow(
            AuditWorkflow.run, id="nightly-audit-2026-03-02T01:00:00Z", task_queue=QUEUE
        )
        self.runs.append(run)
        return run

    async def receipt(self, receipt: Receipt | None = None, **options: Any) -> ReceiptRun:
        """Start a receipt as ``starter.py`` does; ``options`` go to ``start_workflow``."""
        receipt = receipt or a_receipt()
        options.setdefault("search_attributes", of_receipt(receipt, ReceiptStatus.RUNNING))
        run = await self.env.client.start_workflow(
            ReceiptWorkflow.run,
            receipt,
            id=receipt_workflow_id(receipt.receipt_id),
            task_queue=QUEUE,
            **options,
        )
        self.runs.append(run)
        return run

    def mail(self, key: str) -> MailRun:
        """Return the run of the mail that a run could not send, by the mail's key."""
        run = self.env.client.get_workflow_handle_for(MailWorkflow.run, mail_workflow_id(key))
        # The SDK's time skips only while it waits for the result of what it has started itself.
        started = next(iter(self.runs))
        run.__class__ = type(started)
        vars(run).setdefault("env", vars(started).get("env"))
        self.runs.append(run)
        return run

    async def replay(self) -> None:
        """Replay every run, so that each test also proves its runs deterministic."""
        for run in self.runs:
            # A later run may have the same id.
            own = self.env.client.get_workflow_handle(run.id, run_id=run.result_run_id)
            await replayer().replay_workflow(await own.fetch_history())


@asynccontextmanager
async def time_skipping(**options: Any) -> AsyncIterator[WorkflowEnvironment]:
    """Start a time-skipping server that knows our search attributes."""
    binary = Path(sys.executable).with_name("temporal-test-server")
    async with await WorkflowEnvironment.start_time_skipping(
        data_converter=DATA_CONVERTER, test_server_existing_path=str(binary), **options
    ) as env:
        await _add_search_attributes(env.client)
        yield env


@asynccontextmanager
async def dev_server(
    converter: DataConverter = DATA_CONVERTER,
    server_options: Sequence[str] = (),
    **options: Any,
) -> AsyncIterator[WorkflowEnvironment]:
    """Start a dev server, for tests that the time-skipping server cannot run."""
    async with (
        await WorkflowEnvironment.start_local(
            data_converter=converter,
            dev_server_existing_path=str(Path(sys.executable).with_name("temporal")),
            dev_server_extra_args=[
                # By default timers and retry waits may be a second late.
                "--dynamic-config-value",
                'history.timerProcessorMaxTimeShift="1ms"',
                # As in the sandbox.
                "--dynamic-config-value",
                "matching.enableFairness=true",
                *server_options,
            ],
            dev_server_log_level="error",
            search_attributes=SEARCH_ATTRIBUTES,
            **options,
        ) as env,
    ):
        yield env


async def own_namespace(
    address: str, converter: DataConverter = DATA_CONVERTER
) -> WorkflowEnvironment:
    """Make a namespace on a dev server, for a test that sees nothing of what others start."""
    name = uuid.uuid4().hex
    client = await Client.connect(address, namespace=name, data_converter=converter)
    await client.workflow_service.register_namespace(
        RegisterNamespaceRequest(
            namespace=name, workflow_execution_retention_period=Duration(seconds=86_400)
        )
    )
    await _add_search_attributes(client)
    return WorkflowEnvironment.from_client(client)


async def _add_search_attributes(client: Client) -> None:
    types = {
        key.name: IndexedValueType.ValueType(key.indexed_value_type) for key in SEARCH_ATTRIBUTES
    }
    await client.operator_service.add_search_attributes(
        AddSearchAttributesRequest(namespace=client.namespace, search_attributes=types)
    )


@asynccontextmanager
async def real_time(**options: Any) -> AsyncIterator[Pipelines]:
    """Start a dev server and a worker."""
    async with dev_server(**options) as env:
        pipelines = Pipelines(env, World())
        async with pipelines.worker():
            yield pipelines


@asynccontextmanager
async def serving_pipelines(worker: bool = True, **options: Any) -> AsyncIterator[Pipelines]:
    """Start a server and, unless ``worker`` is False, workers for both pipelines."""
    async with AsyncExitStack() as parts:
        env = await parts.enter_async_context(time_skipping(**options))
        pipelines = Pipelines(env, World(clock=env.get_current_time))
        if worker:
            await parts.enter_async_context(pipelines.worker())
        yield pipelines


@cache
def replayer(
    approval_threshold: int = limits.APPROVAL_THRESHOLD,
    sandboxed: bool = False,
    bounds: WorkerBounds | None = None,
) -> Replayer:
    """Return the replayer of both pipelines, cached because it is slow to build."""
    return Replayer(
        workflows=WORKFLOWS,
        workflow_runner=sandboxed_runner() if sandboxed else UnsandboxedWorkflowRunner(),
        data_converter=DATA_CONVERTER,
        interceptors=[WorkerThreshold(approval_threshold), *([bounds] if bounds else [])],
    )


# --- inputs -----------------------------------------------------------------------------------


def small_order(**changes: Any) -> Order:
    """Return an order of 20.00 USD, which needs no approval."""
    return Order.model_validate(
        {
            "order_id": "o1",
            "customer_id": "c1",
            "customer_email": "ada.lovelace@customer.example",
            "payment_token": "tok_visa_4242",
            "items": (OrderItem(sku="mug", quantity=2, unit_price_cents=1_000),),
            **changes,
        }
    )


def order_over(cents: int) -> Order:
    """Return an order with a total of exactly ``cents``."""
    return small_order(items=(OrderItem(sku="desk", quantity=1, unit_price_cents=cents),))


def large_order() -> Order:
    """Return an order of 640.00 USD, which needs an approval."""
    return order_over(64_000)


def later_try(order: Order, number: int = 2, **changes: Any) -> OrderTry:
    """Return a later try of an order."""
    given = {**dict(order), "try_number": number, **changes}
    return OrderTry.model_validate(given)


def a_receipt(**changes: Any) -> Receipt:
    """Return a receipt of a user with an e-mail address."""
    return Receipt.model_validate(
        {
            "receipt_id": "u1-abc",
            "user_id": "u1",
            "object_key": "receipts/abc.png",
            "notify_email": "grace.hopper@user.example",
            **changes,
        }
    )
