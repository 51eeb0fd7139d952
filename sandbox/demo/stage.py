"""What the demo's cases play on: the running stack, and ids that no earlier demo used."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from temporalio.client import WorkflowFailureError, WorkflowHandle
from temporalio.exceptions import CancelledError

from commands.terminal.output import Output
from models import Approval, DecisionChannel, Order, OrderState, ReceiptResult, ReceiptState
from sandbox.samples import ORDERS, RECEIPTS
from service.orders.start import start_order
from service.receipts.start import Submission, submit_receipt
from service.submission import Started
from workflows import wording
from workflows.order.workflow import OrderWorkflow
from workflows.receipt.workflow import ReceiptWorkflow

CASE_SECONDS = 300.0
"""Only what hangs takes as long: OCR gets what time other programs leave, which may be little."""
LOOK_SECONDS = 0.2

Handle = WorkflowHandle[Any, Any]


@dataclass(frozen=True)
class Ending:
    """How a run ended, in the words of the summary table."""

    workflow_id: str
    outcome: str
    remarks: str = ""


class Stage:
    """Submits samples, plays the people, and waits for what must happen.

    All belongs to the user of ``submission``, whom no earlier demo may have had.
    """

    def __init__(self, submission: Submission, output: Output) -> None:
        self._submission = submission
        self._client = submission.client
        self._output = output

    def say(self, *lines: str) -> None:
        """Tell a person what happens, while it happens."""
        self._output.note(*lines)

    # --- receipts ----------------------------------------------------------------------------

    async def submit(self, sample: str) -> Started:
        """Store a sample receipt and start its run."""
        photo = (RECEIPTS / f"{sample}.jpg").read_bytes()
        started = await submit_receipt(self._submission, photo)
        self.say(f"{sample}.jpg: {'joined' if started.joined else 'started'} {started.workflow_id}")
        return started

    async def expense_of(self, started: Started) -> Ending:
        """Wait for a receipt's end and return what was saved."""
        handle = self._client.get_workflow_handle(started.workflow_id, result_type=ReceiptResult)
        result: ReceiptResult = await handle.result()
        amount = wording.money(result.total_cents, result.currency)
        by = f", corrected by {result.corrected_by}" if result.corrected_by else ""
        self.say(f"{handle.id}: {result.status}, {amount}")
        return Ending(
            handle.id,
            f"{result.status}, {amount}{by}",
            f"{result.merchant or 'no merchant'}, {result.date or 'no date'}, {result.expense_id}",
        )

    async def receipt_state(
        self, started: Started, wanted: Callable[[ReceiptState], bool]
    ) -> ReceiptState:
        """Wait until a receipt is in a state, and return it."""
        handle = self._client.get_workflow_handle(started.workflow_id)
        while True:
            state = await handle.query(ReceiptWorkflow.status)
            if wanted(state):
                return state
            await asyncio.sleep(LOOK_SECONDS)

    def receipt_handle(self, started: Started) -> Handle:
        """Return the handle of a receipt's run."""
        return self._client.get_workflow_handle(started.workflow_id)

    # --- orders ------------------------------------------------------------------------------

    async def order(self, sample: str, case: str) -> Handle:
        """Start a sample order under an id of its own."""
        document = (ORDERS / f"{sample}.json").read_bytes()
        order = Order.model_validate_json(document)
        order = order.model_copy(update={"order_id": f"{self._submission.user_id}-{case}"})
        settings = self._submission.settings
        started = await start_order(
            self._client, order, settings.task_queue, settings.approval_threshold
        )
        amount = wording.amount_of(order)
        self.say(f"{sample}.json: started {started.workflow_id} over {amount}")
        return self._client.get_workflow_handle(started.workflow_id)

    async def order_state(self, handle: Handle, wanted: Callable[[OrderState], bool]) -> OrderState:
        """Wait until an order is in a state, and return it."""
        while True:
            state = await handle.query(OrderWorkflow.status)
            if wanted(state):
                return state
            await asyncio.sleep(LOOK_SECONDS)

    async def decide(self, handle: Handle, approved: bool, who: str, reason: str) -> None:
        """Approve or reject, as ``starter.py approve`` and ``reject`` do."""
        decision = Approval(
            approved=approved,
            decided_by=who,
            reason=reason,
            channel=DecisionChannel.TERMINAL,
        )
        await handle.execute_update(OrderWorkflow.decide, decision)
        self.say(f"{handle.id}: {'approved' if approved else 'rejected'} by {who}")

    async def end_of(self, handle: Handle) -> Ending:
        """Wait for an order's end and return how it ended and what it did."""
        try:
            await handle.result()
        except WorkflowFailureError as failure:
            if not isinstance(failure.cause, CancelledError):
                raise
        state = await handle.query(OrderWorkflow.status)
        self.say(f"{handle.id}: {state.status}")
        did = (state.transaction_id, state.shipment_id, state.refund_id)
        return Ending(handle.id, state.status, ", ".join(done for done in did if done))

    async def attempts(self, handle: Handle, activity: str) -> int:
        """Count the attempts of an activity, from the history."""
        scheduled: dict[int, str] = {}
        attempts = 0
        async for event in handle.fetch_history_events():
            if event.HasField("activity_task_scheduled_event_attributes"):
                name = event.activity_task_scheduled_event_attributes.activity_type.name
                scheduled[event.event_id] = name
            elif event.HasField("activity_task_started_event_attributes"):
                started = event.activity_task_started_event_attributes
                if scheduled[started.scheduled_event_id] == activity:
                    attempts = started.attempt
        return attempts
