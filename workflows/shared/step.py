"""A step: one activity with its request, and the two ways to run it.

An ordinary activity costs a workflow task and three events, and shows in the Temporal UI while
it runs, with every attempt. A local activity costs one event, shows only afterwards, and is made
again whenever its workflow task is: after a lost worker, and when a signal comes just before the
server is told that the run is over. So money is moved and mail is sent by activities, while a call
that its idempotency key makes harmless to repeat is first made locally: when it succeeds, which is
nearly always, there was nothing to watch. A worker that already runs 32 local attempts refuses
more; those steps run as ordinary activities.
"""

import asyncio
import datetime as dt
from collections.abc import Awaitable, Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from temporalio import workflow
from temporalio.exceptions import (
    ActivityError,
    ApplicationError,
    FailureError,
    RetryState,
    TimeoutError,
    TimeoutType,
)
from temporalio.workflow import ActivityHandle

from activities.attempts import NOT_LOCALLY
from activities.policies import LOST_WORKER_WAIT, POLICIES, Limits, Policy, is_our_fault
from workflows.shared.cancellation import cancel_requested, outcome
from workflows.shared.failures import error_type, reason_of

Result = TypeVar("Result")


FAULTS_WAIT = "faults-of-ours-wait"
"""Patch: until then a worker's fault that outlived all attempts was the outcome of its step."""

LOST_WORKERS_WAIT = "lost-workers-wait"
"""Patch: until then a step whose attempts all lost their worker had failed."""


def waits_for_repair() -> bool:
    """Tell whether a step waits until a fault of ours is repaired."""
    return workflow.patched(FAULTS_WAIT)


Waiting = Callable[[str, dt.datetime], AbstractContextManager[None]]
"""Shows what a run waits for, and until when (UTC), while it does."""


@dataclass(frozen=True)
class Step(Generic[Result]):
    """One activity method, its request, and what the Temporal UI calls it.

    Its row in ``activities/policies.py`` bounds it. It runs on the workflow's own task queue
    unless another is named.
    """

    activity: Callable[[Any, Any], Awaitable[Result]]
    request: object
    summary: str
    task_queue: str | None = None

    async def run(self, waits_for_repair: Callable[[], bool] = waits_for_repair) -> Result:
        """Run it as an ordinary activity.

        A fault of ours (see ``is_our_fault``), or a worker that is lost or too busy to show that it
        is not, is no outcome: the step then waits until it is repaired, visibly, as an undo does,
        unless ``waits_for_repair`` says otherwise. Raise ActivityError for a provider's answer. A
        cancel lets the attempt that runs finish and ends the retries.
        """
        return await self._run(self._policy.limits(), waits_for_repair)

    async def local_first(self, waiting: Waiting) -> Result:
        """Make the first attempt locally; if it fails, the others as an ordinary activity.

        Raise ActivityError like the activity itself. A cancel lets the attempt that runs finish
        and ends the retries.
        """
        local = asyncio.create_task(self._attempt_locally())
        try:
            return await asyncio.shield(local)
        except asyncio.CancelledError:
            return await local
        except ActivityError as failure:
            if failure.retry_state == RetryState.NON_RETRYABLE_FAILURE:
                raise
            if error_type(failure) == NOT_LOCALLY:
                return await self.run()
            wait = wait_after(failure)
            with waiting(f"another attempt: {reason_of(failure)}", workflow.now() + wait):
                try:
                    await workflow.sleep(wait, summary=f"until another attempt: {self.summary}")
                except asyncio.CancelledError:
                    raise failure from None
        return await self._run(self._policy.limits_after_local_attempt())

    @property
    def _policy(self) -> Policy:
        return POLICIES[self.activity.__name__]

    async def _run(
        self, limits: Limits, waits_for_repair: Callable[[], bool] = waits_for_repair
    ) -> Result:
        began_cancelled = cancel_requested()  # an undo, or what the customer is told of it
        while True:
            try:
                return await outcome(self._start(limits))
            except ActivityError as failure:
                is_cancelled = cancel_requested() and not began_cancelled
                if is_cancelled or not self._is_our_fault(failure) or not waits_for_repair():
                    raise
            try:
                return await outcome(self._start(self._policy.limits_until_repaired()))
            except ActivityError as failure:
                is_cancelled = cancel_requested() and not began_cancelled
                is_final = self._policy.never_retries(error_type(failure))
                if is_cancelled or is_final or self._is_our_fault(failure):
                    raise

    def _start(self, limits: Limits) -> ActivityHandle[Result]:
        return workflow.start_activity_method(
            self.activity,
            self.request,
            summary=self.summary,
            task_queue=self.task_queue,
            **limits,
        )

    async def _attempt_locally(self) -> Result:
        handle: ActivityHandle[Result] = workflow.start_local_activity_method(
            self.activity,
            self.request,
            summary=self.summary,
            **self._policy.limits_of_local_attempt(),
        )
        try:
            return await handle
        except FailureError as failure:
            raise self._as_of_an_activity(failure) from failure

    def _is_our_fault(self, failure: ActivityError) -> bool:
        cause = failure.cause
        if isinstance(cause, ApplicationError):
            return is_our_fault(cause.type)
        is_lost = isinstance(cause, TimeoutError) and cause.type is TimeoutType.HEARTBEAT
        can_wait = is_lost and not self._policy.may_end_its_worker
        return can_wait and workflow.patched(LOST_WORKERS_WAIT)

    def _as_of_an_activity(self, failure: FailureError) -> ActivityError:
        """Wrap what failed locally as the SDK wraps the failure of an activity."""
        kind = failure.type if isinstance(failure, ApplicationError) else None
        is_final = self._policy.never_retries(kind)
        return ActivityError(
            "Activity task failed",
            scheduled_event_id=0,
            started_event_id=0,
            identity="",
            activity_type=self.activity.__name__,
            activity_id="",
            retry_state=RetryState.NON_RETRYABLE_FAILURE
            if is_final
            else RetryState.MAXIMUM_ATTEMPTS_REACHED,
        )


def wait_after(failure: ActivityError) -> dt.timedelta:
    """Return the wait that the error asked for; an attempt whose worker was lost asked for none."""
    cause = failure.cause
    if isinstance(cause, ApplicationError) and cause.next_retry_delay is not None:
        return cause.next_retry_delay
    return LOST_WORKER_WAIT
