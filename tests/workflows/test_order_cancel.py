"""Cancel at each step: what is undone, in which order, under which keys, and what is refused."""

import datetime as dt

import pytest
from temporalio.api.enums.v1 import EventType
from temporalio.client import WorkflowExecutionStatus
from temporalio.exceptions import CancelledError

from models import OrderState, OrderStatus, OrderStep
from providers.errors import OutOfStock, PaymentDeclined, ProviderRateLimited
from tests.workflows.fakes import World
from tests.workflows.pipelines import OrderRun, Pipelines, large_order, serving_pipelines
from tests.workflows.watching import (
    cancel_heard,
    closing_status,
    failure_of,
    order_state,
    until_backoff,
    until_event,
    until_order,
)
from workflows.order import OrderWorkflow

CANCEL_REQUESTED = EventType.EVENT_TYPE_WORKFLOW_EXECUTION_CANCEL_REQUESTED
LONG = ProviderRateLimited("slow down", 3600.0)
SHORT = ProviderRateLimited("slow down", 0.001)


async def cancelled_state(run: OrderRun) -> OrderState:
    """Wait until the run has closed as Canceled, and ask where it stands."""
    assert isinstance(await failure_of(run), CancelledError)
    assert await closing_status(run) == WorkflowExecutionStatus.CANCELED
    state = await order_state(run)
    assert state.status == OrderStatus.CANCELLED
    return state


def undone(world: World) -> list[str]:
    """Give the keys of what was done after the order's own steps."""
    own = {f"order-o1:{step}" for step in ("charge", "reserve", "ship", "confirm")}
    return [key for key in world.keys_used() if key not in own]


@pytest.mark.parametrize(
    ("running", "undoes"),
    [
        ("charge_payment", ["order-o1:refund"]),
        ("reserve_inventory", ["order-o1:release", "order-o1:refund"]),
    ],
)
async def test_what_runs_finishes_and_is_undone(
    pipelines: Pipelines, world: World, running: str, undoes: list[str]
) -> None:
    async with world.holding(running) as step:
        run = await pipelines.order()
        await step.wait_until_entered()
        await cancel_heard(run)
    state = await cancelled_state(run)
    assert state.refund_id == "re-o1"
    assert undone(world) == [*undoes, "order-o1:cancellation"]
    assert len(world.calls_of(running)) == 1
    assert "refunded as re-o1" in world.mails["order-o1:cancellation"].body


@pytest.mark.parametrize(
    ("failing", "undoes"),
    [
        ("charge_payment", ["order-o1:refund"]),
        ("reserve_inventory", ["order-o1:release", "order-o1:refund"]),
    ],
)
async def test_a_step_in_backoff_is_not_tried_again(
    pipelines: Pipelines, world: World, failing: str, undoes: list[str]
) -> None:
    world.fail(failing, LONG)
    run = await pipelines.order()
    await until_backoff(run, failing)
    await run.cancel()
    await cancelled_state(run)
    assert undone(world) == [*undoes, "order-o1:cancellation"]
    assert len(world.calls_of(failing)) == 1


async def test_a_charge_whose_answer_was_lost_is_refunded(
    pipelines: Pipelines, world: World
) -> None:
    world.lose_answers("charge_payment", 1, LONG)
    run = await pipelines.order()
    await until_backoff(run, "charge_payment")
    await run.cancel()
    state = await cancelled_state(run)
    assert (state.transaction_id, state.refund_id) == ("ch-o1", "re-o1")


async def test_a_charge_that_never_happened_is_not_said_to_be_refunded(
    pipelines: Pipelines, world: World
) -> None:
    world.fail("charge_payment", LONG)
    run = await pipelines.order()
    await until_backoff(run, "charge_payment")
    await run.cancel()
    state = await cancelled_state(run)
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
    await cancelled_state(run)
    assert undone(world) == ["order-o1:cancellation"]


async def test_during_the_wait_for_approval(pipelines: Pipelines, world: World) -> None:
    run = await pipelines.order(large_order())
    await until_order(run, status=OrderStatus.AWAITING_APPROVAL)
    await run.cancel()
    await cancelled_state(run)
    assert world.keys_used() == ["order-o1:cancellation"]


async def test_during_the_wait_for_the_business_day(pipelines: Pipelines, world: World) -> None:
    run = await pipelines.order()
    await until_order(run, status=OrderStatus.WAITING_FOR_BUSINESS_DAY)
    await run.cancel()
    state = await cancelled_state(run)
    assert (state.reservation_id, state.refund_id) == ("rs-o1", "re-o1")
    assert undone(world) == ["order-o1:release", "order-o1:refund", "order-o1:cancellation"]


@pytest.mark.parametrize(
    ("running", "stopped_at", "undoes"),
    [
        (None, OrderStep.CHARGE, []),
        ("charge_payment", OrderStep.RESERVE, ["order-o1:refund"]),
        ("reserve_inventory", OrderStep.WAIT, ["order-o1:release", "order-o1:refund"]),
    ],
)
async def test_while_paused(
    pipelines: Pipelines,
    world: World,
    running: str | None,
    stopped_at: OrderStep,
    undoes: list[str],
) -> None:
    if running is None:
        run = await pipelines.order(start_signal="pause")
    else:
        async with world.holding(running) as step:
            run = await pipelines.order()
            await step.wait_until_entered()
            await run.signal(OrderWorkflow.pause)
    await until_order(run, step=stopped_at, waiting_for="resume")
    await run.cancel()
    await cancelled_state(run)
    assert undone(world) == [*undoes, "order-o1:cancellation"]


