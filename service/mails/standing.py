"""What became of a mail that its run could not send, by its own run; no worker is asked."""

import datetime as dt
from dataclasses import dataclass

from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from models import Mail, MailState, MailStatus
from service.calls import reached
from service.runs.ends import run_that_counts
from service.runs.executions import COMPLETED, Description, Execution, describe
from service.runs.history import RunHistory, decoded, read_history
from service.runs.listing import final_status
from service.runs.pending import pending_activities
from service.runs.reading import reader_of
from workflows import wording
from workflows.identity import mail_named, mail_workflow_id
from workflows.order.tries import ORDER_HAS_ENDED
from workflows.search_attributes import CUSTOMER_ID

MAIL_STEPS = ("send_confirmation", "send_cancellation", "notify_user")
"""Activities by which a run mails somebody itself."""


@dataclass(frozen=True)
class MailStanding:
    """Where such a mail stands; ``of`` is the workflow id of the run whose mail it is.

    ``status`` is the word of its own run, ``completed`` once it is sent. ``attempt`` counts from 1,
    ``reason`` is the last error. Times are UTC; what is not known is None.
    """

    workflow_id: str
    run_id: str
    of: str
    step: str
    customer_id: str | None
    status: str
    reason: str | None
    attempt: int | None
    next_try: dt.datetime | None
    started_at: dt.datetime
    ended_at: dt.datetime | None

    @property
    def is_open(self) -> bool:
        """Whether it is still being tried."""
        return self.ended_at is None

    @property
    def is_sent(self) -> bool:
        """Whether the mail was sent."""
        return self.status == MailStatus.COMPLETED

    def words(self) -> str:
        """Say it on one line."""
        if self.is_sent and self.ended_at:
            return f"sent later, {wording.moment(self.ended_at)}"
        because = f": {self.reason}" if self.reason else ""
        if not self.is_open:
            word = "given up" if self.status == MailStatus.FAILED else f"not sent, {self.status}"
            return word + ("" if self.reason == self.status else because)
        line = "being tried"
        if self.attempt:
            line += f", attempt {self.attempt}"
        if self.next_try:
            wait = self.next_try - dt.datetime.now(dt.UTC)
            line += f", next try in {max(0.0, wait.total_seconds()):.0f} s"
        return f"{line}, last error{because}" if because else line


async def mails_of(client: Client, run: Execution, history: RunHistory) -> list[MailStanding]:
    """Return where the mails stand that a run could not send itself; raise TemporalGone."""
    workflow_ids = dict.fromkeys(history.mails)
    if mail := await unsent_mail(client, run, history):
        workflow_ids[mail_workflow_id(mail.idempotency_key)] = None
    found = [await mail_standing(client, workflow_id) for workflow_id in workflow_ids]
    return [standing for standing in found if standing is not None]


async def unsent_mail(client: Client, run: Execution, history: RunHistory) -> Mail | None:
    """Return the mail that a run began to send and, as far as it is recorded, did not.

    None if it must not be sent, because the run was refused.
    """
    if history.failure == ORDER_HAS_ENDED:
        return None
    asked = [
        history.asked[step]
        for step in MAIL_STEPS
        if step in history.asked and step not in history.results
    ]
    return await decoded(reader_of(client, run.workflow_id), asked[:1], Mail)


async def mail_standing(client: Client, workflow_id: str) -> MailStanding | None:
    """Return where a mail stands; None if the server has no run of it (any more).

    Runs that did nothing are none of it.
    """
    try:
        description = await reached(describe(client, workflow_id))
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND:
            return None
        raise
    latest = description.execution
    run = await run_that_counts(client, latest)
    if run is None:
        return None
    if run.run_id != latest.run_id:
        description = await reached(describe(client, workflow_id, run.run_id))
    return await standing_of_mail(client, description)


async def standing_of_mail(client: Client, description: Description) -> MailStanding:
    """Return where the mail of a run that was described stands; raise TemporalGone."""
    run = description.execution
    of, step = mail_named(run.workflow_id) or (run.workflow_id, "")
    trying = next(iter(pending_activities(description)), None)
    reason = trying.last_error if trying else None
    if not run.is_open and run.status != COMPLETED:
        reason = (await read_history(client, run)).reason
    return MailStanding(
        workflow_id=run.workflow_id,
        run_id=run.run_id,
        of=of,
        step=step,
        customer_id=run.search_attributes.get(CUSTOMER_ID),
        status=final_status(run) or MailStatus.RUNNING,
        reason=reason,
        attempt=trying.attempt if trying else None,
        next_try=trying.next_try if trying else None,
        started_at=run.started_at,
        ended_at=run.closed_at,
    )


async def ended_mail(client: Client, description: Description) -> MailState:
    """Return the last state of a mail whose run has ended; raise TemporalGone."""
    found = await standing_of_mail(client, description)
    ended_at = found.ended_at or found.started_at
    return MailState(
        of=found.of,
        step=found.step,
        status=MailStatus(found.status),
        waiting_for=None,
        waiting_until=None,
        reason=found.reason,
        started_at=found.started_at,
        elapsed_seconds=(ended_at - found.started_at).total_seconds(),
    )
