"""Contracts: every model that crosses a boundary, and nothing that behaves.

Workflow inputs and results, messages to a running workflow, activity inputs and
results, and the answers of providers. Each workflow, activity and message takes
one model and gives one model, so that a field can be added while runs are open.
Money is whole cents of the named currency, times are UTC, durations are seconds.
"""

import datetime as dt
from enum import StrEnum
from typing import Annotated, Self

from pydantic import (
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    StringConstraints,
    field_serializer,
    model_validator,
)

Identifier = Annotated[
    str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$", max_length=64)
]
"""An id that is safe in a workflow id, a file name and a visibility query."""

UserId = Annotated[
    str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$", max_length=40)
]
"""A user; short enough to leave room for a content hash in a receipt's id."""

MerchantName = Annotated[str, StringConstraints(min_length=1, max_length=200)]

EmailAddress = Annotated[
    str,
    StringConstraints(
        # What can be known without asking a mail server: one @, no white space or control
        # characters, a dotted domain. RFC 5321 limits an address to 254 characters.
        pattern=r"^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+$",
        max_length=254,
    ),
]
CurrencyCode = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
"""ISO 4217, such as USD."""

ShortText = Annotated[str, StringConstraints(max_length=500)]
Cents = Annotated[int, Field(ge=0, le=99_999_999_999)]


class Model(BaseModel):
    """Base of every contract: immutable, and silent about the values that fail validation."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)


# --- Orders: input, messages, status, result ---------------------------------------------


class OrderItem(Model):
    """One line of an order."""

    sku: Identifier
    quantity: Annotated[int, Field(strict=True, ge=1, le=10_000)]
    unit_price_cents: Annotated[int, Field(strict=True, ge=0, le=99_999_999)]


class Order(Model):
    """What a customer ordered, as ``starter.py order`` and ``OrderWorkflow`` take it.

    ``payment_token`` is the payment provider's reference to a card. It prints as
    ``**********`` everywhere and is revealed only to the payload that the charge reads.
    """

    order_id: Identifier
    customer_id: Identifier
    customer_email: EmailAddress
    payment_token: Annotated[SecretStr, Field(min_length=1, max_length=255)]
    currency: CurrencyCode = "USD"
    items: Annotated[tuple[OrderItem, ...], Field(min_length=1, max_length=200)]

    @property
    def total_cents(self) -> int:
        """Sum of quantity times unit price, in cents."""
        return sum(item.quantity * item.unit_price_cents for item in self.items)

    @model_validator(mode="after")
    def _total_is_positive(self) -> Self:
        if self.total_cents <= 0:
            raise ValueError("the total of the items must be above 0 cents")
        return self

    @field_serializer("payment_token", when_used="json")
    def _reveal_to_the_payload(self, token: SecretStr) -> str:
        return token.get_secret_value()


class Approval(Model):
    """A person's decision on an order: the update and the signal named ``approval``."""

    approved: bool
    decided_by: ShortText = "unknown"
    reason: ShortText = ""


class OrderStep(StrEnum):
    """The steps of an order, in the order in which they run."""

    VALIDATE = "validate"
    APPROVAL = "approval"
    CHARGE = "charge"
    RESERVE = "reserve"
    WAIT = "wait"
    SHIP = "ship"
    CONFIRM = "confirm"


class OrderStatus(StrEnum):
    """Where an order stands. The last seven are final.

    ``failed`` is the status of a run that closed as Failed: something that nobody planned
    for, such as a provider that stayed away longer than every retry.
    """

    RUNNING = "running"
    AWAITING_APPROVAL = "awaiting_approval"
    WAITING_FOR_BUSINESS_DAY = "waiting_for_business_day"
    COMPENSATING = "compensating"
    COMPLETED = "completed"
    REJECTED = "rejected"
    APPROVAL_EXPIRED = "approval_expired"
    PAYMENT_FAILED = "payment_failed"
    OUT_OF_STOCK = "out_of_stock"
    CANCELLED = "cancelled"
    FAILED = "failed"


class OrderIds(Model):
    """The providers' ids of what an order has done so far; None where nothing was done."""

    transaction_id: str | None = None
    reservation_id: str | None = None
    shipment_id: str | None = None
    refund_id: str | None = None


class OrderResult(OrderIds):
    """How an order ended: the result of ``OrderWorkflow``."""

    order_id: str
    status: OrderStatus
    total_cents: int
    currency: str
    reason: str | None = None
    approval: Approval | None = None
    customer_told: bool = False


class OrderState(OrderIds):
    """Answer of the query ``status`` of ``OrderWorkflow``, at any time, also after the end."""

    order_id: str
    status: OrderStatus
    step: OrderStep
    paused: bool
    waiting_for: str | None
    waiting_until: AwareDatetime | None
    total_cents: int
    currency: str
    approval: Approval | None
    reason: str | None
    cancel_refused: str | None
    customer_told: bool
    started_at: AwareDatetime
    elapsed_seconds: float


