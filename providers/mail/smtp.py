"""Mail through any SMTP server: a refused address ends the step, other errors are retried.

At-least-once, as ``providers.mail.message`` explains: if the server's answer is lost, SMTP has
no way to ask whether it accepted the mail.
"""

import contextlib

import aiosmtplib

from config import Settings
from models import Mail, MailReceipt
from providers.errors import (
    BadAddress,
    InvalidRequest,
    ProviderError,
    ProviderUnavailable,
    Unauthorized,
)
from providers.mail import mask_addresses
from providers.mail.message import build_message, domain_of, send_once
from providers.records import SentMailRecords
from providers.spans import provider_call

_SECONDS_A_COMMAND = 10.0
"""Timeout of the connection and of each SMTP command."""
_ADDRESS_CODES = frozenset({501, 550, 551, 553, 556})
"""RFC 5321, section 4.2.3, and RFC 7504: malformed, unknown, moved, not allowed, takes no mail."""
CREDENTIAL_CODES = frozenset({530, 534, 535, 538})
"""RFC 4954, section 6: authentication is required, too weak, wrong, or needs encryption."""


class SmtpMail:
    """``MailProvider`` on SMTP; opens one connection per mail."""

    def __init__(self, settings: Settings, sent: SentMailRecords) -> None:
        self._settings = settings
        self._sent = sent

    async def send(self, mail: Mail) -> MailReceipt:
        """Send the mail, unless its key is recorded as sent; see ``MailProvider.send``.

        Raises BadAddress, InvalidRequest (the server permanently refuses sender or content),
        Unauthorized or ProviderUnavailable.
        """
        return await send_once(mail, self._sent, lambda: self._send(mail))

    async def _send(self, mail: Mail) -> str:
        at: dict[str, str | int] = {
            "server.address": self._settings.smtp_host,
            "server.port": self._settings.smtp_port,
        }
        with provider_call("SMTP send", at):
            return await self._hand_over(mail)

    async def _hand_over(self, mail: Mail) -> str:
        server = f"SMTP server {self._settings.smtp_host}:{self._settings.smtp_port}"
        message = build_message(mail, self._settings.mail_from)
        try:
            client = smtp_client(self._settings)
            try:
                await client.connect()
                await client.send_message(
                    message, sender=self._settings.mail_from, recipients=[mail.to]
                )
                # The mail is accepted, so an error while closing the connection does not matter.
                with contextlib.suppress(aiosmtplib.SMTPException):
                    await client.quit()
            finally:
                client.close()
        except aiosmtplib.SMTPRecipientsRefused as error:
            raise _from_answer(server, error.recipients[0], may_be_address=True) from error
        except aiosmtplib.SMTPResponseException as error:
            is_data = isinstance(error, aiosmtplib.SMTPDataError)
            raise _from_answer(server, error, may_be_address=is_data) from error
        except (aiosmtplib.SMTPException, OSError) as error:
            raise ProviderUnavailable(f"{server}: {mask_addresses(str(error))}") from error
        return str(message["Message-ID"])


def smtp_client(settings: Settings) -> aiosmtplib.SMTP:
    """Build what connects to the server once, and signs in if there is somebody to sign in as."""
    password = settings.smtp_password
    return aiosmtplib.SMTP(
        hostname=settings.smtp_host,
        port=settings.smtp_port,
        username=settings.smtp_username,
        password=password.get_secret_value() if password else None,
        use_tls=settings.smtp_tls == "tls",
        start_tls=settings.smtp_tls == "starttls",
        timeout=_SECONDS_A_COMMAND,
        # The default looks up this machine's name in DNS.
        local_hostname=domain_of(settings.mail_from),
    )


def _from_answer(
    server: str, error: aiosmtplib.SMTPResponseException, *, may_be_address: bool
) -> ProviderError:
    """Return the error that a reply code means.

    ``may_be_address``: the reply is about the recipient or the data, so that its code may mean
    a bad address.
    """
    message = f"{server} answered {error.code} {mask_addresses(error.message)}"
    if error.code in CREDENTIAL_CODES:
        return Unauthorized(f"{message}; check SMTP_USERNAME, SMTP_PASSWORD and SMTP_TLS")
    if may_be_address and error.code in _ADDRESS_CODES:
        return BadAddress(message)
    if error.code >= 500:
        return InvalidRequest(message)
    return ProviderUnavailable(message)
