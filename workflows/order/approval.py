"""Whether an order needs an approval: decided once, when it starts, and kept in its history.

A run that looked at the limit again, as each replay does, would stand still as soon as somebody
changed the limit, and with it every open order between the old and the new one.
"""

from temporalio import workflow

from models import OrderStatus, OrderTry
from workflows.search_attributes import PIPELINE_STATUS, needs_approval

NEEDED, NOT_NEEDED = "approval-needed", "approval-not-needed"
"""Markers of what was decided for an order that was started with no status."""


def decided_at_start(order: OrderTry) -> bool:
    """Tell whether an order needs an approval. Call it once, while its workflow is made.

    Whoever started it decided that and set its first status accordingly, which
    ``list --status`` shows. Where nobody did, as from a form of the Temporal UI, it is decided
    here and a marker keeps it. An approval of an earlier try is none that this one needs.
    """
    if order.approved_before is not None:
        return False
    status = workflow.info().typed_search_attributes.get(PIPELINE_STATUS)
    if status in (OrderStatus.AWAITING_APPROVAL, OrderStatus.RUNNING):
        return status == OrderStatus.AWAITING_APPROVAL
    if not workflow.unsafe.is_replaying():
        needed = needs_approval(order)
        workflow.patched(NEEDED if needed else NOT_NEEDED)
        return needed
    if workflow.patched(NEEDED):
        return True
    # Runs that began before there were markers have neither.
    return not workflow.patched(NOT_NEEDED) and needs_approval(order)
