"""Errors that providers raise, sorted by whether a retry can help.

Without this split every failure would be retried alike: a declined card five times,
an outage not at all. A provider never retries by itself. It raises one of these errors, and
Temporal retries by ``activities/policies.py``, which names the classes that end each step.

"A retryable error" in a provider's docstring means ProviderUnavailable, ProviderRateLimited,
UnexpectedAnswer or Unauthorized. People read the messages, so a message never contains a
secret, a card token or a whole e-mail address.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from models import ReceiptFields


class ProviderError(Exception):
    """Base of every error that a provider raises on purpose.

    ``retry_after_seconds`` is the wait that the provider asked for, or None.
    """

    retry_after_seconds: float | None = None


class ProviderUnavailable(ProviderError):
    """Retryable: no connection, no answer in time, or a 5xx status."""


class ProviderRateLimited(ProviderError):
    """Retryable, but not before ``retry_after_seconds`` (the provider's Retry-After)."""

    def __init__(self, message: str, retry_after_seconds: float | None = None) -> None:
        super().__init__(message)
        self.retry_after_seconds = retry_after_seconds


class StorageUnavailable(ProviderUnavailable):
    """Retryable: our own bucket or database is away, which an operator can end.

    It says nothing of the receipt or the order, so no run fails because of it.
    """

    def __init__(self, message: str, retry_after_seconds: float | None = None) -> None:
        super().__init__(message)
        self.retry_after_seconds = retry_after_seconds


class SchemaRefused(ProviderError):
    """Not retryable: the database does not let us bring its schema to the newest revision."""


class UnexpectedAnswer(ProviderError):
    """Retryable: the answer cannot be parsed, such as HTML from a proxy or a missing field."""


class AnswerMismatch(ProviderError):
    """Not retryable: the provider did something other than what it was asked to do."""


class Unauthorized(ProviderError):
    """Retryable: the provider refuses our credentials, which an operator can fix meanwhile."""


class Unfit(ProviderError):
    """Not retryable: what was looked at can never be used as it is set up; it says why."""


class TokenRefused(ProviderError):
    """Not retryable: what somebody shows to say who they are does not count; it says why."""


class TokenKeyMissing(ProviderError):
    """Retryable: the worker lacks the key to a payment token, which an operator can fix."""


class ArchiveUnavailable(ProviderError):
    """Retryable: nobody can say whether an order has ended before; an operator can fix that."""


class InvalidRequest(ProviderError):
    """Not retryable: the provider says that the request itself is invalid."""


class IdempotencyKeyReused(ProviderError):
    """Not retryable: the idempotency key was used before with other content."""


class PaymentDeclined(ProviderError):
    """Not retryable: the card was declined."""


class PaymentUndone(ProviderError):
    """Not retryable: this payment was refunded or cancelled, and so is never made again."""


class RunWasReset(ProviderError):
    """Not retryable: an earlier run asked for this, and may have undone what it rests on."""


class OrderHasEnded(ProviderError):
    """Not retryable: the archive knows how the order ended, in a run that was started before."""


class OutOfStock(ProviderError):
    """Not retryable: the inventory has too little stock."""


class UnknownSku(ProviderError):
    """Not retryable: the inventory does not know a SKU."""


class BadAddress(ProviderError):
    """Not retryable: the mail server permanently refuses the address."""


class ObjectMissing(ProviderError):
    """Not retryable: the object is not in the bucket."""


class NotAnImage(ProviderError):
    """Not retryable: the bytes are not a readable image or PDF."""


class ImageTooLarge(ProviderError):
    """Not retryable: more bytes, pixels or pages than the limits in ``config.Settings``."""


class TotalNotFound(ProviderError):
    """Not retryable: no total was found on the receipt. ``partial`` has the other fields."""

    def __init__(self, message: str, partial: ReceiptFields | None = None) -> None:
        super().__init__(message)
        self.partial = partial


class LanguageModelMisconfigured(ProviderError):
    """Not retryable: the endpoint refuses the key or does not know the model."""


class LanguageModelRefused(ProviderError):
    """Not retryable: the model declined to answer."""


class InvalidExpense(ProviderError):
    """Not retryable: a value that the table cannot store."""
