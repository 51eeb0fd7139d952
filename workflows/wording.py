"""What people read about a run: summaries, details in Markdown, and mails.

Whole sentences in one place keep the Temporal UI, the mails and ``starter.py`` saying the same.
"""

import datetime as dt
from collections.abc import Iterable

from models import (
    UNNAMED,
    Approval,
    DecisionChannel,
    ExpenseToSave,
    Mail,
    MailState,
    MailStatus,
    Order,
    OrderIds,
    OrderState,
    OrderStatus,
    OrderTry,
    ReceiptState,
    RequestedItem,
    money_as_text,
)
from workflows import purchase_wording
from workflows.quoting import in_markdown, without_links


def money(cents: int, currency: str | None) -> str:
    """Write an amount in minor units as ``1,280.00 USD``, ``1,280 JPY`` or ``1.280 KWD``."""
    return money_as_text(cents, currency)


def amount_of(order: Order) -> str:
    """Write the total of an order."""
    return money(order.total_cents, order.currency)


def moment(when: dt.datetime) -> str:
    """Write a time as ``Mon 2026-01-05 09:00 UTC``."""
    return when.astimezone(dt.UTC).strftime("%a %Y-%m-%d %H:%M UTC")


def of_try(number: int) -> str:
    """Name a later try as ``try 2, ``; a first one needs no name."""
    return f"try {number}, " if number > 1 else ""


def item_list(items: Iterable[RequestedItem]) -> str:
    """Write items as ``2 x sku-mug, 1 x sku-tea``, at most three of them."""
    listed = [f"{item.quantity} x {item.sku}" for item in items]
    more = f" and {len(listed) - 3} more" if len(listed) > 3 else ""
    return ", ".join(listed[:3]) + more


_SENT_BY_ANYBODY = {DecisionChannel.SIGNAL: "a signal", DecisionChannel.UPDATE: "an update"}
_FRONT_DOORS = {
    DecisionChannel.TERMINAL: ", through starter.py",
    DecisionChannel.HTTP: ", over HTTP",
}


def decider(approval: Approval) -> str:
    """Say who decided, and whether anybody vouches for that."""
    message = _SENT_BY_ANYBODY.get(approval.channel)
    if message is None:
        return approval.decided_by
    if approval.decided_by == UNNAMED:
        return f"{message} that names nobody"
    return f"{approval.decided_by}, as {message} says (nobody vouches for that)"


def decision(approval: Approval) -> str:
    """Say what was decided, by whom, through which front door, and why."""
    verdict = "approved" if approval.approved else "rejected"
    door = _FRONT_DOORS.get(approval.channel, "")
    why = f" ({approval.reason})" if approval.reason else ""
    return f"{verdict} by {decider(approval)}{door}{why}"


def cancel_refused(shipment_id: str | None) -> str:
    """Say why a cancel came too late."""
    return f"already shipped as {shipment_id}"


def how_to_decide(order_id: str) -> str:
    """Say in Markdown how a person can decide on an order, with and without a terminal."""
    return (
        f"- to decide: `python starter.py approve {order_id}` or `reject {order_id}`; or send the "
        'signal `approval` with `{"approved": true, "decided_by": "your name", "reason": "why"}`'
    )


def order_details(state: OrderState, items: Iterable[RequestedItem] = ()) -> str:
    """Say in Markdown where an order stands, what happened and what it waits for.

    That includes what each step did, because the timeline of the Temporal UI shows a local
    activity by its name alone.
    """
    lines = [
        f"**Order {state.order_id}**, {of_try(state.try_number)}"
        f"{money(state.total_cents, state.currency)}: "
        f"**{state.status}**{', paused' if state.paused else ''}",
        f"- step: {state.step}",
    ]
    if state.waiting_for:
        until = f" until {moment(state.waiting_until)}" if state.waiting_until else ""
        lines.append(f"- waits for: {state.waiting_for}{until}")
    if state.status is OrderStatus.AWAITING_APPROVAL and not state.approval:
        lines.append(how_to_decide(state.order_id))
    if state.approval:
        lines.append(f"- {decision(state.approval)}")
    did = {
        "reservation_id": f", {item_list(items)}",
        "shipment_id": ", handed to the carrier",
    }
    lines.extend(
        f"- {name.removesuffix('_id')}: `{value}`{did.get(name, '')}"
        for name in OrderIds.model_fields
        if (value := getattr(state, name))
    )
    if state.reason:
        lines.append(f"- reason: {state.reason}")
    if state.cancel_refused:
        lines.append(f"- cancel refused: {state.cancel_refused}")
    return "\n".join(lines)


