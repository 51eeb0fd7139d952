"""Start runs: the same order or file joins the run that exists instead of starting a second.

The server accepts one start per workflow id, however many submit at once; an order is compared
with the one that its id was first used for, so that other content under it is refused.
"""

from dataclasses import dataclass
from pathlib import PurePosixPath

from temporalio.client import Client
from temporalio.common import WorkflowIDReusePolicy
from temporalio.exceptions import ApplicationError, WorkflowAlreadyStartedError

from commands.outcome import CommandError
from commands.runs import reached
from models import Order, Receipt, ReceiptStatus
from workflows import search_attributes, wording
from workflows.limits import WORKFLOW_TASK_LIMIT
from workflows.order.workflow import OrderWorkflow
from workflows.receipt.workflow import ReceiptWorkflow

HASH_DIGITS = 16
"""Of the content's SHA-256 in a receipt's id: 64 bits, and short enough to be read."""


@dataclass(frozen=True)
class Started:
    """A durable run; ``joined`` if it existed before."""

    workflow_id: str
    run_id: str
    joined: bool


async def start_order(client: Client, order: Order, task_queue: str) -> Started:
    """Start an order, or join the run that has the same content.

    Raises CommandError if the order id was used for other content, or nobody answers.
    """
    workflow_id = f"order-{order.order_id}"
    amount = wording.money(order.total_cents, order.currency)
    try:
        handle = await reached(
            client.start_workflow(
                OrderWorkflow.run,
                order,
                id=workflow_id,
                task_queue=task_queue,
                id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
                task_timeout=WORKFLOW_TASK_LIMIT,
                search_attributes=search_attributes.of_order(
                    order, search_attributes.first_status(order)
                ),
                static_summary=f"Order {order.order_id}: {amount} for {order.customer_id}",
            )
        )
    except WorkflowAlreadyStartedError as existing:
        run_id = existing.run_id or ""
        if await _started_with(client, workflow_id, run_id) != order:
            raise CommandError(
                f"order id {order.order_id!r} was used before for other content: "
                "submit the same content to join that run, or give the order a new id"
            ) from None
        return Started(workflow_id, run_id, joined=True)
    return Started(workflow_id, handle.result_run_id or "", joined=False)


async def _started_with(client: Client, workflow_id: str, run_id: str) -> Order | None:
    """Give the order that a run was started with; None if it was started with anything else.

    As the run's own history has it: a hash beside the run would cost every start, and would not
    be that of the same order any more once orders get one more field.
    """
    handle = client.get_workflow_handle(workflow_id, run_id=run_id)
    event = await reached(anext(handle.fetch_history_events(page_size=1)))
    started_with = event.workflow_execution_started_event_attributes.input.payloads
    if not started_with:
        return None
    try:
        (order,) = await client.data_converter.decode(started_with[:1], [Order])
    except ApplicationError as no_key:
        raise CommandError(f"{workflow_id} cannot be compared: {no_key.message}") from None
    except ValueError:  # pydantic's is one, too
        return None
    return order if isinstance(order, Order) else None


def stored_receipt(object_key: str, user_id: str, notify_email: str | None) -> Receipt:
    """Name the receipt that the store holds under a key: user and content, nothing else."""
    content = PurePosixPath(object_key).stem[:HASH_DIGITS]
    return Receipt(
        receipt_id=f"{user_id}-{content}",
        user_id=user_id,
        object_key=object_key,
        notify_email=notify_email,
    )


async def start_receipt(client: Client, receipt: Receipt, task_queue: str) -> Started:
    """Start a receipt that is stored, or join the run of the same file of the same user.

    A run that failed is not joined: submitting the file again tries again. Raises CommandError
    if nobody answers.
    """
    workflow_id = f"receipt-{receipt.receipt_id}"
    try:
        handle = await reached(
            client.start_workflow(
                ReceiptWorkflow.run,
                receipt,
                id=workflow_id,
                task_queue=task_queue,
                id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE_FAILED_ONLY,
                task_timeout=WORKFLOW_TASK_LIMIT,
                search_attributes=search_attributes.of_receipt(receipt, ReceiptStatus.RUNNING),
                static_summary=f"Receipt of {receipt.user_id}: {receipt.object_key}",
            )
        )
    except WorkflowAlreadyStartedError as existing:
        return Started(workflow_id, existing.run_id or "", joined=True)
    return Started(workflow_id, handle.result_run_id or "", joined=False)
