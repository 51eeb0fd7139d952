"""What an order's run is started with: an order, or the reason why it is none."""

from models import OrderTry
from workflows.order.tries import NO_ORDER
from workflows.shared.currencies import CurrencyCheck
from workflows.shared.signals import Input, input_of


def order_of(given: tuple[object, ...]) -> Input[OrderTry]:
    """Read the input of a run; an order in no currency is refused. Call it once in a run."""
    check = CurrencyCheck()
    return input_of(NO_ORDER, given, lambda order: check.refusal(order.currency))
