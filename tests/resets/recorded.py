"""Resets whose histories are recorded: see ``tests/record_histories.py``."""

from models import Approval, OrderResult, OrderStatus
from providers.errors import OutOfStock
from tests.resets.points import Reapply, Remembers, points_of, reset
from tests.support.pipelines import Pipelines, Run, large_order
from tests.support.watching import result_of, until_order
from workflows.order.workflow import OrderWorkflow


async def order_reset_and_rejected(pipelines: Pipelines) -> Run:
    """The charge of the first run stood when the second was rejected."""
    run = await pipelines.order(large_order())
    await until_order(run, status=OrderStatus.AWAITING_APPROVAL)
    await run.execute_update(OrderWorkflow.decide, Approval(approved=True, decided_by="ada"))
    await until_order(run, status=OrderStatus.WAITING_FOR_BUSINESS_DAY)
    again = await reset_to(pipelines, run, Remembers.NOTHING)
    await until_order(again, status=OrderStatus.AWAITING_APPROVAL)
    await again.signal("approval", {"approved": False})
    await result_of(again)
    return again


async def order_reset_after_its_refund(pipelines: Pipelines) -> Run:
    """The second run remembers a charge that the first had refunded."""
    pipelines.world.fail("reserve_inventory", OutOfStock("only 1 mug left"))
    run = await pipelines.order(start_signal="expedite")
    await result_of(run)
    again = await reset_to(pipelines, run, Remembers.CHARGE)
    await result_of(again)
    return again


async def reset_to(pipelines: Pipelines, run: Run, remembers: Remembers) -> Run:
    """Reset to the first point that leaves so much to remember; return the new run."""
    client, events = pipelines.env.client, (await run.fetch_history()).events
    point = next(one for one in points_of(events) if one.remembers is remembers)
    run_id = run.result_run_id or ""
    run_id = await reset(client, run.id, run_id, point.event_id, Reapply.NONE)
    return client.get_workflow_handle(run.id, run_id=run_id, result_type=OrderResult)
