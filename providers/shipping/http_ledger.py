"""Shipments as the API of the small HTTP contract lists them."""

from collections.abc import AsyncIterator, Sequence

from models import ListedShipment
from providers.transport.http_api import HttpApi
from providers.transport.http_pages import pages


class HttpShippingLedger:
    """Reads the whole ledger; raises what ``pages`` raises."""

    def __init__(self, api: HttpApi) -> None:
        self._api = api

    def shipments(self) -> AsyncIterator[Sequence[ListedShipment]]:
        """Yield all shipments, oldest first."""
        return pages(self._api, "/shipments", ListedShipment, lambda row: row.shipment_id)
