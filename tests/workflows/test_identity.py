"""A run refuses input that belongs to another id: under its own it would do everything again."""

import pytest
from temporalio.exceptions import ApplicationError

from models import OrderStatus, ReceiptStatus
from tests.support.fakes import World
from tests.support.pipelines import QUEUE, Pipelines, a_receipt, small_order
from tests.support.watching import failure_of, order_state, receipt_state
from workflows.order.workflow import OrderWorkflow
from workflows.receipt.workflow import ReceiptWorkflow


async def test_an_order_under_another_id_does_nothing(pipelines: Pipelines, world: World) -> None:
    run = await pipelines.env.client.start_workflow(
        OrderWorkflow.run, small_order(), id="o1", task_queue=QUEUE
    )
    pipelines.runs.append(run)
    failure = await failure_of(run)
    assert isinstance(failure, ApplicationError)
    assert failure.type == "WrongWorkflowId"
    assert (
        failure.message
        == "the input belongs to the workflow id order-o1, not to o1: nothing was done"
    )
    state = await order_state(run)
    assert (state.status, state.reason) == (OrderStatus.FAILED, failure.message)
    assert world.calls == []


@pytest.mark.parametrize(
    "changes",
    [{"user_id": "mallory"}, {"object_key": "receipts/def.png"}, {"receipt_id": "u1-def"}],
)
async def test_a_receipt_of_another_user_or_content_does_nothing(
    pipelines: Pipelines, world: World, changes: dict[str, str]
) -> None:
    run = await pipelines.env.client.start_workflow(
        ReceiptWorkflow.run, a_receipt(**changes), id="receipt-u1-abc", task_queue=QUEUE
    )
    pipelines.runs.append(run)
    failure = await failure_of(run)
    assert isinstance(failure, ApplicationError)
    assert failure.type == "WrongWorkflowId"
    assert (await receipt_state(run)).status == ReceiptStatus.FAILED
    assert world.calls == []
