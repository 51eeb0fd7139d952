"""Requests of one order, with the id 7, as the activities make them."""

from dataclasses import dataclass

from pydantic import SecretStr

from config import Settings
from models import (
    ChargeRequest,
    EffectLookup,
    RefundRequest,
    ReleaseRequest,
    RequestedItem,
    ReservationRequest,
    ShipmentRequest,
)
from providers.inventory import InventoryProvider
from providers.inventory.http import HttpInventory
from providers.payments import PaymentProvider
from providers.payments.http import HttpPayments
from providers.shipping import ShippingProvider
from providers.shipping.http import HttpShipping
from providers.transport.http_api import HttpApi

CARD = "pm_of_a_card"


def charge_request(
    token: str = CARD, cents: int = 64_000, key: str = "order-7:charge", currency: str = "USD"
) -> ChargeRequest:
    """Return the charge of order 7."""
    return ChargeRequest(
        idempotency_key=key,
        order_id="7",
        amount_cents=cents,
        currency=currency,
        payment_token=SecretStr(token),
    )


def charge_lookup(key: str = "order-7:charge", payment_id: str | None = None) -> EffectLookup:
    """Return the look-up of order 7's charge."""
    return EffectLookup(idempotency_key=key, payment_id=payment_id)


def refund_request(
    key: str = "order-7:refund", cents: int = 64_000, currency: str = "USD"
) -> RefundRequest:
    """Return the refund of order 7."""
    return RefundRequest(
        idempotency_key=key,
        charge_idempotency_key="order-7:charge",
        order_id="7",
        amount_cents=cents,
        currency=currency,
    )


def reservation_request(sku: str = "rare-vinyl", quantity: int = 2) -> ReservationRequest:
    """Return the reservation of order 7."""
    return ReservationRequest(
        idempotency_key="order-7:reserve",
        order_id="7",
        items=(RequestedItem(sku=sku, quantity=quantity),),
    )


def release_request() -> ReleaseRequest:
    """Return the release of order 7's reservation."""
    return ReleaseRequest(
        idempotency_key="order-7:release",
        reservation_idempotency_key="order-7:reserve",
        order_id="7",
    )


def shipment_request(reservation_id: str) -> ShipmentRequest:
    """Return the shipment of order 7."""
    return ShipmentRequest(
        idempotency_key="order-7:ship", order_id="7", reservation_id=reservation_id
    )


@dataclass
class Providers:
    """The three providers of the small HTTP contract."""

    payments: PaymentProvider
    inventory: InventoryProvider
    shipping: ShippingProvider


def providers_on(api: HttpApi) -> Providers:
    """Return the three providers on one API."""
    return Providers(HttpPayments(api), HttpInventory(api), HttpShipping(api))


def stripe_settings(url: str, api_key: str) -> Settings:
    """Return settings for a Stripe API at this URL."""
    return Settings(_env_file=None, stripe_api_url=url, stripe_api_key=SecretStr(api_key))
