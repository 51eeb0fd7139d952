"""What the providers' own ledgers hold, as an audit lists it.

An audit that believed our own records would miss exactly what it looks for: an effect that
happened and that nobody here knows of.
"""

from typing import Literal

from pydantic import AwareDatetime

from models.base import AnswerText, Model
from models.effects import RequestedItem


class Listed(Model):
    """One effect in a ledger; ``created_at`` in UTC."""

    idempotency_key: AnswerText
    order_id: AnswerText
    created_at: AwareDatetime


class ListedCharge(Listed):
    """Money taken, in cents."""

    transaction_id: AnswerText
    amount_cents: int
    currency: AnswerText


class ListedRefund(ListedCharge):
    """Money given back of the charge ``transaction_id``, in cents."""

    refund_id: AnswerText


class ListedReservation(Listed):
    """Stock that is held, was given back, or has left."""

    reservation_id: AnswerText
    items: tuple[RequestedItem, ...]
    status: Literal["held", "released", "shipped"]


class ListedShipment(Listed):
    """What the carrier has."""

    shipment_id: AnswerText
    reservation_id: AnswerText


class ListedStock(Model):
    """Units of one SKU: ``total`` is what was ever put on the shelf."""

    sku: AnswerText
    total: int
    available: int
    reserved: int
    shipped: int


class ListedReceipt(Model):
    """A receipt in the bucket; ``stored_at`` in UTC, when it was last stored."""

    object_key: str
    stored_at: AwareDatetime
