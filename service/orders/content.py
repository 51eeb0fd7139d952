"""Whether two orders are the same one, also if a later try was made with another card."""

import hashlib

from models import Order, OrderTry


def token_digest(order: Order) -> str:
    """Return what recognises the order's payment token: of no use for another order."""
    token = order.payment_token.get_secret_value()
    return hashlib.sha256(f"{order.order_id}\n{token}".encode()).hexdigest()


def as_submitted(order: OrderTry) -> Order:
    """Return what a person or a program submits to start this try."""
    return Order.model_validate(order.model_dump(include=set(Order.model_fields)))


def is_same(submitted: Order, started: OrderTry) -> bool:
    """Tell whether a run was started for what is submitted now, by its first try or a later one."""
    if as_submitted(started) == submitted:
        return True
    with_our_token = started.model_copy(update={"payment_token": submitted.payment_token})
    return (
        started.first_token_digest == token_digest(submitted)
        and as_submitted(with_our_token) == submitted
    )
