"""Mail: what is sent, and how a mail fares that its run could not send itself."""

from enum import StrEnum

from pydantic import AwareDatetime

from models.base import EmailAddress, Model
from models.orders import OrderStart


class Mail(Model):
    """Input of every activity that sends a mail, and of a mail provider.

    ``body`` is plain text. A mail with the same ``idempotency_key`` is sent once.
    ``run_id`` is the only run that may send it, if one is named; see ``RunWasReset``.
    A mail that an order is over is not sent if that has ended in another start than ``start``; see
    ``OrderHasEnded``.
    """

    idempotency_key: str
    to: EmailAddress
    subject: str
    body: str
    run_id: str | None = None
    start: OrderStart | None = None


class MailReceipt(Model):
    """Answer of a mail provider: the ``Message-ID`` that the mail was sent with."""

    message_id: str


class HandedOverMail(Model):
    """A mail that its run could not send itself: the input of ``MailWorkflow``.

    ``of`` is the workflow id of that run, ``customer_id`` its customer or user. ``reason`` is why
    it was not sent so far, and ``refused`` the type of that error if no attempt has a chance. The
    first attempt is made after ``wait_seconds``.
    """

    mail: Mail
    of: str
    customer_id: str | None = None
    reason: str | None = None
    refused: str | None = None
    wait_seconds: float = 0.0


class TellAgain(Model):
    """Input of the signal ``tell`` of ``MailWorkflow``: try now, at ``to`` if it is given."""

    to: EmailAddress | None = None


class MailStatus(StrEnum):
    """Status of a ``MailWorkflow``. The last five values are final.

    ``terminated`` and ``timed_out`` are set by the server; a workflow never sets them itself.
    """

    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"
    TERMINATED = "terminated"
    TIMED_OUT = "timed_out"


class SentMail(Model):
    """Result of ``MailWorkflow``: the mail of the run ``of`` was sent under this key."""

    of: str
    idempotency_key: str
    message_id: str


class MailState(Model):
    """Answer of the query ``status`` of ``MailWorkflow``, at any time, also after its end.

    ``of`` is the workflow id of the run whose mail it is, and ``step`` the step there that could
    not send it. ``waiting_until`` is when the mail is given up. Times are in UTC;
    ``elapsed_seconds`` counts from the start to now, or to the end.
    """

    of: str
    step: str
    status: MailStatus
    waiting_for: str | None
    waiting_until: AwareDatetime | None
    reason: str | None
    started_at: AwareDatetime
    elapsed_seconds: float
