"""A run refuses input that belongs to another id: under its own it would do everything again."""

import pytest
from temporalio.exceptions import ApplicationError

from models import OrderStatus, ReceiptStatus
from providers.payments.refunds import Refunded, key_of_next
from tests.support.fakes import World
from tests.support.pipelines import QUEUE, Pipelines, a_receipt, small_order
from tests.support.watching import failure_of, order_state, receipt_state
from workflows.identity import step_key, try_of
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


def test_a_later_try_has_keys_of_its_own_that_no_repeated_refund_takes() -> None:
    failed = Refunded(refund_id="re-1", amount_cents=1, currency="USD", status="failed")
    repeated = [
        key_of_next(step_key("order-7", "refund", number), [failed] * times)
        for number in (1, 2, 3)
        for times in range(4)
    ]
    assert len(set(repeated)) == len(repeated)
    assert step_key("order-7", "charge", 2) == "order-7:charge:2"
    assert step_key("order-7", "charge") == "order-7:charge"


@pytest.mark.parametrize("step", ["charge", "refund", "reserve", "ship", "confirm"])
@pytest.mark.parametrize("number", [1, 2, 99])
def test_a_key_tells_its_try(step: str, number: int) -> None:
    assert try_of(step_key("order-7", step, number), "order-7", step) == number


@pytest.mark.parametrize(
    "key",
    [
        *("", "7:charge", "order-71:charge", "order-7:ship", "order-7:charge:x"),
        *("order-7:charge:1", "order-7:charge:02", "order-7:charge:²", "order-7:charge:2:2"),
        "order-7:charge:try-2",
    ],
)
def test_any_other_key_is_of_no_try(key: str) -> None:
    assert try_of(key, "order-7", "charge") is None
