"""Requests of order activities to payment, inventory and shipping, and their answers.

The same ``idempotency_key`` has its effect once, however often it is sent.
"""

from pydantic import Field, SecretStr, field_serializer

from models.base import Model
from models.money import CurrencyCode
from models.orders import OrderStart


class ChargeRequest(Model):
    """Input of ``charge_payment``: the amount in minor units and the reference to the card.

    ``may_open`` allows the provider to answer with a payment that is only opened, which moves no
    money. ``payment_id`` is the id of such a payment, which is then confirmed. Nothing is charged
    if the order has ended in another start than ``start``; see ``OrderHasEnded``.
    """

    idempotency_key: str
    order_id: str
    amount_cents: int
    currency: CurrencyCode
    payment_token: SecretStr
    may_open: bool = False
    payment_id: str | None = None
    start: OrderStart | None = None

    @field_serializer("payment_token", when_used="json")
    def _reveal_to_the_payload(self, token: SecretStr) -> str:
        return token.get_secret_value()


class Charge(Model):
    """Result of ``charge_payment``: a payment that was made, its amount in minor units.

    If ``is_confirmed`` is False it is only opened: no money moves until it is charged again with
    its ``transaction_id`` as the ``payment_id``. ``is_repeat`` if it had been made before this
    call; no history has it.
    """

    transaction_id: str
    amount_cents: int
    currency: str
    is_confirmed: bool = True
    is_repeat: bool = Field(default=False, exclude=True)


class Payment(Model):
    """A charge that was made under a key, and how much of it is back on the customer's card.

    Amounts are in minor units. ``refunded_cents`` is what refunds gave back to their end,
    ``pending_refund_id`` a refund that has no end yet.
    """

    transaction_id: str
    amount_cents: int
    currency: str
    refunded_cents: int = 0
    refund_id: str | None = None
    pending_refund_id: str | None = None


class FoundCharge(Model):
    """Result of ``find_charge``; ``charge`` is None if nothing was charged, or it was refunded."""

    charge: Charge | None


class RefundRequest(Model):
    """Input of ``refund_payment``, which refunds the charge of ``charge_idempotency_key``.

    The charge's own id is not needed, so a charge whose answer was lost can be refunded too.
    ``amount_cents`` (minor units) and ``currency`` are what was requested for that charge;
    ``payment_id`` is the id of the payment that was opened for it, if one was.
    """

    idempotency_key: str
    charge_idempotency_key: str
    order_id: str
    amount_cents: int
    currency: CurrencyCode
    payment_id: str | None = None


class Refund(Model):
    """Result of ``refund_payment``; both ids are None if nothing was charged, nor ever can be.

    ``is_repeat`` if it had been made before this call; no history has it.
    """

    refund_id: str | None
    transaction_id: str | None
    is_repeat: bool = Field(default=False, exclude=True)


class RequestedItem(Model):
    """One SKU and how many units of it to reserve."""

    sku: str
    quantity: int


class ReservationRequest(Model):
    """Input of ``reserve_inventory``: all items of an order."""

    idempotency_key: str
    order_id: str
    items: tuple[RequestedItem, ...]


class Reservation(Model):
    """Result of ``reserve_inventory``: stock that is held for an order."""

    reservation_id: str


class ReleaseRequest(Model):
    """Input of ``release_inventory``, which releases ``reservation_idempotency_key``'s stock."""

    idempotency_key: str
    reservation_idempotency_key: str
    order_id: str


class Release(Model):
    """Result of ``release_inventory``; the id is None if there was no reservation."""

    reservation_id: str | None


class TryToSettle(Model):
    """Input of ``settle_try``: a try of an order, by the keys of its effects.

    Nothing is undone if the order has ended in another start than ``start``; see
    ``OrderHasEnded``.
    """

    refund: RefundRequest
    release: ReleaseRequest
    shipment_idempotency_key: str
    start: OrderStart | None = None


class SettledTry(Model):
    """Result of ``settle_try``: nothing of that try is left, nor can anything follow.

    Unless ``shipment_id`` is set: then the carrier has its goods, and nothing was undone.
    """

    shipment_id: str | None = None
    refund_id: str | None = None


class ShipmentRequest(Model):
    """Input of ``schedule_shipment``: the order and its reserved stock.

    ``run_id`` is the run that knows the order to be paid. In another, which a reset has made of it,
    nothing is shipped.
    """

    idempotency_key: str
    order_id: str
    reservation_id: str
    run_id: str | None = None


class Shipment(Model):
    """Result of ``schedule_shipment``: a shipment that the carrier accepted."""

    shipment_id: str


class FoundShipment(Model):
    """Result of ``find_shipment``; ``shipment`` is None if none was scheduled under the key."""

    shipment: Shipment | None


class EffectLookup(Model):
    """Input of ``find_charge`` and ``find_shipment``: the key of the request to look for.

    ``payment_id`` is the id of the payment that was opened for a charge, if one was.
    """

    idempotency_key: str
    payment_id: str | None = None
