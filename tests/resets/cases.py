"""The reset cases: every situation, point, option of reapplying, and what is done with the new run.

The points are those of a first run of each situation: how many there are is the server's affair.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from tests.resets.points import (
    CANCEL_REQUESTED,
    SIGNALLED,
    UPDATED,
    Point,
    Reapply,
    Remembers,
)
from tests.resets.situations import Situation


class After(StrEnum):
    """What people do with the new run."""

    LEFT = "left alone"
    CANCELLED = "cancelled at once"
    CANCELLED_LATE = "cancelled while it waits"
    APPROVED = "approved"
    REJECTED = "rejected"
    CORRECTED = "corrected"


ENDS_BEFORE_IT_WAITS = (Remembers.SHIPMENT, Remembers.UNDOING)


@dataclass(frozen=True)
class Probe:
    """A first run of a situation: its points, and whether such an order needs an approval."""

    situation: Situation
    points: tuple[Point, ...]
    needs_approval: bool = False
    is_reviewed: bool = False


@dataclass(frozen=True)
class Case:
    """One reset: a run, a point of its history, what is reapplied, and what comes then."""

    probe: Probe
    point: Point
    option: Reapply
    after: After

    @property
    def situation(self) -> Situation:
        """The run that is reset."""
        return self.probe.situation

    @property
    def name(self) -> str:
        """The name with which ``ONLY=`` selects the case."""
        words = (self.situation.name, str(self.point.number), self.option, self.after)
        return "/".join(words).replace(" ", "-")


def cases_of(probe: Probe) -> Iterator[Case]:
    """Yield all cases of a situation."""
    for point in probe.points:
        for after in After:
            if _makes_sense(probe, point, after):
                for option in _options(point, after):
                    yield Case(probe, point, option, after)


def _makes_sense(probe: Probe, point: Point, after: After) -> bool:
    match after:
        case After.APPROVED | After.REJECTED:
            return probe.needs_approval and point.remembers is Remembers.NOTHING
        case After.CORRECTED:
            return probe.is_reviewed
        case After.CANCELLED_LATE:
            return not probe.situation.is_receipt and point.remembers not in ENDS_BEFORE_IT_WAITS
        case _:
            return True


def _options(point: Point, after: After) -> Iterator[Reapply]:
    """Yield the options that differ, and all of them for a run that is then left alone."""
    if point.later and after is After.LEFT:
        yield from Reapply
        return
    yield Reapply.ALL
    for kind, option in (
        (SIGNALLED, Reapply.NO_SIGNALS),
        (UPDATED, Reapply.NO_UPDATES),
        (CANCEL_REQUESTED, Reapply.NO_CANCELS),
    ):
        if kind in point.later:
            yield option
