"""What every attempt of an activity has in common: heartbeats, cancellation, errors.

Without heartbeats a killed worker is noticed only when the time limit of the step is over;
with an interrupted call nobody knows whether its effect happened.
"""

import asyncio
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, TypeVar

from temporalio import activity
from temporalio.exceptions import ApplicationError, ApplicationErrorCategory

from activities.policies import POLICIES, attempt_of_step
from providers.errors import (
    LanguageModelMisconfigured,
    ProviderError,
    TotalNotFound,
    Unauthorized,
)

LOCAL_STEPS_AT_ONCE = 32
"""How many local attempts one worker runs at a time. Each keeps its run's workflow task open, and
has the server prolong it every other second: with hundreds of slow ones a worker does nothing else,
prolongs too late, and makes all of them again."""

NOT_LOCALLY = "NotLocally"
"""Type of the error that refuses a local attempt before it calls anybody."""

OPERATOR_MUST_ACT = (Unauthorized, LanguageModelMisconfigured)
"""Errors that belong in the worker's log; all others are part of the business and show in
the history alone."""

_local_calls: set[Coroutine[Any, Any, Any]] = set()

Result = TypeVar("Result")


async def attempt(call: Coroutine[Any, Any, Result]) -> Result:
    """Await one provider call, beating while it runs, and translate its errors.

    A cancelled run does not interrupt the call, because compensation needs its outcome; a
    worker that shuts down does, after its grace time. Raises ApplicationError whose type is the
    name of the provider's error and which asks for the activity's wait before the next attempt,
    or for the provider's Retry-After if there is one; and, without having called anybody, if
    it is one local attempt too many.
    """
    with _place_for(call):
        return await _beating(call)


def not_locally(reason: str) -> ApplicationError:
    """Give the error that makes a step begin as an activity of its own."""
    return ApplicationError(reason, type=NOT_LOCALLY, category=ApplicationErrorCategory.BENIGN)


@contextmanager
def _place_for(call: Coroutine[Any, Any, Any]) -> Iterator[None]:
    """Count a local attempt while it runs; raises ApplicationError if too many do."""
    if not activity.info().is_local:
        yield
        return
    if len(_local_calls) >= LOCAL_STEPS_AT_ONCE:
        call.close()
        raise not_locally(f"this worker runs {LOCAL_STEPS_AT_ONCE} local steps already")
    _local_calls.add(call)
    try:
        yield
    finally:
        _local_calls.remove(call)


async def _beating(call: Coroutine[Any, Any, Result]) -> Result:
    task = asyncio.create_task(call)
    try:
        return await _beat_until_done(task)
    except ProviderError as error:
        # What a library said goes into no history: whole addresses and keys may stand in it.
        error.__cause__ = None
        raise _in_temporal_words(error) from error
    finally:
        task.cancel()


async def _beat_until_done(task: asyncio.Task[Result]) -> Result:
    """Beat at every half of the heartbeat timeout.

    The first beat is as late: each is an action that Temporal Cloud bills, and most calls are over
    by then. A local activity has no such timeout: its workflow task is what times out.
    """
    limit = activity.info().heartbeat_timeout
    beat_seconds = limit.total_seconds() / 2 if limit else None
    while True:
        try:
            done, _ = await asyncio.wait({task}, timeout=beat_seconds)
        except asyncio.CancelledError:
            details = activity.cancellation_details()
            if details is None or not details.cancel_requested:
                raise
            continue
        if done:
            return task.result()
        activity.heartbeat()


def _in_temporal_words(error: ProviderError) -> ApplicationError:
    """Name the error's class, so that the policies alone decide what is never retried."""
    partial = error.partial if isinstance(error, TotalNotFound) else None
    return ApplicationError(
        str(error),
        *([partial] if partial is not None else []),
        type=type(error).__name__,
        next_retry_delay=_wait_after(error),
        category=ApplicationErrorCategory.UNSPECIFIED
        if isinstance(error, OPERATOR_MUST_ACT)
        else ApplicationErrorCategory.BENIGN,
    )


def _wait_after(error: ProviderError) -> timedelta:
    if error.retry_after_seconds is not None:
        return timedelta(seconds=error.retry_after_seconds)
    this = activity.info()
    attempts = this.retry_policy.maximum_attempts if this.retry_policy else None
    number = attempt_of_step(this.activity_type, this.attempt, attempts, this.is_local)
    return POLICIES[this.activity_type].waits.after(number)
