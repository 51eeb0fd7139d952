"""What the providers' own ledgers hold, over the read-only listings of the small HTTP contract.

An audit that believed our own records would miss exactly what it looks for: an effect that
happened and that nobody here knows of.
"""

from typing import Generic, Literal, TypeVar

from pydantic import AwareDatetime

from models import Model, RequestedItem
from providers.http_api import AnswerText, HttpApi


class Listed(Model):
    """One effect in a ledger; ``created_at`` in UTC."""

    idempotency_key: AnswerText
    order_id: AnswerText
    created_at: AwareDatetime


class ListedCharge(Listed):
    """Money taken, in cents."""

    transaction_id: AnswerText
    amount_cents: int
    currency: AnswerText


class ListedRefund(ListedCharge):
    """Money given back of the charge ``transaction_id``, in cents."""

    refund_id: AnswerText


class ListedReservation(Listed):
    """Stock that is held, was given back, or has left."""

    reservation_id: AnswerText
    items: tuple[RequestedItem, ...]
    status: Literal["held", "released", "shipped"]


class ListedShipment(Listed):
    """What the carrier has."""

    shipment_id: AnswerText
    reservation_id: AnswerText


class ListedStock(Model):
    """Units of one SKU: ``total`` is what was ever put on the shelf."""

    sku: AnswerText
    total: int
    available: int
    reserved: int
    shipped: int


Row = TypeVar("Row", bound=Model)


class _Listing(Model, Generic[Row]):
    data: tuple[Row, ...]


class HttpListings:
    """Reads whole ledgers; each call raises what ``HttpApi.send`` raises.

    A ledger comes as one answer, so give the API a session with room for it.
    """

    def __init__(self, api: HttpApi) -> None:
        self._api = api

    async def charges(self) -> tuple[ListedCharge, ...]:
        """Give all charges, oldest first."""
        return (await self._api.send("GET", "/charges", _Listing[ListedCharge])).data

    async def refunds(self) -> tuple[ListedRefund, ...]:
        """Give all refunds, oldest first."""
        return (await self._api.send("GET", "/refunds", _Listing[ListedRefund])).data

    async def reservations(self) -> tuple[ListedReservation, ...]:
        """Give all reservations, oldest first."""
        return (await self._api.send("GET", "/reservations", _Listing[ListedReservation])).data

    async def shipments(self) -> tuple[ListedShipment, ...]:
        """Give all shipments, oldest first."""
        return (await self._api.send("GET", "/shipments", _Listing[ListedShipment])).data

    async def stock(self) -> tuple[ListedStock, ...]:
        """Give all SKUs."""
        return (await self._api.send("GET", "/stock", _Listing[ListedStock])).data
