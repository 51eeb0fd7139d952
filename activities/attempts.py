"""What every attempt of an activity has in common: heartbeats, cancellation, errors.

Without heartbeats a killed worker is noticed only when the time limit of the step is over;
with an interrupted call nobody knows whether its effect happened.
"""

import asyncio
from collections.abc import Coroutine
from datetime import timedelta
from typing import Any, TypeVar

from temporalio import activity
from temporalio.exceptions import ApplicationError, ApplicationErrorCategory

from activities.waits import WAITS_AFTER_ERRORS
from providers.errors import (
    LanguageModelMisconfigured,
    ProviderError,
    TotalNotFound,
    Unauthorized,
)

BEAT_SECONDS = 1.0
"""The first heartbeat comes after this time and then as often: each is an action that
Temporal Cloud bills, and most calls are over before the first."""

OPERATOR_MUST_ACT = (Unauthorized, LanguageModelMisconfigured)
"""Errors that belong in the worker's log; all others are part of the business and show in
the history alone."""

Result = TypeVar("Result")


async def attempt(call: Coroutine[Any, Any, Result]) -> Result:
    """Await one provider call, beating while it runs, and translate its errors.

    A cancelled run does not interrupt the call, because compensation needs its outcome; a
    worker that shuts down does, after its grace time. Raises ApplicationError whose type is the
    name of the provider's error and which asks for the activity's wait before the next attempt,
    or for the provider's Retry-After if there is one.
    """
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
    while True:
        try:
            done, _ = await asyncio.wait({task}, timeout=BEAT_SECONDS)
        except asyncio.CancelledError:
            details = activity.cancellation_details()
            if details is None or not details.cancel_requested:
                raise
            continue
        if done:
            return task.result()
        # A local activity has no heartbeats: its workflow task is what times out.
        if not activity.info().is_local:
            activity.heartbeat()


def _in_temporal_words(error: ProviderError) -> ApplicationError:
    """Name the error's class, so that the policies alone decide what is never retried."""
    wait = error.retry_after_seconds
    if wait is None:
        this = activity.info()
        wait = WAITS_AFTER_ERRORS[this.activity_type].after(this.attempt, local=this.is_local)
    partial = error.partial if isinstance(error, TotalNotFound) else None
    return ApplicationError(
        str(error),
        *([partial] if partial is not None else []),
        type=type(error).__name__,
        next_retry_delay=timedelta(seconds=wait),
        category=ApplicationErrorCategory.UNSPECIFIED
        if isinstance(error, OPERATOR_MUST_ACT)
        else ApplicationErrorCategory.BENIGN,
    )
