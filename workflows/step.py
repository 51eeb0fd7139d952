"""A step: one activity with its request, and the two ways to run it.

An activity of its own costs a workflow task and three events, and shows in the Temporal UI while
it runs, with every attempt. A local activity costs one event, shows only afterwards, and is made
again whenever its workflow task is: after a lost worker, and when a signal comes just before the
server is told that the run is over. So money is moved and mail is sent by activities, while a call
that its idempotency key makes harmless to repeat is first made locally: when it succeeds, which is
nearly always, there was nothing to watch. A worker
that has its hands full with local attempts refuses more, and those steps begin as activities.
"""

import asyncio
import datetime as dt
from collections.abc import Awaitable, Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from temporalio import workflow
from temporalio.exceptions import ActivityError, ApplicationError, FailureError, RetryState
from temporalio.workflow import ActivityHandle

from activities.attempts import NOT_LOCALLY
from workflows import policies
from workflows.cancellation import outcome
from workflows.failures import error_type, reason_of
from workflows.policies import Limits

Result = TypeVar("Result")


Waiting = Callable[[str, dt.datetime], AbstractContextManager[None]]
"""Shows what a run waits for, and until when (UTC), while it does."""


@dataclass(frozen=True)
class Step(Generic[Result]):
    """One activity method, its request, what the Temporal UI calls it, and what bounds it."""

    activity: Callable[[Any, Any], Awaitable[Result]]
    request: object
    summary: str
    limits: Limits

    def start(self) -> ActivityHandle[Result]:
        """Run it as an activity."""
        return self._start(self.limits)

    async def local_first(self, waiting: Waiting) -> Result:
        """Make the first attempt locally; if it fails, the others as an activity.

        Raises ActivityError like the activity itself. A cancel lets the attempt that runs finish
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
                return await outcome(self.start())
            wait = _wait_after(failure)
            with waiting(f"another attempt: {reason_of(failure)}", workflow.now() + wait):
                try:
                    await workflow.sleep(wait, summary=f"until another attempt: {self.summary}")
                except asyncio.CancelledError:
                    raise failure from None
        return await outcome(self._start(policies.after_one_attempt(self.limits)))

    def _start(self, limits: Limits) -> ActivityHandle[Result]:
        return workflow.start_activity_method(
            self.activity, self.request, summary=self.summary, **limits
        )

    async def _attempt_locally(self) -> Result:
        handle: ActivityHandle[Result] = workflow.start_local_activity_method(
            self.activity,
            self.request,
            summary=self.summary,
            **policies.one_local_attempt(self.limits),
        )
        try:
            return await handle
        except FailureError as failure:
            raise self._as_of_an_activity(failure) from failure

    def _as_of_an_activity(self, failure: FailureError) -> ActivityError:
        """Wrap what failed locally as the SDK wraps the failure of an activity."""
        never_retried = self.limits["retry_policy"].non_retryable_error_types or ()
        is_final = isinstance(failure, ApplicationError) and failure.type in never_retried
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


def _wait_after(failure: ActivityError) -> dt.timedelta:
    """Give the wait that the error asked for; one that ended without a word asks for none."""
    cause = failure.cause
    if isinstance(cause, ApplicationError) and cause.next_retry_delay is not None:
        return cause.next_retry_delay
    return policies.LOST_WORKER_WAIT
