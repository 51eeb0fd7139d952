"""Shipping: hand an order to the carrier."""

from typing import Protocol

from models import ListedShipment, Shipment, ShipmentRequest


class ShippingProvider(Protocol):
    """Who ships."""

    async def schedule(self, request: ShipmentRequest) -> Shipment:
        """Schedule one shipment per idempotency key."""
        ...

    async def find_shipment(self, idempotency_key: str) -> Shipment | None:
        """Give the shipment scheduled under this key, or None if there never was one."""
        ...


class ShippingLedger(Protocol):
    """What really happened, by those who did it. An audit believes nobody else."""

    async def shipments(self) -> tuple[ListedShipment, ...]:
        """Return all shipments, oldest first."""
        ...
