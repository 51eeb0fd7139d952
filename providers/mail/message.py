"""What SMTP and SES share: how a message is built, and how it is sent only once.

A retried step must not send the same mail again, but mail has no exactly-once delivery. Two
things come close: a record of each accepted mail, looked up before sending, and a
``Message-ID`` made from the idempotency key, by which a receiving server or a mail program can
recognise a second copy. The guarantee is at-least-once: if the process is killed after the
server accepted the mail and before the record is written, the mail is sent again.
"""

import datetime as dt
import email.policy
import hashlib
import logging
import unicodedata
from collections.abc import Awaitable, Callable
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr

from models import Mail, MailReceipt
from providers.errors import ProviderError
from providers.records import SentMailRecords

_POLICY = email.policy.SMTP


async def send_once(
    mail: Mail, sent: SentMailRecords, send: Callable[[], Awaitable[str]]
) -> MailReceipt:
    """Call ``send``, which returns the Message-ID, unless the mail's key is recorded as sent.

    Raises what ``send`` raises, and ProviderUnavailable if the records cannot be read, because
    sending without that check could send the mail twice. If the mail was sent but cannot be
    recorded, logs a warning and returns.
    """
    known = await sent.find(mail.idempotency_key)
    if known is not None:
        return MailReceipt(message_id=known)
    message_id = await send()
    try:
        await sent.add(mail.idempotency_key, message_id)
    except ProviderError:
        # Failing now would make the step retry, and send a second copy for certain.
        logging.getLogger(__name__).warning(
            "mail %s was sent but could not be recorded", mail.idempotency_key, exc_info=True
        )
    return MailReceipt(message_id=message_id)


def build_message(mail: Mail, mail_from: str) -> EmailMessage:
    """Return the mail as a plain-text message in UTF-8; the same key has the same Message-ID.

    Control characters become spaces, so that text from outside (a merchant's name, a reason)
    cannot add headers. The date is the current time in UTC.
    """
    message = EmailMessage(policy=_POLICY)
    message["From"] = mail_from
    message["To"] = mail.to
    message["Subject"] = " ".join(_printable(mail.subject).split())
    message["Date"] = format_datetime(dt.datetime.now(dt.UTC))
    message["Message-ID"] = _message_id(mail.idempotency_key, mail_from)
    # RFC 3834: no out-of-office answers to a machine.
    message["Auto-Submitted"] = "auto-generated"
    # Resend drops a second mail under the same key: https://resend.com/docs/send-with-smtp
    message["Resend-Idempotency-Key"] = _digest(mail.idempotency_key)
    message.set_content(_printable(mail.body, keep="\n\t"), cte="quoted-printable")
    return message


def domain_of(address: str) -> str:
    """Return the domain of an e-mail address, which may have a display name."""
    return parseaddr(address)[1].rpartition("@")[2]


def _message_id(idempotency_key: str, mail_from: str) -> str:
    return f"<{_digest(idempotency_key)}@{domain_of(mail_from)}>"


def _digest(idempotency_key: str) -> str:
    return hashlib.sha256(idempotency_key.encode()).hexdigest()[:32]


def _printable(text: str, keep: str = "") -> str:
    """Replace control characters and lone surrogates by spaces; a mail must not contain them."""
    return "".join(
        " " if unicodedata.category(one) in ("Cc", "Cs") and one not in keep else one
        for one in text
    )
