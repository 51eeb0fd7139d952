"""Mail, for both pipelines."""

from models.base import EmailAddress, Model


class Mail(Model):
    """Input of every activity that sends a mail, and of a mail provider.

    ``body`` is plain text. A mail with the same ``idempotency_key`` is sent once.
    """

    idempotency_key: str
    to: EmailAddress
    subject: str
    body: str


class MailReceipt(Model):
    """Answer of a mail provider: the ``Message-ID`` that the mail was sent with."""

    message_id: str
