"""A worker's approval threshold, for the orders that are started without a status.

Apart from what workflows import: the SDK's worker would slow down every command.
"""

from temporalio.worker import (
    Interceptor,
    WorkflowInboundInterceptor,
    WorkflowInterceptorClassInput,
)

from workflows import limits
from workflows.order.approval import THRESHOLD


class WorkerThreshold(Interceptor):
    """Hands a threshold, in units of an order's currency, to the workflows of one worker."""

    def __init__(self, units: int = limits.APPROVAL_THRESHOLD) -> None:
        self._units = units

    def workflow_interceptor_class(
        self, input: WorkflowInterceptorClassInput
    ) -> type[WorkflowInboundInterceptor] | None:
        """Add the threshold to what workflows can call; nothing is intercepted."""
        input.unsafe_extern_functions[THRESHOLD] = lambda: self._units
        return None
