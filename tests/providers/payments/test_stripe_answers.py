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
    PaymentUndone,
    ProviderError,
    ProviderRateLimited,
    ProviderUnavailable,
    Unauthorized,
    UnexpectedAnswer,
)
from providers.payments.stripe import StripePayments
from providers.transport.http_session import HttpSession
from tests.support.provider_api_server import serving
from tests.support.provider_requests import (
    CARD,
    charge_lookup,
    charge_request,
    refund_request,
    stripe_settings,
)

INTENT: dict[str, Any] = {
    "id": "pi_1",
    "object": "payment_intent",
    "status": "succeeded",
    "amount": 64_000,
    "amount_received": 64_000,
    "currency": "usd",
    "created": 1_700_000_000,
    "metadata": {"order_id": "7", "idempotency_key": "order-7:charge"},
}
OPEN: dict[str, Any] = {**INTENT, "status": "requires_confirmation", "amount_received": 0}
CREATE, CONFIRM = "POST /payment_intents", "POST /payment_intents/pi_1/confirm"
SEARCH, LIST = "GET /payment_intents/search", "GET /payment_intents"
RETRIEVE, CANCEL = "GET /payment_intents/pi_1", "POST /payment_intents/pi_1/cancel"
NONE: dict[str, Any] = {"data": [], "has_more": False}
NOT_THERE_YET: dict[str, Any] = {SEARCH: NONE, LIST: NONE}
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

    def answer(self, call: str, answer: web.Response) -> None:
        self._answers[call] = answer

    async def handle(self, request: web.Request) -> web.StreamResponse:
        call = f"{request.method} {request.path.removeprefix('/v1')}"
        self.calls.append(call)
        good: dict[str, Any] = {
            CREATE: OPEN,
            CONFIRM: INTENT,
            RETRIEVE: INTENT,
            CANCEL: {**INTENT, "status": "canceled"},
            SEARCH: {"object": "search_result", "data": [INTENT]},
            LIST: {"object": "list", "data": [INTENT], "has_more": False},
            "POST /refunds": REFUND,
            "GET /refunds": NONE,
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
    (answered(200, {**INTENT, "currency": "eur"}), AnswerMismatch),
    (
        answered(200, {**INTENT, "metadata": INTENT["metadata"] | {"order_id": "8"}}),
        AnswerMismatch,
    ),
]


CHARGED_WRONGLY: list[tuple[web.Response, type[ProviderError]]] = [
    (answered(200, {**INTENT, "amount_received": 1}), AnswerMismatch),
    (answered(200, {**INTENT, "status": "requires_payment_method"}), PaymentDeclined),
    (answered(200, {**INTENT, "status": "canceled"}), PaymentUndone),
]
OPENED_WRONGLY: list[tuple[web.Response, type[ProviderError]]] = [
    (answered(200, {**OPEN, "amount": 1}), AnswerMismatch),
    (answered(200, {**OPEN, "status": "canceled"}), PaymentUndone),
]


def copy_of(answer: web.Response) -> web.Response:
    """Copy an answer, because a response can be sent once only."""
    return web.Response(status=answer.status, body=answer.body, headers=answer.headers)


