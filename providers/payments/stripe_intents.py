"""Stripe's calls on payment intents and their refunds: one request each, its answer checked."""

import json
import time
from collections.abc import AsyncIterator
from typing import cast

import stripe
from pydantic import ConfigDict, Field, SecretStr, ValidationError

from models import AnswerList, AnswerText, Model
from providers.errors import AnswerMismatch, ProviderUnavailable, UnexpectedAnswer
from providers.payments import refunds
from providers.payments.stripe_wire import AlreadyRefunded, our_errors
from providers.transport.http_api import Answer

SEARCH_LAG_SECONDS = 2 * 3_600
"""How far back the list is read: twice the longest lag of Stripe's search, in seconds."""


class _Metadata(Model):
    order_id: AnswerText
    idempotency_key: AnswerText


class Intent(Model):
    """A payment intent of ours. Amounts are as Stripe counts, ``created`` in seconds (UTC)."""

    id: AnswerText
    status: AnswerText
    amount: int
    amount_received: int
    currency: AnswerText
    created: int = 0
    metadata: _Metadata


class Refunded(refunds.Refunded):
    """A refund of an intent; its amount is as Stripe counts."""

    refund_id: AnswerText = Field(alias="id")
    amount_cents: int = Field(alias="amount")
    status: AnswerText
    payment_intent: AnswerText


class _RefundList(Model):
    data: AnswerList[Refunded]


class _Listed(Model):
    """Any payment of the account, also one that was not made by us."""

    model_config = ConfigDict(extra="allow")

    id: AnswerText
    metadata: dict[str, str] | None = None


class _List(Model):
    data: AnswerList[_Listed]
    has_more: bool = False


class StripeIntents:
    """The calls, each raising our errors; none retries."""

    def __init__(self, client: stripe.StripeClient) -> None:
        self._intents = client.v1.payment_intents
        self._refunds = client.v1.refunds

    async def create(
        self,
        key: str,
        order_id: str,
        amount: int,
        currency: str,
        payment_token: SecretStr | None = None,
    ) -> Intent:
        """Create an intent that is not confirmed, so that it moves no money.

        Raises AmountRefused if Stripe takes no such amount or currency.
        """
        params = {
            "amount": amount,
            "currency": currency.lower(),
            "automatic_payment_methods": {"enabled": True, "allow_redirects": "never"},
            "metadata": {"order_id": order_id, "idempotency_key": key},
        }
        if payment_token is not None:
            params["payment_method"] = payment_token.get_secret_value()
        with our_errors():
            created = await self._intents.create_async(
                params=cast(stripe.params.PaymentIntentCreateParams, params),
                options={"idempotency_key": key},
            )
        return read_answer(Intent, created)

    async def retrieve(self, intent_id: str) -> Intent:
        """Return the intent as it is now."""
        with our_errors():
            return read_answer(Intent, await self._intents.retrieve_async(intent_id))

    async def confirm(self, intent_id: str) -> Intent:
        """Confirm the intent: Stripe charges the card, or has an error if it did so before.

        Without a key of ours: under a key, Stripe would answer a fault of its own again and again.
        """
        with our_errors():
            # No customer is present to authenticate: decline such a card at once.
            confirmed = await self._intents.confirm_async(
                intent_id, params={"error_on_requires_action": True}
            )
        return read_answer(Intent, confirmed)

    async def cancel(self, intent_id: str) -> Intent:
        """Cancel the intent, which then can never be confirmed."""
        with our_errors():
            return read_answer(Intent, await self._intents.cancel_async(intent_id))

    async def of(self, idempotency_key: str, known_id: str | None = None) -> list[Intent]:
        """Return all intents that were opened under a key, the oldest first, as they are now.

        The one whose id is known is among them even where search and list do not find it.
        """
        quoted = idempotency_key.replace("\\", "\\\\").replace("'", "\\'")
        with our_errors():
            searched = await self._intents.search_async(
                params={"query": f"metadata['idempotency_key']:'{quoted}'", "limit": 100}
            )
        old = {intent.id for intent in _made_under(idempotency_key, read_answer(_List, searched))}
        found = {
            intent.id: intent
            async for page in self._recent_pages()
            for intent in _made_under(idempotency_key, page)
        }
        # What search says of an intent may be as old as its index.
        for intent_id in (old | {known_id} if known_id else old) - set(found):
            found[intent_id] = await self.retrieve(intent_id)
        # Seconds tie, and what is listed has the newest first.
        backwards = list(found.values())[::-1]
        return sorted(backwards, key=lambda intent: intent.created)

    async def refunds_of(self, intent: Intent) -> tuple[Refunded, ...]:
        """Return all refunds of the intent, oldest first, those that failed too."""
        with our_errors():
            found = await self._refunds.list_async(
                params={"payment_intent": intent.id, "limit": 100}
            )
        listed = read_answer(_RefundList, found).data
        for refunded in listed:
            _check_intent_of(refunded, intent)
        return listed[::-1]

    async def refund(self, intent: Intent, amount: int, key: str) -> Refunded:
        """Refund an amount of the intent."""
        try:
            with our_errors():
                made = await self._refunds.create_async(
                    params={"payment_intent": intent.id, "amount": amount},
                    options={"idempotency_key": key},
                )
        except AlreadyRefunded:
            raise ProviderUnavailable(
                f"{intent.id} was refunded meanwhile: its refunds are read again"
            ) from None
        refunded = read_answer(Refunded, made)
        if (refunded.amount_cents, refunded.currency) != (amount, intent.currency):
            raise AnswerMismatch(
                f"requested a refund of {amount} {intent.currency}, but "
                f"{refunded.refund_id} says {refunded.amount_cents} {refunded.currency}"
            )
        _check_intent_of(refunded, intent)
        return refunded

    async def _recent_pages(self) -> AsyncIterator[_List]:
        params: stripe.params.PaymentIntentListParams = {
            "created": {"gte": int(time.time()) - SEARCH_LAG_SECONDS},
            "limit": 100,
        }
        more = True
        while more:
            with our_errors():
                page = read_answer(_List, await self._intents.list_async(params=params))
            yield page
            more = page.has_more and bool(page.data)
            if more:
                params["starting_after"] = page.data[-1].id


def read_answer(model: type[Answer], answer: object) -> Answer:
    """Return the SDK's answer as a model; raise UnexpectedAnswer."""
    content = answer.to_dict() if isinstance(answer, stripe.StripeObject) else answer
    try:
        return model.model_validate_json(json.dumps(content), strict=True)
    except ValidationError as error:
        fields = ", ".join(".".join(map(str, problem["loc"])) for problem in error.errors())
        raise UnexpectedAnswer(f"Stripe's answer cannot be read: {fields or 'body'}") from None


def _made_under(idempotency_key: str, found: _List) -> list[Intent]:
    return [
        read_answer(Intent, listed.model_dump())
        for listed in found.data
        if (listed.metadata or {}).get("idempotency_key") == idempotency_key
    ]


def _check_intent_of(refunded: Refunded, intent: Intent) -> None:
    if refunded.payment_intent != intent.id:
        raise AnswerMismatch(
            f"{refunded.refund_id} refunds {refunded.payment_intent}, not {intent.id}"
        )
