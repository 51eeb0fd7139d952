"""Payments over the small HTTP contract, with every answer checked against its request.

A charge with another amount, currency, order or key than requested is an error, never a
success. A refund finds its charge by the idempotency key, so a charge whose answer was lost
is refunded too.
"""

from models import AnswerText, Charge, ChargeRequest, Model, Refund, RefundRequest
from providers.errors import AnswerMismatch, ProviderError, UnexpectedAnswer
from providers.transport.http_api import HttpApi


class _Money(Model):
    transaction_id: AnswerText
    order_id: AnswerText
    amount_cents: int
    currency: AnswerText


class _Charged(_Money):
    idempotency_key: AnswerText


class _Refunded(_Money):
    refund_id: AnswerText


class _ChargeList(Model):
    data: tuple[_Charged, ...]


class _RefundList(Model):
    data: tuple[_Refunded, ...]


class _AlreadyRefunded(ProviderError):
    """The charge was refunded already, under another key."""


class HttpPayments:
    """``PaymentProvider`` over ``POST /charges``, ``GET /charges`` and ``POST /refunds``."""

    def __init__(self, api: HttpApi) -> None:
        self._api = api

    async def charge(self, request: ChargeRequest) -> Charge:
        """Charge the card once per idempotency key; see ``PaymentProvider.charge``."""
        charged = await self._api.send(
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
            secret=request.payment_token,
        )
        _check_key(charged, request.idempotency_key)
        _check_order(charged, request.order_id)
        _check_amount(charged, request.amount_cents, request.currency)
        return _as_charge(charged)

    async def find_charge(self, idempotency_key: str) -> Charge | None:
        """Return the charge made under this key, or None if there was none.

        Raises ProviderUnavailable while the API still processes a charge of this key; see
        ``PaymentProvider.find_charge``.
        """
        charged = await self._find(idempotency_key)
        return _as_charge(charged) if charged else None

    async def refund(self, request: RefundRequest) -> Refund:
        """Refund the charge of ``charge_idempotency_key`` in full, once.

        See ``PaymentProvider.refund``.
        """
        charged = await self._find(request.charge_idempotency_key)
        if charged is None:
            return Refund(refund_id=None, transaction_id=None)
        _check_order(charged, request.order_id)
        try:
            refunded = await self._api.send(
                "POST",
                "/refunds",
                _Refunded,
                body={
                    "transaction_id": charged.transaction_id,
                    "amount_cents": charged.amount_cents,
                    "currency": charged.currency,
                },
                idempotency_key=request.idempotency_key,
                refusals={"already_refunded": _AlreadyRefunded},
            )
        except _AlreadyRefunded:
            refunded = await self._existing_refund(charged)
        else:
            _check_amount(refunded, charged.amount_cents, charged.currency)
        if refunded.transaction_id != charged.transaction_id:
            raise AnswerMismatch(
                f"the refund is for {refunded.transaction_id}, not for {charged.transaction_id}"
            )
        return Refund(refund_id=refunded.refund_id, transaction_id=charged.transaction_id)

    async def _find(self, idempotency_key: str) -> _Charged | None:
        found = await self._api.send(
            "GET", "/charges", _ChargeList, query={"idempotency_key": idempotency_key}
        )
        for charged in found.data:
            _check_key(charged, idempotency_key)
        if len(found.data) > 1:
            raise AnswerMismatch(f"{len(found.data)} charges were made under {idempotency_key}")
        return found.data[0] if found.data else None

    async def _existing_refund(self, charged: _Charged) -> _Refunded:
        found = await self._api.send(
            "GET", "/refunds", _RefundList, query={"transaction_id": charged.transaction_id}
        )
        if not found.data:
            raise UnexpectedAnswer(
                f"{charged.transaction_id} is reported as refunded, but no refund is listed"
            )
        return found.data[-1]


def _as_charge(charged: _Charged) -> Charge:
    return Charge(
        transaction_id=charged.transaction_id,
        amount_cents=charged.amount_cents,
        currency=charged.currency,
    )


def _check_key(charged: _Charged, idempotency_key: str) -> None:
    if charged.idempotency_key != idempotency_key:
        raise AnswerMismatch(
            f"the charge has the key {charged.idempotency_key}, not {idempotency_key}"
        )


def _check_order(charged: _Money, order_id: str) -> None:
    if charged.order_id != order_id:
        raise AnswerMismatch(f"the charge is for order {charged.order_id}, not for {order_id}")


def _check_amount(money: _Money, amount_cents: int, currency: str) -> None:
    if (money.amount_cents, money.currency) != (amount_cents, currency):
        raise AnswerMismatch(
            f"requested {amount_cents} cents {currency}, but the answer says "
            f"{money.amount_cents} cents {money.currency}"
        )
