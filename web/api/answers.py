"""What the routes answer: JSON in camelCase. Amounts are in minor units, times in UTC."""

import datetime as dt
from decimal import Decimal
from typing import Any

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from models import (
    ArchivedOrder,
    DecisionChannel,
    ExpenseEdit,
    OrderState,
    OrderStatus,
    OrderStep,
    PaymentMethod,
    ReceiptFields,
    ReceiptState,
    ReceiptStatus,
    ReceiptStep,
    StoredExpense,
)
from service.errors import ServiceError
from service.runs.listing import ListedRun
from service.runs.pending import Pending
from service.status import Standing
from workflows import wording


class Answer(BaseModel):
    """Base of all answers: fields are written in camelCase."""

    model_config = ConfigDict(
        alias_generator=to_camel,
        validate_by_name=True,
        validate_by_alias=True,
        serialize_by_alias=True,
        from_attributes=True,
    )


class Accepted(Answer):
    """A run that is durable; ``joined`` if it was there before.

    ``run_id`` is Temporal's id of the run. ``status`` is ``processing`` until it is over.
    """

    run_id: str
    status: str
    joined: bool


class AcceptedOrder(Accepted):
    """An order that was accepted; ``instance_id`` is its workflow id."""

    instance_id: str
    order_id: str


class AcceptedReceipt(Accepted):
    """A receipt that was accepted; ``file`` is the name that it was posted under, if any."""

    receipt_id: str
    file: str | None = None


class RefusedFile(Answer):
    """A file, or a line of a batch, that was not taken, and why."""

    status: str = "refused"
    detail: str
    file: str | None = None


class AcceptedReceipts(Answer):
    """What became of several files, in their order."""

    receipts: list[AcceptedReceipt | RefusedFile]


class Decision(Answer):
    """A decision on an order; nobody vouches for the name if it came by a plain signal."""

    approved: bool
    decided_by: str
    reason: str
    channel: DecisionChannel


class Attempt(Answer):
    """A step that is being tried, or tried again: ``next_try`` is when, None while it runs."""

    task: str
    attempt: int
    max_attempts: int | None
    last_error: str | None
    next_try: AwareDatetime | None
    paused: bool


class Order(Answer):
    """Where an order stands; ``waiting_for`` says in words for what it waits, if it does."""

    instance_id: str
    order_id: str
    run_id: str
    try_number: int
    status: OrderStatus
    step: OrderStep
    paused: bool
    waiting_for: str | None
    waiting_until: AwareDatetime | None
    total_cents: int
    currency: str
    total: str
    approval: Decision | None
    reason: str | None
    cancel_refused: str | None
    customer_told: bool
    submitted_by: str | None
    transaction_id: str | None
    reservation_id: str | None
    shipment_id: str | None
    refund_id: str | None
    started_at: AwareDatetime
    elapsed_seconds: float
    attempts: list[Attempt]
    owed: list[str]


class Item(Answer):
    """An item as printed, its amount in ``cents``; a quantity may be a weight, as 0.482."""

    description: str
    quantity: Decimal | None
    unit_price_cents: int | None
    cents: int


class TaxRow(Answer):
    """A row of the taxes of a receipt; what it does not print is null."""

    rate_percent: Decimal | None
    net_cents: int | None
    tax_cents: int
    gross_cents: int | None


class Details(Answer):
    """What else was read on a receipt, where it is printed clearly."""

    tax_cents: int | None = None
    tip_cents: int | None = None
    tax_rows: list[TaxRow] = []
    payment_method: PaymentMethod | None = None
    items: list[Item] = []


class Fields(Details):
    """What was read on a receipt, or corrected by a person."""

    merchant: str | None
    total_cents: int | None
    currency: str | None
    date: dt.date | None
    parser: str
    doubts: list[str]
    candidates: dict[str, list[str]]


