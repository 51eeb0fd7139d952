"""Inventory: reserve stock for an order, and release it."""

from collections.abc import AsyncIterator, Sequence
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
    """Reserves and releases stock."""

    async def reserve(self, request: ReservationRequest) -> Reservation:
        """Reserve all items or none, once per idempotency key.

        Raises OutOfStock, UnknownSku, InvalidRequest, IdempotencyKeyReused, AnswerMismatch, or
        a retryable error.
        """
        ...

    async def find_held(self, idempotency_key: str) -> Reservation | None:
        """Return the reservation made under this key if it still holds stock; None if none does.

        Changes nothing. Raises AnswerMismatch, or a retryable error; ProviderUnavailable while
        the inventory still processes a reservation of this key.
        """
        ...

    async def release(self, request: ReleaseRequest) -> Release:
        """Release the reservation made under ``reservation_idempotency_key``, once.

        If there was no reservation, make sure that none can follow, also of a request that is
        still on its way, and only then return a Release without an id. Raises InvalidRequest,
        such as for a reservation that was shipped, IdempotencyKeyReused, AnswerMismatch, or a
        retryable error.
        """
        ...


class InventoryLedger(Protocol):
    """The provider's own list of reservations and stock: what an audit compares our runs with.

    Each call raises a retryable error, such as Unauthorized.
    """

    def reservations(self) -> AsyncIterator[Sequence[ListedReservation]]:
        """Yield all reservations, page by page."""
        ...

    async def stock(self) -> tuple[ListedStock, ...]:
        """Return the stock of every SKU, in units."""
        ...
