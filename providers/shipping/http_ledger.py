"""Shipments in the ledger of the small HTTP contract."""

from models import ListedShipment
from providers.transport.http_api import HttpApi, Listing


class HttpShippingLedger:
    """Reads whole ledgers; each call raises what ``HttpApi.send`` raises.

    A ledger comes as one answer, so give the API a session with room for it.
    """

    def __init__(self, api: HttpApi) -> None:
        self._api = api

    async def shipments(self) -> tuple[ListedShipment, ...]:
        """Return all shipments, oldest first."""
        return (await self._api.send("GET", "/shipments", Listing[ListedShipment])).data
