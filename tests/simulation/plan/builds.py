"""The builds of a worker that a simulation deploys: today's, an older one, one with another key."""

from dataclasses import dataclass
from random import Random

from workflows.order.rules import marker_of
from workflows.shared.step import FAULTS_WAIT

OTHER_KEY = "c2ltdWxhdGVkLW90aGVyLWtleS1ub3QtdGhlLWNhcmQ="
"""A Fernet key, as a worker has it that was deployed with the wrong secret."""

ACTIVITIES_OF_LATER = (
    "find_charge",
    "find_shipment",
    "release_inventory",
    "refund_payment",
    "archive_order",
    "send_mail",
    "save_expense",
)
"""Activities that a worker may lack because its build is older than they are."""

PATCHES_OF_LATER = (FAULTS_WAIT, marker_of(2))
"""Patches without which nothing of money, goods or mails goes wrong: the others were made because
something did, and a build without them is expected to do it."""


@dataclass(frozen=True)
class Build:
    """A build of the worker: what it does not know, and whether its key is another one."""

    lacks_activity: str | None = None
    lacks_patch: str | None = None
    has_other_key: bool = False

    def __str__(self) -> str:
        if self.has_other_key:
            return "one with another key"
        lacked = [name for name in (self.lacks_activity, self.lacks_patch) if name]
        return f"an old one without {' and '.join(lacked)}" if lacked else "a new one"

    def arguments(self) -> tuple[str, ...]:
        """Return the build as arguments of ``tests.simulation.sim_worker``."""
        return (
            *(("--lacks-activity", self.lacks_activity) if self.lacks_activity else ()),
            *(("--lacks-patch", self.lacks_patch) if self.lacks_patch else ()),
        )

    def environment(self) -> dict[str, str]:
        """Return what its environment has besides that of the stack."""
        return {"TOKEN_ENCRYPTION_KEYS": OTHER_KEY} if self.has_other_key else {}


TODAY = Build()


def pick_build(random: Random) -> Build:
    """Return one of the builds; half of them are today's."""
    kind = random.choice(("today", "today", "today", "activity", "patch", "key"))
    if kind == "activity":
        return Build(lacks_activity=random.choice(ACTIVITIES_OF_LATER))
    if kind == "patch":
        return Build(lacks_patch=random.choice(PATCHES_OF_LATER))
    return Build(has_other_key=True) if kind == "key" else TODAY
