"""Cancel when something can no longer be undone, or is being undone already."""

import datetime as dt

import pytest
from temporalio.api.enums.v1 import EventType
from temporalio.testing import WorkflowEnvironment

from models import OrderStatus, OrderStep, Shipment
from providers.errors import OutOfStock, ProviderRateLimited
from tests.support.fakes import World
from tests.support.pipelines import (
    HEARS_DURING_LOCAL_STEPS,
    OrderRun,
    Pipelines,
    serving_pipelines,
)
from tests.support.watching import (
    cancel_heard,
    cancelled_order,
    order_state,
    result_of,
    until_backoff,
    until_heard,
    until_order,
)
from workflows.order.workflow import OrderWorkflow

CANCEL_REQUESTED = EventType.EVENT_TYPE_WORKFLOW_EXECUTION_CANCEL_REQUESTED
LONG = ProviderRateLimited("slow down", 3600.0)
SOON = ProviderRateLimited("slow down", 5.0)
SHORT = ProviderRateLimited("slow down", 0.001)


async def test_while_shipping_it_is_refused_and_the_run_goes_on(
    pipelines: Pipelines, world: World
) -> None:
    async with world.holding("schedule_shipment") as shipment:
        run = await pipelines.order(start_signal="expedite", task_timeout=HEARS_DURING_LOCAL_STEPS)
        await shipment.wait_until_entered()
        await cancel_heard(run)
    result = await result_of(run)
    assert (result.status, result.customer_told) == (OrderStatus.COMPLETED, True)
    assert (await order_state(run)).cancel_refused == "already shipped as sh-o1"
    assert world.undone() == []


async def test_after_shipping_it_is_refused_at_once_and_the_run_goes_on(
    pipelines: Pipelines, world: World
) -> None:
    async with world.holding("send_confirmation") as confirmation:
        run = await pipelines.order(start_signal="expedite")
        await confirmation.wait_until_entered()
        await run.cancel()
        await until_order(run, cancel_refused="already shipped as sh-o1")
    result = await result_of(run)
    assert (result.status, result.customer_told) == (OrderStatus.COMPLETED, True)
    assert world.undone() == []


async def test_while_paused_before_the_confirmation_it_is_refused(
    pipelines: Pipelines, world: World
) -> None:
    async with world.holding("schedule_shipment") as shipment:
        run = await pipelines.order(start_signal="expedite", task_timeout=HEARS_DURING_LOCAL_STEPS)
        await shipment.wait_until_entered()
        await run.signal(OrderWorkflow.pause)
        await until_order(run, paused=True)
    await until_order(run, step=OrderStep.CONFIRM, waiting_for="resume")
    await run.cancel()
    state = await until_order(run, cancel_refused="already shipped as sh-o1")
    assert state.waiting_for == "resume"
    assert "send_confirmation" not in world.names()
    await run.signal(OrderWorkflow.resume)
    assert (await result_of(run)).status == OrderStatus.COMPLETED


async def test_a_confirmation_in_backoff_is_still_sent(pipelines: Pipelines, world: World) -> None:
    world.fail("send_confirmation", SOON)
    run = await pipelines.order(start_signal="expedite")
    await until_backoff(run, "send_confirmation")
    await run.cancel()
    await until_order(run, cancel_refused="already shipped as sh-o1")
    assert (await result_of(run)).customer_told
    assert len(world.calls_of("send_confirmation")) == 2


@pytest.mark.parametrize("shipped", [True, False])
async def test_a_shipment_in_backoff_is_looked_up(
    pipelines: Pipelines, world: World, shipped: bool
) -> None:
    if shipped:
        world.lose_answers("schedule_shipment", 1, LONG)
    else:
        world.fail("schedule_shipment", LONG)
    run = await pipelines.order(start_signal="expedite")
    await until_backoff(run, "schedule_shipment")
    await run.cancel()
    if shipped:
        assert (await result_of(run)).status == OrderStatus.COMPLETED
        assert (await order_state(run)).cancel_refused == "already shipped as sh-o1"
        assert world.undone() == []
    else:
        await cancelled_order(run)
        assert world.undone() == ["order-o1:release", "order-o1:refund", "order-o1:refunded"]
    assert len(world.calls_of("schedule_shipment")) == 1


