"""Charges and refunds as Stripe lists them, page by page, newest first.

What else the account does is skipped: a payment of ours names its order and its key in the
metadata. The list does not lag, as the search does.
"""

import datetime as dt
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Annotated, Any, Generic, TypeVar

from pydantic import Field, ValidationError

from config import Settings
from models import AnswerList, AnswerText, ListedCharge, ListedRefund, Model
from providers.payments.refunds import FAILED, SUCCEEDED
from providers.payments.stripe_amounts import from_stripe
from providers.payments.stripe_intents import read_answer
from providers.payments.stripe_wire import StripeTransport, our_errors, stripe_client
from providers.transport.http_pages import PageEnds
from providers.transport.http_session import HttpSession

_PAGE_ROWS = 100
"""As many as Stripe gives at a time."""


_Seconds = Annotated[int, Field(ge=0, lt=253_402_300_800)]
"""A moment before the year 10000, in seconds since 1970."""


class _Named(Model):
    """What the metadata of a payment of ours name."""

    order_id: AnswerText
    idempotency_key: AnswerText


class _Payment(Model):
    """A payment intent of the account; amounts are as Stripe counts."""

    id: AnswerText
    status: AnswerText
    amount_received: int = 0
    currency: AnswerText
    created: _Seconds
    metadata: dict[str, str] = Field(default_factory=dict)

    @property
    def is_ours(self) -> bool:
        try:
            _Named.model_validate(self.metadata)
        except ValidationError:  # names of others, for which Stripe has more room than we
            return False
        return True


class _Refund(Model):
    """A refund of the account; that of an older kind of charge has no payment intent."""

    id: AnswerText
    amount: int
    currency: AnswerText
    created: _Seconds
    status: AnswerText | None = None
    payment_intent: _Payment | None = None


_Row = TypeVar("_Row", _Payment, _Refund)


class _Page(Model, Generic[_Row]):
    data: AnswerList[_Row]
    has_more: bool = False


class StripePaymentLedger:
    """``PaymentLedger`` on PaymentIntents and their refunds; none of its calls retries."""

    def __init__(self, settings: Settings, session: HttpSession | None = None) -> None:
        """Build the client without connecting; raises ValueError if the API key is not set."""
        self._transport = StripeTransport(session or HttpSession())
        client = stripe_client(settings, self._transport)
        self._intents, self._refunds = client.v1.payment_intents, client.v1.refunds

    async def charges(self) -> AsyncIterator[Sequence[ListedCharge]]:
        """Yield all payments of ours that moved money."""
        async for page in _pages("payment intents", _Page[_Payment], self._intents.list_async):
            yield [_charge(row) for row in page if row.is_ours and row.status == SUCCEEDED]

    async def refunds(self) -> AsyncIterator[Sequence[ListedRefund]]:
        """Yield all refunds of payments of ours that gave money back or still may.

        Stripe does not say under which key one was made: its id stands for it.
        """
        params = {"expand": ["data.payment_intent"]}
        async for page in _pages("refunds", _Page[_Refund], self._refunds.list_async, params):
            yield [
                _refund(row, row.payment_intent)
                for row in page
                if row.payment_intent and row.payment_intent.is_ours and row.status not in FAILED
            ]

    async def close(self) -> None:
        """Close the connections."""
        await self._transport.close_async()


async def _pages(
    what: str,
    page_of: type[_Page[_Row]],
    list_page: Callable[..., Any],
    more: dict[str, Any] | None = None,
) -> AsyncIterator[Sequence[_Row]]:
    params, ends = {"limit": _PAGE_ROWS, **(more or {})}, PageEnds(f"Stripe's list of {what}")
    while True:
        with our_errors():
            page = read_answer(page_of, await list_page(params=params))
        yield page.data
        if not page.has_more or not page.data:
            return
        params["starting_after"] = ends.next(page.data[-1].id)


def _charge(row: _Payment) -> ListedCharge:
    currency = row.currency.upper()
    return ListedCharge(
        idempotency_key=row.metadata["idempotency_key"],
        order_id=row.metadata["order_id"],
        created_at=dt.datetime.fromtimestamp(row.created, dt.UTC),
        transaction_id=row.id,
        amount_cents=from_stripe(row.amount_received, currency),
        currency=currency,
    )


def _refund(row: _Refund, of: _Payment) -> ListedRefund:
    currency = row.currency.upper()
    return ListedRefund(
        idempotency_key=row.id,
        order_id=of.metadata["order_id"],
        created_at=dt.datetime.fromtimestamp(row.created, dt.UTC),
        transaction_id=of.id,
        amount_cents=from_stripe(row.amount, currency),
        currency=currency,
        refund_id=row.id,
        status=row.status or SUCCEEDED,
    )
