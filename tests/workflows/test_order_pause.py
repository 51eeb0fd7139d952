"""Pause before each step and during each wait; resume continues at exactly that step."""

import datetime as dt

import pytest
from temporalio.client import WorkflowExecutionStatus

from models import Approval, OrderStatus, OrderStep
from providers.errors import ProviderRateLimited
from tests.support.fakes import World
from tests.support.pipelines import HEARS_DURING_LOCAL_STEPS, Pipelines, large_order
from tests.support.watching import (
    closing_status,
    failure_of,
    order_state,
    result_of,
    until_backoff,
    until_order,
)
from workflows.order.workflow import OrderWorkflow

ALL_STEPS = ["charge_payment", "reserve_inventory", "schedule_shipment", "send_confirmation"]


async def test_paused_before_the_first_step(pipelines: Pipelines, world: World) -> None:
    run = await pipelines.order(start_signal="pause")
    state = await until_order(run, waiting_for="resume")
    assert (state.step, state.paused) == (OrderStep.CHARGE, True)
    await pipelines.env.sleep(dt.timedelta(days=30))
    assert world.calls == []
    await run.signal(OrderWorkflow.resume)
    assert (await result_of(run)).status == OrderStatus.COMPLETED
    assert world.names() == ALL_STEPS


@pytest.mark.parametrize(
    ("running", "stops_before"),
    [
        ("charge_payment", OrderStep.RESERVE),
        ("reserve_inventory", OrderStep.WAIT),
        ("schedule_shipment", OrderStep.CONFIRM),
    ],
)
async def test_a_running_step_finishes_and_the_next_one_waits(
    pipelines: Pipelines, world: World, running: str, stops_before: OrderStep
) -> None:
    async with world.holding(running) as step:
        run = await pipelines.order(start_signal="expedite", task_timeout=HEARS_DURING_LOCAL_STEPS)
        await step.wait_until_entered()
        await run.signal(OrderWorkflow.pause)
        await until_order(run, paused=True)
    state = await until_order(run, waiting_for="resume")
    assert state.step == stops_before
    await pipelines.env.sleep(dt.timedelta(days=30))
    assert world.names() == ALL_STEPS[: ALL_STEPS.index(running) + 1]
    await run.signal(OrderWorkflow.resume)
    assert (await result_of(run)).status == OrderStatus.COMPLETED
    assert world.names() == ALL_STEPS
    assert len(world.calls) == len(ALL_STEPS)


async def test_a_pause_in_backoff_lets_the_step_finish_its_attempts(
    pipelines: Pipelines, world: World
) -> None:
    world.fail("charge_payment", ProviderRateLimited("slow down", 3600.0))
    run = await pipelines.order()
    await until_backoff(run, "charge_payment")
    await run.signal(OrderWorkflow.pause)
    await pipelines.env.sleep(dt.timedelta(hours=2))
    state = await until_order(run, waiting_for="resume")
    assert (state.step, state.transaction_id) == (OrderStep.RESERVE, "ch-o1")
    await run.signal(OrderWorkflow.resume)
    assert (await result_of(run)).status == OrderStatus.COMPLETED


async def test_paused_during_the_wait_for_the_business_day(
    pipelines: Pipelines, world: World
) -> None:
    run = await pipelines.order()
    await until_order(run, status=OrderStatus.WAITING_FOR_BUSINESS_DAY)
    await run.signal(OrderWorkflow.pause)
    await until_order(run, paused=True, waiting_for="the next business day")
    await pipelines.env.sleep(dt.timedelta(days=10))
    state = await until_order(run, waiting_for="resume")
    assert state.step == OrderStep.SHIP
    assert "schedule_shipment" not in world.names()
    await run.signal(OrderWorkflow.resume)
    assert (await result_of(run)).status == OrderStatus.COMPLETED


async def test_paused_and_resumed_during_a_wait_the_wait_goes_on(pipelines: Pipelines) -> None:
    run = await pipelines.order()
    before = await until_order(run, status=OrderStatus.WAITING_FOR_BUSINESS_DAY)
    await run.signal(OrderWorkflow.pause)
    await run.signal(OrderWorkflow.resume)
    after = await until_order(run, paused=False)
    assert after.model_copy(update={"elapsed_seconds": 0.0}) == before.model_copy(
        update={"elapsed_seconds": 0.0}
    )
    assert (await result_of(run)).status == OrderStatus.COMPLETED


async def test_a_second_pause_during_the_resume_holds(pipelines: Pipelines, world: World) -> None:
    run = await pipelines.order(start_signal="pause")
    await until_order(run, waiting_for="resume")
    async with world.holding("charge_payment") as charge:
        await run.signal(OrderWorkflow.resume)
        await charge.wait_until_entered()
        await run.signal(OrderWorkflow.pause)
        await run.signal(OrderWorkflow.pause)
        await until_order(run, paused=True)
    assert (await until_order(run, waiting_for="resume")).step == OrderStep.RESERVE
    await run.signal(OrderWorkflow.resume)
    assert (await result_of(run)).status == OrderStatus.COMPLETED


async def test_approval_and_status_and_cancel_answer_while_paused(
    pipelines: Pipelines, world: World
) -> None:
    run = await pipelines.order(large_order(), start_signal="pause")
    assert (await order_state(run)).paused
    decided = await run.execute_update(OrderWorkflow.decide, Approval(approved=True))
    assert decided.paused
    await until_order(run, waiting_for="resume")
    await run.cancel()
    await failure_of(run)
    state = await order_state(run)
    assert (state.status, state.paused) == (OrderStatus.CANCELLED, True)
    assert world.names() == [*["settle_try"] * 3, "send_cancellation"]
    assert await closing_status(run) == WorkflowExecutionStatus.CANCELED


async def test_a_resume_without_a_pause_changes_nothing(pipelines: Pipelines) -> None:
    run = await pipelines.order(start_signal="resume")
    assert (await result_of(run)).status == OrderStatus.COMPLETED


async def test_what_a_form_sends_along_with_a_signal_does_no_harm(pipelines: Pipelines) -> None:
    run = await pipelines.order()
    for signal, paused in (("pause", True), ("resume", False), ("expedite", False)):
        await run.signal(signal, {})
        assert (await order_state(run)).paused is paused
    assert (await result_of(run)).status == OrderStatus.COMPLETED
