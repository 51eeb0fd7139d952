"""Mail: send a mail, and do not send it again once it is recorded as sent."""

import re
from typing import Protocol

from models import Mail, MailReceipt

_PART = r"[^\s@<>:;,\"'()\[\]]"
# From the start of a word only: from each of its letters it would take the square of its length.
_ADDRESS = re.compile(rf"(?<!{_PART})({_PART}+)@({_PART}+)")


class MailProvider(Protocol):
    """Sends mail."""

    async def send(self, mail: Mail) -> MailReceipt:
        """Send the mail, unless a mail with the same idempotency key is recorded as sent.

        Returns the Message-ID, of the earlier mail in that case. Raises BadAddress,
        InvalidRequest, or a retryable error.
        """
        ...


def mask_addresses(text: str) -> str:
    """Return the text with every e-mail address masked, such as ``a***@example.com``.

    Error messages are stored in histories, which must not reveal a recipient's address.
    """
    return _ADDRESS.sub(lambda found: f"{found[1][0]}***@{found[2]}", text)
