"""The end of a refund: an answer of the provider is not yet money on the customer's card.

A refund may be pending for days and then fail. Whoever takes its first answer for the end tells a
customer "refunded in full" who never gets the money.
"""

from collections.abc import Sequence

from models import AnswerText, Model, Payment
from providers.errors import AnswerMismatch, ProviderUnavailable

FAILED = ("failed", "canceled")
"""Statuses of a refund that gave nothing back, and never will."""

SUCCEEDED = "succeeded"

WAIT_AFTER_FAILURE = 3_600.0
"""Seconds before a refund that failed is made anew. The reason, such as an empty balance, takes
time to mend, and every try leaves another failed refund on the account."""


class Refunded(Model):
    """A refund as the provider tells and counts it."""

    refund_id: AnswerText
    amount_cents: int
    currency: AnswerText
    status: AnswerText = SUCCEEDED


def standing(refunds: Sequence[Refunded]) -> list[str]:
    """Return the ids of the refunds of a charge that gave money back or still may."""
    return [refund.refund_id for refund in refunds if refund.status not in FAILED]


def still_owed(refunds: Sequence[Refunded], amount_cents: int, currency: str) -> int:
    """Return how much of a charge no refund has given back yet.

    Raise ProviderUnavailable while one is pending, and AnswerMismatch for more, or another
    currency, than was charged.
    """
    for refund in refunds:
        if refund.currency != currency:
            raise AnswerMismatch(f"{refund.refund_id} is in {refund.currency}, not in {currency}")
        if refund.status not in (*FAILED, SUCCEEDED):
            raise pending(refund)
    back = sum(refund.amount_cents for refund in refunds if refund.status == SUCCEEDED)
    if back > amount_cents:
        raise AnswerMismatch(f"{back} {currency} were refunded of {amount_cents}")
    return amount_cents - back


def as_payment(
    transaction_id: str, amount_cents: int, currency: str, refunds: Sequence[Refunded]
) -> Payment:
    """Return a charge with what its refunds have given back so far."""
    back = [refund for refund in refunds if refund.status == SUCCEEDED]
    pending = [refund for refund in refunds if refund.status not in (*FAILED, SUCCEEDED)]
    return Payment(
        transaction_id=transaction_id,
        amount_cents=amount_cents,
        currency=currency,
        refunded_cents=sum(refund.amount_cents for refund in back),
        refund_id=back[-1].refund_id if back else None,
        pending_refund_id=pending[-1].refund_id if pending else None,
    )


def key_of_next(idempotency_key: str, refunds: Sequence[Refunded]) -> str:
    """Return the key of the next refund of a charge: under that of a failed one its failure would
    only be answered again."""
    failed = sum(refund.status in FAILED for refund in refunds)
    return f"{idempotency_key}:{failed + 1}" if failed else idempotency_key


def check_end(refund: Refunded) -> None:
    """Raise ProviderUnavailable unless the refund has succeeded."""
    if refund.status in FAILED:
        error = ProviderUnavailable(
            f"the refund {refund.refund_id} is {refund.status}: the money is still owed, and is "
            "refunded again under another key"
        )
        error.retry_after_seconds = WAIT_AFTER_FAILURE
        raise error
    if refund.status != SUCCEEDED:
        raise pending(refund)


def pending(refund: Refunded) -> ProviderUnavailable:
    """Return the error that has a refund asked about again."""
    return ProviderUnavailable(f"the refund {refund.refund_id} is {refund.status}")
