"""The Stripe provider through the real SDK: every hostile answer has its error."""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiohttp import web

from models import Charge, Refund
from providers.errors import (
    AnswerMismatch,
    IdempotencyKeyReused,
    InvalidRequest,
    PaymentDeclined,
    ProviderError,
    ProviderRateLimited,
    ProviderUnavailable,
    Unauthorized,
    UnexpectedAnswer,
)
from providers.payments.stripe import StripePayments
from providers.transport.http_session import HttpSession
from tests.support.provider_api_server import serving
from tests.support.provider_requests import CARD, charge_request, refund_request, stripe_settings

INTENT: dict[str, Any] = {
    "id": "pi_1",
    "object": "payment_intent",
    "status": "succeeded",
    "amount_received": 64_000,
    "currency": "usd",
    "metadata": {"order_id": "7", "idempotency_key": "order-7:charge"},
}
REFUND: dict[str, Any] = {
    "id": "re_1",
    "object": "refund",
    "status": "succeeded",
    "amount": 64_000,
    "currency": "usd",
    "payment_intent": "pi_1",
}


def error(**fields: str) -> dict[str, Any]:
    return {"error": {"message": f"No such PaymentMethod: '{CARD}'", **fields}}


class FakeStripe:
    """A Stripe with given answers by method and path, and good answers otherwise."""

    def __init__(self, answers: dict[str, web.Response | dict[str, Any]]) -> None:
        self._answers = answers
        self.calls: list[str] = []

    async def handle(self, request: web.Request) -> web.StreamResponse:
        call = f"{request.method} {request.path.removeprefix('/v1')}"
        self.calls.append(call)
        good: dict[str, Any] = {
            "POST /payment_intents": INTENT,
            "POST /refunds": REFUND,
            "GET /refunds": {"object": "list", "data": [REFUND], "has_more": False},
            "GET /payment_intents/search": {"object": "search_result", "data": [INTENT]},
            "GET /payment_intents": {"object": "list", "data": [INTENT], "has_more": False},
            "GET /payment_intents/pi_1": INTENT,
        }
        answer = self._answers.get(call, good[call])
        return answer if isinstance(answer, web.Response) else web.json_response(answer)


@asynccontextmanager
async def fake_stripe(
    answers: dict[str, web.Response | dict[str, Any]],
) -> AsyncIterator[tuple[StripePayments, FakeStripe]]:
    stripe = FakeStripe(answers)
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", stripe.handle)
    async with serving(app) as url:
        payments = StripePayments(stripe_settings(url, "sk_secret"), HttpSession(timeout_seconds=5))
        try:
            yield payments, stripe
        finally:
            await payments.close()


def answered(status: int, body: Any, **headers: str) -> web.Response:
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    if isinstance(body, str):
        return web.Response(status=status, text=body, content_type="text/html", headers=names)
    return web.json_response(body, status=status, headers=names)


HOSTILE: list[tuple[web.Response, type[ProviderError]]] = [
    (answered(500, error(type="api_error")), ProviderUnavailable),
    (answered(500, error(type="api_error"), Stripe_Should_Retry="true"), ProviderUnavailable),
    (answered(500, error(type="api_error"), Stripe_Should_Retry="false"), InvalidRequest),
    (answered(502, "<html>"), ProviderUnavailable),
    (answered(409, error(code="idempotency_key_in_use")), ProviderUnavailable),
    (answered(429, error(code="rate_limit"), Retry_After="7"), ProviderRateLimited),
    (answered(429, "<html>"), ProviderRateLimited),
    (answered(401, error(type="invalid_request_error")), Unauthorized),
    (answered(403, error(type="invalid_request_error")), Unauthorized),
    (answered(402, error(type="card_error", code="card_declined")), PaymentDeclined),
    (answered(402, error(code="authentication_required")), PaymentDeclined),
    (answered(400, error(type="idempotency_error")), IdempotencyKeyReused),
    (answered(400, error(code="parameter_invalid")), InvalidRequest),
    (answered(404, error(code="resource_missing")), InvalidRequest),
    (answered(400, "<html>"), UnexpectedAnswer),
    (answered(302, "<html>", Location="/elsewhere"), UnexpectedAnswer),
    (answered(200, "<html>"), UnexpectedAnswer),
    (answered(200, []), UnexpectedAnswer),
    (answered(200, 5), UnexpectedAnswer),
    (answered(200, {}), UnexpectedAnswer),
    (answered(200, {**INTENT, "id": ""}), UnexpectedAnswer),
    (answered(200, {**INTENT, "metadata": None}), UnexpectedAnswer),
    (answered(200, {**INTENT, "amount_received": "64000"}), UnexpectedAnswer),
    (answered(200, " " * 2_000_000), UnexpectedAnswer),
    (answered(200, {**INTENT, "amount_received": 1}), AnswerMismatch),
    (answered(200, {**INTENT, "currency": "eur"}), AnswerMismatch),
    (
        answered(200, {**INTENT, "metadata": INTENT["metadata"] | {"order_id": "8"}}),
        AnswerMismatch,
    ),
    (answered(200, {**INTENT, "status": "requires_payment_method"}), PaymentDeclined),
]


