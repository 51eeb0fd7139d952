"""The Stripe SDK's connection to Stripe: over our bounded session, with our errors.

The SDK's own client follows redirects and reads a body of any size, and its error messages
may name the payment method.
"""

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import stripe
from yarl import URL

from config import Settings
from providers.errors import (
    IdempotencyKeyReused,
    InvalidRequest,
    PaymentDeclined,
    ProviderError,
    ProviderRateLimited,
    ProviderUnavailable,
    Unauthorized,
    UnexpectedAnswer,
)
from providers.transport.http_session import HttpSession
from providers.transport.retry_after import retry_after_seconds


class AlreadyRefunded(ProviderError):
    """The charge was refunded already, under another key or by hand."""


class StripeTransport(stripe.HTTPClient):
    """Sends the SDK's requests over our bounded session, whose errors pass through the SDK."""

    name = "bounded"

    def __init__(self, session: HttpSession) -> None:
        super().__init__()
        self._session = session

    async def request_async(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        post_data: Any = None,
    ) -> tuple[bytes, int, Mapping[str, str]]:
        """Send a request of the SDK; return body, status and headers.

        Raises ProviderUnavailable or UnexpectedAnswer, as ``HttpSession.exchange`` does.
        """
        answer = await self._session.exchange(
            method.upper(), URL(url, encoded=True), headers=headers, body=post_data
        )
        return answer.body, answer.status, answer.headers

    async def close_async(self) -> None:
        """Close the connections."""
        await self._session.close()


def stripe_client(settings: Settings, transport: StripeTransport) -> stripe.StripeClient:
    """Build the SDK's client without connecting; raise ValueError if the API key is not set."""
    if settings.stripe_api_key is None:
        raise ValueError("PAYMENT_PROVIDER is stripe, so STRIPE_API_KEY must be set")
    # The SDK logs Stripe's error messages, and those may name the payment method.
    logging.getLogger("stripe").setLevel(logging.WARNING)
    return stripe.StripeClient(
        settings.stripe_api_key.get_secret_value(),
        base_addresses={"api": settings.stripe_api_url.rstrip("/")},
        http_client=transport,
        max_network_retries=0,
    )


class AmountRefused(InvalidRequest):
    """Stripe takes no such amount, or not this currency."""


@contextmanager
def our_errors() -> Iterator[None]:
    """Raise the SDK's errors as ours, without Stripe's message, which may name the card."""
    try:
        yield
    except stripe.StripeError as error:
        raise _our_error(error) from None


def _our_error(error: stripe.StripeError) -> ProviderError:
    declined = getattr(error.error, "decline_code", None)
    details = declined or error.code or type(error).__name__
    said = f"Stripe answered {error.http_status} ({details}, request {error.request_id})"
    if isinstance(error, stripe.CardError):
        return PaymentDeclined(f"the card was declined ({details})")
    headers = error.headers or {}
    if isinstance(error, stripe.RateLimitError) or error.http_status == 429:
        return ProviderRateLimited(said, retry_after_seconds(headers))
    return _kind_of(error, headers)(said)


def _kind_of(error: stripe.StripeError, headers: Mapping[str, str]) -> type[ProviderError]:
    status = error.http_status or 0
    if status in (401, 403):
        return Unauthorized
    if status == 409 or status >= 500:
        # https://docs.stripe.com/error-low-level: "false" means that a retry cannot help.
        final = headers.get("Stripe-Should-Retry", "").lower() == "false"
        return InvalidRequest if final else ProviderUnavailable
    if status == 400 and getattr(error, "param", None) in ("amount", "currency"):
        return AmountRefused
    if error.code == "charge_already_refunded":
        return AlreadyRefunded
    for theirs, ours in (
        (stripe.IdempotencyError, IdempotencyKeyReused),
        (stripe.InvalidRequestError, InvalidRequest),
    ):
        if isinstance(error, theirs):
            return ours
    return UnexpectedAnswer
