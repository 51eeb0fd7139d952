"""A run started by hand under the id of an order that has ended: it does nothing at all.

Temporal has forgotten the order, and the payment provider its key. The archive has not.
"""

import dataclasses

import pytest
from temporalio.exceptions import ApplicationError
from temporalio.testing import WorkflowEnvironment

from activities.policies import POLICIES, doubling
from models import Order, OrderResult, OrderStatus
from providers.errors import PaymentDeclined, ProviderUnavailable
from tests.support.fakes import World
from tests.support.pipelines import (
    OrderRun,
    Pipelines,
    large_order,
    later_try,
    small_order,
)
from tests.support.watching import failure_of, result_of, until_order
from tests.workflows.test_order_reset import reset_to_the_start
from workflows.order.workflow import OrderWorkflow

AWAY = ProviderUnavailable("could not look up orders: no connection")
APPROVED, REJECTED = {"approved": True, "decided_by": "ada"}, {"approved": False}


async def fulfilled(pipelines: Pipelines, order: Order) -> OrderResult:
    """Fulfil an order, of which then the archive knows alone."""
    world = pipelines.world
    result = await result_of(
        await pipelines.order(order, start_signal="approval", start_signal_args=[APPROVED])
        if order.total_cents > 50_000
        else await pipelines.order(order, start_signal="expedite")
    )
    assert result.status is OrderStatus.COMPLETED
    world.charges.clear()
    world.reservations.clear()
    world.shipments.clear()
    world.mails.clear()
    world.calls.clear()
    world.archivings.clear()
    return result


async def refusal_of(run: OrderRun) -> str:
    failure = await failure_of(run)
    assert isinstance(failure, ApplicationError)
    assert failure.type == "OrderHasEnded"
    return failure.message


async def test_it_is_not_charged_a_second_time(pipelines: Pipelines, world: World) -> None:
    first = await fulfilled(pipelines, small_order())
    row = world.orders["o1"]

    message = await refusal_of(await pipelines.order())

    assert message == (
        f"nothing was done: order o1 ended as completed at {row.ended_at:%Y-%m-%d %H:%M} UTC "
        f"(try 1, run {row.run_id}), see 'starter.py status o1'"
    )
    assert world.calls == world.archivings == []
    assert not (world.charges or world.refunds or world.mails)
    assert (world.orders["o1"], row.result) == (row, first)


async def test_one_that_ended_without_shipping_is_to_be_tried_again_as_such(
    pipelines: Pipelines, world: World
) -> None:
    world.fail("charge_payment", PaymentDeclined("the card was declined"))
    await result_of(await pipelines.order())
    told = dict(world.mails)
    called = len(world.calls)

    message = await refusal_of(await pipelines.order(small_order(payment_token="tok_other")))

    assert "order o1 ended as payment_failed at " in message
    assert message.endswith("'starter.py status o1'; 'starter.py retry o1' tries it again")
    assert (len(world.calls), world.mails, world.refunds) == (called, told, {})
    assert (await result_of(await pipelines.order(later_try(small_order())))).try_number == 2


async def test_the_customer_is_not_told_of_a_rejection_that_is_none(
    pipelines: Pipelines, world: World
) -> None:
    await fulfilled(pipelines, large_order())
    row = world.orders["o1"]

    run = await pipelines.order(
        large_order(), start_signal="approval", start_signal_args=[REJECTED]
    )

    assert "ended as completed" in await refusal_of(run)
    assert world.calls == world.archivings == []
    assert (world.orders["o1"], world.mails) == (row, {})


async def test_nor_of_a_cancel_that_is_none(pipelines: Pipelines, world: World) -> None:
    await fulfilled(pipelines, large_order())
    run = await pipelines.order(large_order())
    await until_order(run, status=OrderStatus.AWAITING_APPROVAL)

    await run.cancel()

    assert "ended as completed" in await refusal_of(run)
    assert world.calls == world.archivings == []


async def test_the_run_of_an_earlier_try_is_refused_too(pipelines: Pipelines, world: World) -> None:
    world.fail("charge_payment", PaymentDeclined("the card was declined"))
    await result_of(await pipelines.order())
    again = later_try(small_order(), payment_token="tok_other")
    await result_of(await pipelines.order(again, start_signal="expedite"))

    assert "ended as completed" in await refusal_of(await pipelines.order())
    assert list(world.charges) == ["order-o1:charge:2"]


async def test_a_database_that_is_away_holds_up_a_charge_and_decides_nothing(
    pipelines: Pipelines, world: World
) -> None:
    attempts = POLICIES["charge_payment"].attempts
    world.fail("archived", *[AWAY] * (attempts + 3))

    result = await result_of(await pipelines.order())

    assert result.status is OrderStatus.COMPLETED
    assert len(world.calls_of("charge_payment")) == 1
    assert list(world.mails) == ["order-o1:confirm"]


async def test_what_is_away_is_asked_again_before_anything_is_charged(
    pipelines: Pipelines, world: World
) -> None:
    await fulfilled(pipelines, small_order())
    world.fail("archived", *[AWAY] * 3)

    await refusal_of(await pipelines.order())

    assert world.calls == []


async def test_a_run_that_was_reset_is_the_same_start(
    real_time: WorkflowEnvironment, monkeypatch: pytest.MonkeyPatch
) -> None:
    soon = dataclasses.replace(POLICIES["charge_payment"], waits=doubling(0.01))
    monkeypatch.setitem(POLICIES, "charge_payment", soon)
    pipelines = Pipelines(real_time, World())
    async with pipelines.worker():
        run = await pipelines.order(start_signal="expedite")
        first = await result_of(run)

        again = await reset_to_the_start(pipelines, run)
        await again.signal(OrderWorkflow.expedite)

        assert await result_of(again) == first
        assert pipelines.world.orders["o1"].run_id == again.run_id
        await pipelines.replay()
