"""The crash cases: every step, every victim, every moment; and which cases make no sense, and why.

Without the reasons, a combination that is left out would look like one that was tried.
"""

from dataclasses import dataclass
from enum import StrEnum

from activities.policies import POLICIES


class Victim(StrEnum):
    """What gets SIGKILL; the names are those of the local stack's parts."""

    WORKER = "worker"
    TEMPORAL = "temporal"
    PROVIDER_API = "provider-api"
    S3 = "s3"
    MAILBOX = "mailbox"


class Moment(StrEnum):
    """When the victim is killed: exactly then, because a process is stopped at that point."""

    BEFORE = "before"
    EFFECT = "effect"
    ANSWERED = "answered"
    BETWEEN = "between"


MOMENTS = {
    Moment.BEFORE: "before the call",
    Moment.EFFECT: "after the effect, before the answer",
    Moment.ANSWERED: "after the answer, before Temporal has it",
    Moment.BETWEEN: "between this step and the next",
}


class Kind(StrEnum):
    """The kind of run, and how it is brought to the step."""

    ORDER = "order"
    WAITING_ORDER = "order that waits for the business day"
    CANCELLED_ORDER = "cancelled order"
    LARGE_ORDER = "large order"
    RECEIPT = "receipt"
    REVIEW = "receipt in review"
    FRONT_DOOR = "front door"


@dataclass(frozen=True)
class Step:
    """A step: ``what`` is its activity, or the signal that ends a wait.

    ``server`` is the part that the activity talks to, besides Temporal.
    """

    name: str
    kind: Kind
    what: str
    server: Victim | None = None
    is_wait: bool = False


STEPS = (
    Step("approval", Kind.LARGE_ORDER, "approval", is_wait=True),
    Step("charge", Kind.ORDER, "charge_payment", Victim.PROVIDER_API),
    Step("reserve", Kind.ORDER, "reserve_inventory", Victim.PROVIDER_API),
    Step("wait", Kind.WAITING_ORDER, "expedite", is_wait=True),
    Step("ship", Kind.ORDER, "schedule_shipment", Victim.PROVIDER_API),
    Step("confirm", Kind.ORDER, "send_confirmation", Victim.MAILBOX),
    Step("release", Kind.CANCELLED_ORDER, "release_inventory", Victim.PROVIDER_API),
    Step("refund", Kind.CANCELLED_ORDER, "refund_payment", Victim.PROVIDER_API),
    Step("tell the end", Kind.CANCELLED_ORDER, "send_cancellation", Victim.MAILBOX),
    Step("store", Kind.FRONT_DOOR, "store", Victim.S3),
    Step("text", Kind.RECEIPT, "extract_text", Victim.S3),
    Step("fields", Kind.RECEIPT, "parse_receipt"),
    Step("review", Kind.REVIEW, "correction", is_wait=True),
    Step("record", Kind.RECEIPT, "save_expense"),
    Step("tell", Kind.RECEIPT, "notify_user", Victim.MAILBOX),
)

ALSO_A_STEP = (
    "find_charge and find_shipment only read: after every attempt of a charge stayed unanswered "
    "for minutes, and before an undo; the suite loses those answers on a server that skips time"
)


@dataclass(frozen=True)
class Case:
    """One crash: a victim, killed at a moment of a step."""

    step: Step
    victim: Victim
    moment: Moment

    @property
    def name(self) -> str:
        """The name with which ``ONLY=`` selects the case."""
        return f"{self.victim}/{self.moment}/{self.step.name.replace(' ', '-')}"

    @property
    def slug(self) -> str:
        """The name as part of an order id or a user id."""
        return f"{self.victim}-{self.moment}-{self.step.name}".replace(" ", "-")

    def why_not(self) -> str | None:
        """Return why the case makes no sense, or None if it makes sense."""
        step = self.step
        if step.kind is Kind.FRONT_DOOR:
            return self._why_not_at_the_front_door()
        if self.victim not in (Victim.WORKER, Victim.TEMPORAL, step.server):
            return f"does not talk to {self.victim}"
        if step.is_wait and self.moment in (Moment.EFFECT, Moment.ANSWERED):
            return "waits, and calls nobody"
        return None

    def _why_not_at_the_front_door(self) -> str | None:
        if self.victim is Victim.TEMPORAL:
            if self.moment is Moment.BETWEEN:
                return None
            return "the file is stored before Temporal is called"
        if self.victim is not Victim.S3:
            return f"does not talk to {self.victim}"
        if self.moment in (Moment.BEFORE, Moment.EFFECT):
            return None
        return "once the file is stored the front door needs no S3"

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
        if runs_locally(activity) and self.victim in (Victim.WORKER, Victim.TEMPORAL):
            return 2
        if self.victim is Victim.TEMPORAL and self.step.what == activity:
            return 2
        died = self.victim is Victim.WORKER and self.moment in (Moment.EFFECT, Moment.ANSWERED)
        return 2 if died and self.step.what == activity else 1


def runs_locally(activity: str) -> bool:
    """Return whether the first attempt of a step is a local activity."""
    return activity in POLICIES and POLICIES[activity].is_local_first


def all_cases() -> list[Case]:
    """Return every combination, including those that make no sense."""
    return [Case(step, victim, moment) for victim in Victim for moment in Moment for step in STEPS]
