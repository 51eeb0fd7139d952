"""Cancellation that never loses sight of an effect.

Temporal delivers a cancel as an exception in whatever is awaited. Left to itself, that hides
the outcome of a charge that is just being made, or stops an undo half way.
"""

import asyncio
import datetime as dt
from collections.abc import Awaitable, Callable
from typing import TypeVar

from temporalio import workflow

Result = TypeVar("Result")

A_MOMENT = dt.timedelta(milliseconds=1)


def cancel_requested() -> bool:
    """Tell whether somebody asked to cancel this workflow, even if no step noticed yet."""
    return workflow.cancellation_reason() is not None


def raise_if_cancelled() -> None:
    """Raise asyncio.CancelledError if a cancel came while a step ran and finished nonetheless."""
    if cancel_requested():
        raise asyncio.CancelledError


async def heed_earlier_cancel() -> None:
    """Let a cancel count that came before the signal by which a wait has just ended.

    Of one workflow task the SDK delivers all signals first and lets the workflow go on with them;
    only then does it deliver a cancel, also one that stands before them in the history. A timer
    ends the workflow task. Raise asyncio.CancelledError if there is such a cancel.
    """
    await workflow.sleep(A_MOMENT, summary="an earlier cancel counts first")
    raise_if_cancelled()


async def outcome(step: workflow.ActivityHandle[Result]) -> Result:
    """Await an activity; a cancel ends its retries, but what is running finishes.

    Return the result even if a cancel came with it. Raise ActivityError if the activity failed
    or was cancelled before an attempt succeeded.
    """
    try:
        return await asyncio.shield(step)
    except asyncio.CancelledError:
        if not step.done():
            step.cancel()
        return await step


async def uncancellable(
    work: Awaitable[Result], on_cancel: Callable[[], None] | None = None
) -> Result:
    """Await work that a cancel must not interrupt: an undo, or what comes after shipping.

    ``on_cancel`` runs if a cancel came meanwhile.
    """
    task = asyncio.ensure_future(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        # Temporal delivers one cancel a run, so the second wait cannot be interrupted.
        if on_cancel is not None:
            on_cancel()
        return await task
