"""One run of a situation: what people do with it until it is to be reset."""

import asyncio
import contextlib
import datetime as dt
from collections.abc import Awaitable, Callable
from typing import Any

from temporalio.api.enums.v1 import WorkflowTaskFailedCause
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import (
    PollWorkflowTaskQueueRequest,
    PollWorkflowTaskQueueResponse,
    RespondWorkflowTaskFailedRequest,
)
from temporalio.client import WorkflowExecutionStatus
from temporalio.service import RPCError

from bootstrap import object_store
from models import (
    Approval,
    Order,
    OrderItem,
    Receipt,
    ReceiptStatus,
    ReceiptText,
    ReceiptTry,
)
from sandbox.samples import RECEIPTS
from service.orders.start import start_order
from service.receipts.start import start_receipt, stored_receipt
from service.runs.history import decoded, recorded
from tests.crash.points import until
from tests.resets.stage import Run, Stage
from tests.support.pipelines import later_try
from workflows.identity import order_workflow_id, receipt_workflow_id
from workflows.order.workflow import OrderWorkflow
from workflows.receipt.workflow import ReceiptWorkflow
from workflows.search_attributes import first_status, needs_approval, of_order, of_receipt

PATIENCE = 120.0
LARGE, SMALL = 64_000, 2_900
ADA = Approval(approved=True, decided_by="ada")


