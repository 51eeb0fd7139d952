"""Effects whose answers were lost, and undo steps that fail: no money and no stock is lost."""

import asyncio
import datetime as dt

import pytest
from temporalio.exceptions import ApplicationError

from models import OrderStatus, Shipment
from providers.errors import (
    AnswerMismatch,
    IdempotencyKeyReused,
    InvalidRequest,
    OutOfStock,
    ProviderError,
    ProviderRateLimited,
    ProviderUnavailable,
)
from tests.support.fakes import World
from tests.support.pipelines import Pipelines
from tests.support.watching import failure_of, order_state, result_of, until_end, until_order

DAY_SECONDS = 86_400.0
A_WEEK_OF_FAILURES = [ProviderRateLimited("closed for today", DAY_SECONDS)] * 8


async def test_a_lost_charge_that_is_found_goes_on(pipelines: Pipelines, world: World) -> None:
    world.lose_answers("charge_payment", 5)
    result = await result_of(await pipelines.order())
    assert (result.status, result.transaction_id) == (OrderStatus.COMPLETED, "ch-o1")
    [lookup] = world.calls_of("find_charge")
    assert lookup.request == "order-o1:charge"


async def test_a_lost_charge_that_is_not_found_ends_the_order(
    pipelines: Pipelines, world: World
) -> None:
    world.fail("charge_payment", *[ProviderUnavailable("answered 503")] * 5)
    result = await result_of(await pipelines.order())
    assert (result.status, result.reason) == (OrderStatus.PAYMENT_FAILED, "answered 503")
    assert (result.transaction_id, result.refund_id) == (None, None)
    # A charge that is not found now may still appear; the refund settles its key for good.
    assert world.names() == [
        "charge_payment",
        "find_charge",
        "find_shipment",
        "release_inventory",
        "refund_payment",
        "send_cancellation",
    ]


async def test_a_lost_charge_that_is_found_only_by_the_refund_is_given_back(
    pipelines: Pipelines, world: World
) -> None:
    world.lose_answers("charge_payment", 5)
    world.finds_charges = False
    result = await result_of(await pipelines.order())
    assert result.status == OrderStatus.PAYMENT_FAILED
    assert (result.transaction_id, result.refund_id) == ("ch-o1", "re-o1")


@pytest.mark.parametrize("error", [InvalidRequest, IdempotencyKeyReused])
async def test_a_lost_charge_is_given_back_when_a_later_attempt_is_refused(
    pipelines: Pipelines, world: World, error: type[ProviderError]
) -> None:
    world.lose_answers("charge_payment", 1)
    world.fail("charge_payment", error("refused"))
    result = await result_of(await pipelines.order())
    assert (result.status, result.reason) == (OrderStatus.PAYMENT_FAILED, "refused")
    assert (result.transaction_id, result.refund_id) == ("ch-o1", "re-o1")
    assert "refunded as re-o1" in world.mails["order-o1:refunded"].body


async def test_a_lost_shipment_that_is_found_goes_on(pipelines: Pipelines, world: World) -> None:
    world.lose_answers("schedule_shipment", 5)
    result = await result_of(await pipelines.order())
    assert (result.status, result.shipment_id) == (OrderStatus.COMPLETED, "sh-o1")
    [lookup] = world.calls_of("find_shipment")
    assert lookup.request == "order-o1:ship"
    assert "release_inventory" not in world.names()


async def test_a_lost_shipment_that_is_not_found_is_undone(
    pipelines: Pipelines, world: World
) -> None:
    world.fail("schedule_shipment", *[ProviderUnavailable("answered 503")] * 5)
    failure = await failure_of(await pipelines.order())
    assert isinstance(failure, ApplicationError)
    assert failure.type == "ShipFailed"
    assert world.names()[-5:] == [
        "schedule_shipment",
        "find_shipment",
        "release_inventory",
        "refund_payment",
        "send_cancellation",
    ]
    assert "refunded as re-o1" in world.mails["order-o1:refunded"].body


async def test_a_lost_reservation_is_released(pipelines: Pipelines, world: World) -> None:
    world.lose_answers("reserve_inventory", 3)
    failure = await failure_of(await pipelines.order())
    assert isinstance(failure, ApplicationError)
    assert failure.type == "ReserveFailed"
    assert world.names()[-3:] == ["release_inventory", "refund_payment", "send_cancellation"]


@pytest.mark.parametrize("kind", [AnswerMismatch, InvalidRequest, IdempotencyKeyReused])
async def test_a_shipment_whose_answer_cannot_be_taken_is_looked_up(
    pipelines: Pipelines, world: World, kind: type[ProviderError]
) -> None:
    world.lose_answers("schedule_shipment", 1, kind("the shipment is for another order"))
    result = await result_of(await pipelines.order())
    assert (result.status, result.shipment_id) == (OrderStatus.COMPLETED, "sh-o1")
    assert world.undone() == []


