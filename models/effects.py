"""What order activities ask of payment, inventory and shipping, and what these answer."""

from pydantic import SecretStr, field_serializer

from models.base import CurrencyCode, Model


class ChargeRequest(Model):
    """Input of ``charge_payment``."""

    idempotency_key: str
    order_id: str
    amount_cents: int
    currency: CurrencyCode
    payment_token: SecretStr

    @field_serializer("payment_token", when_used="json")
    def _reveal_to_the_payload(self, token: SecretStr) -> str:
        return token.get_secret_value()


class Charge(Model):
    """A payment that happened."""

    transaction_id: str
    amount_cents: int
    currency: str


class FoundCharge(Model):
    """Result of ``find_charge``: None if nothing was ever charged under the key."""

    charge: Charge | None


class RefundRequest(Model):
    """Input of ``refund_payment``: the charge is named by the key it was made under.

    The charge's own id is not needed, so a charge whose answer was lost is refunded too.
    """

    idempotency_key: str
    charge_idempotency_key: str
    order_id: str
    amount_cents: int
    currency: CurrencyCode


class Refund(Model):
    """Result of ``refund_payment``; ``refund_id`` is None when there was no charge to refund."""

    refund_id: str | None
    transaction_id: str | None


class RequestedItem(Model):
    """How much of one SKU is to be reserved."""

    sku: str
    quantity: int


class ReservationRequest(Model):
    """Input of ``reserve_inventory``."""

    idempotency_key: str
    order_id: str
    items: tuple[RequestedItem, ...]


class Reservation(Model):
    """Stock that is held for an order."""

    reservation_id: str


class ReleaseRequest(Model):
    """Input of ``release_inventory``: the reservation is named by the key it was made under."""

    idempotency_key: str
    reservation_idempotency_key: str
    order_id: str


class Release(Model):
    """Result of ``release_inventory``; None when there was no reservation to release."""

    reservation_id: str | None


class ShipmentRequest(Model):
    """Input of ``schedule_shipment``."""

    idempotency_key: str
    order_id: str
    reservation_id: str


class Shipment(Model):
    """A shipment that the carrier accepted."""

    shipment_id: str


class FoundShipment(Model):
    """Result of ``find_shipment``: None if nothing was ever scheduled under the key."""

    shipment: Shipment | None


class EffectLookup(Model):
    """Input of ``find_charge`` and ``find_shipment``: the key an effect was asked for under."""

    idempotency_key: str
