"""Every end of an order is archived, last of all, and an archive that is away holds up nothing."""

import dataclasses
import datetime as dt

import pytest
from temporalio.client import WorkflowExecutionStatus
from temporalio.testing import WorkflowEnvironment

from activities.policies import POLICIES, linear
from models import OrderStatus, OrderStep
from providers.errors import (
    OutOfStock,
    PaymentDeclined,
    ProviderRateLimited,
    ProviderUnavailable,
)
from providers.records import token_digest
from service.runs.listing import query_of
from service.runs.stuck import among, runs_to_ask
from tests.support.fakes import World
from tests.support.pipelines import (
    QUEUE,
    Pipelines,
    large_order,
    later_try,
    small_order,
)
from tests.support.watching import (
    cancelled_order,
    closing_status,
    failure_of,
    made_locally,
    result_of,
    scheduled,
    until,
    until_order,
)
from workflows.order.workflow import OrderWorkflow

AWAY = ProviderUnavailable("could not archive an order: no connection")
HOURS = [AWAY] * 40
"""With waits that double to ten minutes this is six hours."""


async def test_a_result_is_archived_with_everything_but_the_token(
    pipelines: Pipelines, world: World
) -> None:
    decision = {"approved": True, "decided_by": "ada", "reason": "a regular"}
    order = large_order()
    run = await pipelines.order(order, start_signal="approval", start_signal_args=[decision])

    result = await result_of(run)

    row = world.orders["o1"]
    assert row.result == result
    assert (row.workflow_id, row.run_id, row.first_run_id) == (
        "order-o1",
        run.result_run_id,
        run.result_run_id,
    )
    assert (row.result.try_number, row.step) == (1, OrderStep.CONFIRM)
    assert row.started_at < row.ended_at
    assert row.content["customer_email"] == order.customer_email
    assert row.token_digests == {token_digest(order)}
    history = await run.fetch_history()
    assert made_locally(history)[-1] == "archive_order"
    assert order.payment_token.get_secret_value() not in str(history.events)


async def test_a_declined_and_a_cancelled_order_are_archived(
    pipelines: Pipelines, world: World
) -> None:
    world.fail("charge_payment", PaymentDeclined("the card was declined"))
    await result_of(await pipelines.order(small_order(order_id="declined")))
    run = await pipelines.order(small_order(order_id="cancelled"))
    await until_order(run, status=OrderStatus.WAITING_FOR_BUSINESS_DAY)
    await run.cancel()
    await cancelled_order(run)

    declined, cancelled = world.orders["declined"], world.orders["cancelled"]
    assert declined.result.status is OrderStatus.PAYMENT_FAILED
    assert declined.step is OrderStep.CHARGE
    assert cancelled.result.status is OrderStatus.CANCELLED
    assert cancelled.result.refund_id == "re-cancelled"
    assert world.archivings[-1].at >= world.calls[-1].at


async def test_an_order_whose_undo_failed_for_good_is_archived_as_failed(
    pipelines: Pipelines, world: World
) -> None:
    world.fail("reserve_inventory", OutOfStock("none left"))
    world.fail("refund_payment", *[ProviderRateLimited("closed for today", 86_400.0)] * 8)

    await failure_of(await pipelines.order())

    result = world.orders["o1"].result
    assert result.status is OrderStatus.FAILED
    assert result.reason == "refund_payment: closed for today"


async def test_what_has_no_id_of_its_own_or_no_order_is_not_archived(
    pipelines: Pipelines, world: World
) -> None:
    for content, workflow_id in ((small_order(), "order-other"), ({"order_id": 7}, "order-7")):
        run = await pipelines.env.client.start_workflow(
            OrderWorkflow.run, content, id=workflow_id, task_queue=QUEUE
        )
        await failure_of(run)
    assert world.calls == world.archivings == []


async def test_an_archive_that_is_away_for_hours_holds_up_no_refund_and_no_mail(
    pipelines: Pipelines, world: World
) -> None:
    world.fail("reserve_inventory", OutOfStock("none left"))
    world.fail("archive_order", *HOURS)
    run = await pipelines.order()
    state = await until_order(run, waiting_for=f"another attempt: {AWAY}")

    assert (state.status, state.refund_id) == (OrderStatus.OUT_OF_STOCK, "re-o1")
    assert list(world.mails) == ["order-o1:refunded"]
    assert await closing_status(run) is WorkflowExecutionStatus.RUNNING

    result = await result_of(run)

    assert world.orders["o1"].result == result
    assert list(scheduled(await run.fetch_history()))[-1] == "archive_order"
    assert world.archivings[-1].at - world.archivings[0].at > dt.timedelta(hours=5)


async def test_a_cancel_while_the_archive_is_away_is_too_late(
    pipelines: Pipelines, world: World
) -> None:
    world.fail("archive_order", *HOURS[:5])
    run = await pipelines.order(start_signal="expedite")
    await until_order(run, waiting_for=f"another attempt: {AWAY}")
    await run.cancel()

    assert (await result_of(run)).status is OrderStatus.COMPLETED
    assert world.orders["o1"].result.status is OrderStatus.COMPLETED
    assert world.undone() == []


def test_the_archive_is_tried_for_as_long_as_an_undo() -> None:
    archive, refund = POLICIES["archive_order"], POLICIES["refund_payment"]
    assert archive.limits_after_local_attempt() == refund.limits()


async def test_a_try_that_did_nothing_because_an_earlier_one_shipped_is_not_archived(
    pipelines: Pipelines, world: World
) -> None:
    first = await result_of(await pipelines.order(start_signal="expedite"))

    await failure_of(await pipelines.order(later_try(small_order())))

    assert world.orders["o1"].result == first


async def test_an_order_that_waits_for_the_archive_is_listed_as_stuck(
    real_time: WorkflowEnvironment, monkeypatch: pytest.MonkeyPatch
) -> None:
    soon = dataclasses.replace(POLICIES["archive_order"], waits=linear(0.1))
    monkeypatch.setitem(POLICIES, "archive_order", soon)
    # The time-skipping server cannot list runs.
    pipelines = Pipelines(real_time, World())
    async with pipelines.worker():
        client = pipelines.env.client
        pipelines.world.fail("archive_order", *[AWAY] * 10_000)
        run = await pipelines.order(start_signal="expedite")

        async def failing() -> list[str]:
            runs = await runs_to_ask(client, query_of("order"))
            return [task.task async for stuck in among(client, runs) for task in stuck.failing]

        async def is_listed() -> bool:
            return await failing() == ["archive_order"]

        await until(is_listed)
        # Or an attempt begins while the worker stops, which may then wait for it for good.
        await run.terminate()
