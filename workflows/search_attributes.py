"""The search attributes that make "all orders waiting for approval" one query.

Set at start they cost nothing; a change costs an event, so only changes are sent.
"""

from temporalio import workflow
from temporalio.common import SearchAttributeKey, SearchAttributePair, TypedSearchAttributes

from models import (
    MailStatus,
    Order,
    OrderStatus,
    OrderTry,
    Receipt,
    ReceiptFields,
    ReceiptStatus,
    is_pseudonym,
    minor_units,
)
from workflows import limits

PIPELINE_STATUS = SearchAttributeKey.for_keyword("PipelineStatus")
CUSTOMER_ID = SearchAttributeKey.for_keyword("CustomerId")
TOTAL_CENTS = SearchAttributeKey.for_int("TotalCents")
CURRENCY = SearchAttributeKey.for_keyword("Currency")
MERCHANT = SearchAttributeKey.for_keyword("Merchant")
SUBMITTED_BY = SearchAttributeKey.for_keyword("SubmittedBy")

SEARCH_ATTRIBUTES = (PIPELINE_STATUS, CUSTOMER_ID, TOTAL_CENTS, CURRENCY, MERCHANT, SUBMITTED_BY)
"""All that a namespace must have."""


def needs_approval(order: Order, threshold: int = limits.APPROVAL_THRESHOLD) -> bool:
    """Tell whether an order that starts now is above a threshold in units of its currency."""
    return order.total_cents > minor_units(threshold, order.currency)


def first_status(awaits_approval: bool) -> OrderStatus:
    """Return the status that an order is started with, which also decides on its approval."""
    return OrderStatus.AWAITING_APPROVAL if awaits_approval else OrderStatus.RUNNING


def of_order(order: Order, status: OrderStatus) -> TypedSearchAttributes:
    """Return the search attributes of an order; SubmittedBy only where that is known."""
    pairs: list[SearchAttributePair[str] | SearchAttributePair[int]] = [
        SearchAttributePair(PIPELINE_STATUS, status.value),
        SearchAttributePair(CUSTOMER_ID, order.customer_id),
        SearchAttributePair(TOTAL_CENTS, order.total_cents),
        SearchAttributePair(CURRENCY, order.currency),
    ]
    if isinstance(order, OrderTry) and order.submitted_by is not None:
        pairs.append(SearchAttributePair(SUBMITTED_BY, order.submitted_by))
    return TypedSearchAttributes(pairs)


def of_receipt(
    receipt: Receipt, status: ReceiptStatus, fields: ReceiptFields | None = None
) -> TypedSearchAttributes:
    """Return the search attributes of a receipt; CustomerId holds the user."""
    pairs: list[SearchAttributePair[str] | SearchAttributePair[int]] = [
        SearchAttributePair(PIPELINE_STATUS, status.value),
        SearchAttributePair(CUSTOMER_ID, receipt.user_id),
    ]
    if fields is not None and fields.total_cents is not None:
        pairs.append(SearchAttributePair(TOTAL_CENTS, fields.total_cents))
    if fields is not None and fields.currency:
        pairs.append(SearchAttributePair(CURRENCY, fields.currency))
    if fields is not None and fields.merchant:
        pairs.append(SearchAttributePair(MERCHANT, fields.merchant))
    return TypedSearchAttributes(pairs)


def of_mail(customer_id: str | None, status: MailStatus) -> TypedSearchAttributes:
    """Return the search attributes of a mail, which never hold its address."""
    pairs = [SearchAttributePair(PIPELINE_STATUS, status.value)]
    if customer_id is not None:
        pairs.append(SearchAttributePair(CUSTOMER_ID, customer_id))
    return TypedSearchAttributes(pairs)


def show(wanted: TypedSearchAttributes) -> None:
    """Send what differs from what the server already shows of this workflow."""
    shown = workflow.info().typed_search_attributes
    changed = [
        pair
        for pair in wanted.search_attributes
        if shown.get(pair.key) != pair.value and not _is_hidden(shown.get(pair.key))
    ]
    # The currency goes along with others only: runs of older versions never sent it alone, and a
    # command more would not fit their histories.
    if any(pair.key != CURRENCY for pair in changed):
        workflow.upsert_search_attributes([pair.key.value_set(pair.value) for pair in changed])


def _is_hidden(shown: object) -> bool:
    """Tell whether a name is shown by its pseudonym, which is not sent again as a change."""
    return isinstance(shown, str) and is_pseudonym(shown)
