"""Payments: charge a card, find a charge by its key, refund it."""

from typing import Protocol

from models import Charge, ChargeRequest, ListedCharge, ListedRefund, Refund, RefundRequest


class PaymentProvider(Protocol):
    """Who moves money. Every call that does carries an idempotency key."""

    async def charge(self, request: ChargeRequest) -> Charge:
        """Charge the card once per idempotency key.

        Raises PaymentDeclined, InvalidRequest, IdempotencyKeyReused, AnswerMismatch, or one
        of the errors worth retrying.
        """
        ...

    async def find_charge(self, idempotency_key: str) -> Charge | None:
        """Give the charge made under this key, or None if there never was one."""
        ...

    async def refund(self, request: RefundRequest) -> Refund:
        """Refund in full the charge made under ``charge_idempotency_key``, once."""
        ...


class PaymentLedger(Protocol):
    """What really happened, by those who did it. An audit believes nobody else."""

    async def charges(self) -> tuple[ListedCharge, ...]:
        """Return all charges, oldest first."""
        ...

    async def refunds(self) -> tuple[ListedRefund, ...]:
        """Return all refunds, oldest first."""
        ...
