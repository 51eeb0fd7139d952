"""Payments through Stripe's PaymentIntents, without the retries of its SDK.

What Stripe guarantees, and what follows:

- A key returns its first answer again, also a decline and a 500, for at least 24 hours, and may
  be forgotten then; the same key with other content is an error. So no key keeps a charge from
  being made twice: a payment is opened unconfirmed, which moves no money; the run keeps its id,
  and confirms that one, which Stripe does once. A confirmed intent is retrieved instead.
  (https://docs.stripe.com/api/idempotent_requests)
- An intent that is cancelled can never be confirmed. So "there was nothing" is said only after
  every intent of the key is cancelled; one that is being processed is waited for.
  (https://docs.stripe.com/payments/paymentintents/lifecycle)
- Search lags by up to a minute, in an outage by up to an hour; the list does not lag, nor does
  an intent that is retrieved by its id. So an intent that search does not find is looked for in
  the list of the last two hours.
  (https://docs.stripe.com/search#data-freshness)
- A refund may be pending for days, and then fail. (https://docs.stripe.com/refunds)

Amounts of requests and charges are in minor units by ISO 4217, those of intents and their refunds
as Stripe counts (``stripe_amounts.py``).
"""

from collections.abc import Sequence
from contextlib import suppress

from config import Settings
from models import Charge, ChargeRequest, EffectLookup, Payment, Refund, RefundRequest
from providers.errors import (
    AnswerMismatch,
    IdempotencyKeyReused,
    InvalidRequest,
    PaymentDeclined,
    PaymentUndone,
    ProviderUnavailable,
)
from providers.payments import refunds
from providers.payments.stripe_amounts import from_stripe, to_stripe
from providers.payments.stripe_intents import Intent, StripeIntents
from providers.payments.stripe_wire import AmountRefused, StripeTransport, stripe_client
from providers.transport.http_session import HttpSession


class StripePayments:
    """``PaymentProvider`` on PaymentIntents; ``payment_token`` is a PaymentMethod's id."""

    def __init__(self, settings: Settings, session: HttpSession | None = None) -> None:
        """Build the client without connecting; raises ValueError if the API key is not set."""
        self._transport = StripeTransport(session or HttpSession())
        self._intents = StripeIntents(stripe_client(settings, self._transport))

    async def charge(self, request: ChargeRequest) -> Charge:
        """Open a payment, or confirm the one that was opened; see ``PaymentProvider.charge``.

        One request opens and confirms if it may not open only: it comes from a worker of an
        earlier version.
        """
        if request.payment_id is not None:
            return await self._confirm(request, request.payment_id)
        intent = await self._open(request)
        if not request.may_open:
            return await self._confirm(request, intent.id)
        return _as_charge(intent, is_confirmed=False)

    async def find_charge(self, lookup: EffectLookup) -> Charge | None:
        """Return the charge made under this key; None if there was none, or it was refunded.

        See ``PaymentProvider.find_charge``.
        """
        found = await self._intents.of(lookup.idempotency_key, lookup.payment_id)
        intent = _the_one_that_counts(found, lookup.idempotency_key)
        if intent is None or not _has_charged(intent):
            return None
        if refunds.standing(await self._intents.refunds_of(intent)):
            return None
        return _as_charge(intent)

    async def payments_of(self, lookup: EffectLookup) -> tuple[Payment, ...]:
        """Return every payment that was made under this key; see ``PaymentProvider.payments_of``.

        One that was only opened, or cancelled, has moved no money.
        """
        found = await self._intents.of(lookup.idempotency_key, lookup.payment_id)
        return tuple(
            [
                _as_payment(intent, await self._intents.refunds_of(intent))
                for intent in found
                if _has_charged(intent)
            ]
        )

    async def refund(self, request: RefundRequest) -> Refund:
        """Refund what was charged in full, and cancel what was only opened.

        See ``PaymentProvider.refund``.
        """
        key = request.charge_idempotency_key
        found = await self._intents.of(key, request.payment_id)
        if not found:
            # A request on its way would still open one, and one of an earlier version would
            # confirm it: the key is used up by an intent that is cancelled.
            found = await self._closed(request)
        for intent in found:
            _check_intent(intent, key, request.order_id)
        refund = Refund(refund_id=None, transaction_id=None)
        settled = [await self._settled(intent) for intent in found]
        charged = [intent for intent in settled if intent.status == "succeeded"]
        for number, intent in enumerate(charged):
            # More than one was charged where a key was forgotten: all goes back.
            own_key = f"{request.idempotency_key}:{intent.id}"
            refund = await self._refund(intent, own_key if number else request.idempotency_key)
        return refund

    async def answers(self) -> None:
        """Ask for a payment that nobody made; raises Unauthorized or a retryable error."""
        with suppress(InvalidRequest):  # there is none
            await self._intents.retrieve("pi_of_nobody")

    async def close(self) -> None:
        """Close the connections."""
        await self._transport.close_async()

    # --- opening and confirming ------------------------------------------------------------------

    async def _open(self, request: ChargeRequest) -> Intent:
        """Return the intent of the request's key; make one, unconfirmed, if there is none."""
        amount = to_stripe(request.amount_cents, request.currency)
        found = await self._existing(request)
        if found is None:
            try:
                found = await self._intents.create(
                    request.idempotency_key,
                    request.order_id,
                    amount,
                    request.currency,
                    request.payment_token,
                )
            except AmountRefused as refused:
                raise InvalidRequest(str(refused)) from None
            except IdempotencyKeyReused:
                # Made meanwhile by a worker of an earlier version, or really with other content.
                found = await self._existing(request)
                if found is None:
                    raise
        _check_request(found, request)
        return found

    async def _existing(self, request: ChargeRequest) -> Intent | None:
        found = await self._intents.of(request.idempotency_key)
        return _the_one_that_counts(found, request.idempotency_key)

    async def _confirm(self, request: ChargeRequest, intent_id: str) -> Charge:
        is_repeat = False
        try:
            intent = await self._intents.confirm(intent_id)
        except InvalidRequest:
            is_repeat = True
            # So Stripe also refuses what needs no confirmation any more.
            intent = await self._intents.retrieve(intent_id)
            if intent.status == "requires_confirmation":
                raise
            if intent.status == "succeeded" and (
                refund_ids := refunds.standing(await self._intents.refunds_of(intent))
            ):
                raise PaymentUndone(f"this payment was refunded as {refund_ids[-1]}") from None
        if intent.status == "processing":
            intent = await self._intents.retrieve(intent_id)
        _check_request(intent, request)
        if not _has_charged(intent):
            raise PaymentDeclined(f"the payment {intent.id} ended as {intent.status}")
        return _as_charge(intent).model_copy(update={"is_repeat": is_repeat})

    # --- undoing ---------------------------------------------------------------------------------

    async def _closed(self, request: RefundRequest) -> list[Intent]:
        key = request.charge_idempotency_key
        try:
            amount = to_stripe(request.amount_cents, request.currency)
        except InvalidRequest:
            return []  # so it was never sent
        try:
            return [await self._intents.create(key, request.order_id, amount, request.currency)]
        except AmountRefused:
            # As in every request for this charge: none opens anything.
            return await self._intents.of(key)
        except IdempotencyKeyReused:
            # Used up by a request that is over, or Stripe would say that it is being worked on. If
            # that made no intent, none comes of it.
            return await self._intents.of(key)

    async def _settled(self, intent: Intent) -> Intent:
        """Return the intent as it stays: charged, or else cancelled, so that it never is."""
        if intent.status == "canceled" or _has_charged(intent):
            return intent
        try:
            return await self._intents.cancel(intent.id)
        except InvalidRequest:
            intent = await self._intents.retrieve(intent.id)
        if intent.status == "canceled" or _has_charged(intent):
            return intent
        raise ProviderUnavailable(f"the payment {intent.id} cannot be cancelled: {intent.status}")

    async def _refund(self, intent: Intent, idempotency_key: str) -> Refund:
        made = await self._intents.refunds_of(intent)
        owed = refunds.still_owed(made, intent.amount_received, intent.currency)
        if owed == 0:
            return Refund(
                refund_id=refunds.standing(made)[-1], transaction_id=intent.id, is_repeat=True
            )
        refunded = await self._intents.refund(
            intent, owed, refunds.key_of_next(idempotency_key, made)
        )
        refunds.check_end(refunded)
        return Refund(refund_id=refunded.refund_id, transaction_id=intent.id)


