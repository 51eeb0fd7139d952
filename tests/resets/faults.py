"""Faults of real providers, by the run that meets them: errors, lost answers, calls that are held.

The sandbox's magic tokens stay what they are after a reset, so a provider could never be well
again. Here a fault is used up by the call that it strikes.
"""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

from temporalio import activity

from tests.support.calls import Fault, Hold

HOLD_SECONDS = 60.0


class Faults:
    """What the next calls of each run's activities meet."""

    def __init__(self) -> None:
        self._next: defaultdict[tuple[str, str], list[Fault | None]] = defaultdict(list)
        self._of_local_calls: dict[tuple[str, str], Fault | None] = {}
        self._holds: dict[tuple[str, str], Hold] = {}
        self._metered: set[str] = set()
        self._opens_payments: set[str] = set()

    def fail(self, workflow_id: str, name: str, *errors: BaseException | None) -> None:
        """Fail the next calls of an activity, one error each; None lets one succeed."""
        faults = [Fault(error) if error else None for error in errors]
        self._next[workflow_id, name] += faults

    def lose_answers(self, workflow_id: str, name: str, times: int, error: Exception) -> None:
        """Let the next calls of an activity have their effect, and fail nonetheless."""
        self._next[workflow_id, name] += [Fault(error, answer_lost=True)] * times

    def heal(self, workflow_id: str) -> None:
        """Let all calls of a run succeed from now on."""
        for key in [key for key in self._next if key[0] == workflow_id]:
            del self._next[key]

    @asynccontextmanager
    async def holding(self, workflow_id: str, name: str) -> AsyncIterator[Hold]:
        """Hold the calls of an activity of one run until the end of the block."""
        hold = self._holds[workflow_id, name] = Hold()
        try:
            yield hold
        finally:
            del self._holds[workflow_id, name]
            hold.go_on.set()

    async def around(self, call: Callable[..., Awaitable[Any]], arguments: tuple[Any, ...]) -> Any:
        """Make a call of the activity that runs, with the fault that it has to meet."""
        key = (activity.info().workflow_id or "", activity.info().activity_type)
        if hold := self._holds.get(key):
            hold.entered.set()
            await asyncio.wait_for(hold.go_on.wait(), HOLD_SECONDS)
        fault = self._fault()
        if fault is None:
            return await call(*arguments)
        if fault.answer_lost:
            await call(*arguments)
        raise fault.error

    def _fault(self) -> Fault | None:
        """Return the fault of the call of the activity that runs.

        A local call that is made again, because its workflow task came too late, has the same.
        """
        info = activity.info()
        faults = self._next[info.workflow_id or "", info.activity_type]
        local = (str(info.workflow_run_id), info.activity_id)
        if info.is_local and local in self._of_local_calls:
            return self._of_local_calls[local]
        fault = faults.pop(0) if faults else None
        if info.is_local:
            self._of_local_calls[local] = fault
        return fault

    # --- what a run's providers are -----------------------------------------------------------

    def meter(self, workflow_id: str) -> None:
        """Let the parser of a run cost money, so that it refuses a local attempt."""
        self._metered.add(workflow_id)

    def open_payments(self, workflow_id: str) -> None:
        """Let the payment provider of a run be the one that opens a payment first."""
        self._opens_payments.add(workflow_id)

    def is_metered(self) -> bool:
        """Tell whether the parser of the running activity's run costs money."""
        return activity.info().workflow_id in self._metered

    def opens_payments(self) -> bool:
        """Tell whether the payments of the running activity's run are opened first."""
        return activity.info().workflow_id in self._opens_payments


class Faulty:
    """A provider with all its calls, each of which may meet a fault.

    ``other`` takes the calls of the runs whose payments are opened first. The faults of an activity
    are not meant for a question that it asks first, whose name is in ``spared``.
    """

    def __init__(
        self, provider: Any, faults: Faults, other: Any = None, spared: tuple[str, ...] = ()
    ) -> None:
        self._provider = provider
        self._faults = faults
        self._other = other
        self._spared = spared

    @property
    def is_metered(self) -> bool:
        """Whether a call costs money; asked of a parser."""
        return self._faults.is_metered()

    def __getattr__(self, name: str) -> Any:
        if name in self._spared:
            return getattr(self._provider, name)

        async def call(*arguments: Any) -> Any:
            is_others = self._other is not None and self._faults.opens_payments()
            provider = self._other if is_others else self._provider
            return await self._faults.around(getattr(provider, name), arguments)

        return call
