"""Shipping: hand an order to the carrier."""

from collections.abc import AsyncIterator, Sequence
from typing import Protocol

from models import ListedShipment, Shipment, ShipmentRequest


class ShippingProvider(Protocol):
    """Schedules shipments with a carrier."""

    async def schedule(self, request: ShipmentRequest) -> Shipment:
        """Schedule one shipment per idempotency key.

        Raises InvalidRequest, IdempotencyKeyReused, AnswerMismatch, or a retryable error.
        """
        ...

    async def find_shipment(self, idempotency_key: str) -> Shipment | None:
        """Return the shipment scheduled under this key, or None if there was none.

        Raises AnswerMismatch, or a retryable error; ProviderUnavailable while the provider
        still processes a shipment of this key.
        """
        ...


class ShippingLedger(Protocol):
    """The provider's own list of shipments: what an audit compares our runs with.

    Each call raises a retryable error, such as Unauthorized.
    """

    def shipments(self) -> AsyncIterator[Sequence[ListedShipment]]:
        """Yield all shipments, page by page."""
        ...
