"""Mails of an earlier try of an order: they tell how that ended, and it is no longer so."""

from dataclasses import dataclass

from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from models import OrderTry
from service.calls import reached
from service.mails.standing import MailStanding
from service.runs.ends import run_that_counts
from service.runs.executions import describe
from service.runs.history import started_with
from service.runs.listing import final_status
from workflows.identity import mail_workflow_id, order_id_of
from workflows.order.steps import mail_keys


@dataclass(frozen=True)
class LaterTry:
    """The try of an order that came after a mail's own; ``status`` is None while it is open."""

    workflow_id: str
    number: int
    status: str | None
    mails_try: int

    def words(self) -> str:
        """Say it in half a sentence."""
        became = f"ended as {self.status}" if self.status else "is not over"
        return (
            f"it tells how try {self.mails_try} of {self.workflow_id} ended, "
            f"and try {self.number} {became}"
        )


async def later_try(client: Client, mail: MailStanding) -> LaterTry | None:
    """Return the later try of the order whose mail this is; None if there is none.

    Temporal alone is asked: a mail that a later try dropped is forgotten before that try is. Raise
    TemporalGone.
    """
    if order_id_of(mail.of) is None:
        return None
    try:
        latest = (await reached(describe(client, mail.of))).execution
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND:
            return None
        raise
    run = await run_that_counts(client, latest)
    order = await started_with(client, run, OrderTry) if run else None
    if run is None or order is None:
        return None
    for number in range(1, order.try_number):
        if mail.workflow_id in map(mail_workflow_id, mail_keys(mail.of, number)):
            return LaterTry(mail.of, order.try_number, final_status(run), number)
    return None
