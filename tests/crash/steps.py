"""What a crash can hit: who dies, when, and in which step, or in which request of a payment.

A step that talks to a payment provider makes several requests. Each is a row of its own, so that
the crash between two of them is tried too.
"""

import re
from dataclasses import dataclass
from enum import StrEnum


class Victim(StrEnum):
    """What gets SIGKILL: a part of the local stack, by its name there.

    With ``KEYS`` it is the worker, and the provider API forgets its idempotency keys meanwhile.
    """

    WORKER = "worker"
    TEMPORAL = "temporal"
    PROVIDER_API = "provider-api"
    S3 = "s3"
    MAILBOX = "mailbox"
    KEYS = "keys"
    SERVER = "server"


PARTS = tuple(victim for victim in Victim if victim is not Victim.KEYS)
"""The parts of the local stack: worker and Temporal, which take part in every step, and servers."""


class Moment(StrEnum):
    """When the victim is killed: exactly then, because a process is stopped at that point."""

    BEFORE = "before"
    INSIDE = "inside"
    EFFECT = "effect"
    ANSWERED = "answered"
    BETWEEN = "between"
    LATE = "late"


MOMENTS = {
    Moment.BEFORE: "before the call",
    Moment.INSIDE: "while the provider works on it",
    Moment.EFFECT: "after the effect, before the answer",
    Moment.ANSWERED: "after the answer, before Temporal has it",
    Moment.BETWEEN: "between this step and the next",
    Moment.LATE: "on its way, to arrive when the run is over",
}


class Kind(StrEnum):
    """The kind of run, and how it is brought to the step."""

    ORDER = "order"
    WAITING_ORDER = "order that waits for the business day"
    CANCELLED_ORDER = "cancelled order"
    LARGE_ORDER = "large order"
    CANCELLED_MEANWHILE = "order that is cancelled while the victim is down"
    CANCELLED_BEFORE = "order that is cancelled when a request of it gets lost"
    UNANSWERED = "order whose charge got no answer in any attempt"
    DECLINED = "order whose card is declined"
    TRIED_AGAIN = "order that is tried again with another card"
    RECEIPT = "receipt"
    REVIEW = "receipt in review"
    UNTOLD = "order that cannot send its mail"
    FRONT_DOOR = "front door"
    POSTED_ORDER = "order that a program posts"
    POSTED_RECEIPT = "receipt that a program posts"


class Part(StrEnum):
    """What of its step a row is: all of it, one of its requests, or the last of these."""

    ALL = "all"
    REQUEST = "request"
    LAST_REQUEST = "last request"


class Group(StrEnum):
    """The tables of the document; a request is one of an API."""

    STEPS = "steps"
    HTTP = "http"
    STRIPE = "stripe"


@dataclass(frozen=True)
class Call:
    """A request to the provider API; ``path`` is a regular expression."""

    method: str
    path: str

    @property
    def reads(self) -> bool:
        """Whether it changes nothing."""
        return self.method == "GET"

    def pattern(self, workflow_id: str, what: str, attempt: int | None = None) -> re.Pattern[bytes]:
        """Return what it looks like on the wire if this activity of this run sends it.

        In the attempt, if that is not None.
        """
        sender = re.escape(sender_of(workflow_id, what, attempt or ""))
        end = r"\r\n" if attempt else ""
        line = rf"{self.method} {self.path}(?:\?\S*)? "
        return re.compile(rf"{line}.*\r\n{SENDER}: {sender}{end}".encode(), re.DOTALL)


SENDER = "Crash-Sender"
"""The header by which the proxy knows who sends a request: run, activity, attempt."""


def sender_of(workflow_id: str, what: str, attempt: int | str) -> str:
    """Return what the header says."""
    return f"{workflow_id}/{what}/{attempt}"


@dataclass(frozen=True)
class Lost:
    """A request of an activity."""

    what: str
    call: Call


@dataclass(frozen=True)
class Step:
    """A row: ``what`` is an activity, or the signal that ends a wait.

    ``server`` is the part that the activity talks to, besides Temporal, and ``call`` its request to
    the provider API. ``slow`` is the magic token or SKU (``sandbox/provider_api/scenarios.py``)
    that makes the provider work on that for a while; ``token`` is with what is paid otherwise.
    ``lost`` is the request that gets lost, or whose answers do, before the step.
    """

    name: str
    kind: Kind
    what: str
    server: Victim | None = None
    call: Call | None = None
    slow: str | None = None
    is_wait: bool = False
    group: Group = Group.STEPS
    part: Part = Part.ALL
    token: str = "tok_visa"
    lost: Lost | None = None


POSTED = (Kind.POSTED_ORDER, Kind.POSTED_RECEIPT)
"""What ``server.py`` accepts over HTTP."""

STORE_POSTED = "store_posted"
START_POSTED = "start_posted"
"""What the server does before it answers with 202: it stores a file, and starts a run."""

API = Victim.PROVIDER_API
DECLINED = "tok_declined"
CHARGE = Call("POST", "/charges")
REFUND = Call("POST", "/refunds")
RESERVE = Call("POST", "/reservations")
RELEASE = Call("DELETE", r"/reservations/[^/?\s]+")
CLOSE_RESERVATION = Call("DELETE", "/reservations")
SHIP = Call("POST", "/shipments")
FIND_SHIPMENT = Call("GET", "/shipments")

_CANCELLED = Kind.CANCELLED_ORDER

# fmt: off
STEPS = (
    Step("approval", Kind.LARGE_ORDER, "approval", is_wait=True),
    Step("charge", Kind.ORDER, "charge_payment", API, CHARGE, "tok_slow"),
    Step("reserve", Kind.ORDER, "reserve_inventory", API, RESERVE, "sku-slow"),
    Step("wait", Kind.WAITING_ORDER, "expedite", is_wait=True),
    Step("business hours", Kind.WAITING_ORDER, "find_business_hours"),
    Step("ship", Kind.ORDER, "schedule_shipment", API, SHIP, "sku-ship-slow"),
    Step("confirm", Kind.ORDER, "send_confirmation", Victim.MAILBOX),
    Step("ask the carrier", _CANCELLED, "find_shipment", API, FIND_SHIPMENT),
    Step("release", _CANCELLED, "release_inventory", API, RELEASE, "sku-release-slow"),
    Step("refund", _CANCELLED, "refund_payment", API, REFUND, "tok_refund_slow"),
    Step("tell the end", _CANCELLED, "send_cancellation", Victim.MAILBOX),
    Step("archive", Kind.ORDER, "archive_order"),
    Step("settle a try", Kind.TRIED_AGAIN, "settle_try", API, CLOSE_RESERVATION, token=DECLINED),
    Step("mail", Kind.UNTOLD, "send_mail", Victim.MAILBOX),
    Step("store", Kind.FRONT_DOOR, "store", Victim.S3),
    Step("text", Kind.RECEIPT, "extract_text", Victim.S3),
    Step("fields", Kind.RECEIPT, "parse_receipt"),
    Step("review", Kind.REVIEW, "correction", is_wait=True),
    Step("record", Kind.RECEIPT, "save_expense"),
    Step("tell", Kind.RECEIPT, "notify_user", Victim.MAILBOX),
    Step("post an order: start", Kind.POSTED_ORDER, START_POSTED),
    Step("post a receipt: store", Kind.POSTED_RECEIPT, STORE_POSTED),
    Step("post a receipt: start", Kind.POSTED_RECEIPT, START_POSTED),
)
# fmt: on
