"""Reservations and stock as the API of the small HTTP contract lists them."""

from models import ListedReservation, ListedStock
from providers.transport.http_api import HttpApi, Listing


class HttpInventoryLedger:
    """Reads whole ledgers; each call raises what ``HttpApi.send`` raises.

    A whole ledger is one answer, so the API's session must allow a body of that size.
    """

    def __init__(self, api: HttpApi) -> None:
        self._api = api

    async def reservations(self) -> tuple[ListedReservation, ...]:
        """Return all reservations, oldest first."""
        return (await self._api.send("GET", "/reservations", Listing[ListedReservation])).data

    async def stock(self) -> tuple[ListedStock, ...]:
        """Return the stock of every SKU, in units."""
        return (await self._api.send("GET", "/stock", Listing[ListedStock])).data
