"""The crash cases: every row, every victim, every moment; and which make no sense, and why.

Without the reasons, a combination that is left out would look like one that was tried.
"""

import re
from dataclasses import dataclass

from activities.policies import POLICIES
from tests.crash.api_requests import REQUESTS
from tests.crash.steps import (
    API,
    CHARGE,
    PARTS,
    POSTED,
    RESERVE,
    STEPS,
    Kind,
    Moment,
    Part,
    Step,
    Victim,
)

ROWS = STEPS + REQUESTS

_NO_KEY = "sends no key that the provider API could forget"
_ONLY_API = "only requests to the provider API are stopped on their way there"


@dataclass(frozen=True)
class Case:
    """One crash: a victim, killed at a moment of a step."""

    step: Step
    victim: Victim
    moment: Moment

    @property
    def name(self) -> str:
        """The name with which ``ONLY=`` selects the case."""
        step = re.sub(r"[^a-z0-9]+", "-", self.step.name)
        return f"{self.victim}/{self.moment}/{step}"

    @property
    def slug(self) -> str:
        """The name as part of an order id or a user id."""
        return self.name.replace("/", "-")

    @property
    def kills_worker(self) -> bool:
        """Whether the worker dies, and every local result with it."""
        return self.victim in (Victim.WORKER, Victim.KEYS)

    def why_not(self) -> str | None:
        """Return why the case makes no sense, or None if it makes sense."""
        if self.step.kind is Kind.FRONT_DOOR:
            return self._why_not_at_the_front_door()
        if self.step.kind in POSTED:
            return self._why_not_posted()
        return next((reason for reason, holds in self._reasons().items() if holds), None)

    def _reasons(self) -> dict[str, bool]:
        """Return all reasons against a case, and whether they hold for this one."""
        step, moment, victim = self.step, self.moment, self.victim
        reports = moment in (Moment.ANSWERED, Moment.BETWEEN)
        alone = moment in (Moment.INSIDE, Moment.LATE)
        is_last = step.part is not Part.REQUEST
        makes_anew = step.kind is Kind.ORDER and step.call in (CHARGE, RESERVE)
        return {
            _NO_KEY: victim is Victim.KEYS and step.server is not API,
            f"does not talk to {victim}": victim in PARTS[2:] and victim is not step.server,
            "waits, and calls nobody": step.is_wait
            and moment not in (Moment.BEFORE, Moment.BETWEEN),
            "asks the worker's own calendar, which changes nothing": step.what
            == "find_business_hours"
            and moment is Moment.EFFECT,
            _ONLY_API: alone and step.call is None,
            "a request that only reads does nothing when it arrives late": alone
            and step.call is not None
            and step.call.reads,
            "a request goes its own way only if its sender dies": alone and not self.kills_worker,
            "the sandbox does it at once": moment is Moment.INSIDE and step.slow is None,
            "a request of the HTTP contract that is on its way for longer than the API remembers "
            "keys is a new one when it arrives, and nothing of ours can tell it that": makes_anew
            and (moment, victim) == (Moment.LATE, Victim.KEYS),
            "Temporal hears of a step when its last request is answered": reports and not is_last,
            "Temporal takes no part in the requests of a step but the last": not is_last
            and victim is Victim.TEMPORAL,
        }

    def _why_not_at_the_front_door(self) -> str | None:
        victim, moment = self.victim, self.moment
        hits_s3 = victim is Victim.S3 and moment in (Moment.BEFORE, Moment.EFFECT)
        if hits_s3 or (victim, moment) == (Victim.TEMPORAL, Moment.BETWEEN):
            return None
        if moment in (Moment.INSIDE, Moment.LATE):
            return _ONLY_API
        if victim is Victim.KEYS:
            return _NO_KEY
        if victim is Victim.TEMPORAL:
            return "the file is stored before Temporal is called"
        if victim is Victim.S3:
            return "once the file is stored the front door needs no S3"
        return f"does not talk to {victim}"

    def _why_not_posted(self) -> str | None:
        if self.victim is not Victim.SERVER:
            return "the server answers 503 while a part is away, which tests/web tries"
        if self.moment not in (Moment.BEFORE, Moment.EFFECT):
            return "the server accepts in these calls alone"
        return None

    @property
    def mails_allowed(self) -> int:
        """The most copies of the run's mail: two if SMTP's answer is lost before the record."""
        lost = self.victim in (Victim.WORKER, Victim.MAILBOX) and self.moment is Moment.EFFECT
        return 2 if lost and self.step.server is Victim.MAILBOX else 1

    def runs_allowed(self, activity: str) -> int:
        """Return how often an activity's work may run: twice if its first result may be lost.

        The result of a local activity exists only in its worker until the workflow task ends. And a
        server that was down for longer than the heartbeat timeout takes the worker for lost.
        """
        if runs_locally(activity) and (self.kills_worker or self.victim is Victim.TEMPORAL):
            return 2
        if self.victim is Victim.TEMPORAL and self.step.what == activity:
            return 2
        died = self.kills_worker and self.moment in (Moment.EFFECT, Moment.ANSWERED)
        return 2 if died and self.step.what == activity else 1


def runs_locally(activity: str) -> bool:
    """Return whether the first attempt of a step is a local activity."""
    return activity in POLICIES and POLICIES[activity].is_local_first


def all_cases() -> list[Case]:
    """Return every combination, including those that make no sense."""
    return [Case(row, victim, moment) for victim in Victim for moment in Moment for row in ROWS]
