"""Reservations and stock in the ledger of the small HTTP contract."""

from models import ListedReservation, ListedStock
from providers.transport.http_api import HttpApi, Listing


class HttpInventoryLedger:
    """Reads whole ledgers; each call raises what ``HttpApi.send`` raises.

    A ledger comes as one answer, so give the API a session with room for it.
    """

    def __init__(self, api: HttpApi) -> None:
        self._api = api

    async def reservations(self) -> tuple[ListedReservation, ...]:
        """Return all reservations, oldest first."""
        return (await self._api.send("GET", "/reservations", Listing[ListedReservation])).data

    async def stock(self) -> tuple[ListedStock, ...]:
        """Return all SKUs."""
        return (await self._api.send("GET", "/stock", Listing[ListedStock])).data
