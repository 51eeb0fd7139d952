"""Charges and refunds as the API of the small HTTP contract lists them."""

from models import ListedCharge, ListedRefund
from providers.payments.refunds import FAILED
from providers.transport.http_api import HttpApi, Listing


class HttpPaymentLedger:
    """Reads whole ledgers; each call raises what ``HttpApi.send`` raises.

    A whole ledger is one answer, so the API's session must allow a body of that size.
    """

    def __init__(self, api: HttpApi) -> None:
        self._api = api

    async def charges(self) -> tuple[ListedCharge, ...]:
        """Return all charges, oldest first."""
        return (await self._api.send("GET", "/charges", Listing[ListedCharge])).data

    async def refunds(self) -> tuple[ListedRefund, ...]:
        """Return all refunds that gave money back or still may, oldest first."""
        listed = (await self._api.send("GET", "/refunds", Listing[ListedRefund])).data
        return tuple(refund for refund in listed if refund.status not in FAILED)
