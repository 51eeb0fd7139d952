"""Payments: charge a card, find a charge by its key, refund it."""

from typing import Protocol

from models import Charge, ChargeRequest, Refund, RefundRequest


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