# --- Receipts: input, messages, status, result -------------------------------------------


class Receipt(Model):
    """A stored photo or scan and whose it is: the input of ``ReceiptWorkflow``."""

    receipt_id: Identifier
    user_id: UserId
    object_key: Annotated[str, StringConstraints(min_length=1, max_length=512)]
    notify_email: EmailAddress | None = None


class Correction(Model):
    """What a person read from a receipt: the update and the signal named ``correction``.

    Fields left out keep what was read by the parser.
    """

    total_cents: Annotated[int, Field(strict=True, ge=1, le=99_999_999_999)]
    merchant: MerchantName | None = None
    date: dt.date | None = None
    currency: CurrencyCode | None = None
    corrected_by: ShortText = "unknown"


class ReceiptStep(StrEnum):
    """The steps of a receipt, in the order in which they run."""

    TEXT = "text"
    FIELDS = "fields"
    RECORD = "record"
    TELL = "tell"


class ReceiptStatus(StrEnum):
    """Where a receipt stands. The last three are final."""

    RUNNING = "running"
    NEEDS_REVIEW = "needs_review"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"


class ReceiptResult(Model):
    """How a receipt ended: the result of ``ReceiptWorkflow``."""

    receipt_id: str
    status: ReceiptStatus
    expense_id: str
    merchant: str | None
    total_cents: int
    currency: str
    date: dt.date | None
    parser: str
    corrected_by: str | None = None
    user_told: bool
    not_told_because: str | None = None


class ReceiptState(Model):
    """Answer of the query ``status`` of ``ReceiptWorkflow``, at any time, also after the end."""

    receipt_id: str
    user_id: str
    object_key: str
    status: ReceiptStatus
    step: ReceiptStep
    waiting_for: str | None
    waiting_until: AwareDatetime | None
    reason: str | None
    fields: "ReceiptFields | None"
    expense_id: str | None
    started_at: AwareDatetime
    elapsed_seconds: float


# --- Receipt activities ------------------------------------------------------------------


class StoredObject(Model):
    """Where a receipt's bytes are: the input of ``extract_text``."""

    object_key: str


class TextLine(Model):
    """One line as OCR saw it.

    ``box`` is left, top, right, bottom in pixels of the upright page; ``page`` counts from 0.
    """

    text: str
    box: tuple[int, int, int, int]
    confidence: float
    page: int = 0


class ReceiptText(Model):
    """What OCR read: the result of ``extract_text`` and the input of ``parse_receipt``.

    ``lines`` is capped so that a history stays far below Temporal's 2 MiB payload limit.
    ``rotation`` says by how many degrees counter-clockwise the picture was turned to stand
    upright, ``skew_degrees`` by how much its lines still fall to the right.
    """

    lines: tuple[TextLine, ...]
    width: int
    height: int
    rotation: int = 0
    skew_degrees: float = 0.0
    engine: str


class FieldReading(Model):
    """How sure the parser is of one field (0 to 1) and where on the image it stands."""

    confidence: float
    box: tuple[int, int, int, int] | None = None
    page: int = 0


class ReceiptFields(Model):
    """What a parser read: the result of ``parse_receipt``.

    ``total_cents`` is None only in the partial reading that a ``TotalNotFound`` carries.
    ``doubts`` are reasons, in words, why a person should look before it is saved.
    """

    merchant: str | None
    total_cents: int | None
    currency: str | None
    date: dt.date | None
    parser: str
    readings: dict[str, FieldReading] = {}
    doubts: tuple[str, ...] = ()


class ExpenseRecord(Model):
    """One expense as it is stored: the input of ``save_expense``, unique by receipt_id."""

    receipt_id: Identifier
    user_id: UserId
    merchant: MerchantName | None
    total_cents: Cents
    currency: CurrencyCode
    date: dt.date | None
    parser: Annotated[str, StringConstraints(max_length=64)]
    corrected_by: ShortText | None = None
    object_key: Annotated[str, StringConstraints(max_length=512)]


class SavedExpense(Model):
    """Result of ``save_expense``: the same id however often it ran."""

    expense_id: str


class StoredExpense(ExpenseRecord):
    """One expense as it is listed by ``starter.py expenses``."""

    expense_id: str
    created_at: AwareDatetime


# --- Order activities, which are also the requests to the providers -----------------------


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


class Mail(Model):
    """Input of every activity that tells somebody something, and of a mail provider.

    ``idempotency_key`` names the mail for ever.
    """

    idempotency_key: str
    to: EmailAddress
    subject: str
    body: str


class MailReceipt(Model):
    """What a mail provider answers: the ``Message-ID`` the mail left with."""

    message_id: str
