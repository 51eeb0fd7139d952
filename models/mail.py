"""Mail, which both pipelines send."""

from models.base import EmailAddress, Model


class Mail(Model):
    """Input of every activity that tells somebody something, and of a mail provider.

    ``idempotency_key`` names the mail for ever.
    """

    idempotency_key: str
    to: EmailAddress
    subject: str
    body: str


class MailReceipt(Model):
    """What a mail provider answers: the ``Message-ID`` the mail left with."""

    message_id: str
