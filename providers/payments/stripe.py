"""Payments through Stripe's PaymentIntents, without the retries of its SDK.

What Stripe guarantees, and what follows:

- A key returns its first answer again, also a decline and a 500, for at least 24 hours; the
  same key with other content is an error. All our retries of a charge happen within that
  time. A refund that is retried later is refused as a second one, and the first is returned.
  (https://docs.stripe.com/api/idempotent_requests)
- Search lags by up to a minute, in an outage by up to an hour; the list does not lag. So a
  charge that search does not find is looked for in the list of the last two hours.
  (https://docs.stripe.com/search#data-freshness)
- A request that Stripe is still processing appears in neither, so a charge is looked for only
  after its own call has ended or timed out.

Amounts are in the smallest unit of the currency (minor units), as Stripe counts.
"""

import json
import logging
import time
from collections.abc import AsyncIterator

import stripe
from pydantic import ConfigDict, ValidationError

from config import Settings
from models import AnswerText, Charge, ChargeRequest, Model, Refund, RefundRequest
from providers.errors import (
    AnswerMismatch,
    InvalidRequest,
    PaymentDeclined,
    ProviderUnavailable,
    UnexpectedAnswer,
)
from providers.payments.stripe_wire import AlreadyRefunded, StripeTransport, our_errors
from providers.transport.http_api import Answer
from providers.transport.http_session import HttpSession

SEARCH_LAG_SECONDS = 2 * 3_600
"""How far back the list is read: twice the longest lag of Stripe's search, in seconds."""


class _Metadata(Model):
    order_id: AnswerText
    idempotency_key: AnswerText


class _Intent(Model):
    id: AnswerText
    status: AnswerText
    amount_received: int
    currency: AnswerText
    metadata: _Metadata


class _Refunded(Model):
    id: AnswerText
    status: AnswerText
    amount: int
    currency: AnswerText
    payment_intent: AnswerText


class _RefundList(Model):
    data: tuple[_Refunded, ...]


class _Listed(Model):
    """Any payment of the account, also one that was not made by us."""

    model_config = ConfigDict(extra="allow")

    id: AnswerText
    metadata: dict[str, str] | None = None


class _List(Model):
    data: tuple[_Listed, ...]
    has_more: bool = False


