"""Charges and refunds in the ledger of the small HTTP contract."""

from models import ListedCharge, ListedRefund
from providers.transport.http_api import HttpApi, Listing


class HttpPaymentLedger:
    """Reads whole ledgers; each call raises what ``HttpApi.send`` raises.

    A ledger comes as one answer, so give the API a session with room for it.
    """

    def __init__(self, api: HttpApi) -> None:
        self._api = api

    async def charges(self) -> tuple[ListedCharge, ...]:
        """Return all charges, oldest first."""
        return (await self._api.send("GET", "/charges", Listing[ListedCharge])).data

    async def refunds(self) -> tuple[ListedRefund, ...]:
        """Return all refunds, oldest first."""
        return (await self._api.send("GET", "/refunds", Listing[ListedRefund])).data
