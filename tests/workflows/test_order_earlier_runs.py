"""An order whose first run somebody terminated, and that is started once more by the same id.

Temporal and the archive say nothing of what the first run did, and the second ends before it has
charged anything itself.
"""

from collections.abc import Awaitable, Callable

import pytest

from models import OrderStatus
from providers.errors import IdempotencyKeyReused
from tests.support.fakes import World
from tests.support.pipelines import OrderRun, Pipelines, large_order
from tests.support.watching import failure_of, result_of, until_order
from workflows.order.workflow import OrderWorkflow

APPROVED, REJECTED = {"approved": True}, {"approved": False}
CHARGE, RESERVATION = "order-o1:charge", "order-o1:reserve"


async def charged_and_terminated(pipelines: Pipelines) -> None:
    run = await pipelines.order(large_order())
    await run.signal("approval", APPROVED)
    await until_order(run, status=OrderStatus.WAITING_FOR_BUSINESS_DAY)
    await run.terminate()


async def rejected(run: OrderRun) -> None:
    await run.signal("approval", REJECTED)
    assert (await result_of(run)).status is OrderStatus.REJECTED


async def expired(run: OrderRun) -> None:
    assert (await result_of(run)).status is OrderStatus.APPROVAL_EXPIRED


async def cancelled(run: OrderRun) -> None:
    await run.cancel()
    await failure_of(run)


@pytest.mark.parametrize("end", [rejected, expired, cancelled])
async def test_whatever_it_had_begun_is_undone_and_the_customer_is_told_so(
    pipelines: Pipelines, world: World, end: Callable[[OrderRun], Awaitable[None]]
) -> None:
    await charged_and_terminated(pipelines)
    run = await pipelines.order(large_order())
    await until_order(run, status=OrderStatus.AWAITING_APPROVAL)

    await end(run)

    refund_id = world.refunds[CHARGE].refund_id
    assert refund_id is not None
    assert world.released == {RESERVATION}
    (mail,) = world.mails.values()
    assert f"Your payment was refunded as {refund_id}, in full." in mail.body
    assert world.orders["o1"].result.refund_id == refund_id


async def test_what_it_had_shipped_is_neither_undone_nor_denied(
    pipelines: Pipelines, world: World
) -> None:
    async with world.holding("send_confirmation") as mail:
        run = await pipelines.order(large_order())
        await run.signal("approval", APPROVED)
        await run.signal(OrderWorkflow.expedite)
        await mail.wait_until_entered()
        await run.terminate()
    again = await pipelines.order(large_order())

    await again.signal("approval", REJECTED)

    result = await result_of(again)
    assert (result.status, result.refund_id) == (OrderStatus.COMPLETED, None)
    assert result.shipment_id == world.shipments["order-o1:ship"].shipment_id
    assert (world.refunds, world.released) == ({}, set())
    assert list(world.mails) == ["order-o1:confirm"]


async def test_a_charge_that_is_refused_for_other_content_releases_its_stock(
    pipelines: Pipelines, world: World
) -> None:
    await charged_and_terminated(pipelines)
    world.fail("charge_payment", IdempotencyKeyReused("the key was used for other content"))

    run = await pipelines.order(large_order())
    await run.signal("approval", APPROVED)

    assert (await result_of(run)).status is OrderStatus.PAYMENT_FAILED
    assert set(world.refunds) == {CHARGE}
    assert world.released == {RESERVATION}
