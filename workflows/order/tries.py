"""An order's input, and what a later try does before anything else.

A try that was ended from outside may have a charge still on its way: the next one would then charge
a second time. So whatever earlier tries began is undone, or closed for good, first. And a mail that
tells how one ended, and could not be sent yet, would tell what is no longer so.
"""

from pydantic import SecretStr
from temporalio.exceptions import ActivityError, ApplicationError

from models import OrderStatus, OrderTry
from providers.errors import OrderHasEnded
from workflows.mail.hand_over import drop
from workflows.order.progress import OrderProgress
from workflows.order.rules import Rule, in_force
from workflows.order.steps import OrderSteps
from workflows.shared.cancellation import raise_if_cancelled, uncancellable
from workflows.shared.failures import error_type, reason_of

NO_ORDER = OrderTry.model_construct(
    order_id="none",
    customer_id="none",
    customer_email="none",
    payment_token=SecretStr(""),
    currency="USD",
    items=(),
)
"""Stands in for an input that is no order, until the run has failed with the reason."""

EARLIER_TRY_SHIPPED = "EarlierTryShipped"
"""Type of the failure of a try that began although the carrier has the goods."""

EARLIER_TRY_NOT_SETTLED = "EarlierTryNotSettled"
"""Type of the failure of a try that could not make sure that nothing of an earlier one is left."""

ORDER_HAS_ENDED = OrderHasEnded.__name__
"""Type of the failure of a run that was started although the archive knows how its order ended."""


def refuse_if_ended(failure: ActivityError, progress: OrderProgress) -> None:
    """Raise ApplicationError if a step says that the order has ended in a run started before.

    No patch: an activity says so. Nothing is undone, mailed or archived then: all of that would be
    done to the order that has ended.
    """
    if error_type(failure) == ORDER_HAS_ENDED:
        progress.finish(OrderStatus.FAILED, reason_of(failure))
        raise ApplicationError(reason_of(failure), type=ORDER_HAS_ENDED) from failure


async def settle_earlier_tries(order: OrderTry, progress: OrderProgress) -> None:
    """Return once nothing of all earlier tries is left, nor can follow; a first try has none.

    Raise ApplicationError if the carrier has the goods, or if it cannot be told; the run has done
    nothing then. Raise asyncio.CancelledError if the run was cancelled meanwhile.
    """
    if order.unsent_mails and in_force(Rule.MAILS_OF_EARLIER_TRIES_DROPPED):
        await uncancellable(drop(order.unsent_mails))
    for number in range(1, order.try_number):
        try:
            settled = await uncancellable(OrderSteps(order, number).settle().run())
        except ActivityError as failure:
            why = f"try {number} is not settled: {reason_of(failure)}"
            progress.finish(OrderStatus.FAILED, why)
            raise ApplicationError(why, type=EARLIER_TRY_NOT_SETTLED) from failure
        if settled.shipment_id is not None:
            why = f"nothing was done: try {number} was shipped as {settled.shipment_id}"
            progress.finish(OrderStatus.FAILED, why)
            raise ApplicationError(why, type=EARLIER_TRY_SHIPPED)
    raise_if_cancelled()
