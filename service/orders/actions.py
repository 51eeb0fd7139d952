"""What can be done with an order now, each with what it will do, in words for whoever does it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from models import Action, OrderItem, OrderState, OrderStatus
from workflows import wording

_UNDOING = (OrderStatus.COMPENSATING, OrderStatus.CANCELLED)


@dataclass(frozen=True)
class PossibleAction:
    """One action; ``words`` say what it will do."""

    action: Action
    words: str


def possible_actions(
    state: OrderState, items: Sequence[OrderItem], is_open: bool
) -> list[PossibleAction]:
    """Return what can be done with an order, the likeliest first; who may do it is not asked."""
    if not is_open:
        return list(_of_one_that_is_over(state))
    return [PossibleAction(action, words) for action, words in _of_open_one(state, items)]


def _of_open_one(state: OrderState, items: Sequence[OrderItem]) -> Iterator[tuple[Action, str]]:
    total = wording.money(state.total_cents, state.currency)
    if state.status is OrderStatus.AWAITING_APPROVAL and state.approval is None:
        does = f"charges {total}, reserves {pieces(items)}"
        yield Action.APPROVE, f"Approve: {'once it is resumed, ' if state.paused else ''}{does}"
        yield Action.REJECT, "Reject: charges nothing, and tells the customer"
    if state.status is OrderStatus.WAITING_FOR_BUSINESS_DAY:
        until = f" until {wording.moment(state.waiting_until)}" if state.waiting_until else ""
        yield Action.EXPEDITE, f"Ship now: does not wait{until}"
    if state.paused:
        yield Action.RESUME, "Resume: goes on where it stopped"
    elif state.status not in _UNDOING:
        yield Action.PAUSE, "Pause: stops before its next step"
    if state.shipment_id is None and state.status not in _UNDOING:
        yield Action.CANCEL, f"Cancel: {undone(state, items)}"


def _of_one_that_is_over(state: OrderState) -> Iterator[PossibleAction]:
    if state.shipment_id is None and state.status is not OrderStatus.COMPLETED:
        yield PossibleAction(Action.RETRY, "Try again: says first what that does")


def undone(state: OrderState, items: Sequence[OrderItem]) -> str:
    """Say what a cancel would undo, and that the customer is told."""
    done = []
    if state.transaction_id is not None and state.refund_id is None:
        done.append(f"refunds {wording.money(state.total_cents, state.currency)}")
    if state.reservation_id is not None:
        done.append(f"releases {pieces(items)}")
    return ", ".join(done) or "nothing was charged so far; undoes what is just being done"


def pieces(items: Sequence[OrderItem]) -> str:
    """Say how many pieces an order has: ``2 items``."""
    count = sum(item.quantity for item in items)
    return f"{count} item{'' if count == 1 else 's'}" if items else "the items"
