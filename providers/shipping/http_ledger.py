"""Shipments as the API of the small HTTP contract lists them."""

from models import ListedShipment
from providers.transport.http_api import HttpApi, Listing


class HttpShippingLedger:
    """Reads whole ledgers; each call raises what ``HttpApi.send`` raises.

    A whole ledger is one answer, so the API's session must allow a body of that size.
    """

    def __init__(self, api: HttpApi) -> None:
        self._api = api

    async def shipments(self) -> tuple[ListedShipment, ...]:
        """Return all shipments, oldest first."""
        return (await self._api.send("GET", "/shipments", Listing[ListedShipment])).data
