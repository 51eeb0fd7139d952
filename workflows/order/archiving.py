"""The last step of an order, whatever its end: it is remembered for longer than its run.

It comes last, so that a database that is away for hours holds up no refund and no mail.
"""

import asyncio
from collections.abc import Coroutine
from typing import Any

from temporalio import workflow
from temporalio.exceptions import ActivityError, FailureError

from models import EndedOrder, OrderResult
from workflows.identity import WRONG_WORKFLOW_ID, first_run_id
from workflows.order.progress import OrderProgress
from workflows.order.rules import Rule, in_force
from workflows.order.steps import OrderSteps
from workflows.order.tries import EARLIER_TRY_SHIPPED, ORDER_HAS_ENDED
from workflows.shared.cancellation import uncancellable
from workflows.shared.failures import reason_of

NOT_ARCHIVED = (WRONG_WORKFLOW_ID, EARLIER_TRY_SHIPPED, ORDER_HAS_ENDED)
"""Types of failures of a run that did nothing, beside what an earlier one did: its end is not the
order's."""


async def archived(
    fulfilling: Coroutine[Any, Any, OrderResult], steps: OrderSteps, progress: OrderProgress
) -> OrderResult:
    """Await the end of an order and archive it; then return its result, or raise its failure."""
    try:
        result = await fulfilling
    except (FailureError, asyncio.CancelledError) as end:
        is_its_end = getattr(end, "type", None) not in NOT_ARCHIVED
        # Not finished is a run that a worker drops from its memory.
        if progress.finished and is_its_end and in_force(Rule.ENDED_ORDERS_ARE_ARCHIVED):
            await uncancellable(_archive(steps, progress))
        raise
    if in_force(Rule.ENDED_ORDERS_ARE_ARCHIVED):
        await uncancellable(_archive(steps, progress))
    return result


async def _archive(steps: OrderSteps, progress: OrderProgress) -> None:
    try:
        await steps.archive(_ended(progress)).local_first(progress.waiting)
    except ActivityError as failure:  # after days; the audit finds it, and a command mends it
        workflow.logger.error("the order is not archived: %s", reason_of(failure))


def _ended(progress: OrderProgress) -> EndedOrder:
    info = workflow.info()
    return EndedOrder(
        workflow_id=info.workflow_id,
        run_id=info.run_id,
        first_run_id=first_run_id(),
        step=progress.step,
        result=progress.result(),
        cancel_refused=progress.cancel_refused,
        started_at=info.start_time,
        ended_at=workflow.now(),
    )
