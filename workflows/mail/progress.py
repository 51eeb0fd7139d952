"""What a mail that was handed over can say about itself at any time; never its address."""

import datetime as dt

from temporalio import workflow
from temporalio.common import TypedSearchAttributes

from models import HandedOverMail, MailState, MailStatus
from workflows import search_attributes, wording
from workflows.identity import mail_named
from workflows.shared.progress import Progress


class MailProgress(Progress[MailStatus]):
    """Where the mail stands. Callers change the fields and then ``show`` them."""

    def __init__(self, handed_over: HandedOverMail) -> None:
        super().__init__(MailStatus.RUNNING)
        self._handed_over = handed_over
        self.reason = handed_over.reason

    def details(self) -> str:
        """Return where the mail stands, in Markdown."""
        return wording.mail_details(self.state(), workflow.info().workflow_id)

    def attributes(self) -> TypedSearchAttributes:
        """Return what the mail is found by."""
        return search_attributes.of_mail(self._handed_over.customer_id, self.status)

    def state(self, at: dt.datetime | None = None) -> MailState:
        """Return everything there is to know, as of a time in UTC (default: the last event's)."""
        named = mail_named(workflow.info().workflow_id)
        return MailState(
            of=self._handed_over.of,
            step=named[1] if named else "",
            status=self.status,
            waiting_for=self.waiting_for,
            waiting_until=self.waiting_until,
            reason=self.reason,
            started_at=workflow.info().start_time,
            elapsed_seconds=self.elapsed_seconds(at),
        )
