"""Charges and refunds as the API of the small HTTP contract lists them."""

from collections.abc import AsyncIterator, Sequence

from models import ListedCharge, ListedRefund
from providers.payments.refunds import FAILED
from providers.transport.http_api import HttpApi
from providers.transport.http_pages import pages


class HttpPaymentLedger:
    """Reads whole ledgers; each call raises what ``pages`` raises."""

    def __init__(self, api: HttpApi) -> None:
        self._api = api

    def charges(self) -> AsyncIterator[Sequence[ListedCharge]]:
        """Yield all charges, oldest first."""
        return pages(self._api, "/charges", ListedCharge, lambda row: row.transaction_id)

    async def refunds(self) -> AsyncIterator[Sequence[ListedRefund]]:
        """Yield all refunds that gave money back or still may, oldest first."""
        async for page in pages(self._api, "/refunds", ListedRefund, lambda row: row.refund_id):
            yield [refund for refund in page if refund.status not in FAILED]
