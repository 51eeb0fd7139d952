"""Reservations and stock as the API of the small HTTP contract lists them."""

from collections.abc import AsyncIterator, Sequence

from models import ListedReservation, ListedStock
from providers.transport.http_api import HttpApi, Listing
from providers.transport.http_pages import pages


class HttpInventoryLedger:
    """Reads whole ledgers; each call raises what ``pages`` raises."""

    def __init__(self, api: HttpApi) -> None:
        self._api = api

    def reservations(self) -> AsyncIterator[Sequence[ListedReservation]]:
        """Yield all reservations, oldest first."""
        return pages(self._api, "/reservations", ListedReservation, lambda row: row.reservation_id)

    async def stock(self) -> tuple[ListedStock, ...]:
        """Return the stock of every SKU, in units: one answer, however many there are."""
        return (await self._api.send("GET", "/stock", Listing[ListedStock])).data