class Play:
    """Starts one run and acts on it; the name makes its ids, its address and its file."""

    def __init__(self, stage: Stage, name: str) -> None:
        self.stage = stage
        self.name = name
        self.email = f"{name}@reset.example"
        self.workflow_id = order_workflow_id(name)

    # --- start --------------------------------------------------------------------------------

    async def start(self, cents: int = SMALL, sku: str = "mug", queue: str | None = None) -> None:
        """Start an order as ``starter.py`` does."""
        queue = queue or self.stage.queue
        await start_order(self.stage.client, self._order(cents, sku), queue)

    async def start_by_hand(self, cents: int = SMALL, workflow_id: str | None = None) -> None:
        """Start an order as a form of the Temporal UI does: with its input alone."""
        self.workflow_id = workflow_id or self.workflow_id
        await self.stage.client.start_workflow(
            OrderWorkflow.run,
            self._order(cents, "mug"),
            id=self.workflow_id,
            task_queue=self.stage.queue,
        )

    async def try_again(self, cents: int = SMALL, approved_by: Approval | None = None) -> None:
        """Start the second try of an order, as ``starter.py retry`` does, with another card."""
        order = self._order(cents, "mug")
        again = later_try(order, payment_token="tok_mastercard", approved_before=approved_by)
        status = first_status(needs_approval(order) and approved_by is None)
        await self.stage.client.start_workflow(
            OrderWorkflow.run,
            again,
            id=self.workflow_id,
            task_queue=self.stage.queue,
            search_attributes=of_order(again, status),
        )

    async def start_on_a_lost_worker(self, *, fails: bool) -> None:
        """Start an order whose first workflow task fails, or is taken and never answered."""
        queue = f"lost-{self.name}"
        await self.start(queue=queue)
        task = await self._take_task(queue)
        if fails:
            await self.stage.client.workflow_service.respond_workflow_task_failed(
                RespondWorkflowTaskFailedRequest(
                    namespace=self.stage.client.namespace,
                    task_token=task.task_token,
                    cause=WorkflowTaskFailedCause.WORKFLOW_TASK_FAILED_CAUSE_WORKFLOW_WORKER_UNHANDLED_FAILURE,
                )
            )
        await self.stage.serve(queue)

    async def start_receipt(
        self,
        sample: str = "grocery",
        *,
        tells: bool = True,
        fails: tuple[str, Exception] | None = None,
    ) -> None:
        """Store a picture and start its receipt as ``starter.py`` does."""
        # Readers ignore what follows the end of a JPEG, so each run has a different file.
        photo = (RECEIPTS / f"{sample}.jpg").read_bytes() + self.name.encode()
        store = object_store(self.stage.settings)
        try:
            object_key = await asyncio.to_thread(store.put_receipt, photo)
        finally:
            store.close()
        receipt = stored_receipt(object_key, self.name, self.email if tells else None)
        self.workflow_id = receipt_workflow_id(receipt.receipt_id)
        if self.name.startswith("receipt_by_model"):
            self.stage.faults.meter(self.workflow_id)
        if fails:
            self.fail(*fails)
        await start_receipt(self.stage.client, receipt, self.stage.queue)

    async def try_receipt_again(self) -> None:
        """Start a receipt again with the text that was read, as ``starter.py retry`` does."""
        known = recorded((await self.run.fetch_history()).events)
        converter = self.stage.client.data_converter
        receipt = await decoded(converter, known.input, Receipt)
        text = await decoded(converter, [known.results["extract_text"]], ReceiptText)
        assert receipt is not None
        await self.stage.client.start_workflow(
            ReceiptWorkflow.run,
            ReceiptTry(**receipt.model_dump(), text=text),
            id=self.workflow_id,
            task_queue=self.stage.queue,
            search_attributes=of_receipt(receipt, ReceiptStatus.RUNNING),
        )

    # --- act ----------------------------------------------------------------------------------

    @property
    def run(self) -> Run:
        """The latest run."""
        return self.stage.run(self.workflow_id)

    def fail(self, activity: str, *errors: BaseException | None) -> None:
        """Fail the next calls of an activity of this order."""
        self.stage.faults.fail(self.workflow_id, activity, *errors)

    def lose_answers(self, activity: str, times: int, error: Exception) -> None:
        """Lose the next answers to an activity of this order."""
        self.stage.faults.lose_answers(self.workflow_id, activity, times, error)

    async def approve(self) -> None:
        """Approve by an update."""
        await self.run.execute_update(OrderWorkflow.decide, ADA)

    async def skip_time(self) -> None:
        """Skip all waits from now on."""
        await self.stage.skip_time(self.workflow_id)

    async def let_time_pass(self, duration: dt.timedelta) -> None:
        """Skip waits until so much time has passed."""
        await self.stage.skip_time(self.workflow_id, duration)

        async def passed() -> bool:
            info = (await self.run.describe()).raw_description.workflow_extended_info
            return not info.time_skipping_info.effective_config.enabled

        await self.until(passed, f"{duration} have passed")

    # --- wait ---------------------------------------------------------------------------------

    async def until_state(self, **wanted: object) -> None:
        """Wait until the state of the run has these values."""

        async def so() -> bool:
            state: dict[str, Any] = await self.run.query("status", result_type=dict)
            return all(state[name] == value for name, value in wanted.items())

        await self.until(so, f"{wanted}")

    async def until_backoff(self, activity: str) -> None:
        """Wait until an attempt of an activity has failed and another is to come."""

        async def so() -> bool:
            pending = (await self.run.describe()).raw_description.pending_activities
            return any(one.activity_type.name == activity and one.attempt > 1 for one in pending)

        await self.until(so, f"{activity} is tried again")

    async def ended(self) -> None:
        """Skip all waits, and wait until the run is over."""
        with contextlib.suppress(RPCError):  # it may be over already
            await self.skip_time()
        await self.until(self.is_closed, "it is over")

    async def until(self, condition: Callable[[], Awaitable[bool]], what: str) -> None:
        """Wait until a condition holds; raise TimeoutError."""

        async def so() -> bool:
            # On a busy machine a query may come back unanswered.
            with contextlib.suppress(RPCError):
                return await condition()
            return False

        await until(so, PATIENCE, f"{self.workflow_id}: {what}")

    async def is_open(self) -> bool:
        """Tell whether the latest run goes on."""
        return not await self.is_closed()

    async def is_closed(self) -> bool:
        """Tell whether the latest run is over."""
        return (await self.run.describe()).status is not WorkflowExecutionStatus.RUNNING

    # --- how ----------------------------------------------------------------------------------

    def _order(self, cents: int, sku: str) -> Order:
        return Order(
            order_id=self.name,
            customer_id="cus_reset",
            customer_email=self.email,
            payment_token="tok_visa",
            items=(OrderItem(sku=sku, quantity=2, unit_price_cents=cents // 2),),
        )

    async def _take_task(self, queue: str) -> PollWorkflowTaskQueueResponse:
        return await self.stage.client.workflow_service.poll_workflow_task_queue(
            PollWorkflowTaskQueueRequest(
                namespace=self.stage.client.namespace,
                task_queue=TaskQueue(name=queue),
                identity="a worker that is lost",
            )
        )
