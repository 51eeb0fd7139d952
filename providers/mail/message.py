"""What every way of sending shares: the message itself, and its one sending.

A step that is tried again must not write to a person again. Mail has no exactly-once, so this
is as near as it gets: a record of each mail that was accepted, looked up before sending; and a
``Message-ID`` made from the idempotency key, by which a receiving server or a mail program can
tell the second copy. What remains is at-least-once: a process killed between the server's
acceptance and the record sends the mail again.
"""

import datetime as dt
import email.policy
import hashlib
import logging
import re
import unicodedata
from collections.abc import Awaitable, Callable
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr

from models import Mail, MailReceipt
from providers.errors import ProviderError
from providers.records import SentMailRecords

_ADDRESS = re.compile(r"([^\s@<>:;,\"'()\[\]]+)@([^\s@<>:;,\"'()\[\]]+)")
_POLICY = email.policy.SMTP


async def send_once(
    mail: Mail, sent: SentMailRecords, send: Callable[[], Awaitable[str]]
) -> MailReceipt:
    """Send unless a record says that this key was sent before; ``send`` gives the Message-ID.

    Raises what ``send`` raises, and ProviderUnavailable if the records cannot be read: sending
    blindly could double the mail.
    """
    known = await sent.find(mail.idempotency_key)
    if known is not None:
        return MailReceipt(message_id=known)
    message_id = await send()
    try:
        await sent.add(mail.idempotency_key, message_id)
    except ProviderError:
        # To fail now would make the step try again and surely send a second copy.
        logging.getLogger(__name__).warning(
            "mail %s was sent but could not be recorded", mail.idempotency_key, exc_info=True
        )
    return MailReceipt(message_id=message_id)


def build_message(mail: Mail, mail_from: str) -> EmailMessage:
    """Give the mail as plain text in UTF-8, with the same Message-ID whenever it is built.

    Text of strangers (a merchant's name, a reason) cannot add headers: control characters
    become spaces.
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
    """Give the domain of an address, with or without a display name."""
    return parseaddr(address)[1].rpartition("@")[2]


def mask_addresses(text: str) -> str:
    """Replace every e-mail address so that an error message does not tell whom we write to."""
    return _ADDRESS.sub(lambda found: f"{found[1][0]}***@{found[2]}", text)


def _message_id(idempotency_key: str, mail_from: str) -> str:
    return f"<{_digest(idempotency_key)}@{domain_of(mail_from)}>"


def _digest(idempotency_key: str) -> str:
    return hashlib.sha256(idempotency_key.encode()).hexdigest()[:32]


def _printable(text: str, keep: str = "") -> str:
    """Blank out control characters and lone surrogates, which no mail may carry."""
    return "".join(
        " " if unicodedata.category(one) in ("Cc", "Cs") and one not in keep else one
        for one in text
    )