def receipt_details(state: ReceiptState) -> str:
    """Say in Markdown where a receipt stands, what was read and what it waits for."""
    lines = [f"**Receipt {state.receipt_id}**: **{state.status}**", f"- step: {state.step}"]
    if state.waiting_for:
        until = f" until {moment(state.waiting_until)}" if state.waiting_until else ""
        lines.append(f"- waits for: {state.waiting_for}{until}")
    if fields := state.fields:
        total = (
            "no total" if fields.total_cents is None else money(fields.total_cents, fields.currency)
        )
        lines.append(
            f"- read: {in_markdown(fields.merchant or 'no merchant')}, {total}, "
            f"{fields.date or 'no date'} (by {fields.parser})"
        )
    if state.expense_id:
        lines.append(f"- expense: `{state.expense_id}`")
    if state.reason:
        lines.append(f"- reason: {in_markdown(state.reason)}")
    return "\n".join(lines)


_MAILS = {
    "confirm": "that the order is on its way",
    "cancellation": "how the order ended",
    "refunded": "that the order was refunded",
    "tell": "that the expense was saved",
}
"""What a mail tells, by the step whose mail it is."""


def what_is_told(step: str) -> str:
    """Say what the mail of a step tells, such as ``confirm``, or ``confirm-2`` of a later try."""
    return _MAILS.get(step.partition("-")[0], step)


def mail_summary(of: str, step: str) -> str:
    """Say whose mail it is, without the address."""
    return f"Mail of {of}: {what_is_told(step)}"


def mail_details(state: MailState, workflow_id: str) -> str:
    """Say in Markdown where a mail stands that its run could not send, and how to tell again."""
    lines = [f"**{mail_summary(state.of, state.step)}**: **{state.status}**"]
    if state.waiting_for:
        until = f" until {moment(state.waiting_until)}" if state.waiting_until else ""
        lines.append(f"- waits for: {state.waiting_for}{until}")
    if state.reason:
        lines.append(f"- reason: {state.reason}")
    if state.status != MailStatus.COMPLETED:
        lines.append(
            f"- to tell again: `python starter.py tell {workflow_id}`, or with `--to ADDRESS`; "
            'while it is open also the signal `tell` with `{"to": "a corrected address"}`, or '
            "without input to try now"
        )
    return "\n".join(lines)


def confirmation_mail(order: Order, idempotency_key: str, shipment_id: str) -> Mail:
    """Tell the customer that the order is on its way."""
    return Mail(
        idempotency_key=idempotency_key,
        to=order.customer_email,
        subject=f"Order {order.order_id} is on its way",
        body=(
            f"Your order {order.order_id} over {amount_of(order)} "
            f"was handed to the carrier as shipment {shipment_id}.\n"
        ),
    )


_ENDINGS = {
    OrderStatus.REJECTED: "was not approved",
    OrderStatus.APPROVAL_EXPIRED: "was not approved in time",
    OrderStatus.PAYMENT_FAILED: "could not be paid",
    OrderStatus.OUT_OF_STOCK: "cannot be delivered, because something is out of stock",
    OrderStatus.CANCELLED: "was cancelled",
    OrderStatus.FAILED: "could not be fulfilled",
}


def cancellation_mail(
    order: OrderTry, idempotency_key: str, status: OrderStatus, refund_id: str | None
) -> Mail:
    """Tell the customer how the order ended and what was refunded."""
    if refund_id:
        # Whatever was charged, which need not be what the order asked for.
        payment = f"Your payment was refunded as {refund_id}, in full."
    else:
        # What an earlier try had charged was refunded, and told, before.
        payment = f"You were not charged{' this time' if order.try_number > 1 else ''}."
    return Mail(
        idempotency_key=idempotency_key,
        to=order.customer_email,
        subject=f"Order {order.order_id} {_ENDINGS[status].split(',')[0]}",
        body=f"Your order {order.order_id} {_ENDINGS[status]}. {payment}\n",
    )


def likely_duplicate(receipt_id: str, expense_id: str) -> str:
    """Say which receipt this one looks like, and what a person can do about it."""
    return (
        f"likely a duplicate of receipt {receipt_id} (expense {expense_id}): same user, merchant, "
        "date and total; if it is a duplicate, cancel it; if it is another purchase, correct it "
        "(the same values will do)"
    )


def expense_mail(idempotency_key: str, to: str, expense: ExpenseToSave, expense_id: str) -> Mail:
    """Tell the user that the expense was saved; the total of a refund is negative."""
    what = "Refund" if expense.total_cents < 0 else "Expense"
    where = f" at {without_links(expense.merchant)}" if expense.merchant else ""
    when = f" on {expense.date}" if expense.date else ""
    more = purchase_wording.in_a_sentence(expense, expense.currency)
    more = f"{more}\n" if more else ""
    return Mail(
        idempotency_key=idempotency_key,
        to=to,
        subject=f"{what} saved: {money(expense.total_cents, expense.currency)}{where}",
        body=(
            f"Your receipt was saved as expense {expense_id}: "
            f"{money(expense.total_cents, expense.currency)}{where}{when}.\n"
            f"{more}"
        ),
    )