def _the_one_that_counts(found: list[Intent], idempotency_key: str) -> Intent | None:
    """Return the intent by which this payment is made or was undone, of all that were opened."""
    charged = [intent for intent in found if intent.status == "succeeded"]
    if len(charged) > 1:
        raise AnswerMismatch(f"{len(charged)} payments were made under {idempotency_key}")
    rank = {"succeeded": 0, "processing": 1, "canceled": 2}
    # Of several that are merely open any will do, but always the same one: the oldest.
    return min(found, key=lambda intent: rank.get(intent.status, 3), default=None)


def _has_charged(intent: Intent) -> bool:
    if intent.status == "processing":
        raise ProviderUnavailable(f"the payment {intent.id} is being processed by Stripe")
    return intent.status == "succeeded"


def _check_intent(intent: Intent, idempotency_key: str, order_id: str) -> None:
    theirs = (intent.metadata.idempotency_key, intent.metadata.order_id)
    if theirs != (idempotency_key, order_id):
        raise AnswerMismatch(
            f"the payment {intent.id} is for order {theirs[1]} (key {theirs[0]}), "
            f"not for {order_id} (key {idempotency_key})"
        )


def _check_request(intent: Intent, request: ChargeRequest) -> None:
    """Raise an error unless the intent is of this request, for its amount, and may be paid."""
    _check_intent(intent, request.idempotency_key, request.order_id)
    asked = (to_stripe(request.amount_cents, request.currency), request.currency.lower())
    received = intent.amount_received if intent.status == "succeeded" else intent.amount
    if (received, intent.currency) != asked:
        raise AnswerMismatch(
            f"requested {asked[0]} {asked[1]}, but {intent.id} says {received} {intent.currency}"
        )
    if intent.status == "canceled":
        raise PaymentUndone(f"this payment was cancelled ({intent.id})")


def _as_payment(intent: Intent, made: Sequence[refunds.Refunded]) -> Payment:
    currency = intent.currency.upper()
    counted = refunds.as_payment(intent.id, intent.amount_received, currency, made)
    return counted.model_copy(
        update={
            "amount_cents": from_stripe(counted.amount_cents, currency),
            "refunded_cents": from_stripe(counted.refunded_cents, currency),
        }
    )


def _as_charge(intent: Intent, is_confirmed: bool = True) -> Charge:
    currency = intent.currency.upper()
    amount = intent.amount_received if is_confirmed else intent.amount
    return Charge(
        transaction_id=intent.id,
        amount_cents=from_stripe(amount, currency),
        currency=currency,
        is_confirmed=is_confirmed,
    )
