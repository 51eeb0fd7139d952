"""What a worker's settings change of the activities that workflows ask for: queue and patience.

A workflow cannot read settings. Neither a task queue nor a retry policy is compared with the
history when a run is replayed, so both may change under open runs; which steps are made locally
may not. So a local attempt for which there is a limit is asked for, recorded, and refused.

Apart from what workflows import: the SDK's worker would slow down every command.
"""

from collections.abc import Collection
from datetime import timedelta
from typing import Any

from temporalio import activity, workflow
from temporalio.worker import (
    ActivityInboundInterceptor,
    ExecuteActivityInput,
    Interceptor,
    StartActivityInput,
    WorkflowInboundInterceptor,
    WorkflowInterceptorClassInput,
    WorkflowOutboundInterceptor,
)

from activities.attempts import not_locally
from activities.metrics import PROVIDER_OF
from activities.policies import with_patience
from workflows.identity import provider_task_queue


class WorkerBounds(Interceptor):
    """Sends what calls a limited provider to a queue of its own, and stretches retry policies."""

    def __init__(self, limited: Collection[str] = (), patience: timedelta = timedelta()) -> None:
        self._limited = frozenset(limited)
        self._patience = patience

    def intercept_activity(self, next: ActivityInboundInterceptor) -> ActivityInboundInterceptor:
        """Refuse local attempts that would pass by a limit."""
        return _NotLocally(next, self._limited) if self._limited else next

    def workflow_interceptor_class(
        self, input: WorkflowInterceptorClassInput
    ) -> type[WorkflowInboundInterceptor] | None:
        """Change what the workflows of one worker ask for, if there is anything to change."""
        limited, patience = self._limited, self._patience
        if not limited and not patience:
            return None

        class Bounding(WorkflowInboundInterceptor):
            def init(self, outbound: WorkflowOutboundInterceptor) -> None:
                super().init(_Bounded(outbound, limited, patience))

        return Bounding


class _Bounded(WorkflowOutboundInterceptor):
    def __init__(
        self, next: WorkflowOutboundInterceptor, limited: frozenset[str], patience: timedelta
    ) -> None:
        super().__init__(next)
        self._limited = limited
        self._patience = patience

    def start_activity(self, input: StartActivityInput) -> workflow.ActivityHandle[Any]:
        """Start it on the queue of its provider, with the patience of this worker."""
        provider = PROVIDER_OF.get(input.activity)
        if provider in self._limited and input.task_queue is None:
            input.task_queue = provider_task_queue(workflow.info().task_queue, provider)
        if input.retry_policy is not None:
            input.retry_policy = with_patience(input.activity, input.retry_policy, self._patience)
        return self.next.start_activity(input)


class _NotLocally(ActivityInboundInterceptor):
    def __init__(self, next: ActivityInboundInterceptor, limited: frozenset[str]) -> None:
        super().__init__(next)
        self._limited = limited

    async def execute_activity(self, input: ExecuteActivityInput) -> Any:
        """Run it, unless it is a local attempt at a provider with a limit."""
        this = activity.info()
        if this.is_local and PROVIDER_OF.get(this.activity_type) in self._limited:
            raise not_locally("the attempts of its provider are limited over all workers")
        return await self.next.execute_activity(input)
