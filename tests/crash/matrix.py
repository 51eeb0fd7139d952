"""The crash matrix: waves of runs, each stopped at its point, and one kill for all of them.

All cases of one victim and one moment share a wave, so the whole matrix takes minutes. Each run is
stopped at exactly its own point when the victim is killed.
"""

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import product

from tests.crash.arena import Arena
from tests.crash.cases import Case
from tests.crash.checks import audit_of_all, copies_of_mail, problems_of
from tests.crash.plays.mails import MailPlay
from tests.crash.plays.orders import OrderPlay
from tests.crash.plays.play import Play
from tests.crash.plays.posted import PostedOrderPlay, PostedReceiptPlay
from tests.crash.plays.receipts import FrontDoorPlay, ReceiptPlay
from tests.crash.points import until
from tests.crash.steps import Kind, Moment, Victim
from workflows.identity import order_workflow_id

MEETS_SECONDS = 120.0
AT_ONCE = 24
"""Cases of one kill. With more runs at a time on two cores, heartbeats come too late."""


@dataclass
class Outcome:
    """The outcome of a case; ``seconds`` count from the victim's restart to the run's end."""

    case: Case
    problems: list[str] = field(default_factory=list)
    seconds: float = 0.0
    mails: int = 1

    @property
    def words(self) -> str:
        """The outcome in a few words."""
        if self.problems:
            return "; ".join(self.problems)
        return "once" if self.mails == 1 else f"once, but {self.mails} copies of the mail"


async def run_matrix(
    arena: Arena, cases: Sequence[Case], tell: Callable[[Outcome], None]
) -> list[Outcome]:
    """Run the cases, wave by wave; call ``tell`` with each outcome, and return them all.

    Whatever the audit of everything finds at the end makes outcomes bad, too: that of the case
    which it is about, or all.
    """
    outcomes: list[Outcome] = []
    for victim, moment in product(Victim, Moment):
        same = [case for case in cases if (case.victim, case.moment) == (victim, moment)]
        for first in range(0, len(same), AT_ONCE):
            for outcome in await _run_wave(arena, victim, same[first : first + AT_ONCE]):
                outcomes.append(outcome)
                tell(outcome)
    for outcome in await _blame(arena, outcomes):
        tell(outcome)
    return outcomes


async def _blame(arena: Arena, outcomes: list[Outcome]) -> list[Outcome]:
    """Return the outcomes that the audit made bad."""
    blamed: list[Outcome] = []
    of_nobody: list[str] = []
    for finding in await audit_of_all(arena):
        words = f"audit: {finding.about} {finding.words}"
        about = [outcome for outcome in outcomes if _is_about(finding.about, outcome.case)]
        for outcome in about:
            outcome.problems.append(words)
        blamed += about
        of_nobody += [] if about else [words]
    # Such as sums: what is wrong with them is said above, unless nothing is.
    if of_nobody and not any(outcome.problems for outcome in outcomes):
        for outcome in outcomes:
            outcome.problems += of_nobody
        blamed = outcomes
    return [outcome for outcome in outcomes if outcome in blamed]


def _is_about(about: str, case: Case) -> bool:
    """Tell whether a workflow id, or an idempotency key, is that of the case's order."""
    return about.partition(":")[0] == order_workflow_id(case.slug)


async def _run_wave(arena: Arena, victim: Victim, cases: Sequence[Case]) -> list[Outcome]:
    outcomes = {case: Outcome(case) for case in cases}
    plays = [_play_of(case, arena) for case in cases]
    # A run that is stopped in OCR occupies its only slot, so these come last.
    last = [play for play in plays if play.case.step.what == "extract_text"]
    first = [play for play in plays if play not in last]
    plays = []
    for some in (first, last):
        plays += await _each(some, outcomes, lambda play: play.to_the_point())
    plays = await _each(plays, outcomes, lambda play: play.at_the_kill())
    await arena.kill(victim)
    for play in plays:
        play.release()
    plays = await _each(plays, outcomes, lambda play: play.while_down())
    plays = await _each(plays, outcomes, _meet_the_dead)
    await arena.bring_back(victim)
    plays = await _each(plays, outcomes, lambda play: play.go_on())
    back = time.monotonic()

    async def end(play: Play) -> None:
        outcome = outcomes[play.case]
        state = await play.end()
        outcome.seconds = time.monotonic() - back
        outcome.problems += await problems_of(play, state)
        outcome.mails = copies_of_mail(play)

    await _each(plays, outcomes, end)
    for proxy in arena.proxies.values():
        proxy.holds.clear()
    return list(outcomes.values())


def _play_of(case: Case, arena: Arena) -> Play:
    if case.step.kind is Kind.FRONT_DOOR:
        return FrontDoorPlay(case, arena)
    if case.step.kind in (Kind.RECEIPT, Kind.REVIEW):
        return ReceiptPlay(case, arena)
    if case.step.kind is Kind.POSTED_ORDER:
        return PostedOrderPlay(case, arena)
    if case.step.kind is Kind.POSTED_RECEIPT:
        return PostedReceiptPlay(case, arena)
    if case.step.kind is Kind.UNTOLD:
        return MailPlay(case, arena)
    return OrderPlay(case, arena)


async def _meet_the_dead(play: Play) -> None:
    await until(play.is_answered_while_down, MEETS_SECONDS, "the call meets the dead victim")


async def _each(
    plays: list[Play], outcomes: dict[Case, Outcome], do: Callable[[Play], object]
) -> list[Play]:
    """Call ``do`` for all plays at once; return those for which it succeeded."""

    async def one(play: Play) -> Play | None:
        try:
            doing = do(play)
            if asyncio.iscoroutine(doing):
                await doing
        except Exception as error:  # one broken case must not hide the others' outcomes
            outcomes[play.case].problems.append(f"{type(error).__name__}: {error}")
            return None
        return play

    return [play for play in await asyncio.gather(*map(one, plays)) if play is not None]