@pytest.mark.parametrize(("answer", "kind"), HOSTILE)
async def test_every_answer_has_its_error_and_is_asked_for_once(
    answer: web.Response, kind: type[ProviderError], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    async with fake_stripe({"POST /payment_intents": answer}) as (payments, stripe):
        with pytest.raises(ProviderError) as caught:
            await payments.charge(charge_request())
    assert type(caught.value) is kind
    assert stripe.calls == ["POST /payment_intents"]
    for secret in (CARD, "sk_secret"):
        assert secret not in repr(caught.value)
        assert secret not in caplog.text
    if answer.headers.get("Retry-After"):
        assert caught.value.retry_after_seconds == 7


async def test_a_processing_payment_is_queried_and_never_taken_for_done() -> None:
    processing = {**INTENT, "status": "processing", "amount_received": 0}
    async with fake_stripe({"POST /payment_intents": processing}) as (payments, stripe):
        assert (await payments.charge(charge_request())).transaction_id == "pi_1"
    assert stripe.calls == ["POST /payment_intents", "GET /payment_intents/pi_1"]
    still = {
        "POST /payment_intents": processing,
        "GET /payment_intents/pi_1": processing,
        "GET /payment_intents/search": {"data": [processing]},
    }
    async with fake_stripe(dict(still)) as (payments, _):
        with pytest.raises(ProviderUnavailable, match="being processed"):
            await payments.charge(charge_request())
        with pytest.raises(ProviderUnavailable, match="being processed"):
            await payments.find_charge("order-7:charge")


async def test_only_payments_of_this_very_key_that_took_money_count() -> None:
    others = [
        {**INTENT, "metadata": INTENT["metadata"] | {"idempotency_key": "ORDER-7:CHARGE"}},
        {**INTENT, "status": "requires_payment_method"},
        {"id": "pi_of_somebody_else", "metadata": {}},
        {"id": "pi_without_metadata"},
    ]
    listed = {"data": others, "has_more": False}
    answers = {"GET /payment_intents/search": listed, "GET /payment_intents": listed}
    async with fake_stripe(dict(answers)) as (payments, _):
        assert await payments.find_charge("order-7:charge") is None


async def test_two_payments_of_one_key_are_an_error() -> None:
    twice = {"data": [INTENT, {**INTENT, "id": "pi_2"}]}
    async with fake_stripe({"GET /payment_intents/search": twice}) as (payments, _):
        with pytest.raises(AnswerMismatch, match="2 payments"):
            await payments.find_charge("order-7:charge")


@pytest.mark.parametrize("answer", [{}, {"data": {}}, {"data": [5]}, {"data": [{"id": 5}]}])
@pytest.mark.parametrize("call", ["GET /payment_intents/search", "GET /payment_intents"])
async def test_an_unreadable_list_does_not_mean_no_charge(call: str, answer: Any) -> None:
    answers = {"GET /payment_intents/search": {"data": []}} | {call: answer}
    async with fake_stripe(answers) as (payments, _):
        with pytest.raises(UnexpectedAnswer):
            await payments.find_charge("order-7:charge")


@pytest.mark.parametrize(
    ("made", "kind"),
    [
        ({"amount": 1}, AnswerMismatch),
        ({"currency": "eur"}, AnswerMismatch),
        ({"payment_intent": "pi_2"}, AnswerMismatch),
        ({"status": "failed"}, InvalidRequest),
        ({"id": ""}, UnexpectedAnswer),
    ],
)
async def test_a_refund_of_something_else_is_never_a_success(
    made: dict[str, Any], kind: type[ProviderError]
) -> None:
    async with fake_stripe({"POST /refunds": REFUND | made}) as (payments, _):
        with pytest.raises(ProviderError) as caught:
            await payments.refund(refund_request())
    assert type(caught.value) is kind


async def test_a_refund_made_by_hand_counts_unless_it_failed() -> None:
    refused = answered(400, error(code="charge_already_refunded"))
    by_hand = {**REFUND, "id": "re_by_hand"}
    failed = {**REFUND, "status": "failed"}
    async with fake_stripe(
        {"POST /refunds": refused, "GET /refunds": {"data": [failed, by_hand]}}
    ) as (payments, _):
        refund = await payments.refund(refund_request())
    assert refund == Refund(refund_id="re_by_hand", transaction_id="pi_1")
    refused = answered(400, error(code="charge_already_refunded"))
    async with fake_stripe({"POST /refunds": refused, "GET /refunds": {"data": [failed]}}) as (
        payments,
        _,
    ):
        with pytest.raises(UnexpectedAnswer):
            await payments.refund(refund_request())


async def test_a_good_answer_is_a_charge() -> None:
    async with fake_stripe({}) as (payments, _):
        charge = await payments.charge(charge_request())
    assert charge == Charge(transaction_id="pi_1", amount_cents=64_000, currency="USD")