class ExpenseChange(Answer):
    """What somebody has made of an expense since its receipt's run saved it.

    ``deleted`` if it is no more; then the values are those that it had.
    """

    deleted: bool = Field(validation_alias="is_deleted")
    changed_by: str = Field(validation_alias="edited_by")
    changed_at: AwareDatetime = Field(validation_alias="edited_at")
    merchant: str | None
    total_cents: int
    currency: str
    date: dt.date | None


class Receipt(Answer):
    """Where a receipt stands; ``fields`` are as its run saved them, whatever changed since."""

    receipt_id: str
    instance_id: str
    run_id: str
    user_id: str
    status: ReceiptStatus
    step: ReceiptStep
    waiting_for: str | None
    waiting_until: AwareDatetime | None
    reason: str | None
    fields: Fields | None
    corrected_by: str | None
    expense_id: str | None
    expense_change: ExpenseChange | None = None
    user_told: bool
    started_at: AwareDatetime
    elapsed_seconds: float
    attempts: list[Attempt]


class ListedItem(Answer):
    """One run in a list."""

    instance_id: str
    run_id: str
    status: str | None
    customer_id: str | None
    total_cents: int | None
    currency: str | None
    merchant: str | None
    started_at: AwareDatetime
    closed_at: AwareDatetime | None


class Page(Answer):
    """A page of runs, newest first; ``next_cursor`` asks for the next, None at the end."""

    items: list[ListedItem]
    next_cursor: str | None


class Expense(Details):
    """A saved expense; ``unconfirmed`` names a field that nothing confirms, as ``merchant``."""

    expense_id: str
    receipt_id: str
    user_id: str
    merchant: str | None
    total_cents: int
    currency: str
    date: dt.date | None
    corrected_by: str | None
    unconfirmed: str | None = None
    created_at: AwareDatetime


class Expenses(Answer):
    """A page of expenses, oldest first."""

    items: list[Expense]
    next_cursor: str | None


class Health(Answer):
    """Whether the process lives, or is ready; ``parts`` says what answers and what does not."""

    status: str
    parts: dict[str, str] = {}


def order_answer(standing: Standing) -> Order:
    """Return where an order stands; raise ServiceError if it is none."""
    state, found = standing.state, standing.found
    if not isinstance(state, OrderState):
        raise ServiceError(f"{found.workflow_id} is no order")
    return Order(
        **_common(standing),
        **state.model_dump(exclude={"approval"}),
        approval=Decision.model_validate(state.approval) if state.approval else None,
        total=wording.money(state.total_cents, state.currency),
        owed=standing.owed,
    )


def receipt_answer(standing: Standing) -> Receipt:
    """Return where a receipt stands; raise ServiceError if it is none."""
    state, found = standing.state, standing.found
    if not isinstance(state, ReceiptState):
        raise ServiceError(f"{found.workflow_id} is no receipt")
    fields = None if state.fields is None else _fields(state.fields)
    told = state.model_dump(exclude={"fields", "object_key", "not_told_because"})
    return Receipt(**_common(standing), **told, fields=fields)


def with_change(receipt: Receipt, edit: ExpenseEdit | None) -> Receipt:
    """Return the same with what somebody has made of its expense since."""
    change = None if edit is None else ExpenseChange.model_validate(edit)
    return receipt.model_copy(update={"expense_change": change})


def listed(run: ListedRun) -> ListedItem:
    """Return one run as a list shows it."""
    known = {name: getattr(run, name) for name in ListedItem.model_fields if name != "instance_id"}
    return ListedItem(instance_id=run.workflow_id, **known)


def expense_answer(expense: StoredExpense) -> Expense:
    """Return a saved expense."""
    return Expense.model_validate(expense)


def _common(standing: Standing) -> dict[str, Any]:
    found: Any | ArchivedOrder = standing.found
    return {
        "instance_id": found.workflow_id,
        "run_id": found.run_id,
        "attempts": [_attempt(pending) for pending in standing.pending],
    }


def _attempt(pending: Pending) -> Attempt:
    return Attempt.model_validate(pending)


def _fields(fields: ReceiptFields) -> Fields:
    known = fields.model_dump(include=set(Fields.model_fields))
    return Fields.model_validate(known)
