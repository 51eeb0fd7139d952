"""What every attempt of an activity has in common: heartbeats, cancellation, errors.

Without heartbeats a killed worker is noticed only when the time limit of the step is over;
with an interrupted call nobody knows whether its effect happened.
"""

import asyncio
import logging
import time
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, TypeVar

from temporalio import activity
from temporalio.exceptions import ApplicationError, ApplicationErrorCategory

from activities.metrics import count_error
from activities.policies import POLICIES, attempt_of_step
from providers.errors import (
    LanguageModelMisconfigured,
    ProviderError,
    TotalNotFound,
    Unauthorized,
)

LOCAL_STEPS_AT_ONCE = 32
"""How many local attempts one worker runs at a time. Each keeps its run's workflow task open, and
the worker must ask the server every other second for more time: with hundreds of slow ones it does
nothing else, asks too late, and makes all of them again."""

NOT_LOCALLY = "NotLocally"
"""Type of the error that refuses a local attempt before it calls anybody."""

OPERATOR_MUST_ACT = (Unauthorized, LanguageModelMisconfigured)
"""Errors that an operator must repair, so they go to the worker's log; all others are part of the
business and show in the history alone."""

_LOGGER = logging.getLogger("activities")

_local_calls: set[Coroutine[Any, Any, Any]] = set()

Result = TypeVar("Result")


async def attempt(call: Coroutine[Any, Any, Result]) -> Result:
    """Await one provider call, beating while it runs, and translate its errors.

    A cancelled run does not interrupt the call, because compensation needs its outcome; a
    worker that shuts down does, after its grace time.

    Raise ApplicationError whose type is the name of the provider's error, and which asks for the
    provider's Retry-After or else for the step's own wait. Raise one of type ``NOT_LOCALLY``,
    without having called anybody, if this is one local attempt too many.
    """
    with _place_for(call), _said_in_the_log():
        return await _beating(call)


def not_locally(reason: str) -> ApplicationError:
    """Return the error that makes a step run as an ordinary activity from its first attempt."""
    return ApplicationError(reason, type=NOT_LOCALLY, category=ApplicationErrorCategory.BENIGN)


@contextmanager
def _place_for(call: Coroutine[Any, Any, Any]) -> Iterator[None]:
    """Count a local attempt while it runs; raise ApplicationError if too many do."""
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


@contextmanager
def _said_in_the_log() -> Iterator[None]:
    """Write one line when the attempt ends; the log knows of which run and activity."""
    began = time.monotonic()
    try:
        yield
    except ApplicationError as failed:
        took = time.monotonic() - began
        _LOGGER.info("failed after %.3f s: %s: %s", took, failed.type, failed.message)
        raise
    _LOGGER.info("done after %.3f s", time.monotonic() - began)


def number_of_attempt() -> int:
    """Return which attempt of its step this is, from 1, local ones too."""
    this = activity.info()
    attempts = this.retry_policy.maximum_attempts if this.retry_policy else None
    return attempt_of_step(this.activity_type, this.attempt, attempts, this.is_local)


async def _beating(call: Coroutine[Any, Any, Result]) -> Result:
    task = asyncio.create_task(call)
    try:
        return await _beat_until_done(task)
    except ProviderError as error:
        count_error(error)
        # A library's message may contain whole addresses and keys: keep it out of the history.
        error.__cause__ = None
        raise _in_temporal_words(error) from error
    finally:
        task.cancel()


async def _beat_until_done(task: asyncio.Task[Result]) -> Result:
    """Beat at every half of the heartbeat timeout.

    That includes the first: each beat is an action that Temporal Cloud bills, and most calls are
    over by then. A local activity has no heartbeat timeout: its workflow task times out instead.
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
    wait = _wait_after(error)
    return ApplicationError(
        str(error),
        *([partial] if partial is not None else []),
        type=type(error).__name__,
        next_retry_delay=wait,
        non_retryable=POLICIES[activity.info().activity_type].is_too_long(wait),
        category=ApplicationErrorCategory.UNSPECIFIED
        if isinstance(error, OPERATOR_MUST_ACT)
        else ApplicationErrorCategory.BENIGN,
    )


def _wait_after(error: ProviderError) -> timedelta:
    """Return the provider's Retry-After, or else the step's own wait.

    Beyond the attempts of the step's row, where only patience leads, a shorter one would use up
    the attempts that were added before the time is over that they are for.
    """
    policy, number = POLICIES[activity.info().activity_type], number_of_attempt()
    own = policy.waits.after(number)
    if error.retry_after_seconds is None:
        return own
    named = timedelta(seconds=error.retry_after_seconds)
    return max(named, own) if policy.is_stretched and number >= policy.attempts else named
