"""Every attempt, time limit, heartbeat and wait of both pipelines: one row a step.

Scattered limits drift apart, and then a lost worker goes unnoticed for minutes or a declined card
is charged five times. A limit is changed here and nowhere else.

An error calls for patience, a lost worker does not: nothing says that the next attempt would fail.
A retry policy has one wait for both. So the retry policies made here try a step again at once,
and an attempt that ends in an error asks for the wait of its row (or the provider's Retry-After).
"""

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TypedDict

from temporalio.common import RetryPolicy
from temporalio.workflow import ActivityCancellationType

from providers import errors
from providers.errors import (
    AnswerMismatch,
    ArchiveUnavailable,
    BadAddress,
    IdempotencyKeyReused,
    ImageTooLarge,
    InvalidExpense,
    InvalidRequest,
    LanguageModelMisconfigured,
    LanguageModelRefused,
    NotAnImage,
    ObjectMissing,
    OrderHasEnded,
    OutOfStock,
    PaymentDeclined,
    PaymentUndone,
    ProviderError,
    RunWasReset,
    StorageUnavailable,
    TokenKeyMissing,
    TotalNotFound,
    Unauthorized,
    Unfit,
    UnknownSku,
)

LOST_WORKER_WAIT = timedelta(milliseconds=100)
"""Wait before a step is tried again after its worker was lost. It is doubled from attempt to
attempt, so that a step which kills its worker does not spin."""

LONGEST_WAIT = timedelta(minutes=10)
"""No wait after an error or a lost worker grows beyond this."""

FAULT_WAIT = timedelta(seconds=1)
"""First wait while a fault of ours is not repaired; it is doubled from attempt to attempt."""

UNLIMITED = 0
"""Attempts of a step that undoes, that asks what became of a call whose answer was lost, or that
archives an order: giving up would leave money or stock in the wrong place, or forget an order."""

COMPENSATION_LIMIT = timedelta(days=7)
"""How long a step with unlimited attempts is tried: a refund is owed, whatever the provider's
state."""

MAIL_LIMIT = timedelta(days=3)
"""How long a mail is tried that its own run could not send."""

MAIL_HOLDS_UP = timedelta(seconds=10)
"""A mail server that asks for a longer wait ends its step: the mail must not hold up its run."""


OUR_FAULTS = (Unauthorized, TokenKeyMissing, ArchiveUnavailable, StorageUnavailable)
"""Provider errors that say nothing of the order or receipt: an operator can repair them."""


_ANSWERS = {
    name
    for name, error in vars(errors).items()
    if isinstance(error, type) and issubclass(error, ProviderError) and error not in OUR_FAULTS
}
"""Types of the errors by which a provider answers."""


def is_our_fault(error_type: str | None) -> bool:
    """Tell whether an ApplicationError of this type is a fault of ours and no business outcome.

    A key that is missing or refused, an activity that the worker does not know, and everything
    else that no provider raises on purpose.
    """
    return error_type not in _ANSWERS


class Limits(TypedDict, total=False):
    """The options of an activity call that bound it."""

    start_to_close_timeout: timedelta
    schedule_to_close_timeout: timedelta
    heartbeat_timeout: timedelta
    retry_policy: RetryPolicy
    cancellation_type: ActivityCancellationType


class LocalLimits(TypedDict):
    """The options of a local activity call that bound it."""

    start_to_close_timeout: timedelta
    retry_policy: RetryPolicy
    cancellation_type: ActivityCancellationType


@dataclass(frozen=True)
class Waits:
    """Waits after errors: the first in seconds, and whether the next are doubled or linear."""

    first: float
    is_doubled: bool

    def after(self, attempt: int) -> timedelta:
        """Return the wait after attempt 1, 2, ... of a step."""
        # 32 doublings are beyond the longest wait, and many more are beyond a float.
        factor = 2.0 ** min(attempt - 1, 32) if self.is_doubled else attempt
        return min(timedelta(seconds=self.first * factor), LONGEST_WAIT)


def doubling(first: float) -> Waits:
    """Return waits of 1, 2, 4, ... times the first."""
    return Waits(first, is_doubled=True)


def linear(first: float) -> Waits:
    """Return waits of 1, 2, 3, ... times the first."""
    return Waits(first, is_doubled=False)