async def test_paused_before_shipping(pipelines: Pipelines, world: World) -> None:
    run = await pipelines.order()
    await until_order(run, status=OrderStatus.WAITING_FOR_BUSINESS_DAY)
    await run.signal(OrderWorkflow.pause)
    await run.signal(OrderWorkflow.expedite)
    await until_order(run, step=OrderStep.SHIP, waiting_for="resume")
    await run.cancel()
    await cancelled_state(run)
    assert undone(world) == ["order-o1:release", "order-o1:refund", "order-o1:cancellation"]
    assert world.shipments == {}


# --- too late ---------------------------------------------------------------------------------


@pytest.mark.parametrize("running", ["schedule_shipment", "send_confirmation"])
async def test_after_shipping_it_is_refused_and_the_run_goes_on(
    pipelines: Pipelines, world: World, running: str
) -> None:
    async with world.holding(running) as step:
        run = await pipelines.order(start_signal="expedite")
        await step.wait_until_entered()
        await run.cancel()
        await until_event(run, CANCEL_REQUESTED)
    result = await run.result()
    assert (result.status, result.customer_told) == (OrderStatus.COMPLETED, True)
    assert (await order_state(run)).cancel_refused == "already shipped as sh-o1"
    assert undone(world) == []


async def test_while_paused_before_the_confirmation_it_is_refused(
    pipelines: Pipelines, world: World
) -> None:
    async with world.holding("schedule_shipment") as shipment:
        run = await pipelines.order(start_signal="expedite")
        await shipment.wait_until_entered()
        await run.signal(OrderWorkflow.pause)
    await until_order(run, step=OrderStep.CONFIRM, waiting_for="resume")
    await run.cancel()
    state = await until_order(run, cancel_refused="already shipped as sh-o1")
    assert state.waiting_for == "resume"
    assert "send_confirmation" not in world.names()
    await run.signal(OrderWorkflow.resume)
    assert (await run.result()).status == OrderStatus.COMPLETED


async def test_a_confirmation_in_backoff_is_still_sent(pipelines: Pipelines, world: World) -> None:
    world.fail("send_confirmation", LONG)
    run = await pipelines.order(start_signal="expedite")
    await until_backoff(run, "send_confirmation")
    await run.cancel()
    await until_order(run, cancel_refused="already shipped as sh-o1")
    assert (await run.result()).customer_told
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
        assert (await run.result()).status == OrderStatus.COMPLETED
        assert (await order_state(run)).cancel_refused == "already shipped as sh-o1"
        assert undone(world) == []
    else:
        await cancelled_state(run)
        assert undone(world) == ["order-o1:release", "order-o1:refund", "order-o1:cancellation"]
    assert len(world.calls_of("schedule_shipment")) == 1


# --- in the middle of something ---------------------------------------------------------------


async def test_while_a_lost_charge_is_looked_up(pipelines: Pipelines, world: World) -> None:
    world.lose_answers("charge_payment", 5, SHORT)
    async with world.holding("find_charge") as lookup:
        run = await pipelines.order()
        await lookup.wait_until_entered()
        await run.cancel()
        await until_event(run, CANCEL_REQUESTED)
    state = await cancelled_state(run)
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
    state = await cancelled_state(run)
    assert state.refund_id == "re-o1"
    assert undone(world) == ["order-o1:release", "order-o1:refund", "order-o1:cancellation"]


async def test_a_cancel_while_another_end_is_undone_changes_nothing(
    pipelines: Pipelines, world: World
) -> None:
    world.fail("reserve_inventory", OutOfStock("none left"))
    async with world.holding("refund_payment") as refund:
        run = await pipelines.order()
        await refund.wait_until_entered()
        await run.cancel()
        await until_event(run, CANCEL_REQUESTED)
    result = await run.result()
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
    assert (await cancelled_state(run)).refund_id == "re-o1"


async def test_an_order_cancelled_before_it_began_does_nothing() -> None:
    async with serving_pipelines(worker=False) as pipelines:
        run = await pipelines.order()
        await run.cancel()
        async with pipelines.worker():
            await cancelled_state(run)
    assert pipelines.world.keys_used() == ["order-o1:cancellation"]


async def test_a_mail_that_fails_leaves_the_order_cancelled(
    pipelines: Pipelines, world: World
) -> None:
    world.fail("send_cancellation", *[LONG] * 5)
    run = await pipelines.order()
    await until_order(run, status=OrderStatus.WAITING_FOR_BUSINESS_DAY)
    await run.cancel()
    state = await cancelled_state(run)
    assert (state.refund_id, state.customer_told) == ("re-o1", False)
    assert state.elapsed_seconds > dt.timedelta(hours=4).total_seconds()
