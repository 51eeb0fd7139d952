"""How an order ends early: what the failures of its steps mean, and what is refused."""

from temporalio.exceptions import ActivityError, RetryState

from models import OrderStatus
from providers.errors import (
    IdempotencyKeyReused,
    InvalidRequest,
    OutOfStock,
    PaymentDeclined,
    PaymentUndone,
    RunWasReset,
    UnknownSku,
)
from workflows.order.rules import Rule, in_force
from workflows.shared.failures import error_type, reason_of


class Ended(Exception):
    """The order ends here for a business reason."""

    def __init__(self, status: OrderStatus, reason: str) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason


DECLINED = PaymentDeclined.__name__
"""The charge error that guarantees that no money moved."""

REFUSED = {DECLINED, InvalidRequest.__name__, IdempotencyKeyReused.__name__}
"""Charge errors that were taken for that guarantee. They speak of one attempt: an earlier one,
whose answer was lost, may have charged."""

NOT_IN_STOCK = {e.__name__ for e in (OutOfStock, UnknownSku)}
"""Reservation errors that are a business outcome and not a fault."""

UNDONE = PaymentUndone.__name__
"""The charge error of a payment that was refunded or cancelled, as after a reset."""

STAYS_UNDONE = "what was undone is not done again under the same key: retry the order instead"
"""Added to the reason of an order that was reset after its payment had been undone."""

RESET_SINCE = RunWasReset.__name__
"""The error of a shipment, or of the mail that an order is over, in a run that a reset has made: it
remembers less than has happened, and must ask the providers first.

An activity says so, and no marker of ours: its answer replays everywhere. Outside of the server a
replay takes the first run's id for the run's own, and a marker may come a workflow task too late
for the code that follows a local activity.
"""

PAID_NO_MORE = f"the payment was refunded or cancelled before the reset; {STAYS_UNDONE}"

ANSWER_MAY_BE_LOST = (RetryState.MAXIMUM_ATTEMPTS_REACHED, RetryState.TIMEOUT)
"""How a step ends whose effect may have happened although no attempt got an answer."""


def was_refused(failure: ActivityError) -> bool:
    """Tell whether a charge failed so that nothing is to be refunded, whatever was tried before."""
    if error_type(failure) == DECLINED:
        return True
    return error_type(failure) in REFUSED and not in_force(Rule.ONLY_A_DECLINE_NEEDS_NO_UNDO)


def why_not_paid(failure: ActivityError) -> str:
    """Say why a charge failed, and what helps where another one would fail as well."""
    more = f"; {STAYS_UNDONE}" if error_type(failure) == UNDONE else ""
    return reason_of(failure) + more
