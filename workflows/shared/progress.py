"""What both pipelines say about a run while it goes on, and how they wait for a person or a date.

Without it a run that waits looks like one that hangs, in searches and in the Temporal UI.
"""

import datetime as dt
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from typing import Generic, TypeVar

from temporalio import workflow
from temporalio.common import TypedSearchAttributes

from workflows import search_attributes

Status = TypeVar("Status", bound=StrEnum)


class Progress(ABC, Generic[Status]):
    """Where a run stands. Callers change the fields and then ``show`` them."""

    def __init__(self, status: Status) -> None:
        self.status = status
        self.reason: str | None = None
        self.waiting_for: str | None = None
        self.waiting_until: dt.datetime | None = None
        self._finished_at: dt.datetime | None = None
        self._dropped: str | None = None

    @abstractmethod
    def details(self) -> str:
        """Return what the Temporal UI shows of the run, in Markdown."""

    @abstractmethod
    def attributes(self) -> TypedSearchAttributes:
        """Return what the run is found by."""

    def describe(self) -> None:
        """Bring the run's details in the Temporal UI up to date, which costs nothing."""
        dropped = f"\n- a signal did not count: {self._dropped}" if self._dropped else ""
        workflow.set_current_details(self.details() + dropped)

    def drop(self, why: str) -> None:
        """Say in the log, and in the details where its sender looks, that a signal is dropped."""
        workflow.logger.warning("signal dropped: %s", why)
        self._dropped = why
        self.describe()

    def show(self) -> None:
        """Bring searches up to date as well: a change of search attributes is an event."""
        self.describe()
        search_attributes.show(self.attributes())

    def finish(self, status: Status, reason: str | None = None) -> None:
        """Take a final status."""
        self._finished_at = workflow.now()
        self.status = status
        self.reason = reason
        self.show()

    @property
    def finished(self) -> bool:
        """Whether the run has its final status."""
        return self._finished_at is not None

    def elapsed_seconds(self, at: dt.datetime | None) -> float:
        """Return how long the run took, or has taken until ``at`` (UTC; default: last event)."""
        end = self._finished_at or at or workflow.now()
        return (end - workflow.info().start_time).total_seconds()

    @contextmanager
    def waiting(self, what: str, until: dt.datetime | None = None) -> Iterator[None]:
        """Show what the run waits for, and until when (UTC), while it does."""
        self.waiting_for, self.waiting_until = what, until
        self.show()
        try:
            yield
        finally:
            # No call of the workflow API in here: the garbage collector, outside of any workflow,
            # closes a run that its worker dropped while it waited.
            self.waiting_for = self.waiting_until = None
        self.describe()

    async def wait(
        self, what: str, condition: Callable[[], bool], deadline: dt.datetime, summary: str
    ) -> bool:
        """Wait until the condition holds or the deadline (UTC) is over; tell whether it holds.

        Raise asyncio.CancelledError if the run is cancelled meanwhile.
        """
        with self.waiting(what, deadline):
            try:
                await workflow.wait_condition(
                    condition, timeout=deadline - workflow.now(), timeout_summary=summary
                )
            except TimeoutError:
                return False
        return True
