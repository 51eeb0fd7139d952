"""What is left of an order's tries, by the word of those who did it.

A history says what a run remembers. A refund may fail after it, a carrier may have goods of which
the run never heard: so the providers are asked before anybody tries again.
"""

from contextlib import AsyncExitStack
from dataclasses import dataclass

from bootstrap import OrderProviders, order_providers
from config import Settings
from models import EffectLookup, OrderTry, Payment
from providers.errors import AnswerMismatch, InvalidRequest, ProviderError
from service.errors import BadInput, Refused, Unreachable
from workflows import wording
from workflows.identity import order_workflow_id, step_key
from workflows.order.steps import CHARGE, RESERVE, SHIP


@dataclass(frozen=True)
class Left:
    """What is left: goods with the carrier, and what is owed in words.

    ``payments`` are the charges of the last try.
    """

    shipment_id: str | None
    owed: tuple[str, ...]
    payments: tuple[Payment, ...]


async def what_is_left(settings: Settings, order: OrderTry, payment_id: str | None) -> Left:
    """Ask the carrier, the payment provider and the inventory about all tries; change nothing.

    ``payment_id`` is the id of the last try's payment, if one is known. Raise Refused if a
    provider did something that this project cannot read, Unreachable if one does not answer,
    BadInput if one is not set up.
    """
    workflow_id = order_workflow_id(order.order_id)
    try:
        async with AsyncExitStack() as closing:
            return await _left(order_providers(settings, closing), order, payment_id)
    except (AnswerMismatch, InvalidRequest) as error:
        raise refused(workflow_id, str(error)) from None
    except ProviderError as error:
        raise Unreachable(f"{workflow_id} was not tried again: {error}") from None
    except ValueError as unset:  # such as Stripe without a key
        raise BadInput(str(unset)) from None


def refused(workflow_id: str, why: str) -> Refused:
    """Return the error that says why an order cannot be tried again."""
    return Refused(f"{workflow_id} cannot be tried again: {why}")


async def _left(providers: OrderProviders, order: OrderTry, payment_id: str | None) -> Left:
    workflow_id, owed = order_workflow_id(order.order_id), list[str]()
    last: tuple[Payment, ...] = ()
    for number in range(1, order.try_number + 1):
        is_last = number == order.try_number
        shipped = await providers.shipping.find_shipment(step_key(workflow_id, SHIP, number))
        if shipped is not None:
            return Left(shipped.shipment_id, (), ())
        charge = EffectLookup(
            idempotency_key=step_key(workflow_id, CHARGE, number),
            payment_id=payment_id if is_last else None,
        )
        last = await providers.payments.payments_of(charge)
        owed += [words for payment in last if (words := _owed(payment))]
        held = await providers.inventory.find_held(step_key(workflow_id, RESERVE, number))
        if held is not None:
            owed.append(f"the reservation {held.reservation_id} still holds stock")
    return Left(None, tuple(owed), last)


def _owed(payment: Payment) -> str | None:
    left = payment.amount_cents - payment.refunded_cents
    if left <= 0:
        return None
    amount = wording.money(left, payment.currency)
    if payment.pending_refund_id is not None:
        return f"the refund {payment.pending_refund_id} of {amount} is still pending"
    return f"{amount} of {payment.transaction_id} are not refunded"
