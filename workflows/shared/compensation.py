"""Undo what was done, once and in reverse order, whatever fails on the way.

Without it a cancelled order keeps the customer's money or holds stock that nobody will ship.
"""

import asyncio
import contextlib
from collections.abc import Callable, Coroutine
from typing import Any

from temporalio import workflow
from temporalio.exceptions import ActivityError

from workflows.limits import COMPENSATION_PATIENCE
from workflows.shared.failures import reason_of

Undo = Callable[[], Coroutine[Any, Any, None]]


class Compensations:
    """The undos of the steps that were begun, registered before each step begins."""

    def __init__(self, *undos: Undo) -> None:
        self._undos = list(undos)

    def __bool__(self) -> bool:
        return bool(self._undos)

    def register(self, undo: Undo) -> None:
        """Remember how to undo a step. Call it before the step: its answer may get lost."""
        self._undos.append(undo)

    def forget_last(self) -> None:
        """Drop the last undo, because the provider refused the step and nothing happened."""
        self._undos.pop()

    async def run(self) -> list[str]:
        """Run all undos, last registered first, and return the reasons of those that failed.

        An undo that keeps failing is retried while the next ones run.
        """
        undoing: list[asyncio.Task[str | None]] = []
        while self._undos:
            undoing.append(asyncio.create_task(_reason_why_not(self._undos.pop()())))
            if self._undos:
                await _done_or_late(undoing[-1])
        reasons = [await task for task in undoing]
        return [reason for reason in reasons if reason is not None]


async def _done_or_late(undo: asyncio.Task[Any]) -> None:
    with contextlib.suppress(TimeoutError):
        await workflow.wait_condition(
            undo.done,
            timeout=COMPENSATION_PATIENCE,
            timeout_summary="until the next undo begins, even if this one fails",
        )


async def _reason_why_not(undo: Coroutine[Any, Any, None]) -> str | None:
    try:
        await undo
    except ActivityError as failure:
        return f"{failure.activity_type}: {reason_of(failure)}"
    return None
