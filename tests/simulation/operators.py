"""What operators do to a run of a simulation: they reset it, or try again what has ended."""

from contextlib import closing

from temporalio.api.enums.v1 import EventType, ResetReapplyExcludeType

from service.orders.retry import payment_token, plan_order, start_order_again
from service.receipts.retry import plan_receipt, receipt_store, start_receipt_again
from service.runs.find import find_run
from tests.simulation.plan.steps import Planned
from tests.simulation.world import World

RESET_POINTS = (
    EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED,
    EventType.EVENT_TYPE_WORKFLOW_TASK_FAILED,
    EventType.EVENT_TYPE_WORKFLOW_TASK_TIMED_OUT,
    EventType.EVENT_TYPE_WORKFLOW_TASK_STARTED,
)
"""Events that the server allows a reset to."""

EXCLUDES = {
    "signal": ResetReapplyExcludeType.RESET_REAPPLY_EXCLUDE_TYPE_SIGNAL,
    "update": ResetReapplyExcludeType.RESET_REAPPLY_EXCLUDE_TYPE_UPDATE,
    "nexus": ResetReapplyExcludeType.RESET_REAPPLY_EXCLUDE_TYPE_NEXUS,
}

CARDS = (None, "tok_visa", "tok_visa", "tok_declined", "tok_drop_1")
"""With what an order is tried again; None is the card that it has."""


async def reset(world: World, workflow_id: str, planned: Planned) -> bool:
    """Reset the latest run of a workflow id as planned; tell whether it has a point for that.

    Raise RPCError if the server does not allow it.
    """
    history = await world.history(workflow_id)
    points = [event.event_id for event in history.events if event.event_type in RESET_POINTS]
    if not points:
        return False
    without = [EXCLUDES[name] for name in planned.without]
    await world.reset(history, points[planned.pick(len(points))], without)
    return True


async def retry(world: World, workflow_id: str, planned: Planned) -> None:
    """Try an order or a receipt again as ``starter.py retry --yes`` does; raise ServiceError."""
    run = await find_run(world.client, workflow_id)
    if run.is_order:
        card = CARDS[planned.pick(len(CARDS))]
        order = await plan_order(
            world.client, world.settings, run, payment_token(card) if card else None
        )
        await start_order_again(world.client, world.settings, order)
        return
    with closing(receipt_store(world.settings)) as store:
        receipt = await plan_receipt(world.client, store, run)
    await start_receipt_again(world.client, receipt, world.settings)
