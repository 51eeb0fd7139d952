"""Every way an order can end: status, ids, reason, calls and their keys."""

import pytest
from temporalio.client import WorkflowExecutionStatus
from temporalio.exceptions import ApplicationError

from models import Order, OrderStatus
from providers.errors import (
    InvalidRequest,
    OutOfStock,
    PaymentDeclined,
    ProviderRateLimited,
    ProviderUnavailable,
    UnknownSku,
)
from tests.support.fakes import World
from tests.support.pipelines import QUEUE, Pipelines, large_order, small_order
from tests.support.watching import closing_status, failure_of, order_state, result_of

DAY_SECONDS = 86_400.0


async def test_completed(pipelines: Pipelines, world: World) -> None:
    run = await pipelines.order()
    result = await result_of(run)
    assert result.status == OrderStatus.COMPLETED
    assert (result.transaction_id, result.reservation_id) == ("ch-o1", "rs-o1")
    assert (result.shipment_id, result.refund_id) == ("sh-o1", None)
    assert (result.total_cents, result.currency) == (2_000, "USD")
    assert result.customer_told
    assert world.names() == [
        "charge_payment",
        "reserve_inventory",
        "schedule_shipment",
        "send_confirmation",
    ]
    assert world.keys_used() == [
        "order-o1:charge",
        "order-o1:reserve",
        "order-o1:ship",
        "order-o1:confirm",
    ]
    assert "sh-o1" in world.mails["order-o1:confirm"].body


async def test_payment_declined(pipelines: Pipelines, world: World) -> None:
    world.fail("charge_payment", PaymentDeclined("the card was declined"))
    result = await result_of(await pipelines.order())
    assert result.status == OrderStatus.PAYMENT_FAILED
    assert result.reason == "the card was declined"
    assert (result.transaction_id, result.refund_id) == (None, None)
    # Nothing was charged, so there is nothing to refund.
    assert world.names() == ["charge_payment", "send_cancellation"]
    assert "You were not charged" in world.mails["order-o1:cancellation"].body


@pytest.mark.parametrize("error", [OutOfStock("only 1 mug left"), UnknownSku("no SKU mug")])
async def test_out_of_stock(pipelines: Pipelines, world: World, error: Exception) -> None:
    world.fail("reserve_inventory", error)
    result = await result_of(await pipelines.order())
    assert result.status == OrderStatus.OUT_OF_STOCK
    assert result.reason == str(error)
    assert (result.transaction_id, result.refund_id) == ("ch-o1", "re-o1")
    assert result.reservation_id is None
    # Nothing was reserved, so there is nothing to release.
    assert world.names() == [
        "charge_payment",
        "reserve_inventory",
        "find_shipment",
        "refund_payment",
        "send_cancellation",
    ]
    assert "was refunded as re-o1, in full." in world.mails["order-o1:refunded"].body


async def test_rejected(pipelines: Pipelines, world: World) -> None:
    decision = {"approved": False, "decided_by": "ada", "reason": "over budget"}
    run = await pipelines.order(
        large_order(), start_signal="approval", start_signal_args=[decision]
    )
    result = await result_of(run)
    assert result.status == OrderStatus.REJECTED
    assert result.reason == (
        "rejected by ada, as a signal says (nobody vouches for that): over budget"
    )
    assert world.names() == [*["settle_try"] * 3, "send_cancellation"]


async def test_approval_expired(pipelines: Pipelines, world: World) -> None:
    result = await result_of(await pipelines.order(large_order()))
    assert result.status == OrderStatus.APPROVAL_EXPIRED
    assert world.names() == [*["settle_try"] * 3, "send_cancellation"]


async def test_a_reservation_that_keeps_failing_fails_the_run(
    pipelines: Pipelines, world: World
) -> None:
    world.fail("reserve_inventory", *[ProviderUnavailable("answered 503")] * 3)
    run = await pipelines.order()
    failure = await failure_of(run)
    assert isinstance(failure, ApplicationError)
    assert failure.type == "ReserveFailed"
    assert "answered 503" in failure.message
    assert await closing_status(run) == WorkflowExecutionStatus.FAILED
    # The reservation's answer may have been lost, so it is released as well.
    assert world.names()[-3:] == ["release_inventory", "refund_payment", "send_cancellation"]
    state = await order_state(run)
    assert (state.status, state.refund_id) == (OrderStatus.FAILED, "re-o1")


async def test_a_shipment_that_the_carrier_refuses_fails_the_run(
    pipelines: Pipelines, world: World
) -> None:
    world.fail("schedule_shipment", InvalidRequest("no such reservation"))
    run = await pipelines.order()
    failure = await failure_of(run)
    assert isinstance(failure, ApplicationError)
    assert failure.type == "ShipFailed"
    assert "no such reservation" in failure.message
    assert world.names()[-5:] == [
        "schedule_shipment",
        "find_shipment",
        "release_inventory",
        "refund_payment",
        "send_cancellation",
    ]


async def test_an_undo_that_fails_for_good_fails_the_run(
    pipelines: Pipelines, world: World
) -> None:
    world.fail("reserve_inventory", OutOfStock("none left"))
    world.fail("refund_payment", *[ProviderRateLimited("closed for today", DAY_SECONDS)] * 8)
    run = await pipelines.order()
    failure = await failure_of(run)
    assert isinstance(failure, ApplicationError)
    assert failure.type == "CompensationFailed"
    assert "refund_payment: closed for today" in failure.message
    state = await order_state(run)
    assert state.status == OrderStatus.FAILED
    assert state.transaction_id == "ch-o1"
    assert state.reason == "refund_payment: closed for today"
    # The customer's refund is still open, so no mail says that everything is undone.
    assert "send_cancellation" not in world.names()


@pytest.mark.parametrize(
    "wrong",
    [
        {"items": []},
        {"items": [{"sku": "mug", "quantity": 0, "unit_price_cents": 100}]},
        {"items": [{"sku": "mug", "quantity": 1, "unit_price_cents": 0}]},
        {"order_id": "o" * 65},
    ],
    ids=["no items", "quantity 0", "total 0", "long id"],
)
async def test_an_invalid_order_fails_at_once(
    pipelines: Pipelines, world: World, wrong: dict[str, object]
) -> None:
    content = {**small_order().model_dump(mode="json"), **wrong}
    run = await pipelines.env.client.start_workflow(
        "OrderWorkflow", content, id="order-wrong", task_queue=QUEUE
    )
    failure = await failure_of(run)
    assert isinstance(failure, ApplicationError)
    assert failure.type == "ValidationError"
    assert content["payment_token"] not in str(failure)
    assert world.calls == []


async def test_the_currency_is_usd_if_left_out() -> None:
    content = small_order().model_dump(mode="json", exclude={"currency"})
    assert Order.model_validate(content).currency == "USD"
