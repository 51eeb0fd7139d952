"""The four calls of an order, as every side of a comparison makes them.

Every side uses the providers of production, so that the sides differ only in their engine. The mail
goes to the stub too, because a mail server would cost more than the engines.
"""

import datetime as dt

from activities.business_hours import BusinessHoursActivities
from activities.orders import OrderActivities
from bootstrap import Activities, activities_of, http_order_providers
from config import Settings
from models import (
    BusinessHours,
    ChargeRequest,
    HoursQuestion,
    Mail,
    MailReceipt,
    Order,
    RequestedItem,
    ReservationRequest,
    ShipmentRequest,
)
from providers.records import OrderArchive
from providers.transport.http_api import HttpApi

WAIT_SECONDS = 0.001
"""The wait in place of the next business day."""


class StubMail:
    """``MailProvider`` on the stub."""

    def __init__(self, api: HttpApi) -> None:
        self._api = api

    async def send(self, mail: Mail) -> MailReceipt:
        """Send a mail to the stub; raises what ``HttpApi.send`` raises."""
        return await self._api.send(
            "POST",
            "/mails",
            MailReceipt,
            body=mail.model_dump(exclude={"idempotency_key"}),
            idempotency_key=mail.idempotency_key,
        )


class AroundTheClock:
    """``BusinessCalendar`` of a shop that opens at once, on any day and hour, and stays open."""

    def next_hours(self, question: HoursQuestion) -> BusinessHours:
        """Return hours that begin after the shortest wait there is."""
        opens = question.now + dt.timedelta(seconds=WAIT_SECONDS)
        return BusinessHours(opens=opens, closes=opens + dt.timedelta(days=1))


class Providers:
    """The providers of an order, on one connection pool."""

    def __init__(self, settings: Settings) -> None:
        self.api = HttpApi(settings.provider_api_url, settings.provider_api_key)
        chosen = http_order_providers(self.api)
        self.payments, self.inventory, self.shipping = (
            chosen.payments,
            chosen.inventory,
            chosen.shipping,
        )
        self.mail = StubMail(self.api)

    def activities(self, archive: OrderArchive) -> Activities:
        """Return the activities that call these providers and the archive."""
        orders = OrderActivities(self.payments, self.inventory, self.shipping, self.mail, archive)
        hours = BusinessHoursActivities(AroundTheClock())
        return (*activities_of(orders), *activities_of(hours))


def charge_request(order: Order, key: str) -> ChargeRequest:
    """Return the charge of the order's total; keys are made as in ``workflows/order/steps.py``."""
    return ChargeRequest(
        idempotency_key=f"{key}:charge",
        order_id=order.order_id,
        amount_cents=order.total_cents,
        currency=order.currency,
        payment_token=order.payment_token,
    )


def reservation_request(order: Order, key: str) -> ReservationRequest:
    """Return the reservation of all items."""
    return ReservationRequest(
        idempotency_key=f"{key}:reserve",
        order_id=order.order_id,
        items=tuple(RequestedItem(sku=i.sku, quantity=i.quantity) for i in order.items),
    )


def shipment_request(order: Order, key: str, reservation_id: str) -> ShipmentRequest:
    """Return the request of the shipment."""
    return ShipmentRequest(
        idempotency_key=f"{key}:ship", order_id=order.order_id, reservation_id=reservation_id
    )


def confirmation(order: Order, key: str, shipment_id: str) -> Mail:
    """Return the mail that tells the customer of the shipment."""
    return Mail(
        idempotency_key=f"{key}:confirm",
        to=order.customer_email,
        subject=f"Your order {order.order_id} is on its way",
        body=f"Shipped as {shipment_id}.",
    )