# --- shipped, or about to be, and not recorded -------------------------------------------------


async def paused_at_shipping(pipelines: Pipelines, expedited: bool) -> OrderRun:
    """Return an order that is paused before shipping, after the wait for the business day."""
    run = await pipelines.order()
    await until_order(run, status=OrderStatus.WAITING_FOR_BUSINESS_DAY)
    await run.signal(OrderWorkflow.pause)
    if expedited:
        await run.signal(OrderWorkflow.expedite)
    else:
        await pipelines.env.sleep(dt.timedelta(days=4))
    await until_order(run, step=OrderStep.SHIP, waiting_for="resume")
    return run


@pytest.mark.parametrize("expedited", [True, False])
async def test_a_shipment_whose_worker_was_lost_is_found_and_the_run_goes_on(
    pipelines: Pipelines, world: World, expedited: bool
) -> None:
    run = await paused_at_shipping(pipelines, expedited)
    # The effect of a worker that was lost before it could report it.
    world.shipments["order-o1:ship"] = Shipment(shipment_id="sh-o1")
    await run.cancel()
    state = await until_order(run, cancel_refused="already shipped as sh-o1")
    assert (state.step, state.refund_id) == (OrderStep.CONFIRM, None)
    await run.signal(OrderWorkflow.resume)
    result = await result_of(run)
    assert (result.status, result.shipment_id) == (OrderStatus.COMPLETED, "sh-o1")
    assert world.undone() == []


@pytest.mark.parametrize("expedited", [True, False])
async def test_a_shipment_that_is_not_found_is_undone(
    pipelines: Pipelines, world: World, expedited: bool
) -> None:
    run = await paused_at_shipping(pipelines, expedited)
    await run.cancel()
    await cancelled_order(run)
    assert len(world.calls_of("find_shipment")) == 1
    assert world.undone() == ["order-o1:release", "order-o1:refund", "order-o1:refunded"]
    assert world.shipments == {}


@pytest.mark.parametrize("shipped", [True, False])
async def test_the_carrier_is_asked_also_before_the_business_day(
    pipelines: Pipelines, world: World, shipped: bool
) -> None:
    run = await pipelines.order()
    await until_order(run, status=OrderStatus.WAITING_FOR_BUSINESS_DAY)
    if shipped:  # by a run that was reset, which the run of now knows nothing of
        world.shipments["order-o1:ship"] = Shipment(shipment_id="sh-o1")
    await run.cancel()
    if shipped:
        assert (await result_of(run)).status == OrderStatus.COMPLETED
        assert (await order_state(run)).cancel_refused == "already shipped as sh-o1"
        assert world.undone() == []
    else:
        await cancelled_order(run)
        assert world.names()[-4:-1] == ["find_shipment", "release_inventory", "refund_payment"]


# --- in the middle of something ---------------------------------------------------------------


async def test_while_a_lost_charge_is_looked_up(pipelines: Pipelines, world: World) -> None:
    world.lose_answers("charge_payment", 5, SHORT)
    async with world.holding("find_charge") as lookup:
        run = await pipelines.order()
        await lookup.wait_until_entered()
        await cancel_heard(run)
    state = await cancelled_order(run)
    assert state.refund_id == "re-o1"


@pytest.mark.parametrize("undoing", ["release_inventory", "refund_payment"])
async def test_a_cancel_does_not_stop_undoing(
    pipelines: Pipelines, world: World, undoing: str
) -> None:
    async with world.holding(undoing) as step:
        run = await pipelines.order()
        await until_order(run, status=OrderStatus.WAITING_FOR_BUSINESS_DAY)
        await run.cancel()
        await step.wait_until_entered()
        await run.cancel()
        assert (await order_state(run)).status == OrderStatus.COMPENSATING
    state = await cancelled_order(run)
    assert state.refund_id == "re-o1"
    assert world.undone() == ["order-o1:release", "order-o1:refund", "order-o1:refunded"]


