"""Payments over the small HTTP contract: money is believed only as far as the answer agrees.

A charge of another amount, currency, order or key than asked is an error and never a
success; a refund finds its charge by the key, so that one whose answer was lost counts too.
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
    """The refund exists, made under another key."""


class HttpPayments:
    """``PaymentProvider`` over ``POST /charges``, ``GET /charges`` and ``POST /refunds``."""

    def __init__(self, api: HttpApi) -> None:
        self._api = api

    async def charge(self, request: ChargeRequest) -> Charge:
        """Charge the card once per idempotency key."""
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
        """Give the charge made under this key, or None if there never was one.

        Raises ProviderUnavailable while a charge of this key is being worked on.
        """
        charged = await self._find(idempotency_key)
        return _as_charge(charged) if charged else None

    async def refund(self, request: RefundRequest) -> Refund:
        """Refund in full what was charged under ``charge_idempotency_key``, once."""
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
                f"the refund is of {refunded.transaction_id}, not of {charged.transaction_id}"
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
                f"{charged.transaction_id} is said to be refunded, but no refund is listed"
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
            f"the charge is of the key {charged.idempotency_key}, not {idempotency_key}"
        )


def _check_order(charged: _Money, order_id: str) -> None:
    if charged.order_id != order_id:
        raise AnswerMismatch(f"the charge is of the order {charged.order_id}, not {order_id}")


def _check_amount(money: _Money, amount_cents: int, currency: str) -> None:
    if (money.amount_cents, money.currency) != (amount_cents, currency):
        raise AnswerMismatch(
            f"{amount_cents} cents {currency} asked, but the answer says "
            f"{money.amount_cents} cents {money.currency}"
        )
