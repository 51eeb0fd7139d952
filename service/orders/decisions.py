"""What a person can do with an order that is under way."""

from collections.abc import Callable
from dataclasses import dataclass

from temporalio.client import Client

from models import Approval
from service.calls import MAY_COUNT, WAS_SENT, answered
from service.runs import Run, State, find_open_order, require_answers
from workflows.order.workflow import OrderWorkflow


@dataclass(frozen=True)
class Taken:
    """What was done with a run, in one word, and where it stands now."""

    run: Run
    state: State
    verdict: str


async def decide(client: Client, order_id: str, approval: Approval) -> Taken:
    """Approve or reject an order that waits for it.

    Raise NotFound, NoWorker, or Refused with the reason where the decision cannot count.
    """
    verdict = "approved" if approval.approved else "rejected"
    run = await find_open_order(client, order_id, verdict)
    require_answers(run)
    state = await answered(run.handle.execute_update(OrderWorkflow.decide, approval), MAY_COUNT)
    return Taken(run, state, verdict)


async def pause(client: Client, order_id: str) -> Taken:
    """Stop an order before its next step; raise NotFound, Refused or NoWorker."""
    return await _signal(client, order_id, OrderWorkflow.pause, "paused")


async def resume(client: Client, order_id: str) -> Taken:
    """Let a paused order go on; raise NotFound, Refused or NoWorker."""
    return await _signal(client, order_id, OrderWorkflow.resume, "resumed")


async def expedite(client: Client, order_id: str) -> Taken:
    """Let an order skip the wait for the business day; raise NotFound, Refused or NoWorker."""
    return await _signal(client, order_id, OrderWorkflow.expedite, "expedited")


async def _signal(
    client: Client, order_id: str, signal: Callable[[OrderWorkflow], None], verdict: str
) -> Taken:
    run = await find_open_order(client, order_id, verdict)
    await answered(run.handle.signal(signal))
    # The answer to this query comes after the signal was handled.
    return Taken(run, await run.state(unanswered=WAS_SENT), verdict)
