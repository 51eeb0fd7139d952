"""Mail: send a mail, at most once where a record of it exists."""

from typing import Protocol

from models import Mail, MailReceipt


class MailProvider(Protocol):
    """Who sends mail."""

    async def send(self, mail: Mail) -> MailReceipt:
        """Send the mail unless the record says that its key was sent before.

        Raises BadAddress or one of the errors worth retrying.
        """
        ...
