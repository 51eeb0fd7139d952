"""Scenarios of ``record_histories.py`` in which a mail cannot be sent by its own run.

Three histories have no scenario any more, ``*_mail_given_up`` of an order and a receipt and
``order_mail_waited_for_repair``: earlier versions recorded them, which handed over no mail.
"""

from models import OrderStatus
from providers.errors import BadAddress, ProviderRateLimited, ProviderUnavailable
from tests.support.pipelines import Pipelines, Run
from tests.support.watching import failure_of, result_of, until_backoff, until_order

MAIL_SERVER_AWAY = [ProviderUnavailable("answered 421")] * 3


async def order_not_told(pipelines: Pipelines) -> Run:
    """The mail was handed over to a run of its own."""
    pipelines.world.fail("send_confirmation", *MAIL_SERVER_AWAY)
    run = await pipelines.order(start_signal="expedite")
    await result_of(run)
    return run


async def order_not_told_by_a_fault(pipelines: Pipelines) -> Run:
    """The mail was handed over instead of waiting for the repair of a fault of ours."""
    pipelines.world.fail("send_confirmation", *[RuntimeError("a bad deploy")] * 3)
    run = await pipelines.order(start_signal="expedite")
    await result_of(run)
    return run


async def order_cancelled_not_told(pipelines: Pipelines) -> Run:
    """The address of a cancelled order was refused."""
    pipelines.world.fail("send_cancellation", BadAddress("no such mailbox"))
    run = await pipelines.order()
    await until_order(run, status=OrderStatus.WAITING_FOR_BUSINESS_DAY)
    await run.cancel()
    await failure_of(run)
    return run


async def mail_sent(pipelines: Pipelines) -> Run:
    """The mail of an order was sent by its own run, at the second attempt."""
    pipelines.world.fail("send_mail", ProviderUnavailable("answered 421"))
    await order_not_told(pipelines)
    mail = pipelines.mail("order-o1:confirm")
    await result_of(mail)
    return mail


async def _tried_tomorrow(pipelines: Pipelines) -> Run:
    """Return the run of a mail whose next attempt is a day away."""
    pipelines.world.fail("send_mail", ProviderRateLimited("closed for today", 86_400.0))
    await order_not_told(pipelines)
    mail = pipelines.mail("order-o1:confirm")
    await pipelines.env.sleep(10)
    await until_backoff(mail, "send_mail")
    return mail


async def mail_told_again(pipelines: Pipelines) -> Run:
    """Somebody corrected the address meanwhile."""
    mail = await _tried_tomorrow(pipelines)
    await mail.signal("tell", {"to": "ada@new.example"})
    await result_of(mail)
    return mail


async def mail_refused(pipelines: Pipelines) -> Run:
    await order_cancelled_not_told(pipelines)
    mail = pipelines.mail("order-o1:refunded")
    await failure_of(mail)
    return mail


async def mail_given_up(pipelines: Pipelines) -> Run:
    pipelines.world.fail("send_mail", *[ProviderRateLimited("closed for today", 86_400.0)] * 5)
    await order_not_told(pipelines)
    mail = pipelines.mail("order-o1:confirm")
    await failure_of(mail)
    return mail


async def mail_cancelled(pipelines: Pipelines) -> Run:
    mail = await _tried_tomorrow(pipelines)
    await mail.cancel()
    await failure_of(mail)
    return mail


async def receipt_mail_handed_over(pipelines: Pipelines) -> Run:
    pipelines.world.fail("notify_user", *MAIL_SERVER_AWAY)
    run = await pipelines.receipt()
    await result_of(run)
    return run


SCENARIOS = (
    order_not_told,
    order_not_told_by_a_fault,
    order_cancelled_not_told,
    mail_sent,
    mail_told_again,
    mail_refused,
    mail_given_up,
    mail_cancelled,
    receipt_mail_handed_over,
)
