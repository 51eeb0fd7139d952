"""Mail: send a mail, and do not send it again once it is recorded as sent."""

from typing import Protocol

from models import Mail, MailReceipt


class MailProvider(Protocol):
    """Sends mail."""

    async def send(self, mail: Mail) -> MailReceipt:
        """Send the mail, unless a mail with the same idempotency key is recorded as sent.

        Returns the Message-ID, of the earlier mail in that case. Raises BadAddress,
        InvalidRequest, or a retryable error.
        """
        ...