async def test_a_cancel_while_another_end_is_undone_changes_nothing(
    pipelines: Pipelines, world: World
) -> None:
    world.fail("reserve_inventory", OutOfStock("none left"))
    async with world.holding("refund_payment") as refund:
        run = await pipelines.order()
        await refund.wait_until_entered()
        await run.cancel()
        await until_heard(run, CANCEL_REQUESTED)
    result = await result_of(run)
    assert (result.status, result.refund_id) == (OrderStatus.OUT_OF_STOCK, "re-o1")
    assert result.customer_told


async def test_a_pause_does_not_hold_up_undoing(pipelines: Pipelines, world: World) -> None:
    async with world.holding("release_inventory") as release:
        run = await pipelines.order()
        await until_order(run, status=OrderStatus.WAITING_FOR_BUSINESS_DAY)
        await run.cancel()
        await release.wait_until_entered()
        await run.signal(OrderWorkflow.pause)
        await until_order(run, paused=True)
    assert (await cancelled_order(run)).refund_id == "re-o1"


async def test_an_order_cancelled_before_it_began_does_nothing() -> None:
    async with serving_pipelines(worker=False) as pipelines:
        run = await pipelines.order()
        await run.cancel()
        async with pipelines.worker():
            await cancelled_order(run)
    assert pipelines.world.keys_used() == [
        "order-o1:refund",
        "order-o1:release",
        "order-o1:cancellation",
    ]


async def test_the_cancellation_mail_is_tried_again_after_the_cancel(
    pipelines: Pipelines, world: World
) -> None:
    world.fail("send_cancellation", SOON)
    run = await pipelines.order()
    await until_order(run, status=OrderStatus.WAITING_FOR_BUSINESS_DAY)
    await run.cancel()
    state = await cancelled_order(run)
    assert state.customer_told
    assert world.waits_of("send_cancellation") == [5]


async def test_a_mail_that_fails_leaves_the_order_cancelled(
    pipelines: Pipelines, world: World
) -> None:
    world.fail("send_cancellation", LONG)
    run = await pipelines.order()
    await until_order(run, status=OrderStatus.WAITING_FOR_BUSINESS_DAY)
    await run.cancel()
    state = await cancelled_order(run)
    assert (state.refund_id, state.customer_told) == ("re-o1", False)
    assert state.elapsed_seconds < dt.timedelta(minutes=1).total_seconds()
    assert (await result_of(pipelines.mail("order-o1:refunded"))).of == "order-o1"
    assert "order-o1:refunded" in world.mails


# --- cancelled before somebody let it go on, and no worker heard of either meanwhile ------------


@pytest.mark.parametrize("is_paused", [False, True])
async def test_a_cancel_counts_that_came_before(
    real_time: WorkflowEnvironment, is_paused: bool
) -> None:
    pipelines = Pipelines(real_time, World())
    async with pipelines.worker():
        run = await pipelines.order()
        await until_order(run, status=OrderStatus.WAITING_FOR_BUSINESS_DAY)
        if is_paused:
            await run.signal(OrderWorkflow.pause)
            await run.signal(OrderWorkflow.expedite)
            await until_order(run, step=OrderStep.SHIP, waiting_for="resume")
    await run.cancel()
    await run.signal(OrderWorkflow.resume if is_paused else OrderWorkflow.expedite)
    async with pipelines.worker():
        await cancelled_order(run)
    await pipelines.replay()
    assert pipelines.world.calls_of("schedule_shipment") == []
    assert pipelines.world.undone() == ["order-o1:release", "order-o1:refund", "order-o1:refunded"]
