"""Payments over the small HTTP contract, with every answer checked against its request.

A charge with another amount, currency, order or key than requested is an error, never a
success. A charge is looked for by its key before it is asked for, so that a provider which has
forgotten the key does not charge twice; a refund finds its charge in the same way, so one whose
answer was lost is refunded too. Before that, the key is closed for good: a request that is still on
its way would charge for what is undone.
"""

from models import (
    AnswerList,
    AnswerText,
    Charge,
    ChargeRequest,
    EffectLookup,
    Model,
    Payment,
    Refund,
    RefundRequest,
    money_as_text,
)
from providers.errors import (
    AnswerMismatch,
    InvalidRequest,
    PaymentUndone,
    ProviderError,
    ProviderUnavailable,
)
from providers.payments import refunds
from providers.transport.http_api import HttpApi


class _Money(Model):
    transaction_id: AnswerText
    order_id: AnswerText
    amount_cents: int
    currency: AnswerText


class _Charged(_Money):
    idempotency_key: AnswerText


class _Refunded(refunds.Refunded):
    transaction_id: AnswerText
    order_id: AnswerText


class _ChargeList(Model):
    data: AnswerList[_Charged]


class _RefundList(Model):
    data: AnswerList[_Refunded]


class _AlreadyRefunded(ProviderError):
    """The charge was refunded meanwhile, under another key."""


class HttpPayments:
    """``PaymentProvider`` over ``/charges`` and ``/refunds``; a payment is never opened first."""

    def __init__(self, api: HttpApi) -> None:
        self._api = api

    async def charge(self, request: ChargeRequest) -> Charge:
        """Charge the card once per idempotency key; see ``PaymentProvider.charge``."""
        made = await self._find("GET", request.idempotency_key)
        if len(made) > 1:
            raise _too_many(made, request.idempotency_key)
        charged = made[0] if made else await self._charge(request)
        _check_key(charged, request.idempotency_key)
        _check_order(charged, request.order_id)
        _check_amount(charged, request.amount_cents, request.currency)
        if made and (refund_ids := refunds.standing(await self._refunds_of(charged))):
            raise PaymentUndone(f"this payment was refunded as {refund_ids[-1]}")
        return _as_charge(charged).model_copy(update={"is_repeat": bool(made)})

    async def find_charge(self, lookup: EffectLookup) -> Charge | None:
        """Return the charge made under this key; None if there was none, or it was refunded.

        Raises ProviderUnavailable while the API still processes a charge of this key; see
        ``PaymentProvider.find_charge``.
        """
        made = await self._find("GET", lookup.idempotency_key)
        if len(made) > 1:
            raise _too_many(made, lookup.idempotency_key)
        if not made or refunds.standing(await self._refunds_of(made[0])):
            return None
        return _as_charge(made[0])

    async def payments_of(self, lookup: EffectLookup) -> tuple[Payment, ...]:
        """Return every charge under this key; see ``PaymentProvider.payments_of``."""
        return tuple(
            [
                refunds.as_payment(
                    charged.transaction_id,
                    charged.amount_cents,
                    charged.currency,
                    await self._refunds_of(charged),
                )
                for charged in await self._find("GET", lookup.idempotency_key)
            ]
        )

    async def refund(self, request: RefundRequest) -> Refund:
        """Refund whatever was charged under ``charge_idempotency_key`` in full, once.

        See ``PaymentProvider.refund``.
        """
        made = await self._close(request.charge_idempotency_key)
        refund = Refund(refund_id=None, transaction_id=None)
        for number, charged in enumerate(made):
            _check_order(charged, request.order_id)
            # More than one is what a provider that forgot a key has charged: all goes back.
            own_key = f"{request.idempotency_key}:{charged.transaction_id}"
            refund = await self._refund(charged, own_key if number else request.idempotency_key)
        return refund

    async def _charge(self, request: ChargeRequest) -> _Charged:
        return await self._api.send(
            "POST",
            "/charges",
            _Charged,
            body={
                "order_id": request.order_id,
                "amount_cents": request.amount_cents,
                "currency": request.currency,
                "payment_token": request.payment_token.get_secret_value(),
            },
            idempotency_key=request.idempotency_key,
            refusals={"payment_cancelled": PaymentUndone},
            secret=request.payment_token,
        )

    async def _refund(self, charged: _Charged, idempotency_key: str) -> Refund:
        made = await self._refunds_of(charged)
        owed = refunds.still_owed(made, charged.amount_cents, charged.currency)
        if owed == 0:
            return Refund(
                refund_id=refunds.standing(made)[-1],
                transaction_id=charged.transaction_id,
                is_repeat=True,
            )
        try:
            refunded = await self._api.send(
                "POST",
                "/refunds",
                _Refunded,
                body={
                    "transaction_id": charged.transaction_id,
                    "amount_cents": owed,
                    "currency": charged.currency,
                },
                idempotency_key=refunds.key_of_next(idempotency_key, made),
                refusals={"already_refunded": _AlreadyRefunded},
            )
        except _AlreadyRefunded:
            raise ProviderUnavailable(
                f"{charged.transaction_id} was refunded meanwhile: its refunds are read again"
            ) from None
        _check_amount(refunded, owed, charged.currency)
        _check_transaction(refunded, charged)
        refunds.check_end(refunded)
        return Refund(refund_id=refunded.refund_id, transaction_id=charged.transaction_id)

    async def _close(self, idempotency_key: str) -> tuple[_Charged, ...]:
        """Return the charges of a key after which no more follow."""
        made = await self._find("GET", idempotency_key)
        try:
            late = await self._find("DELETE", idempotency_key)
        except InvalidRequest:
            if not made:
                raise
            # An API that cannot close a key has at least to give back what it has charged.
            return made
        return tuple({charged.transaction_id: charged for charged in (*made, *late)}.values())

    async def _find(self, method: str, idempotency_key: str) -> tuple[_Charged, ...]:
        """Return the charges of a key; with DELETE, close the key."""
        found = await self._api.send(
            method, "/charges", _ChargeList, query={"idempotency_key": idempotency_key}
        )
        for charged in found.data:
            _check_key(charged, idempotency_key)
        if len({charged.transaction_id for charged in found.data}) < len(found.data):
            raise AnswerMismatch(f"a charge under {idempotency_key} is listed more than once")
        return found.data

    async def _refunds_of(self, charged: _Charged) -> tuple[_Refunded, ...]:
        found = await self._api.send(
            "GET", "/refunds", _RefundList, query={"transaction_id": charged.transaction_id}
        )
        for refunded in found.data:
            _check_transaction(refunded, charged)
        return found.data


