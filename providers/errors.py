"""What can go wrong at a provider, in the three kinds that a retry policy needs.

Without this split every failure would be retried alike: a declined card five times,
an outage not at all. A provider never retries on its own; it raises one of these and
Temporal decides by ``activities/policies.py``, which names the classes never retried.
Messages are read by people: no secret, no card token, no whole e-mail address.
"""

from models import ReceiptFields


class ProviderError(Exception):
    """Base of everything a provider raises on purpose."""

    retry_after_seconds: float | None = None


class ProviderUnavailable(ProviderError):
    """Worth retrying: no connection, no answer in time, or an answer of 5xx."""


class ProviderRateLimited(ProviderError):
    """Worth retrying, but not before ``retry_after_seconds`` (the provider's Retry-After)."""

    def __init__(self, message: str, retry_after_seconds: float | None = None) -> None:
        super().__init__(message)
        self.retry_after_seconds = retry_after_seconds


class UnexpectedAnswer(ProviderError):
    """Worth retrying: the answer cannot be read, such as HTML from a proxy or a missing field."""


class AnswerMismatch(ProviderError):
    """Never worth retrying: the provider did something other than it was asked to."""


class Unauthorized(ProviderError):
    """The provider refuses our credentials; an operator can repair that while we retry."""


class InvalidRequest(ProviderError):
    """Never worth retrying: the provider calls the request itself wrong."""


class IdempotencyKeyReused(ProviderError):
    """Never worth retrying: the key was used before with other content."""


class PaymentDeclined(ProviderError):
    """Never worth retrying: the card was declined."""


class OutOfStock(ProviderError):
    """Never worth retrying: the inventory does not have what was asked for."""


class UnknownSku(ProviderError):
    """Never worth retrying: the inventory does not know a SKU."""


class BadAddress(ProviderError):
    """Never worth retrying: the mail server refuses the address for good."""


class ObjectMissing(ProviderError):
    """Never worth retrying: the bucket does not hold the object."""


class NotAnImage(ProviderError):
    """Never worth retrying: the bytes are not an image that can be read."""


class ImageTooLarge(ProviderError):
    """Never worth retrying: more bytes or pixels than the limits in ``config.Settings``."""


class TotalNotFound(ProviderError):
    """Never worth retrying: no total on the receipt. ``partial`` is what else was read."""

    def __init__(self, message: str, partial: ReceiptFields | None = None) -> None:
        super().__init__(message)
        self.partial = partial


class LanguageModelMisconfigured(ProviderError):
    """Never worth retrying: the endpoint refuses the key or does not know the model."""


class LanguageModelRefused(ProviderError):
    """Never worth retrying: the model declined to answer."""


class InvalidExpense(ProviderError):
    """Never worth retrying: a value that the table can never hold."""
