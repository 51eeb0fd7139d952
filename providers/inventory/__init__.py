"""Inventory: hold stock for an order, and give it back."""

from typing import Protocol

from models import (
    ListedReservation,
    ListedStock,
    Release,
    ReleaseRequest,
    Reservation,
    ReservationRequest,
)


class InventoryProvider(Protocol):
    """Who holds stock."""

    async def reserve(self, request: ReservationRequest) -> Reservation:
        """Reserve all items, or none, once per idempotency key.

        Raises OutOfStock, UnknownSku, InvalidRequest, IdempotencyKeyReused, or one of the
        errors worth retrying.
        """
        ...

    async def release(self, request: ReleaseRequest) -> Release:
        """Give back what was reserved under ``reservation_idempotency_key``, once."""
        ...


class InventoryLedger(Protocol):
    """What really happened, by those who did it. An audit believes nobody else."""

    async def reservations(self) -> tuple[ListedReservation, ...]:
        """Return all reservations, oldest first."""
        ...

    async def stock(self) -> tuple[ListedStock, ...]:
        """Return all SKUs."""
        ...