class StripePayments:
    """``PaymentProvider`` on PaymentIntents; ``payment_token`` is a PaymentMethod's id."""

    def __init__(self, settings: Settings, session: HttpSession | None = None) -> None:
        """Build the client without connecting; raises ValueError if the API key is not set."""
        if settings.stripe_api_key is None:
            raise ValueError("PAYMENT_PROVIDER is stripe, so STRIPE_API_KEY must be set")
        # The SDK logs Stripe's error messages, and those may name the payment method.
        logging.getLogger("stripe").setLevel(logging.WARNING)
        self._transport = StripeTransport(session or HttpSession())
        self._client = stripe.StripeClient(
            settings.stripe_api_key.get_secret_value(),
            base_addresses={"api": settings.stripe_api_url.rstrip("/")},
            http_client=self._transport,
            max_network_retries=0,
        )

    async def charge(self, request: ChargeRequest) -> Charge:
        """Charge the card once per idempotency key; see ``PaymentProvider.charge``."""
        with our_errors():
            created = await self._client.v1.payment_intents.create_async(
                params={
                    "amount": request.amount_cents,
                    "currency": request.currency.lower(),
                    "payment_method": request.payment_token.get_secret_value(),
                    "automatic_payment_methods": {"enabled": True, "allow_redirects": "never"},
                    "confirm": True,
                    # No customer is present to authenticate: decline such a card at once.
                    "error_on_requires_action": True,
                    "metadata": {
                        "order_id": request.order_id,
                        "idempotency_key": request.idempotency_key,
                    },
                },
                options={"idempotency_key": request.idempotency_key},
            )
        intent = _read(_Intent, created)
        _check_intent(intent, request.idempotency_key, request.order_id)
        if intent.status == "processing":
            # A retry would only replay this answer, so ask for the current state.
            with our_errors():
                intent = _read(
                    _Intent, await self._client.v1.payment_intents.retrieve_async(intent.id)
                )
        if not _has_charged(intent):
            raise PaymentDeclined(f"the payment {intent.id} ended as {intent.status}")
        asked = (request.amount_cents, request.currency.lower())
        if (intent.amount_received, intent.currency) != asked:
            raise AnswerMismatch(
                f"requested {request.amount_cents} {request.currency}, but {intent.id} says "
                f"{intent.amount_received} {intent.currency}"
            )
        return _as_charge(intent)

    async def find_charge(self, idempotency_key: str) -> Charge | None:
        """Return the charge made under this key, or None if there was none.

        See ``PaymentProvider.find_charge``.
        """
        intent = await self._find(idempotency_key)
        return _as_charge(intent) if intent else None

    async def refund(self, request: RefundRequest) -> Refund:
        """Refund the charge of ``charge_idempotency_key`` in full, once.

        See ``PaymentProvider.refund``. Raises InvalidRequest also if Stripe answers that the
        refund failed or was canceled.
        """
        intent = await self._find(request.charge_idempotency_key)
        if intent is None:
            return Refund(refund_id=None, transaction_id=None)
        _check_intent(intent, request.charge_idempotency_key, request.order_id)
        try:
            with our_errors():
                made = await self._client.v1.refunds.create_async(
                    params={"payment_intent": intent.id, "amount": intent.amount_received},
                    options={"idempotency_key": request.idempotency_key},
                )
        except AlreadyRefunded:
            refunded = await self._existing_refund(intent)
        else:
            refunded = _read(_Refunded, made)
            if (refunded.amount, refunded.currency) != (intent.amount_received, intent.currency):
                raise AnswerMismatch(
                    f"requested a refund of {intent.amount_received} {intent.currency}, but "
                    f"{refunded.id} says {refunded.amount} {refunded.currency}"
                )
        if refunded.payment_intent != intent.id:
            raise AnswerMismatch(
                f"{refunded.id} refunds {refunded.payment_intent}, not {intent.id}"
            )
        if refunded.status in ("failed", "canceled"):
            raise InvalidRequest(f"the refund {refunded.id} of {intent.id} is {refunded.status}")
        return Refund(refund_id=refunded.id, transaction_id=intent.id)

    async def close(self) -> None:
        """Close the connections."""
        await self._transport.close_async()

    async def _find(self, idempotency_key: str) -> _Intent | None:
        quoted = idempotency_key.replace("\\", "\\\\").replace("'", "\\'")
        with our_errors():
            found = await self._client.v1.payment_intents.search_async(
                params={"query": f"metadata['idempotency_key']:'{quoted}'", "limit": 100}
            )
        charged = _charged_under(idempotency_key, _read(_List, found))
        if not charged:
            charged = [
                intent
                async for page in self._recent_pages()
                for intent in _charged_under(idempotency_key, page)
            ]
        if len(charged) > 1:
            raise AnswerMismatch(f"{len(charged)} payments were made under {idempotency_key}")
        return charged[0] if charged else None

    async def _recent_pages(self) -> AsyncIterator["_List"]:
        params: stripe.params.PaymentIntentListParams = {
            "created": {"gte": int(time.time()) - SEARCH_LAG_SECONDS},
            "limit": 100,
        }
        more = True
        while more:
            with our_errors():
                page = _read(_List, await self._client.v1.payment_intents.list_async(params=params))
            yield page
            more = page.has_more and bool(page.data)
            if more:
                params["starting_after"] = page.data[-1].id

    async def _existing_refund(self, intent: _Intent) -> _Refunded:
        with our_errors():
            found = await self._client.v1.refunds.list_async(
                params={"payment_intent": intent.id, "limit": 100}
            )
        refunds = _read(_RefundList, found).data
        standing = [refund for refund in refunds if refund.status not in ("failed", "canceled")]
        if not standing:
            raise UnexpectedAnswer(f"{intent.id} is reported as refunded, but no refund is listed")
        return standing[0]


def _read(model: type[Answer], answer: object) -> Answer:
    content = answer.to_dict() if isinstance(answer, stripe.StripeObject) else answer
    try:
        return model.model_validate_json(json.dumps(content), strict=True)
    except ValidationError as error:
        fields = ", ".join(".".join(map(str, problem["loc"])) for problem in error.errors())
        raise UnexpectedAnswer(f"Stripe's answer cannot be read: {fields or 'body'}") from None


def _charged_under(idempotency_key: str, found: _List) -> list[_Intent]:
    ours = [
        _read(_Intent, listed.model_dump())
        for listed in found.data
        if (listed.metadata or {}).get("idempotency_key") == idempotency_key
    ]
    return [intent for intent in ours if _has_charged(intent)]


def _has_charged(intent: _Intent) -> bool:
    if intent.status == "processing":
        raise ProviderUnavailable(f"the payment {intent.id} is being processed by Stripe")
    return intent.status == "succeeded"


def _check_intent(intent: _Intent, idempotency_key: str, order_id: str) -> None:
    theirs = (intent.metadata.idempotency_key, intent.metadata.order_id)
    if theirs != (idempotency_key, order_id):
        raise AnswerMismatch(
            f"the payment {intent.id} is for order {theirs[1]} (key {theirs[0]}), "
            f"not for {order_id} (key {idempotency_key})"
        )


def _as_charge(intent: _Intent) -> Charge:
    return Charge(
        transaction_id=intent.id,
        amount_cents=intent.amount_received,
        currency=intent.currency.upper(),
    )
