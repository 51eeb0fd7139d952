"""Payments: charge a card, find a charge by its idempotency key, refund it."""

from typing import Protocol

from models import Charge, ChargeRequest, ListedCharge, ListedRefund, Refund, RefundRequest


class PaymentProvider(Protocol):
    """Moves money. Every call that moves money carries an idempotency key.

    Amounts are in cents (minor units).
    """

    async def charge(self, request: ChargeRequest) -> Charge:
        """Charge the card once per idempotency key.

        Raises PaymentDeclined, InvalidRequest, IdempotencyKeyReused, AnswerMismatch, or a
        retryable error.
        """
        ...

    async def find_charge(self, idempotency_key: str) -> Charge | None:
        """Return the charge made under this key, or None if there was none.

        Raises AnswerMismatch, or a retryable error; ProviderUnavailable while the provider
        still processes a charge of this key.
        """
        ...

    async def refund(self, request: RefundRequest) -> Refund:
        """Refund the charge made under ``charge_idempotency_key`` in full, once.

        Returns a Refund without ids if there was no charge. Raises InvalidRequest,
        IdempotencyKeyReused, AnswerMismatch, or a retryable error.
        """
        ...


class PaymentLedger(Protocol):
    """The provider's own list of charges and refunds: what an audit compares our runs with.

    Each call raises a retryable error, such as Unauthorized.
    """

    async def charges(self) -> tuple[ListedCharge, ...]:
        """Return all charges, oldest first."""
        ...

    async def refunds(self) -> tuple[ListedRefund, ...]:
        """Return all refunds, oldest first."""
        ...
