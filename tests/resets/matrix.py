"""The reset matrix: each case is a run of its own, many at a time, and one audit of them all."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import HistoryEvent
from temporalio.service import RPCError
from temporalio.worker import Replayer

from models import Correction, Order, OrderState, OrderStatus, ReceiptState, ReceiptStatus
from service.runs.history import decoded, recorded
from service.runs.reading import reader_of
from tests.resets.cases import After, Case, Probe
from tests.resets.play import Play
from tests.resets.points import Point, Remembers, points_of, reset
from tests.resets.receipts import CORRECTED_CENTS
from tests.resets.situations import Situation
from tests.resets.stage import Stage
from workflows.order.workflow import OrderWorkflow
from workflows.receipt.workflow import ReceiptWorkflow
from workflows.registered import WORKFLOWS
from workflows.search_attributes import needs_approval

AT_ONCE = 16
"""Runs that are played at a time: enough to keep two cores busy while others wait."""

CASE_SECONDS = 180.0

LOOK_SECONDS = 3.0
"""How often a run is asked whether somebody has to resume it."""

Item = TypeVar("Item")
Answer = TypeVar("Answer")


@dataclass
class Outcome:
    """What became of a case; ``was_undone`` tells whether the old run had begun to refund.

    ``remembers_a_failure`` tells whether a step had failed for good before the point of the reset.
    """

    case: Case
    workflow_id: str
    email: str
    remembers: Remembers
    was_undone: bool = False
    remembers_a_failure: bool = False
    state: OrderState | ReceiptState | None = None
    problems: list[str] = field(default_factory=list)

    @property
    def words(self) -> str:
        """The outcome in a few words."""
        if self.problems:
            return "; ".join(self.problems)
        return str(self.state.status) if self.state else "no state"


async def probe(stage: Stage, situations: Iterable[Situation]) -> list[Probe]:
    """Play each situation once, and return where such runs can be reset to."""

    async def one(situation: Situation) -> Probe:
        play = Play(stage, f"{situation.name}-probe")
        await situation.acts(play)
        events = (await play.run.fetch_history()).events
        started_with = recorded(events).input
        order = await decoded(reader_of(stage.client, play.workflow_id), started_with, Order)
        return Probe(
            situation,
            tuple(points_of(events)),
            needs_approval=order is not None and needs_approval(order),
            is_reviewed=situation.is_receipt and "correct" in situation.name,
        )

    return await _at_once(one, list(situations))


async def run_matrix(
    stage: Stage, cases: Sequence[Case], tell: Callable[[Outcome], None]
) -> list[Outcome]:
    """Run the cases; call ``tell`` with each as soon as its run is over, and return them all."""
    replayer = Replayer(workflows=WORKFLOWS, data_converter=stage.client.data_converter)

    async def one(numbered: tuple[int, Case]) -> Outcome:
        number, case = numbered
        play = Play(stage, f"{case.situation.name}-{number}")
        outcome = Outcome(case, play.workflow_id, play.email, case.point.remembers)
        try:
            async with asyncio.timeout(CASE_SECONDS):
                await _run(stage, outcome, play)
            await replayer.replay_workflow(await play.run.fetch_history())
        except Exception as error:  # one broken case must not hide the others' outcomes
            outcome.problems.append(f"{type(error).__name__}: {error}")
        outcome.workflow_id = play.workflow_id
        tell(outcome)
        return outcome

    return await _at_once(one, list(enumerate(cases, 1)))


async def _run(stage: Stage, outcome: Outcome, play: Play) -> None:
    case = outcome.case
    await case.situation.acts(play)
    # The history of a run that was reset names the first run, not its own.
    run_id = (await play.run.describe()).run_id
    history = await play.run.fetch_history()
    point = _same_point(case, points_of(history.events))
    outcome.remembers = point.remembers
    outcome.was_undone = _was_undone(history.events)
    kept = [one for one in history.events if one.event_id < point.event_id]
    outcome.remembers_a_failure = any(
        one.event_type == EventType.EVENT_TYPE_ACTIVITY_TASK_FAILED for one in kept
    )
    stage.faults.heal(play.workflow_id)
    await reset(
        stage.client,
        play.workflow_id,
        run_id,
        point.event_id,
        case.option,
        skips_time=case.after is not After.LEFT,
    )
    await _afterwards(play, case.after)
    await _until_end(play)
    query = ReceiptWorkflow.status if case.situation.is_receipt else OrderWorkflow.status
    outcome.state = await play.run.query(query)


def _same_point(case: Case, points: Sequence[Point]) -> Point:
    """Return the point of this run that is the case's.

    Two answers that came close together may share a task in one run and not in another.
    """
    alike = [one for one in points if one.remembers is case.point.remembers]
    rank = sum(
        one.remembers is case.point.remembers and one.number < case.point.number
        for one in case.probe.points
    )
    return alike[min(rank, len(alike) - 1)] if alike else points[-1]


def _was_undone(events: Sequence[HistoryEvent]) -> bool:
    # Settling comes before "You were not charged", and closes the key of the charge as well.
    return bool({"refund_payment", "settle_try"} & set(recorded(events).activities))


async def _afterwards(play: Play, after: After) -> None:
    # A run may be over by the time that somebody acts, as in life.
    with contextlib.suppress(RPCError):
        match after:
            case After.CANCELLED:
                await play.run.cancel()
            case After.CANCELLED_LATE:
                await _until_waits(play)
                await play.run.cancel()
            case After.APPROVED:
                if await _until_waits(play) == OrderStatus.AWAITING_APPROVAL:
                    await play.approve()
            case After.REJECTED:
                if await _until_waits(play) == OrderStatus.AWAITING_APPROVAL:
                    await play.run.signal("approval", {"approved": False})
            case After.CORRECTED:
                if await _until_waits(play) == ReceiptStatus.NEEDS_REVIEW:
                    cents = CORRECTED_CENTS
                    await play.run.signal(
                        "correction", Correction(total_cents=cents, currency="EUR")
                    )


async def _until_waits(play: Play) -> str:
    """Wait until the run waits for somebody or for a date, or is over; return its status."""
    status = ""

    async def waits() -> bool:
        nonlocal status
        state = await play.run.query("status", result_type=dict)
        status = state["status"]
        return state["waiting_for"] is not None or await play.is_closed()

    await play.until(waits, "it waits or is over")
    return status


async def _until_end(play: Play) -> None:
    """Skip all waits until the run is over; one that is paused is resumed."""

    with contextlib.suppress(RPCError):
        await play.skip_time()
    while await play.is_open():
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LOOK_SECONDS):
                await play.until(play.is_closed, "it is over")
        with contextlib.suppress(RPCError):
            state = await play.run.query("status", result_type=dict)
            if state.get("paused"):
                await play.run.signal("resume")


async def _at_once(do: Callable[[Item], Awaitable[Answer]], items: Sequence[Item]) -> list[Answer]:
    """Do it for all items, so many at a time; return the answers in the items' order."""
    places = asyncio.Semaphore(AT_ONCE)

    async def one(item: Item) -> Answer:
        async with places:
            return await do(item)

    return list(await asyncio.gather(*map(one, items)))
