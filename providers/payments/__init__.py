"""Payments: charge a card, find a charge by its idempotency key, refund it."""

from collections.abc import AsyncIterator, Sequence
from typing import Protocol

from models import (
    Charge,
    ChargeRequest,
    EffectLookup,
    ListedCharge,
    ListedRefund,
    Payment,
    Refund,
    RefundRequest,
)


class PaymentProvider(Protocol):
    """Moves money. Every call that moves money carries an idempotency key.

    Providers forget keys, some after half an hour. So an effect is looked for before it is asked
    for, and no call may rely on a key that an earlier call has used. Amounts are in
    minor units by ISO 4217.
    """

    async def charge(self, request: ChargeRequest) -> Charge:
        """Charge the card once per idempotency key, also if the provider has forgotten the key.

        A provider that can open a payment without moving money does that first if
        ``request.may_open`` is set, and returns a Charge that is not confirmed. The caller keeps
        its id and calls again with it as ``request.payment_id``: however often that is repeated,
        the one payment is confirmed once.

        Raises PaymentDeclined, PaymentUndone, InvalidRequest, IdempotencyKeyReused,
        AnswerMismatch, or a retryable error.
        """
        ...

    async def find_charge(self, lookup: EffectLookup) -> Charge | None:
        """Return the charge made under this key; None if there was none, or it was refunded.

        Raises AnswerMismatch, or a retryable error; ProviderUnavailable while the provider
        still processes a charge of this key.
        """
        ...

    async def payments_of(self, lookup: EffectLookup) -> tuple[Payment, ...]:
        """Return every charge that was made under this key, with what was given back of it.

        Changes nothing. Raises AnswerMismatch, or a retryable error; ProviderUnavailable while
        the provider still processes a charge of this key.
        """
        ...

    async def refund(self, request: RefundRequest) -> Refund:
        """Refund the charge made under ``charge_idempotency_key`` in full, once, to its end.

        If there was no charge, make sure that none can follow, also of a call that is still on
        its way, and only then return a Refund without ids. Raises InvalidRequest,
        IdempotencyKeyReused, AnswerMismatch, or a retryable error; ProviderUnavailable while
        the charge or the refund is pending, and if a refund failed: the money is still owed, and
        the next call refunds it under another key.
        """
        ...


class PaymentLedger(Protocol):
    """The provider's own list of charges and refunds: what an audit compares our runs with.

    Each call yields page by page, and raises a retryable error, such as Unauthorized.
    """

    def charges(self) -> AsyncIterator[Sequence[ListedCharge]]:
        """Yield all charges."""
        ...

    def refunds(self) -> AsyncIterator[Sequence[ListedRefund]]:
        """Yield all refunds that gave money back or still may."""
        ...
