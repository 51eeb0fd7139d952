"""The mails of runs by their own word: which were sent, and which could not be."""

from collections.abc import Iterable
from dataclasses import dataclass

from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from models import OrderResult, OrderStatus, ReceiptResult, SentMail
from service.mails.standing import mail_standing
from service.mails.superseded import later_try
from service.runs.ends import is_foreign, run_that_counts
from service.runs.executions import COMPLETED, Execution, describe
from workflows.identity import order_workflow_id, receipt_workflow_id, step_key
from workflows.order.steps import CANCELLATION, CONFIRM, REFUNDED
from workflows.receipt.steps import TELL
from workflows.receipt.workflow import NO_ADDRESS


@dataclass(frozen=True)
class MailRun:
    """The latest run of a mail that its own run could not send; ``result`` is None unless sent.

    It ``is_superseded`` if a later try of its order makes it untrue.
    """

    workflow_id: str
    is_open: bool
    result: SentMail | None = None
    is_superseded: bool = False

    @property
    def is_untold(self) -> bool:
        """Whether it was not sent and still should be."""
        return self.result is None and not self.is_superseded


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


def earlier_key(key: str) -> str:
    """Return the key under which an earlier version sent this mail, if it is another.

    It had one key for every end without a shipment.
    """
    return key.replace(f":{REFUNDED}", f":{CANCELLATION}")


async def run_of_mail(client: Client, workflow_id: str) -> Execution | None:
    """Return the run that counts of a mail; None if there is none. Raise RPCError."""
    try:
        latest = (await describe(client, workflow_id)).execution
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND:
            return None
        raise
    return None if is_foreign(latest) else await run_that_counts(client, latest)


async def mail_run(client: Client, run: Execution) -> MailRun:
    """Return what the run of a mail says of it; raise RPCError or TemporalGone."""
    if run.status != COMPLETED:
        mail = await mail_standing(client, run.workflow_id)
        is_superseded = mail is not None and await later_try(client, mail) is not None
        return MailRun(run.workflow_id, run.is_open, is_superseded=is_superseded)
    handle = client.get_workflow_handle(run.workflow_id, run_id=run.run_id, result_type=SentMail)
    return MailRun(run.workflow_id, run.is_open, await handle.result())
