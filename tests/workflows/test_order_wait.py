"""The wait for the business day, and how expedite skips it."""

import datetime as dt

import pytest

from models import OrderStatus, OrderStep
from tests.support.fakes import World
from tests.support.pipelines import Pipelines
from tests.support.watching import order_state, result_of, timers, until_order
from workflows.order.workflow import OrderWorkflow

FRIDAY, SATURDAY = 4, 5


async def skip_to(pipelines: Pipelines, weekday: int, hour: int) -> dt.datetime:
    """Skip at least a week, to an hour (UTC) of a weekday; return that time."""
    now = await pipelines.env.get_current_time()
    day = now.date() + dt.timedelta(days=(weekday - now.weekday()) % 7 + 7)
    then = dt.datetime.combine(day, dt.time(hour, tzinfo=dt.UTC))
    await pipelines.env.sleep(then - now)
    return then


@pytest.mark.parametrize("hour", [2, 12])
async def test_an_order_that_is_resumed_on_a_saturday_ships_on_monday(
    pipelines: Pipelines, world: World, hour: int
) -> None:
    run = await pipelines.order()
    await until_order(run, status=OrderStatus.WAITING_FOR_BUSINESS_DAY)
    await run.signal(OrderWorkflow.pause)
    saturday = await skip_to(pipelines, SATURDAY, hour)
    await until_order(run, step=OrderStep.SHIP, waiting_for="resume")
    await run.signal(OrderWorkflow.resume)
    state = await until_order(run, status=OrderStatus.WAITING_FOR_BUSINESS_DAY)
    monday = saturday.replace(hour=9) + dt.timedelta(days=2)
    assert (state.step, state.waiting_until) == (OrderStep.WAIT, monday)
    assert (await result_of(run)).status == OrderStatus.COMPLETED
    [shipped] = world.calls_of("schedule_shipment")
    assert monday <= shipped.at < monday + dt.timedelta(minutes=1)


async def test_one_that_is_resumed_at_night_ships_in_the_morning(
    pipelines: Pipelines, world: World
) -> None:
    run = await pipelines.order()
    await until_order(run, status=OrderStatus.WAITING_FOR_BUSINESS_DAY)
    await run.signal(OrderWorkflow.pause)
    night = await skip_to(pipelines, FRIDAY, 2)
    await until_order(run, step=OrderStep.SHIP, waiting_for="resume")
    await run.signal(OrderWorkflow.resume)
    assert (await result_of(run)).status == OrderStatus.COMPLETED
    [shipped] = world.calls_of("schedule_shipment")
    assert shipped.at.replace(minute=0, second=0, microsecond=0) == night.replace(hour=9)


async def test_expedited_it_ships_on_a_saturday(pipelines: Pipelines) -> None:
    run = await pipelines.order()
    await until_order(run, status=OrderStatus.WAITING_FOR_BUSINESS_DAY)
    await run.signal(OrderWorkflow.pause)
    await skip_to(pipelines, SATURDAY, 12)
    await until_order(run, step=OrderStep.SHIP, waiting_for="resume")
    await run.signal(OrderWorkflow.expedite)
    await run.signal(OrderWorkflow.resume)
    # Time stands still here.
    await until_order(run, status=OrderStatus.COMPLETED)


async def test_an_order_of_friday_night_ships_on_monday_morning(pipelines: Pipelines) -> None:
    now = await pipelines.env.get_current_time()
    friday = now.date() + dt.timedelta(days=(FRIDAY - now.weekday()) % 7 + 7)
    night = dt.datetime.combine(friday, dt.time(23, 30, tzinfo=dt.UTC))
    await pipelines.env.sleep(night - now)
    run = await pipelines.order()
    state = await until_order(run, status=OrderStatus.WAITING_FOR_BUSINESS_DAY)
    monday = dt.datetime.combine(friday + dt.timedelta(days=3), dt.time(9, tzinfo=dt.UTC))
    assert (state.step, state.waiting_until) == (OrderStep.WAIT, monday)
    assert (await result_of(run)).status == OrderStatus.COMPLETED
    [(began, lasted)] = timers(await run.fetch_history())
    assert abs(began + lasted - monday) < dt.timedelta(minutes=1)
    assert dt.timedelta(hours=57) < lasted < dt.timedelta(hours=57, minutes=30)


async def test_nothing_ships_before_the_business_day(pipelines: Pipelines, world: World) -> None:
    run = await pipelines.order()
    state = await until_order(run, status=OrderStatus.WAITING_FOR_BUSINESS_DAY)
    assert state.waiting_until is not None
    almost = state.waiting_until - await pipelines.env.get_current_time() - dt.timedelta(minutes=1)
    await pipelines.env.sleep(almost)
    assert (await order_state(run)).status == OrderStatus.WAITING_FOR_BUSINESS_DAY
    assert "schedule_shipment" not in world.names()
    await result_of(run)
    assert "schedule_shipment" in world.names()


async def test_expedite_before_the_wait_skips_it(pipelines: Pipelines) -> None:
    run = await pipelines.order(start_signal="expedite")
    assert (await result_of(run)).status == OrderStatus.COMPLETED
    assert timers(await run.fetch_history()) == []


async def test_expedite_ends_the_wait(pipelines: Pipelines) -> None:
    run = await pipelines.order()
    await until_order(run, status=OrderStatus.WAITING_FOR_BUSINESS_DAY)
    await run.signal(OrderWorkflow.expedite)
    # Time stands still here, so only the signal can end the wait.
    state = await until_order(run, status=OrderStatus.COMPLETED)
    assert state.elapsed_seconds < 60


@pytest.mark.parametrize("again", ["expedite", "resume"])
async def test_expedite_twice_or_later_changes_nothing(
    pipelines: Pipelines, world: World, again: str
) -> None:
    async with world.holding("send_confirmation") as confirmation:
        run = await pipelines.order(start_signal="expedite")
        await confirmation.wait_until_entered()
        await run.signal(again)
    assert (await result_of(run)).status == OrderStatus.COMPLETED
    assert len(world.calls) == 4
    # The server does not close a run with unhandled messages. Then the local steps of its last
    # workflow task run again, with the same requests and keys.
    made = {(call.activity, str(call.request)) for call in world.calls}
    assert {(call.activity, str(call.request)) for call in world.made_again} <= made


async def test_an_order_expedited_while_paused_ships_on_resume(
    pipelines: Pipelines, world: World
) -> None:
    run = await pipelines.order()
    await until_order(run, status=OrderStatus.WAITING_FOR_BUSINESS_DAY)
    await run.signal(OrderWorkflow.pause)
    await run.signal(OrderWorkflow.expedite)
    await until_order(run, step=OrderStep.SHIP, waiting_for="resume")
    assert "schedule_shipment" not in world.names()
    await run.signal(OrderWorkflow.resume)
    await until_order(run, status=OrderStatus.COMPLETED)
