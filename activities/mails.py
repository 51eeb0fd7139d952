"""The mail that a run could not send itself, sent by a run of its own."""

from temporalio import activity

from activities.attempts import attempt
from activities.metrics import counted_mail
from models import Mail, MailReceipt
from providers.mail import MailProvider


class MailActivities:
    """Activity of ``MailWorkflow``. It raises ApplicationError, typed by provider error."""

    def __init__(self, mail: MailProvider) -> None:
        self._mail = mail

    @activity.defn
    async def send_mail(self, mail: Mail) -> MailReceipt:
        """Send a mail of any kind, unless it is recorded as sent under its key."""
        return await attempt(counted_mail(self._mail.send(mail)))