@dataclass(frozen=True)
class Policy:
    """One row of the table: what bounds one step, by the name of its activity.

    ``limit`` is that of one attempt, and like ``heartbeat`` in seconds. An error whose class is in
    ``never_retried`` ends the step, and so does one that asks for more than the ``longest_wait``;
    all others are retried until ``attempts`` have been made, or for ``patience`` if those are
    unlimited. A worker that is lost is a fault of ours, unless the step ``may_end_its_worker``.
    """

    activity: str
    attempts: int
    limit: float
    heartbeat: float
    waits: Waits
    is_local_first: bool
    never_retried: tuple[type[ProviderError], ...]
    longest_wait: timedelta | None = None
    patience: timedelta = COMPENSATION_LIMIT
    may_end_its_worker: bool = False

    def limits(self) -> Limits:
        """Return the options of the step's activity if that makes all attempts."""
        limits = self._limits(self.attempts)
        if self.attempts == UNLIMITED:
            limits["schedule_to_close_timeout"] = self.patience
        return limits

    def limits_of_local_attempt(self) -> LocalLimits:
        """Return the options of the first attempt if that is made locally."""
        return LocalLimits(
            start_to_close_timeout=timedelta(seconds=self.limit),
            retry_policy=self._retry_policy(1),
            cancellation_type=ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
        )

    def limits_after_local_attempt(self) -> Limits:
        """Return the options of the step's activity if the first attempt was made locally."""
        return self.limits() if self.attempts == UNLIMITED else self._limits(self.attempts - 1)

    def limits_until_repaired(self) -> Limits:
        """Return the options of the activity that waits until a fault of ours is repaired.

        It is tried for as long as an undo, and ends at the first answer of a provider.
        """
        return Limits(
            start_to_close_timeout=timedelta(seconds=self.limit),
            schedule_to_close_timeout=COMPENSATION_LIMIT,
            heartbeat_timeout=timedelta(seconds=self.heartbeat),
            cancellation_type=ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
            retry_policy=RetryPolicy(
                initial_interval=FAULT_WAIT,
                maximum_interval=LONGEST_WAIT,
                non_retryable_error_types=sorted(_ANSWERS),
            ),
        )

    @property
    def is_stretched(self) -> bool:
        """Whether patience adds attempts: not to a mail, which a run of its own tries for days."""
        return self.attempts != UNLIMITED and self.longest_wait is None

    def never_retries(self, error_type: str | None) -> bool:
        """Tell whether an error of this type ends the step."""
        return error_type in {error.__name__ for error in self.never_retried}

    def is_too_long(self, wait: timedelta) -> bool:
        """Tell whether an error that asks for this wait ends the step."""
        return self.longest_wait is not None and wait > self.longest_wait

    def _limits(self, attempts: int) -> Limits:
        return Limits(
            start_to_close_timeout=timedelta(seconds=self.limit),
            heartbeat_timeout=timedelta(seconds=self.heartbeat),
            # A cancel ends the retries, but the attempt that runs finishes: undoing needs to
            # know its outcome.
            cancellation_type=ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
            retry_policy=self._retry_policy(attempts),
        )

    def _retry_policy(self, attempts: int) -> RetryPolicy:
        return RetryPolicy(
            initial_interval=LOST_WORKER_WAIT,
            maximum_interval=LONGEST_WAIT if attempts == UNLIMITED else None,
            maximum_attempts=attempts,
            non_retryable_error_types=[error.__name__ for error in self.never_retried],
        )


LOCAL, ORDINARY = True, False
"""How the first attempt is made, see docs/decisions/local-first-steps.md."""

UNREADABLE = (ObjectMissing, NotAnImage, ImageTooLarge)
NO_READING = (TotalNotFound, LanguageModelMisconfigured, LanguageModelRefused)
WRONG_REQUEST = (InvalidRequest, IdempotencyKeyReused, AnswerMismatch)
"""What no retry of the same request can mend, whichever provider says it."""
DECLINED = (PaymentDeclined, PaymentUndone, OrderHasEnded, *WRONG_REQUEST)
NOT_TRUE = (BadAddress, RunWasReset, OrderHasEnded)
NOT_SHIPPED = (RunWasReset, *WRONG_REQUEST)
NO_STOCK = (OutOfStock, UnknownSku, *WRONG_REQUEST)
ENDED = (OrderHasEnded,)
NOBODY = (BadAddress,)
BRIEF = MAIL_HOLDS_UP

# Heartbeats: an attempt beats at every half of its limit; a call that is over by then never does.
# 1 s for providers: a killed worker is noticed within it instead of the whole time limit, and a
# beat that comes half a second late costs a repeated call under the same idempotency key, nothing
# else. 10 s for mails: one that is sent again reaches a person twice, and one that comes late harms
# nobody. 10 s for OCR: it shares its cores with whatever else runs, so its beats may be late.

