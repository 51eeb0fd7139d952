"""The one step of a mail that was handed over; its key is that of the step that could not send it.

So the record of sent mails holds for both: whichever of them sends the mail, the other never does.
"""

from activities.mails import MailActivities
from models import Mail, MailReceipt
from workflows.shared.step import Step


def send(mail: Mail) -> Step[MailReceipt]:
    """Send the mail."""
    return Step(
        MailActivities.send_mail, mail, summary=f"send the mail, key {mail.idempotency_key}"
    )
