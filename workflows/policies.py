"""Every retry policy and time limit of both pipelines, in one table.

Scattered limits drift apart, and then a lost worker goes unnoticed for minutes or a
declined card is charged five times. A limit is changed here and nowhere else.

An attempt that ends in an error whose class is in ``never_retried`` ends its step. All other
errors are retried until ``attempts`` have been made, after the wait that ``activities/waits.py``
names. A retry policy's own wait is for attempts that ended without a word: a lost worker.
"""

from datetime import timedelta
from typing import TypedDict

from temporalio.common import RetryPolicy
from temporalio.workflow import ActivityCancellationType

from providers.errors import (
    AnswerMismatch,
    BadAddress,
    IdempotencyKeyReused,
    ImageTooLarge,
    InvalidExpense,
    InvalidRequest,
    LanguageModelMisconfigured,
    LanguageModelRefused,
    NotAnImage,
    ObjectMissing,
    OutOfStock,
    PaymentDeclined,
    ProviderError,
    TotalNotFound,
    UnknownSku,
)

APPROVAL_THRESHOLD_CENTS = 50_000
"""An order whose total is above this waits for an approval."""

APPROVAL_LIMIT = timedelta(hours=24)
"""An order that nobody decided on for so long ends as approval_expired."""

REVIEW_LIMIT = timedelta(days=7)
"""A receipt that nobody corrected for so long fails with the reason of its review."""

COMPENSATION_LIMIT = timedelta(days=7)
"""How long an undo keeps being tried: a refund is owed, whatever the provider's state."""

COMPENSATION_PATIENCE = timedelta(minutes=1)
"""How long one undo holds up the next, so that a failing release never blocks a refund."""

PROVIDER_HEARTBEAT = timedelta(seconds=1)
"""A call to a provider beats every half of this, first when it has run for half a second; a
worker that is killed meanwhile is noticed within this time instead of the whole time limit. A beat
that comes half a second late costs a repeated call under the same idempotency key, and nothing
else."""

LOST_WORKER_WAIT = timedelta(milliseconds=100)
"""After a worker was lost its step is tried again at once: nothing says that it would fail. It is
doubled from attempt to attempt, so that a step which kills its worker does not spin."""

MAIL_HEARTBEAT = timedelta(seconds=10)
"""A mail that is sent again reaches a person twice, and one that comes late harms nobody: so a
Temporal server that was away for a moment is no reason to send it again."""

OCR_HEARTBEAT = timedelta(seconds=10)
"""OCR shares its cores with whatever else runs, so its beats may be late; twice as patient."""

WORKFLOW_TASK_LIMIT = timedelta(seconds=2)
"""How long a worker may think about a workflow's next step before another worker is asked.
Our steps take milliseconds; the default of 10 s is how long a killed worker holds up a run."""

_REQUEST_IS_WRONG = (InvalidRequest, IdempotencyKeyReused, AnswerMismatch)
"""What no retry of the same request can mend, whichever provider says it."""

OCR_TASK_QUEUE_SUFFIX = "-ocr"


def ocr_task_queue(task_queue: str) -> str:
    """Give the task queue of OCR beside a pipelines' task queue.

    OCR eats whole cores: in one process with the rest, an order's light step waits for seconds.
    """
    return task_queue + OCR_TASK_QUEUE_SUFFIX


class Limits(TypedDict, total=False):
    """The options of an activity call that bound it."""

    start_to_close_timeout: timedelta
    schedule_to_close_timeout: timedelta
    heartbeat_timeout: timedelta
    retry_policy: RetryPolicy
    cancellation_type: ActivityCancellationType


def _step(
    *,
    attempts: int,
    limit: float,
    never_retried: tuple[type[ProviderError], ...],
    heartbeat: timedelta = PROVIDER_HEARTBEAT,
) -> Limits:
    return Limits(
        start_to_close_timeout=timedelta(seconds=limit),
        heartbeat_timeout=heartbeat,
        # What is running finishes: a cancelled step is asked to stop retrying, and its
        # outcome is waited for, because undoing needs to know it.
        cancellation_type=ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
        retry_policy=RetryPolicy(
            initial_interval=LOST_WORKER_WAIT,
            maximum_attempts=attempts,
            non_retryable_error_types=[error.__name__ for error in never_retried],
        ),
    )


# fmt: off
EXTRACT_TEXT = _step(
    attempts=5, limit=300, heartbeat=OCR_HEARTBEAT,
    never_retried=(ObjectMissing, NotAnImage, ImageTooLarge),
)
PARSE_RECEIPT = _step(
    attempts=3, limit=60,
    never_retried=(TotalNotFound, LanguageModelMisconfigured, LanguageModelRefused),
)
SAVE_EXPENSE = _step(attempts=10, limit=30, never_retried=(InvalidExpense,))
NOTIFY_USER = _step(
    attempts=5, limit=30, heartbeat=MAIL_HEARTBEAT, never_retried=(BadAddress,),
)

CHARGE_PAYMENT = _step(
    attempts=5, limit=30, never_retried=(PaymentDeclined, *_REQUEST_IS_WRONG),
)
RESERVE_INVENTORY = _step(
    attempts=3, limit=30, never_retried=(OutOfStock, UnknownSku, *_REQUEST_IS_WRONG),
)
SCHEDULE_SHIPMENT = _step(attempts=5, limit=30, never_retried=_REQUEST_IS_WRONG)
SEND_CONFIRMATION = _step(
    attempts=5, limit=30, heartbeat=MAIL_HEARTBEAT, never_retried=(BadAddress,),
)
# fmt: on


class LocalLimits(TypedDict):
    """The options of a local activity call that bound it."""

    start_to_close_timeout: timedelta
    retry_policy: RetryPolicy
    cancellation_type: ActivityCancellationType


def one_local_attempt(limits: Limits) -> LocalLimits:
    """Bound the first attempt of a step, made locally, as the step's activity is bounded."""
    return LocalLimits(
        start_to_close_timeout=limits["start_to_close_timeout"],
        retry_policy=_with_attempts(limits["retry_policy"], 1),
        cancellation_type=limits["cancellation_type"],
    )


def after_one_attempt(limits: Limits) -> Limits:
    """Bound the attempts that are left of a step whose first one was made locally."""
    retry_policy = limits["retry_policy"]
    left = _with_attempts(retry_policy, retry_policy.maximum_attempts - 1)
    return {**limits, "retry_policy": left}


def _with_attempts(retry_policy: RetryPolicy, attempts: int) -> RetryPolicy:
    return RetryPolicy(
        initial_interval=retry_policy.initial_interval,
        maximum_attempts=attempts,
        non_retryable_error_types=retry_policy.non_retryable_error_types,
    )


COMPENSATION = Limits(
    start_to_close_timeout=timedelta(seconds=30),
    heartbeat_timeout=PROVIDER_HEARTBEAT,
    schedule_to_close_timeout=COMPENSATION_LIMIT,
    retry_policy=RetryPolicy(
        initial_interval=LOST_WORKER_WAIT, maximum_interval=timedelta(minutes=10)
    ),
)
"""Undoing, and asking what became of a call whose answer was lost: whatever the error says,
it is tried again, because giving up would leave money or stock in the wrong place."""
