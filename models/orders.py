"""Orders: input, messages, status and result."""

from enum import StrEnum
from typing import Annotated, Any, Self

from pydantic import (
    AwareDatetime,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    StringConstraints,
    ValidationInfo,
    field_serializer,
    model_validator,
)

from models.base import EmailAddress, Identifier, Model, ShortText, UserId
from models.money import AT_A_DOOR, LARGEST_AMOUNT, CurrencyCode, money_as_text

MAX_ITEMS = 200


def _not_too_many(items: Any) -> Any:
    """Refuse too long a list before anything is read in it, and not once for every part."""
    if isinstance(items, list | tuple) and len(items) > MAX_ITEMS:
        raise ValueError(f"it has more than {MAX_ITEMS} parts")
    return items


class OrderItem(Model):
    """One line of an order: a SKU, its quantity and its unit price in minor units."""

    sku: Identifier
    quantity: Annotated[int, Field(strict=True, ge=1, le=10_000)]
    unit_price_cents: Annotated[int, Field(strict=True, ge=0, le=LARGEST_AMOUNT)]


class Order(Model):
    """What a customer ordered: the input of ``starter.py order`` and of ``OrderWorkflow``.

    ``payment_token`` is the payment provider's reference to a card. It is printed as
    ``**********`` everywhere; only the payload that the charge reads contains it. The total must
    be above 0, and unit prices are in minor units of ``currency``: 1000 is 10.00 USD or 1000 JPY.
    """

    order_id: Identifier
    customer_id: Identifier
    customer_email: EmailAddress
    payment_token: Annotated[SecretStr, Field(min_length=1, max_length=255)]
    currency: CurrencyCode = "USD"
    items: Annotated[
        tuple[OrderItem, ...],
        Field(min_length=1, max_length=MAX_ITEMS),
        BeforeValidator(_not_too_many),
    ]

    @property
    def total_cents(self) -> int:
        """The sum of quantity times unit price, in minor units."""
        return sum(item.quantity * item.unit_price_cents for item in self.items)

    @model_validator(mode="after")
    def _total_is_an_amount(self, info: ValidationInfo) -> Self:
        if self.total_cents <= 0:
            raise ValueError("the total of the items must be above 0")
        if info.context == AT_A_DOOR and self.total_cents > LARGEST_AMOUNT:
            most = money_as_text(LARGEST_AMOUNT, self.currency)
            raise ValueError(f"the total of the items must be at most {most}")
        return self

    @field_serializer("payment_token", when_used="json")
    def _reveal_to_the_payload(self, token: SecretStr) -> str:
        return token.get_secret_value()


UNNAMED = "unknown"
"""Who decided if nobody was named."""


class DecisionChannel(StrEnum):
    """How a decision reached its order; ``unknown`` for those of older histories.

    Whoever reaches Temporal can send a signal or an update, and name anybody in it.
    """

    UNKNOWN = "unknown"
    SIGNAL = "signal"
    UPDATE = "update"
    TERMINAL = "starter.py"
    HTTP = "http"


class Approval(Model):
    """A person's decision on an order: input of the update and the signal ``approval``.

    ``channel`` is what our own front doors say of themselves in an update; the order overwrites
    whatever a signal says.
    """

    approved: Annotated[bool, Field(strict=True)]
    decided_by: ShortText = UNNAMED
    reason: ShortText = ""
    channel: DecisionChannel = DecisionChannel.UNKNOWN

    def come_by(self, channel: DecisionChannel) -> Self:
        """Return the decision with the channel on which it came.

        Only an update can name one of our front doors: a signal's word on that is not taken.
        """
        doors = (DecisionChannel.TERMINAL, DecisionChannel.HTTP)
        if channel is not DecisionChannel.SIGNAL and self.channel in doors:
            return self
        return self.model_copy(update={"channel": channel})


MAX_TRIES = 99

TokenDigest = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
"""A SHA-256 by which a payment token is recognised and not read."""


class OrderTry(Order):
    """One try to fulfil an order: the input of ``OrderWorkflow``.

    A first try is started with the ``Order`` alone unless somebody was signed in, and only a retry
    starts a later one; no document can ask for any of it. ``approved_before`` is the approval of an
    earlier try that still counts. ``first_token_digest`` recognises the payment token of the first
    try, where a later one was made with another. ``unsent_mails`` are the workflow ids of mails
    that tell how an earlier try ended and were not sent yet: they would come too late.
    ``submitted_by`` is who was signed in when the order was submitted; it is no part of the order's
    content, which others may submit too.
    """

    model_config = ConfigDict(title="Order")

    try_number: Annotated[int, Field(strict=True, ge=1, le=MAX_TRIES)] = 1
    approved_before: Approval | None = None
    first_token_digest: TokenDigest | None = None
    unsent_mails: tuple[str, ...] = ()
    submitted_by: UserId | None = None

    @model_validator(mode="after")
    def _only_an_approval_counts_again(self) -> Self:
        if self.approved_before is not None and not self.approved_before.approved:
            raise ValueError("approved_before must be an approval")
        return self


class OrderStart(Model):
    """What tells the runs of one order id apart: which try a run is, and by which start.

    ``first_run_id`` is the run as it was started: a reset gives it another run id and keeps this.
    """

    order_id: str
    try_number: int
    first_run_id: str


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
    """Status of an order. The last nine values are final.

    ``terminated`` and ``timed_out`` are set by the server; a workflow never sets them itself.

    ``failed`` means that the run closed as Failed because of something unexpected, such as a
    provider that was unavailable for longer than all retries.
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
    TERMINATED = "terminated"
    TIMED_OUT = "timed_out"


class OrderIds(Model):
    """The providers' ids of an order's effects so far; None for an effect that did not happen."""

    transaction_id: str | None = None
    reservation_id: str | None = None
    shipment_id: str | None = None
    refund_id: str | None = None


class OrderResult(OrderIds):
    """How an order ended: the result of ``OrderWorkflow``.

    ``customer_told`` says whether the mail to the customer was sent.
    """

    order_id: str
    try_number: int = 1
    status: OrderStatus
    total_cents: int
    currency: str
    reason: str | None = None
    approval: Approval | None = None
    customer_told: bool = False


class OrderState(OrderIds):
    """Answer of the query ``status`` of ``OrderWorkflow``, at any time, also after its end.

    ``waiting_for`` says in words what the order waits for, ``waiting_until`` until when. Times
    are in UTC; ``elapsed_seconds`` counts from the start to now, or to the end.
    ``cancel_refused`` is the reason why a cancel came too late. ``submitted_by`` is None for an
    order that somebody submitted who was not signed in.
    """

    order_id: str
    try_number: int = 1
    submitted_by: UserId | None = None
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
