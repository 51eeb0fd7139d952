"""Mail through AWS SES, with the same rules as SMTP.

At-least-once, as ``providers.mail.message`` explains. SES has no idempotency keys and replaces
our ``Message-ID`` by its own, so the sent-mail record is the only guard against a second copy.
"""

import asyncio
from typing import TYPE_CHECKING

import boto3
from botocore.exceptions import ClientError

from config import Settings
from models import Mail, MailReceipt
from providers.errors import BadAddress, InvalidRequest, UnexpectedAnswer
from providers.mail import mask_addresses
from providers.mail.message import build_message, send_once
from providers.records import SentMailRecords
from providers.transport.aws import ONE_ATTEMPT, aws_errors, error_code

if TYPE_CHECKING:
    from mypy_boto3_sesv2 import SESV2Client


class SesMail:
    """``MailProvider`` on AWS SES; boto3 finds the credentials (its default chain)."""

    def __init__(self, settings: Settings, sent: SentMailRecords) -> None:
        with aws_errors("SES: set up"):
            self._client: SESV2Client = boto3.Session().client(
                "sesv2", region_name=settings.aws_region, config=ONE_ATTEMPT
            )
        self._mail_from = settings.mail_from
        self._sent = sent

    async def send(self, mail: Mail) -> MailReceipt:
        """Send the mail, unless its key is recorded as sent; see ``MailProvider.send``.

        Raises BadAddress, InvalidRequest (such as a sender that is not verified), or a
        retryable error.
        """
        return await send_once(mail, self._sent, lambda: asyncio.to_thread(self._send, mail))

    def close(self) -> None:
        """Close the connections to SES."""
        self._client.close()

    def _send(self, mail: Mail) -> str:
        message = build_message(mail, self._mail_from)
        with aws_errors("SES: send a mail"):
            try:
                answer = self._client.send_email(
                    FromEmailAddress=self._mail_from,
                    Destination={"ToAddresses": [mail.to]},
                    Content={"Raw": {"Data": message.as_bytes()}},
                )
            except ClientError as error:
                _raise_refusal(error)
                raise
        # The types promise a MessageId, but an answer from something else than SES may lack it.
        message_id = answer.get("MessageId")
        if not message_id:
            raise UnexpectedAnswer("SES: send a mail: the answer holds no MessageId")
        return message_id


def _raise_refusal(error: ClientError) -> None:
    """Raise a permanent refusal as ours, with addresses masked; return for any other error."""
    words = mask_addresses(str(error.response.get("Error", {}).get("Message", "")))
    if error_code(error) == "BadRequestException":
        raise BadAddress(f"SES refuses the address: {words}") from error
    if error_code(error) in ("MessageRejected", "MailFromDomainNotVerifiedException"):
        raise InvalidRequest(f"SES refuses the mail: {words}; check MAIL_FROM") from error
