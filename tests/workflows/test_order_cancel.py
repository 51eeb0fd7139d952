"""Cancel at each step: what is undone, in which order and under which keys."""

import pytest

from models import OrderStatus, OrderStep
from providers.errors import PaymentDeclined, ProviderRateLimited
from tests.support.fakes import World
from tests.support.pipelines import HEARS_DURING_LOCAL_STEPS, Pipelines, large_order
from tests.support.watching import cancel_heard, cancelled_order, until_backoff, until_order
from workflows.order.workflow import OrderWorkflow

LONG = ProviderRateLimited("slow down", 3600.0)


ALL_UNDONE = ["order-o1:release", "order-o1:refund", "order-o1:refunded"]
"""A reservation is released even if none is known: a worker that was lost before it could report
may have made it. Releasing nothing has no effect."""

SETTLED = ["order-o1:refund", "order-o1:release", "order-o1:cancellation"]
"""Before a charge, too: a run of the order that somebody terminated may have made one."""


@pytest.mark.parametrize("running", ["charge_payment", "reserve_inventory"])
async def test_a_running_step_finishes_and_is_undone(
    pipelines: Pipelines, world: World, running: str
) -> None:
    async with world.holding(running) as step:
        run = await pipelines.order(task_timeout=HEARS_DURING_LOCAL_STEPS)
        await step.wait_until_entered()
        await cancel_heard(run)
    state = await cancelled_order(run)
    assert state.refund_id == "re-o1"
    assert world.undone() == ALL_UNDONE
    assert len(world.calls_of(running)) == 1
    assert "refunded as re-o1" in world.mails["order-o1:refunded"].body


@pytest.mark.parametrize(
    ("failing", "undoes"),
    [
        ("charge_payment", ["order-o1:release", "order-o1:refund", "order-o1:cancellation"]),
        ("reserve_inventory", ALL_UNDONE),
    ],
)
async def test_a_step_in_backoff_is_not_tried_again(
    pipelines: Pipelines, world: World, failing: str, undoes: list[str]
) -> None:
    world.fail(failing, LONG)
    run = await pipelines.order()
    await until_backoff(run, failing)
    await run.cancel()
    await cancelled_order(run)
    assert world.undone() == undoes
    assert len(world.calls_of(failing)) == 1


async def test_a_charge_whose_answer_was_lost_is_refunded(
    pipelines: Pipelines, world: World
) -> None:
    world.lose_answers("charge_payment", 1, LONG)
    run = await pipelines.order()
    await until_backoff(run, "charge_payment")
    await run.cancel()
    state = await cancelled_order(run)
    assert (state.transaction_id, state.refund_id) == ("ch-o1", "re-o1")


async def test_a_charge_that_never_happened_is_not_said_to_be_refunded(
    pipelines: Pipelines, world: World
) -> None:
    world.fail("charge_payment", LONG)
    run = await pipelines.order()
    await until_backoff(run, "charge_payment")
    await run.cancel()
    state = await cancelled_order(run)
    assert (state.transaction_id, state.refund_id) == (None, None)
    assert "You were not charged" in world.mails["order-o1:cancellation"].body


async def test_a_charge_that_is_declined_in_spite_of_the_cancel_is_not_refunded(
    pipelines: Pipelines, world: World
) -> None:
    world.fail("charge_payment", PaymentDeclined("declined"))
    async with world.holding("charge_payment") as charge:
        run = await pipelines.order()
        await charge.wait_until_entered()
        await cancel_heard(run)
    await cancelled_order(run)
    assert world.undone() == ["order-o1:cancellation"]


async def test_during_the_wait_for_approval(pipelines: Pipelines, world: World) -> None:
    run = await pipelines.order(large_order())
    await until_order(run, status=OrderStatus.AWAITING_APPROVAL)
    await run.cancel()
    await cancelled_order(run)
    assert world.keys_used() == SETTLED


async def test_during_the_wait_for_the_business_day(pipelines: Pipelines, world: World) -> None:
    run = await pipelines.order()
    await until_order(run, status=OrderStatus.WAITING_FOR_BUSINESS_DAY)
    await run.cancel()
    state = await cancelled_order(run)
    assert (state.reservation_id, state.refund_id) == ("rs-o1", "re-o1")
    assert world.undone() == ALL_UNDONE


async def test_while_paused_before_the_first_step(pipelines: Pipelines, world: World) -> None:
    run = await pipelines.order(start_signal="pause")
    await until_order(run, step=OrderStep.CHARGE, waiting_for="resume")
    await run.cancel()
    await cancelled_order(run)
    assert world.undone() == SETTLED


@pytest.mark.parametrize(
    ("running", "stopped_at"),
    [("charge_payment", OrderStep.RESERVE), ("reserve_inventory", OrderStep.WAIT)],
)
async def test_while_paused_after_a_step(
    pipelines: Pipelines, world: World, running: str, stopped_at: OrderStep
) -> None:
    async with world.holding(running) as step:
        run = await pipelines.order(task_timeout=HEARS_DURING_LOCAL_STEPS)
        await step.wait_until_entered()
        await run.signal(OrderWorkflow.pause)
        await until_order(run, paused=True)
    await until_order(run, step=stopped_at, waiting_for="resume")
    await run.cancel()
    await cancelled_order(run)
    assert world.undone() == ALL_UNDONE
