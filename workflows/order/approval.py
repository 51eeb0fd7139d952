"""Whether an order needs an approval: decided once, when it starts, and kept in its history.

A run that looked at the threshold again, as each replay does, would stand still as soon as somebody
changed it, and with it every open order between the old and the new one.

The threshold is a setting, which no workflow can read. Whoever starts an order compares it with
their own setting, and the run's first event keeps the outcome as the order's status. Where nobody
did, as from a form of the Temporal UI, the worker of the first task compares it with its setting,
which ``workflows/worker_threshold.py`` hands in, and a marker keeps the outcome.
"""

from temporalio import workflow

from models import OrderStatus, OrderTry
from workflows.search_attributes import PIPELINE_STATUS, needs_approval

NEEDED, NOT_NEEDED = "approval-needed", "approval-not-needed"
"""Markers of what was decided for an order that was started with no status."""

_FIRST_THRESHOLD_CENTS = 50_000
"""The threshold of runs that have no marker, in minor units of any currency: it was no setting."""

THRESHOLD = "approval_threshold"
"""The name of the function by which a worker tells its threshold, in units of any currency."""


def decided_at_start(order: OrderTry) -> bool:
    """Tell whether an order needs an approval. Call it once, while its workflow is made.

    An approval of an earlier try is none that this one needs.
    """
    if order.approved_before is not None:
        return False
    status = workflow.info().typed_search_attributes.get(PIPELINE_STATUS)
    if status in (OrderStatus.AWAITING_APPROVAL, OrderStatus.RUNNING):
        return status == OrderStatus.AWAITING_APPROVAL
    if not workflow.unsafe.is_replaying():
        needed = needs_approval(order, workflow.extern_functions()[THRESHOLD]())
        workflow.patched(NEEDED if needed else NOT_NEEDED)
        return needed
    if workflow.patched(NEEDED):
        return True
    # Runs that began before there were markers have neither.
    return not workflow.patched(NOT_NEEDED) and order.total_cents > _FIRST_THRESHOLD_CENTS
