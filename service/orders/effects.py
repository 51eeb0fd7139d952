"""What a later try does with each effect of the earlier one, before anybody agrees to it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from models import OrderState, OrderStatus, OrderTry, Payment
from service.mails.standing import MailStanding
from workflows import limits, wording
from workflows.identity import order_workflow_id, step_key
from workflows.order.steps import CHARGE, RESERVE, SHIP, mail_keys
from workflows.search_attributes import needs_approval


class Plan(StrEnum):
    """What becomes of an effect: it counts again, it is made anew, or it stays undone."""

    REUSED = "reused"
    REPEATED = "repeated"
    STAYS_UNDONE = "stays undone"


@dataclass(frozen=True)
class PlannedEffect:
    """One effect, what becomes of it, why, and the key under which it is made if it is."""

    effect: str
    plan: Plan
    words: str
    key: str | None = None


def planned_effects(
    earlier: OrderState,
    following: OrderTry,
    payments: Sequence[Payment],
    is_another_card: bool,
    approval_threshold: int = limits.APPROVAL_THRESHOLD,
    *,
    mails: Sequence[MailStanding] = (),
) -> list[PlannedEffect]:
    """Return what the following try does, in the order in which it does it.

    A total above ``approval_threshold``, in units of the order's currency, needs an approval.
    """
    return [
        *_approval(earlier, following, approval_threshold),
        *_refunded(payments),
        _charge(earlier, following, bool(payments), is_another_card),
        *_reservation(earlier, following),
        _made(following, "shipment", SHIP, "none is with the carrier"),
        _mails(earlier, following, mails),
    ]


def _made(following: OrderTry, effect: str, step: str, words: str) -> PlannedEffect:
    key = step_key(order_workflow_id(following.order_id), step, following.try_number)
    return PlannedEffect(effect, Plan.REPEATED, words, key)


def _approval(earlier: OrderState, following: OrderTry, threshold: int) -> Iterator[PlannedEffect]:
    if following.approved_before is not None:
        words = wording.decision(following.approved_before)
        yield PlannedEffect("approval", Plan.REUSED, words)
    elif needs_approval(following, threshold):
        if earlier.approval is not None:
            words = f"asked anew: {wording.decision(earlier.approval)}"
        elif earlier.status is OrderStatus.APPROVAL_EXPIRED:
            words = "asked anew: nobody decided in time"
        else:
            words = "asked: nobody has decided yet"
        yield PlannedEffect("approval", Plan.REPEATED, words)


def _refunded(payments: Sequence[Payment]) -> Iterator[PlannedEffect]:
    for payment in payments:
        amount = wording.money(payment.amount_cents, payment.currency)
        words = f"{amount} of {payment.transaction_id} were refunded as {payment.refund_id}"
        yield PlannedEffect("charge", Plan.STAYS_UNDONE, words)


def _charge(
    earlier: OrderState, following: OrderTry, was_charged: bool, is_another_card: bool
) -> PlannedEffect:
    has_failed = earlier.status is OrderStatus.PAYMENT_FAILED and not was_charged
    why = f"nothing was charged ({earlier.reason}); " if has_failed else ""
    amount = wording.money(following.total_cents, following.currency)
    card = "another card" if is_another_card else "the same card"
    return _made(following, "charge", CHARGE, f"{why}{amount} to {card}")


def _reservation(earlier: OrderState, following: OrderTry) -> Iterator[PlannedEffect]:
    if earlier.reservation_id is not None:
        words = f"{earlier.reservation_id} was released"
        yield PlannedEffect("reservation", Plan.STAYS_UNDONE, words)
    has_failed = earlier.status is OrderStatus.OUT_OF_STOCK
    words = f"none was made ({earlier.reason})" if has_failed else "none is held"
    yield _made(following, "reservation", RESERVE, words)


def _mails(
    earlier: OrderState, following: OrderTry, mails: Sequence[MailStanding]
) -> PlannedEffect:
    told = "the customer was told nothing"
    if earlier.customer_told or any(mail.is_sent for mail in mails):
        told = f"the customer was told that it was {earlier.status}"
    elif any(mail.is_open for mail in mails):
        told = f"the customer was not told yet that it was {earlier.status}, and is told no more"
    keys = " or ".join(mail_keys(order_workflow_id(following.order_id), following.try_number))
    return PlannedEffect("mail", Plan.REPEATED, f"{told}, and hears how this try ends", keys)
