"""Rows of the providers' own ledgers, as an audit lists them.

An audit that relied on our own records would miss exactly what it looks for: an effect that
happened but is not in our records.
"""

from typing import Literal

from pydantic import AwareDatetime

from models.base import AnswerList, AnswerText, Model
from models.effects import RequestedItem


class Listed(Model):
    """One effect in a ledger; ``created_at`` is in UTC."""

    idempotency_key: AnswerText
    order_id: AnswerText
    created_at: AwareDatetime


class ListedCharge(Listed):
    """A charge; the amount is in minor units."""

    transaction_id: AnswerText
    amount_cents: int
    currency: AnswerText


class ListedRefund(ListedCharge):
    """A refund of the charge ``transaction_id``; the amount is in minor units.

    ``status`` is ``pending``, ``succeeded``, ``failed`` or ``canceled``.
    """

    refund_id: AnswerText
    status: AnswerText = "succeeded"

    @property
    def is_pending(self) -> bool:
        """Whether it may still succeed or fail."""
        return self.status not in ("succeeded", "failed", "canceled")


class ListedReservation(Listed):
    """A reservation: its stock is held, was released, or was shipped."""

    reservation_id: AnswerText
    items: AnswerList[RequestedItem]
    status: Literal["held", "released", "shipped"]


class ListedShipment(Listed):
    """A shipment that the carrier has."""

    shipment_id: AnswerText
    reservation_id: AnswerText


class ListedStock(Model):
    """Units of one SKU; ``total`` is all stock that was ever added."""

    sku: AnswerText
    total: int
    available: int
    reserved: int
    shipped: int


class ListedReceipt(Model):
    """A receipt file in the bucket; ``stored_at`` is when it was last stored, in UTC."""

    object_key: str
    stored_at: AwareDatetime