@pytest.mark.parametrize(
    ("call", "answer", "kind"),
    [
        *((CREATE, answer, kind) for answer, kind in HOSTILE + OPENED_WRONGLY),
        *((CONFIRM, answer, kind) for answer, kind in HOSTILE + CHARGED_WRONGLY),
    ],
)
async def test_every_answer_has_its_error_and_is_asked_for_once(
    call: str,
    answer: web.Response,
    kind: type[ProviderError],
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    # What an error at the confirmation means is asked of the intent: it is still open.
    answers = {**NOT_THERE_YET, RETRIEVE: OPEN, call: copy_of(answer)}
    request = charge_request().model_copy(update={"may_open": True})
    if call == CONFIRM:
        request = request.model_copy(update={"payment_id": "pi_1"})
    async with fake_stripe(answers) as (payments, stripe):
        with pytest.raises(ProviderError) as caught:
            await payments.charge(request)
    assert type(caught.value) is kind
    assert stripe.calls.count(call) == 1
    for secret in (CARD, "sk_secret"):
        assert secret not in repr(caught.value)
        assert secret not in caplog.text
    if answer.headers.get("Retry-After"):
        assert caught.value.retry_after_seconds == 7


@pytest.mark.parametrize(
    ("status", "ends_as"),
    [
        ("succeeded", None),
        ("processing", ProviderUnavailable),
        ("canceled", PaymentUndone),
        ("requires_payment_method", PaymentDeclined),
    ],
)
async def test_an_intent_that_cannot_be_confirmed_any_more_is_asked_what_became_of_it(
    status: str, ends_as: type[ProviderError] | None
) -> None:
    answers: dict[str, web.Response | dict[str, Any]] = {
        CONFIRM: answered(400, error(code="payment_intent_unexpected_state")),
        RETRIEVE: {**INTENT, "status": status},
    }
    request = charge_request().model_copy(update={"payment_id": "pi_1"})
    async with fake_stripe(answers) as (payments, _):
        if ends_as is None:
            assert (await payments.charge(request)).transaction_id == "pi_1"
        else:
            with pytest.raises(ends_as):
                await payments.charge(request)


async def test_a_processing_payment_is_queried_and_never_taken_for_done() -> None:
    processing = {**INTENT, "status": "processing", "amount_received": 0}
    async with fake_stripe({**NOT_THERE_YET, CONFIRM: processing}) as (payments, stripe):
        assert (await payments.charge(charge_request())).transaction_id == "pi_1"
    assert stripe.calls[-2:] == [CONFIRM, RETRIEVE]
    found = {"data": [processing]}
    still = {CONFIRM: processing, RETRIEVE: processing, SEARCH: found, LIST: found}
    async with fake_stripe(dict(still)) as (payments, _):
        with pytest.raises(ProviderUnavailable, match="being processed"):
            await payments.charge(charge_request())
        with pytest.raises(ProviderUnavailable, match="being processed"):
            await payments.find_charge(charge_lookup())
        with pytest.raises(ProviderUnavailable, match="being processed"):
            await payments.refund(refund_request())


async def test_only_payments_of_this_very_key_that_took_money_count() -> None:
    others = [
        {**INTENT, "metadata": INTENT["metadata"] | {"idempotency_key": "ORDER-7:CHARGE"}},
        {**INTENT, "status": "requires_payment_method"},
        {"id": "pi_of_somebody_else", "metadata": {}},
        {"id": "pi_without_metadata"},
    ]
    listed = {"data": others, "has_more": False}
    answers = {SEARCH: listed, LIST: listed}
    async with fake_stripe(dict(answers)) as (payments, _):
        assert await payments.find_charge(charge_lookup()) is None


async def test_two_payments_of_one_key_are_an_error() -> None:
    twice = {"data": [INTENT, {**INTENT, "id": "pi_2"}]}
    async with fake_stripe({SEARCH: NONE, LIST: twice}) as (payments, _):
        with pytest.raises(AnswerMismatch, match="2 payments"):
            await payments.find_charge(charge_lookup())
        with pytest.raises(AnswerMismatch, match="2 payments"):
            await payments.charge(charge_request())


@pytest.mark.parametrize("answer", [{}, {"data": {}}, {"data": [5]}, {"data": [{"id": 5}]}])
@pytest.mark.parametrize("call", [SEARCH, LIST])
async def test_a_list_that_is_none_is_no_proof_of_no_charge(call: str, answer: Any) -> None:
    answers = NOT_THERE_YET | {call: answer}
    async with fake_stripe(answers) as (payments, _):
        with pytest.raises(UnexpectedAnswer):
            await payments.find_charge(charge_lookup())


@pytest.mark.parametrize(
    ("made", "kind"),
    [
        ({"amount": 1}, AnswerMismatch),
        ({"currency": "eur"}, AnswerMismatch),
        ({"payment_intent": "pi_2"}, AnswerMismatch),
        ({"status": "failed"}, ProviderUnavailable),
        ({"status": "pending"}, ProviderUnavailable),
        ({"status": "requires_action"}, ProviderUnavailable),
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
    by_hand = {**REFUND, "id": "re_by_hand"}
    failed = {**REFUND, "id": "re_failed", "status": "failed"}
    async with fake_stripe({"GET /refunds": {"data": [failed, by_hand]}}) as (payments, stripe):
        refund = await payments.refund(refund_request())
        with pytest.raises(PaymentUndone, match="refunded as re_by_hand"):
            answer = error(code="payment_intent_unexpected_state")
            stripe.answer(CONFIRM, answered(400, answer))
            await payments.charge(charge_request())
        assert await payments.find_charge(charge_lookup()) is None
    assert refund == Refund(refund_id="re_by_hand", transaction_id="pi_1", is_repeat=True)
    assert "POST /refunds" not in stripe.calls


async def test_what_a_refund_by_hand_left_is_refunded() -> None:
    part = {**REFUND, "id": "re_part", "amount": 60_000}
    rest = {**REFUND, "amount": 4_000}
    answers = {"GET /refunds": {"data": [part]}, "POST /refunds": rest}
    async with fake_stripe(dict(answers)) as (payments, _):
        assert (await payments.refund(refund_request())).refund_id == "re_1"


async def test_a_refund_that_is_made_meanwhile_is_read_again() -> None:
    refused = answered(400, error(code="charge_already_refunded"))
    async with fake_stripe({"POST /refunds": refused}) as (payments, _):
        with pytest.raises(ProviderUnavailable, match="read again"):
            await payments.refund(refund_request())


async def test_every_payment_that_was_made_under_the_key_is_refunded() -> None:
    twice = {"data": [{**INTENT, "id": "pi_2"}, INTENT]}
    async with fake_stripe({SEARCH: NONE, LIST: twice}) as (payments, stripe):
        with pytest.raises(AnswerMismatch, match="refunds pi_1, not pi_2"):
            await payments.refund(refund_request())
    assert stripe.calls.count("POST /refunds") == 2


async def test_what_is_only_open_is_cancelled_before_there_was_nothing() -> None:
    opened = {"data": [OPEN]}
    async with fake_stripe({SEARCH: NONE, LIST: opened}) as (payments, stripe):
        assert await payments.refund(refund_request()) == Refund(
            refund_id=None, transaction_id=None
        )
    assert CANCEL in stripe.calls
    # It was confirmed at that very moment.
    refused = answered(400, error(code="payment_intent_unexpected_state"))
    async with fake_stripe({SEARCH: NONE, LIST: opened, CANCEL: refused}) as (payments, _):
        assert (await payments.refund(refund_request())).transaction_id == "pi_1"


async def test_a_good_answer_is_a_charge() -> None:
    async with fake_stripe(dict(NOT_THERE_YET)) as (payments, _):
        charge = await payments.charge(charge_request())
    assert charge == Charge(transaction_id="pi_1", amount_cents=64_000, currency="USD")
