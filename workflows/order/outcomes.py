"""What the failures of an order's steps mean, and since which patch."""

from temporalio.exceptions import RetryState

from providers.errors import (
    IdempotencyKeyReused,
    InvalidRequest,
    OutOfStock,
    PaymentDeclined,
    UnknownSku,
)

DECLINED = PaymentDeclined.__name__
"""The charge error that guarantees that no money moved."""

REFUSED = {DECLINED, InvalidRequest.__name__, IdempotencyKeyReused.__name__}
"""Charge errors that were taken for that guarantee. They speak of one attempt: an earlier one,
whose answer was lost, may have charged."""

ONLY_A_DECLINE_NEEDS_NO_UNDO = "only-a-decline-needs-no-undo"
"""Patch. Before, nothing was undone after any error of ``REFUSED``."""

NOT_IN_STOCK = {e.__name__ for e in (OutOfStock, UnknownSku)}
"""Reservation errors that are a business outcome and not a fault."""

ANSWER_MAY_BE_LOST = (RetryState.MAXIMUM_ATTEMPTS_REACHED, RetryState.TIMEOUT)
"""How a step ends whose effect may have happened although no attempt got an answer."""

CARRIER_ASKED_BEFORE_UNDO = "carrier-asked-before-undo"
"""Patch. Before, only some orders asked: those that remembered to have come as far as shipping."""

BUSINESS_DAY_CHECKED_AGAIN = "business-day-checked-again"
"""Patch. Before, an order that was resumed on a Saturday was shipped on that Saturday."""
