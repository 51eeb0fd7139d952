"""Shipping over the small HTTP contract, with every answer checked against its request.

A shipment is looked for by its key before it is asked for: an API that has forgotten the key would
ship twice.
"""

from models import AnswerList, AnswerText, Model, Shipment, ShipmentRequest
from providers.errors import AnswerMismatch
from providers.transport.http_api import HttpApi


class _Shipped(Model):
    shipment_id: AnswerText
    idempotency_key: AnswerText
    order_id: AnswerText
    reservation_id: AnswerText


class _ShipmentList(Model):
    data: AnswerList[_Shipped]


class HttpShipping:
    """``ShippingProvider`` over ``/shipments``."""

    def __init__(self, api: HttpApi) -> None:
        self._api = api

    async def schedule(self, request: ShipmentRequest) -> Shipment:
        """Schedule one shipment per idempotency key; see ``ShippingProvider.schedule``."""
        shipped = await self._find(request.idempotency_key) or await self._api.send(
            "POST",
            "/shipments",
            _Shipped,
            body={"order_id": request.order_id, "reservation_id": request.reservation_id},
            idempotency_key=request.idempotency_key,
        )
        if (shipped.order_id, shipped.reservation_id) != (request.order_id, request.reservation_id):
            raise AnswerMismatch(
                f"the shipment is for order {shipped.order_id} ({shipped.reservation_id}), "
                f"not for {request.order_id} ({request.reservation_id})"
            )
        _check_key(shipped, request.idempotency_key)
        return Shipment(shipment_id=shipped.shipment_id)

    async def find_shipment(self, idempotency_key: str) -> Shipment | None:
        """Return the shipment scheduled under this key, or None if there was none.

        Raises ProviderUnavailable while the API still processes a shipment of this key; see
        ``ShippingProvider.find_shipment``.
        """
        shipped = await self._find(idempotency_key)
        return Shipment(shipment_id=shipped.shipment_id) if shipped else None

    async def _find(self, idempotency_key: str) -> _Shipped | None:
        found = await self._api.send(
            "GET", "/shipments", _ShipmentList, query={"idempotency_key": idempotency_key}
        )
        for shipped in found.data:
            _check_key(shipped, idempotency_key)
        if len(found.data) > 1:
            raise AnswerMismatch(f"{len(found.data)} shipments were made under {idempotency_key}")
        return found.data[0] if found.data else None


def _check_key(shipped: _Shipped, idempotency_key: str) -> None:
    if shipped.idempotency_key != idempotency_key:
        raise AnswerMismatch(
            f"the shipment has the key {shipped.idempotency_key}, not {idempotency_key}"
        )