async def test_an_end_for_a_business_reason_asks_the_carrier_too(
    pipelines: Pipelines, world: World
) -> None:
    world.fail("reserve_inventory", OutOfStock("none left"))
    world.shipments["order-o1:ship"] = Shipment(shipment_id="sh-o1")
    result = await result_of(await pipelines.order())
    assert (result.status, result.transaction_id) == (OrderStatus.COMPLETED, "ch-o1")
    assert result.reason == "it is with the carrier already, although: none left"
    assert world.undone() == []


async def test_a_shipped_order_learns_its_charge_too(pipelines: Pipelines, world: World) -> None:
    world.lose_answers("charge_payment", 5)
    world.finds_charges = False
    world.shipments["order-o1:ship"] = Shipment(shipment_id="sh-o1")
    async with world.holding("find_shipment") as lookup:
        run = await pipelines.order()
        skipping = asyncio.create_task(result_of(run))
        await lookup.wait_until_entered()
        world.finds_charges = True
    result = await skipping
    assert (result.status, result.transaction_id) == (OrderStatus.COMPLETED, "ch-o1")


async def test_nothing_is_undone_while_nobody_knows_what_was_shipped(
    pipelines: Pipelines, world: World
) -> None:
    world.fail("reserve_inventory", OutOfStock("none left"))
    world.fail("find_shipment", *A_WEEK_OF_FAILURES)
    run = await pipelines.order()
    failure = await failure_of(run)
    assert isinstance(failure, ApplicationError)
    assert failure.type == "CompensationFailed"
    assert "find_shipment: closed for today" in failure.message
    assert (await order_state(run)).status == OrderStatus.FAILED
    assert world.undone() == []


async def test_a_failing_release_does_not_hold_up_the_refund(
    pipelines: Pipelines, world: World
) -> None:
    world.fail("schedule_shipment", InvalidRequest("no such reservation"))
    world.fail("release_inventory", ProviderRateLimited("closed for today", DAY_SECONDS))
    run = await pipelines.order(start_signal="expedite")
    await until_order(run, status=OrderStatus.COMPENSATING)
    await pipelines.env.sleep(dt.timedelta(minutes=2))
    state = await until_order(run, refund_id="re-o1")
    assert state.status == OrderStatus.COMPENSATING
    assert (await until_end(run)).status == OrderStatus.FAILED
    assert world.waits_of("release_inventory") == [DAY_SECONDS]


async def test_a_release_that_fails_for_good_is_said_and_the_refund_done(
    pipelines: Pipelines, world: World
) -> None:
    world.fail("schedule_shipment", InvalidRequest("no such reservation"))
    world.fail("release_inventory", *A_WEEK_OF_FAILURES)
    run = await pipelines.order()
    failure = await failure_of(run)
    assert isinstance(failure, ApplicationError)
    assert failure.type == "CompensationFailed"
    assert "release_inventory: closed for today" in failure.message
    assert (await order_state(run)).refund_id == "re-o1"


async def test_a_refund_that_fails_for_good_does_not_keep_the_stock(
    pipelines: Pipelines, world: World
) -> None:
    world.fail("schedule_shipment", InvalidRequest("no such reservation"))
    world.fail("refund_payment", *A_WEEK_OF_FAILURES)
    failure = await failure_of(await pipelines.order())
    assert isinstance(failure, ApplicationError)
    assert failure.type == "CompensationFailed"
    assert "release_inventory" not in failure.message
    assert world.names()[-2:] == ["release_inventory", "refund_payment"]


async def test_a_refund_is_tried_for_days(pipelines: Pipelines, world: World) -> None:
    world.fail("reserve_inventory", OutOfStock("none left"))
    world.fail("refund_payment", *A_WEEK_OF_FAILURES[:6])
    run = await pipelines.order()
    result = await result_of(run)
    assert (result.status, result.refund_id) == (OrderStatus.OUT_OF_STOCK, "re-o1")
    assert len(world.calls_of("refund_payment")) == 7
    assert (await order_state(run)).elapsed_seconds > 6 * DAY_SECONDS
    # All attempts have the same key, so that the money is refunded once.
    assert {str(call.request) for call in world.calls_of("refund_payment")} == {
        str(world.calls_of("refund_payment")[0].request)
    }


async def test_a_confirmation_that_fails_undoes_nothing(pipelines: Pipelines, world: World) -> None:
    world.fail("send_confirmation", *[ProviderUnavailable("answered 421")] * 5)
    result = await result_of(await pipelines.order())
    assert (result.status, result.customer_told) == (OrderStatus.COMPLETED, False)
    assert "send_confirmation" in world.names()
    assert {"refund_payment", "release_inventory"}.isdisjoint(world.names())
