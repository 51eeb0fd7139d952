"""Inventory over the small HTTP contract: a release finds the reservation by its key.

So stock is released even if the answer to the reservation was lost, and the stock of another
order is never released. Before that, its key is closed for good: a request that is still on its way
would hold stock that nobody releases. A reservation is also looked for before it is asked for: an
API that has forgotten the key would hold the stock twice.
"""

from collections import Counter
from urllib.parse import quote

from models import (
    AnswerList,
    AnswerText,
    Model,
    Release,
    ReleaseRequest,
    RequestedItem,
    Reservation,
    ReservationRequest,
)
from providers.errors import AnswerMismatch, InvalidRequest, OutOfStock, UnknownSku
from providers.transport.http_api import HttpApi

HELD = "held"
"""Status of a reservation that holds stock, and of one whose API does not say."""


class _Reserved(Model):
    reservation_id: AnswerText
    idempotency_key: AnswerText
    order_id: AnswerText
    items: AnswerList[RequestedItem]
    status: AnswerText = HELD


class _ReservationList(Model):
    data: AnswerList[_Reserved]


class HttpInventory:
    """``InventoryProvider`` over ``/reservations``."""

    def __init__(self, api: HttpApi) -> None:
        self._api = api

    async def reserve(self, request: ReservationRequest) -> Reservation:
        """Reserve all items or none, once per idempotency key; see ``InventoryProvider``."""
        reserved = await self._find(request.idempotency_key) or await self._reserve(request)
        _check(reserved, request.idempotency_key, request.order_id)
        if _quantities(reserved.items) != _quantities(request.items):
            raise AnswerMismatch(
                f"the reservation {reserved.reservation_id} holds other items than requested"
            )
        return Reservation(reservation_id=reserved.reservation_id)

    async def find_held(self, idempotency_key: str) -> Reservation | None:
        """Return the reservation under this key if it holds stock; see ``InventoryProvider``."""
        found = await self._find(idempotency_key)
        if found is None or found.status != HELD:
            return None
        return Reservation(reservation_id=found.reservation_id)

    async def release(self, request: ReleaseRequest) -> Release:
        """Release the reservation of ``reservation_idempotency_key``, once.

        See ``InventoryProvider.release``.
        """
        key = request.reservation_idempotency_key
        held = await self._close(key)
        if held is None:
            return Release(reservation_id=None)
        _check(held, key, request.order_id)
        released = await self._api.send(
            "DELETE",
            f"/reservations/{quote(held.reservation_id, safe='')}",
            _Reserved,
            idempotency_key=request.idempotency_key,
        )
        _check(released, key, request.order_id)
        return Release(reservation_id=released.reservation_id)

    async def _reserve(self, request: ReservationRequest) -> _Reserved:
        return await self._api.send(
            "POST",
            "/reservations",
            _Reserved,
            body={
                "order_id": request.order_id,
                "items": [item.model_dump() for item in request.items],
            },
            idempotency_key=request.idempotency_key,
            refusals={"out_of_stock": OutOfStock, "unknown_sku": UnknownSku},
        )

    async def _close(self, idempotency_key: str) -> _Reserved | None:
        """Return the reservation of a key after which no more follow."""
        held = await self._find(idempotency_key)
        try:
            return await self._find(idempotency_key, "DELETE") or held
        except InvalidRequest:
            if held is None:
                raise
            # An API that cannot close a key has at least to release what it holds.
            return held

    async def _find(self, idempotency_key: str, method: str = "GET") -> _Reserved | None:
        """Return the reservation of a key; with DELETE, close the key."""
        found = await self._api.send(
            method, "/reservations", _ReservationList, query={"idempotency_key": idempotency_key}
        )
        if len(found.data) > 1:
            raise AnswerMismatch(
                f"{len(found.data)} reservations were made under {idempotency_key}"
            )
        return found.data[0] if found.data else None


def _quantities(items: AnswerList[RequestedItem]) -> Counter[str]:
    quantities: Counter[str] = Counter()
    for item in items:
        quantities[item.sku] += item.quantity
    return quantities


def _check(reserved: _Reserved, idempotency_key: str, order_id: str) -> None:
    if (reserved.idempotency_key, reserved.order_id) != (idempotency_key, order_id):
        raise AnswerMismatch(
            f"the reservation is for order {reserved.order_id} (key "
            f"{reserved.idempotency_key}), not for {order_id} (key {idempotency_key})"
        )