# fmt: off
TABLE = (
    #      activity               attempts limit   beat  waits         first     never retried
    # A picture that takes the memory of its worker would take that of the next one, too.
    Policy("extract_text",              5,   300,    10, doubling(2),  ORDINARY, UNREADABLE,
           may_end_its_worker=True),
    Policy("parse_receipt",             3,    60,     1, doubling(1),  LOCAL,    NO_READING),
    Policy("save_expense",             10,    30,     1, linear(3),    LOCAL,    (InvalidExpense,)),
    Policy("notify_user",               3,    30,    10, doubling(1),  ORDINARY, NOBODY, BRIEF),

    Policy("charge_payment",            5,    30,     1, doubling(10), ORDINARY, DECLINED),
    Policy("reserve_inventory",         3,    30,     1, doubling(5),  LOCAL,    NO_STOCK),
    Policy("schedule_shipment",         5,    30,     1, doubling(10), LOCAL,    NOT_SHIPPED),
    Policy("send_confirmation",         3,    30,    10, doubling(1),  ORDINARY, NOBODY, BRIEF),
    Policy("send_cancellation",         3,    30,    10, doubling(1),  ORDINARY, NOT_TRUE, BRIEF),

    # A mail that its run could not send: a run of its own tries on.
    Policy("send_mail",         UNLIMITED,    30,    10, doubling(10), ORDINARY, NOBODY,
           patience=MAIL_LIMIT),

    # It calls nobody.
    Policy("find_business_hours",       3,    10,     1, doubling(1),  LOCAL,    ()),

    Policy("find_charge",       UNLIMITED,    30,     1, doubling(5),  ORDINARY, ()),
    Policy("find_shipment",     UNLIMITED,    30,     1, doubling(5),  ORDINARY, ()),
    Policy("release_inventory", UNLIMITED,    30,     1, doubling(5),  ORDINARY, ()),
    Policy("refund_payment",    UNLIMITED,    30,     1, doubling(5),  ORDINARY, ()),
    Policy("settle_try",        UNLIMITED,    30,     1, doubling(5),  ORDINARY, ENDED),

    Policy("archive_order",     UNLIMITED,    30,     1, doubling(5),  LOCAL,    ()),

    # Hours, where there are millions of orders; one that is away longer is tried the next night.
    Policy("audit_books",               5, 21600,    60, doubling(60), ORDINARY, (Unfit,)),
)
# fmt: on

POLICIES = {row.activity: row for row in TABLE}


def add_row(row: Policy) -> None:
    """Add the row of a pipeline that lives beside ours; raise ValueError for a name in use."""
    if POLICIES.setdefault(row.activity, row) != row:
        raise ValueError(f"{row.activity} has a row already: an activity's name is its row's")


def with_patience(activity: str, retries: RetryPolicy, patience: timedelta) -> RetryPolicy:
    """Return the retry policy of a step that is tried for so long beyond its attempts.

    By its waits, and so for longer than that, as attempts take time as well. The attempts that are
    added are an even number, by which ``attempt_of_step`` still knows a step that began locally.
    """
    policy = POLICIES.get(activity)
    if policy is None or not policy.is_stretched or not retries.maximum_attempts:
        return retries
    added, waited = 0, timedelta()
    while waited < patience or added % 2:
        waited += policy.waits.after(policy.attempts + added)
        added += 1
    return replace(retries, maximum_attempts=retries.maximum_attempts + added)


def attempt_of_step(
    activity: str, attempt: int, maximum_attempts: int | None, is_local: bool = False
) -> int:
    """Return which attempt of its step (1, 2, ...) an attempt of an activity is.

    An activity whose step made its first attempt locally is scheduled with one attempt less than
    its row has, and with all of them if that attempt was refused before it called anybody; patience
    adds an even number to either. Where nobody says how many there are (None) that leaves the usual
    case: it was made. One that waits for a repair has no limit (0), and counts from 1.
    """
    policy = POLICIES.get(activity)
    if policy is None or is_local or not policy.is_local_first:
        return attempt
    if policy.attempts == UNLIMITED:
        return attempt + 1
    if maximum_attempts == UNLIMITED:
        return attempt
    made_locally = maximum_attempts is None or (policy.attempts - maximum_attempts) % 2
    return attempt + bool(made_locally)
