"""Orders that have ended, as they are remembered when Temporal has forgotten their runs."""

from pydantic import AwareDatetime, JsonValue

from models.base import Model, UserId
from models.orders import Order, OrderResult, OrderStep, TokenDigest


class EndedOrder(Model):
    """How an order ended, and by which run; times are in UTC.

    ``first_run_id`` is the run as it was started: a reset
    gives it another run id and keeps this one. ``step`` is the last that was begun. ``owed`` is
    what an order that was ended from outside left undone, in words.
    """

    workflow_id: str
    run_id: str
    first_run_id: str
    step: OrderStep
    result: OrderResult
    cancel_refused: str | None = None
    owed: tuple[str, ...] = ()
    started_at: AwareDatetime
    ended_at: AwareDatetime


class OrderToArchive(Order, EndedOrder):
    """Input of ``archive_order``: the order with its payment token, which is not archived.

    The token stands where the codec encrypts it on its way through a history.
    ``first_token_digest`` recognises that of the first try, if it was another one.
    ``submitted_by`` is who was signed in when the order was submitted.
    """

    first_token_digest: TokenDigest | None = None
    submitted_by: UserId | None = None


class ArchivedOrder(EndedOrder):
    """One row of the archive: everything but the payment token.

    ``content`` is the order as JSON, with the fields that orders had then, and ``submitted_by``
    where that is known. ``token_digests`` tell
    whether another order has the same token: one for each that a try had.
    """

    order_id: str
    customer_id: str
    content: dict[str, JsonValue]
    token_digests: frozenset[str]


class ArchiveReceipt(Model):
    """Result of ``archive_order``; not ``written`` if the row has another end of the order."""

    written: bool
