"""A mail that its run could not send, tried for days in a run of its own.

Without it a mail server that is away for minutes leaves a customer untold, or holds up an order.
"""

import asyncio
import contextlib
import datetime as dt

from temporalio import workflow
from temporalio.common import VersioningBehavior
from temporalio.exceptions import ActivityError, ApplicationError, TimeoutError

with workflow.unsafe.imports_passed_through():
    from pydantic import ValidationError

    from activities.policies import MAIL_LIMIT
    from models import (
        HandedOverMail,
        Mail,
        MailReceipt,
        MailState,
        MailStatus,
        SentMail,
        TellAgain,
    )
    from providers.errors import BadAddress
    from workflows.identity import WRONG_WORKFLOW_ID, foreign_input, mail_workflow_id
    from workflows.mail import steps
    from workflows.mail.progress import MailProgress
    from workflows.shared.cancellation import cancel_requested
    from workflows.shared.failures import error_type, reason_of
    from workflows.shared.query_time import time_of_query
    from workflows.shared.signals import input_of, message_of

SERVER = "the mail server"

NO_MAIL = HandedOverMail(
    mail=Mail.model_construct(idempotency_key="none", to="none", subject="", body=""), of="none"
)
"""Stands in for an input that is no mail, until the run has failed with the reason."""


@workflow.defn(
    failure_exception_types=[ValidationError], versioning_behavior=VersioningBehavior.AUTO_UPGRADE
)
class MailWorkflow:
    """Sends one mail that its run could not send, and holds up nobody meanwhile.

    - Workflow id ``mail-<idempotency key of the mail>`` with ``-`` for ``:``, such as
      ``mail-order-7-confirm``; a mail under another id fails with type WrongWorkflowId. The id
      is used again only after a run that failed, was cancelled or was ended from outside.
    - Input ``HandedOverMail``, result ``SentMail``. A run that is completed means that the mail
      was sent; every other end means that nobody was told. It fails with type BadAddress at
      once, and with the type of the last error after 3 days.
    - Signal ``tell`` (``TellAgain``, or nothing): try now, at the corrected address if one is
      given, and again for 3 days.
    - Query ``status`` (``MailState``). Cancel it with Temporal's own cancellation: an attempt
      that runs finishes, and if it sent nothing the run closes as Canceled.
    - The mail keeps its idempotency key, under which the record of sent mails has it once.
    - Auto-upgrade: tried for days, while what keeps it from being sent is mended by a deploy.
    """

    @workflow.init
    def __init__(self, *given: object) -> None:
        self._input = input_of(NO_MAIL, given)
        self._handed_over = self._input.value
        self._mail = self._handed_over.mail
        self._progress = MailProgress(self._handed_over)
        self._told_again = False

    # --- what happens ------------------------------------------------------------------------

    @workflow.run
    async def run(self, *given: object) -> SentMail:
        """Try until the mail is sent; see the class for the contract."""
        self._input.require()
        if foreign := foreign_input(mail_workflow_id(self._mail.idempotency_key)):
            raise self._given_up(foreign, WRONG_WORKFLOW_ID)
        if self._handed_over.refused:
            raise self._given_up(self._handed_over.reason or "refused", self._handed_over.refused)
        try:
            await self._wait_at_first()
            receipt = await self._send()
        except (ActivityError, asyncio.CancelledError) as stopped:
            if cancel_requested():
                self._progress.finish(MailStatus.CANCELLED, "cancelled")
                raise asyncio.CancelledError from stopped
            raise self._given_up(_why_not(stopped), error_type(stopped)) from stopped
        self._progress.finish(MailStatus.COMPLETED)
        return SentMail(
            of=self._handed_over.of,
            idempotency_key=self._mail.idempotency_key,
            message_id=receipt.message_id,
        )

    async def _wait_at_first(self) -> None:
        """Wait for as long as the last error asked for, unless somebody says to try now."""
        if not self._handed_over.wait_seconds:
            return
        next_try = workflow.now() + dt.timedelta(seconds=self._handed_over.wait_seconds)
        await self._progress.wait(
            SERVER, lambda: self._told_again, next_try, summary="until another attempt"
        )

    async def _send(self) -> MailReceipt:
        """Try for days, and from the beginning as often as somebody says so."""
        while True:
            self._told_again = False
            try:
                return await self._try_for_days()
            except ActivityError:
                if cancel_requested() or not self._told_again:
                    raise

    async def _try_for_days(self) -> MailReceipt:
        """Raise ActivityError if the mail is given up, or somebody said to begin anew or to end."""
        sending = asyncio.create_task(steps.send(self._mail).run(waits_for_repair=_never))
        with self._progress.waiting(SERVER, workflow.now() + MAIL_LIMIT):
            with contextlib.suppress(asyncio.CancelledError):
                await workflow.wait_condition(lambda: sending.done() or self._told_again)
            # An attempt that runs finishes nonetheless: it may have sent the mail.
            sending.cancel()
            return await sending

    def _given_up(self, reason: str, kind: str | None) -> ApplicationError:
        self._progress.finish(MailStatus.FAILED, reason)
        return ApplicationError(reason, type=kind)

    # --- what people can say and ask ---------------------------------------------------------

    @workflow.signal(name="tell")
    def on_tell(self, *said: object) -> None:
        """Try now; one that cannot be understood is logged and changes nothing."""
        again = message_of(TellAgain, said, self._progress.drop) if said else TellAgain()
        if again is None:
            return
        if again.to is not None:
            self._mail = self._mail.model_copy(update={"to": again.to})
        self._told_again = True

    @workflow.query
    def status(self) -> MailState:
        """Return where the mail stands."""
        return self._progress.state(at=time_of_query())


def _never() -> bool:
    return False


def _why_not(stopped: BaseException) -> str:
    """Say why the mail is given up, by its last error and not by the clock's."""
    if error_type(stopped) == BadAddress.__name__:
        return reason_of(stopped)
    cause = stopped.cause if isinstance(stopped, ActivityError) else None
    last = cause.cause if isinstance(cause, TimeoutError) and cause.cause else None
    return f"not sent within {MAIL_LIMIT.days} days: {last or reason_of(stopped)}"
