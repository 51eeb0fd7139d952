"""What a person can do with an order that is under way, and the log of what they did."""

from collections.abc import Callable
from dataclasses import dataclass

from temporalio.client import Client

from models import Action, Approval, OrderState
from service.access.log import Doer, noted
from service.calls import MAY_COUNT, WAS_SENT, answered
from service.runs.find import Run, State, find_open_order, require_answers
from workflows.order.workflow import OrderWorkflow


@dataclass(frozen=True)
class Taken:
    """What was done with a run, in one word, and where it stands now."""

    run: Run
    state: State
    verdict: str


async def decide(
    client: Client, order_id: str, approval: Approval, doer: Doer | None = None
) -> Taken:
    """Approve or reject an order that waits for it.

    Raise NotFound, NoWorker, or Refused with the reason where the decision cannot count. These and
    the other functions here raise DatabaseUnreachable, with nothing done, as ``doer`` wants it.
    """
    verdict = "approved" if approval.approved else "rejected"
    run = await find_open_order(client, order_id, verdict)
    require_answers(run)
    action = Action.APPROVE if approval.approved else Action.REJECT
    async with noted(doer, action, run.workflow_id) as change:
        deciding = run.handle.execute_update(OrderWorkflow.decide, approval)
        state = await answered(deciding, MAY_COUNT)
        change.after = state.approval.model_dump(mode="json") if state.approval else None
    return Taken(run, state, verdict)


async def pause(client: Client, order_id: str, doer: Doer | None = None) -> Taken:
    """Stop an order before its next step; raise NotFound, Refused or NoWorker."""
    return await _signal(client, order_id, _PAUSE, doer)


async def resume(client: Client, order_id: str, doer: Doer | None = None) -> Taken:
    """Let a paused order go on; raise NotFound, Refused or NoWorker."""
    return await _signal(client, order_id, _RESUME, doer)


async def expedite(client: Client, order_id: str, doer: Doer | None = None) -> Taken:
    """Let an order skip the wait for the business day; raise NotFound, Refused or NoWorker."""
    return await _signal(client, order_id, _EXPEDITE, doer)


@dataclass(frozen=True)
class _Signal:
    """A signal without input, what it is in the log, and what was done with its order."""

    signal: Callable[[OrderWorkflow], None]
    action: Action
    verdict: str


_PAUSE = _Signal(OrderWorkflow.pause, Action.PAUSE, "paused")
_RESUME = _Signal(OrderWorkflow.resume, Action.RESUME, "resumed")
_EXPEDITE = _Signal(OrderWorkflow.expedite, Action.EXPEDITE, "expedited")


async def _signal(client: Client, order_id: str, to_send: _Signal, doer: Doer | None) -> Taken:
    run = await find_open_order(client, order_id, to_send.verdict)
    async with noted(doer, to_send.action, run.workflow_id) as change:
        await answered(run.handle.signal(to_send.signal))
        # The answer to this query comes after the signal was handled.
        state = await run.state(unanswered=WAS_SENT)
        if isinstance(state, OrderState):
            change.after = {"status": state.status, "paused": state.paused}
    return Taken(run, state, to_send.verdict)
