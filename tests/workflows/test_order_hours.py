"""An order waits for the hours of the shop, as they were when it began to wait."""

import datetime as dt

from models import OrderStatus
from providers.business_calendar.opening_hours import OpeningHours
from tests.support.pipelines import Pipelines
from tests.support.watching import failure_of, made_locally, result_of, until_order
from workflows.order.workflow import OrderWorkflow

DAY = dt.timedelta(days=1)
EVERY_DAY = frozenset(range(7))


async def test_a_public_holiday_is_no_business_day(pipelines: Pipelines) -> None:
    today = (await pipelines.env.get_current_time()).date()
    pipelines.calendar = OpeningHours(days=EVERY_DAY, holidays={today + DAY, today + 2 * DAY})

    await result_of(await pipelines.order())

    (shipped,) = pipelines.world.calls_of("schedule_shipment")
    opening = dt.datetime.combine(today + 3 * DAY, dt.time(9), dt.UTC)
    assert dt.timedelta(0) <= shipped.at - opening < dt.timedelta(minutes=1)


async def test_a_changed_calendar_changes_no_wait(pipelines: Pipelines) -> None:
    run = await pipelines.order()
    waiting = await until_order(run, status=OrderStatus.WAITING_FOR_BUSINESS_DAY)
    pipelines.calendar = OpeningHours(days=frozenset())  # closed for good

    await result_of(run)

    (shipped,) = pipelines.world.calls_of("schedule_shipment")
    assert waiting.waiting_until is not None
    assert dt.timedelta(0) <= shipped.at - waiting.waiting_until < dt.timedelta(minutes=1)


async def test_an_order_that_was_resumed_in_the_evening_ships_next_morning(
    pipelines: Pipelines,
) -> None:
    pipelines.calendar = OpeningHours(closes=dt.time(17), days=EVERY_DAY)
    run = await pipelines.order()
    opening = (await until_order(run, status=OrderStatus.WAITING_FOR_BUSINESS_DAY)).waiting_until
    assert opening is not None
    await run.signal(OrderWorkflow.pause)
    evening = opening.replace(hour=20)
    await pipelines.env.sleep(evening - await pipelines.env.get_current_time())
    await until_order(run, waiting_for="resume")
    await run.signal(OrderWorkflow.resume)

    await result_of(run)

    (shipped,) = pipelines.world.calls_of("schedule_shipment")
    assert dt.timedelta(0) <= shipped.at - (opening + DAY) < dt.timedelta(minutes=1)


async def test_the_calendar_is_asked_once_and_locally(pipelines: Pipelines) -> None:
    run = await pipelines.order()
    await result_of(run)
    assert made_locally(await run.fetch_history()).count("find_business_hours") == 1


async def test_an_expedited_order_asks_no_calendar(pipelines: Pipelines) -> None:
    run = await pipelines.order(start_signal="expedite")
    await result_of(run)
    assert "find_business_hours" not in made_locally(await run.fetch_history())


async def test_a_cancel_while_it_waits(pipelines: Pipelines) -> None:
    run = await pipelines.order()
    await until_order(run, status=OrderStatus.WAITING_FOR_BUSINESS_DAY)
    await run.cancel()
    await failure_of(run)
    assert pipelines.world.calls_of("schedule_shipment") == []