def _as_charge(charged: _Charged) -> Charge:
    return Charge(
        transaction_id=charged.transaction_id,
        amount_cents=charged.amount_cents,
        currency=charged.currency,
    )


def _too_many(made: tuple[_Charged, ...], idempotency_key: str) -> AnswerMismatch:
    return AnswerMismatch(f"{len(made)} charges were made under {idempotency_key}")


def _check_key(charged: _Charged, idempotency_key: str) -> None:
    if charged.idempotency_key != idempotency_key:
        raise AnswerMismatch(
            f"the charge has the key {charged.idempotency_key}, not {idempotency_key}"
        )


def _check_transaction(refunded: _Refunded, charged: _Charged) -> None:
    if refunded.transaction_id != charged.transaction_id:
        raise AnswerMismatch(
            f"the refund is for {refunded.transaction_id}, not for {charged.transaction_id}"
        )


def _check_order(charged: _Money, order_id: str) -> None:
    if charged.order_id != order_id:
        raise AnswerMismatch(f"the charge is for order {charged.order_id}, not for {order_id}")


def _check_amount(money: _Money | _Refunded, amount_cents: int, currency: str) -> None:
    if (money.amount_cents, money.currency) != (amount_cents, currency):
        raise AnswerMismatch(
            f"requested {money_as_text(amount_cents, currency)}, but the answer says "
            f"{money_as_text(money.amount_cents, money.currency)}"
        )
