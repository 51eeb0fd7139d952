"""The mails of runs by their own word: which were sent, and which could not be."""

from collections.abc import Iterable

from models import OrderResult, OrderStatus, ReceiptResult
from workflows.identity import order_workflow_id, receipt_workflow_id, step_key
from workflows.order.steps import CANCELLATION, CONFIRM, REFUNDED
from workflows.receipt.steps import TELL
from workflows.receipt.workflow import NO_ADDRESS


def own_mails(
    orders: Iterable[OrderResult], receipts: Iterable[ReceiptResult]
) -> tuple[set[str], set[str]]:
    """Return the keys of the mails that runs say they sent, and those that they could not send."""
    told: dict[bool, set[str]] = {True: set(), False: set()}
    for order in orders:
        step = REFUNDED if order.refund_id else CANCELLATION
        step = CONFIRM if order.status is OrderStatus.COMPLETED else step
        key = step_key(order_workflow_id(order.order_id), step, order.try_number)
        told[order.customer_told].add(key)
    for receipt in receipts:
        if receipt.not_told_because != NO_ADDRESS:
            key = step_key(receipt_workflow_id(receipt.receipt_id), TELL)
            told[receipt.user_told].add(key)
    return told[True], told[False]
