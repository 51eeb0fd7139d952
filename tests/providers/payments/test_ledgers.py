"""Ledgers of any length, page by page: Stripe's and those of the small HTTP contract."""

import asyncio
import itertools
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from pydantic import SecretStr

from providers.errors import UnexpectedAnswer
from providers.inventory.http_ledger import HttpInventoryLedger
from providers.payments import PaymentLedger, PaymentProvider, stripe_ledger
from providers.payments.http import HttpPayments
from providers.payments.http_ledger import HttpPaymentLedger
from providers.payments.stripe import StripePayments
from providers.payments.stripe_ledger import StripePaymentLedger
from providers.transport import http_pages
from providers.transport.http_api import HttpApi
from tests.support.provider_api_server import API_KEY, sandbox_api, serving
from tests.support.provider_requests import charge_request, refund_request, stripe_settings
from tests.support.whole_books import gathered

DEADLINE_SECONDS = 30


@dataclass
class Account:
    payments: PaymentProvider
    ledger: PaymentLedger


@pytest.fixture(params=["http", "stripe"])
async def account(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Account]:
    """An account whose ledger is read two rows at a time."""
    monkeypatch.setattr(http_pages, "PAGE_ROWS", 2)
    monkeypatch.setattr(stripe_ledger, "_PAGE_ROWS", 2)
    async with sandbox_api(tmp_path / "ledger.sqlite3") as (url, _):
        if request.param == "http":
            api = HttpApi(url, SecretStr(API_KEY))
            yield Account(HttpPayments(api), HttpPaymentLedger(api))
            await api.close()
            return
        payments = StripePayments(stripe_settings(url, API_KEY))
        ledger = StripePaymentLedger(stripe_settings(url, API_KEY))
        yield Account(payments, ledger)
        await payments.close()
        await ledger.close()


async def pay(payments: PaymentProvider, order_id: str, cents: int, *, back: bool) -> None:
    charge = charge_request(cents=cents, key=f"order-{order_id}:charge")
    await payments.charge(charge.model_copy(update={"order_id": order_id, "may_open": False}))
    if back:
        refund = refund_request(f"order-{order_id}:refund", cents)
        of = {"order_id": order_id, "charge_idempotency_key": charge.idempotency_key}
        await payments.refund(refund.model_copy(update=of))


async def test_all_charges_and_refunds_are_listed_once(account: Account) -> None:
    for number in range(5):
        await pay(account.payments, f"o{number}", 100 + number, back=number > 1)
    pages = [page async for page in account.ledger.charges()]
    charges = [row for page in pages for row in page]
    assert [len(page) for page in pages] == [2, 2, 1]
    assert {(row.order_id, row.amount_cents) for row in charges} == {
        (f"o{number}", 100 + number) for number in range(5)
    }
    assert Counter(row.idempotency_key for row in charges) == Counter(
        f"order-o{number}:charge" for number in range(5)
    )
    refunds = await gathered(account.ledger.refunds())
    ids = {row.order_id: row.transaction_id for row in charges}
    assert {(row.order_id, row.transaction_id, row.amount_cents) for row in refunds} == {
        (f"o{number}", ids[f"o{number}"], 100 + number) for number in (2, 3, 4)
    }


async def test_a_payment_that_was_only_opened_is_no_charge(tmp_path: Path) -> None:
    async with sandbox_api(tmp_path / "ledger.sqlite3") as (url, _):
        payments = StripePayments(stripe_settings(url, API_KEY))
        ledger = StripePaymentLedger(stripe_settings(url, API_KEY))
        await payments.charge(charge_request().model_copy(update={"may_open": True}))
        assert await gathered(ledger.charges()) == []
        await payments.close()
        await ledger.close()


@pytest.mark.parametrize(
    "metadata",
    [
        {"basket": "9"},
        {"order_id": "", "idempotency_key": ""},
        {"order_id": "9" * 500, "idempotency_key": "theirs"},
    ],
)
async def test_what_others_do_with_the_account_is_skipped(metadata: dict[str, str]) -> None:
    foreign: dict[str, Any] = {
        "id": "pi_9",
        "object": "payment_intent",
        "status": "succeeded",
        "amount_received": 500,
        "currency": "usd",
        "created": 1_700_000_000,
        "metadata": metadata,
    }
    ours = {
        **foreign,
        "id": "pi_1",
        "currency": "jpy",
        "metadata": {"order_id": "7", "idempotency_key": "order-7:charge"},
    }
    refund = {
        "id": "re_1",
        "object": "refund",
        "amount": 500,
        "currency": "jpy",
        "created": 1_700_000_000,
        "status": "pending",
    }

    async def answer(request: web.Request) -> web.Response:
        rows = [foreign, ours]
        if request.path.endswith("/refunds"):
            rows = [
                {**refund, "payment_intent": None},
                {**refund, "payment_intent": foreign},
                {**refund, "payment_intent": ours},
                {**refund, "payment_intent": ours, "status": "failed"},
            ]
        return web.json_response({"object": "list", "data": rows, "has_more": False})

    app = web.Application()
    app.router.add_get("/{path:.*}", answer)
    async with serving(app) as url:
        ledger = StripePaymentLedger(stripe_settings(url, API_KEY))
        (charge,) = await gathered(ledger.charges())
        (back,) = await gathered(ledger.refunds())
        await ledger.close()
    assert (charge.order_id, charge.amount_cents, charge.currency) == ("7", 500, "JPY")
    assert (back.order_id, back.transaction_id, back.is_pending) == ("7", "pi_1", True)


async def test_a_time_that_no_calendar_has_is_no_answer() -> None:
    row = {"id": "pi_1", "status": "succeeded", "currency": "usd", "created": 10**20}

    async def answer(_: web.Request) -> web.Response:
        return web.json_response({"object": "list", "data": [row], "has_more": False})

    app = web.Application()
    app.router.add_get("/{path:.*}", answer)
    async with serving(app) as url:
        ledger = StripePaymentLedger(stripe_settings(url, API_KEY))
        with pytest.raises(UnexpectedAnswer, match="created"):
            await gathered(ledger.charges())
        await ledger.close()


@pytest.mark.parametrize("has_more", [None, True])
async def test_an_api_without_pages_answers_with_all_rows(has_more: bool | None) -> None:
    rows = [
        {
            "reservation_id": f"res_{number}",
            "idempotency_key": f"order-{number}:reserve",
            "order_id": str(number),
            "created_at": "2026-03-02T12:00:00Z",
            "items": [{"sku": "mug", "quantity": 1}],
            "status": "held",
        }
        for number in range(3)
    ]
    more = {} if has_more is None else {"has_more": has_more}

    async def answer(_: web.Request) -> web.Response:
        return web.json_response({"data": rows, **more})

    app = web.Application()
    app.router.add_get("/reservations", answer)
    async with serving(app) as url:
        api = HttpApi(url, SecretStr(API_KEY))
        ledger = HttpInventoryLedger(api)
        if has_more:
            with pytest.raises(UnexpectedAnswer, match="ignores starting_after"):
                await gathered(ledger.reservations())
        else:
            assert len(await gathered(ledger.reservations())) == 3
        await api.close()


@pytest.mark.parametrize("pages", [["a"], ["a", "b"]])
@pytest.mark.parametrize("at_stripe", [False, True])
async def test_a_list_that_goes_in_circles_is_not_read_for_ever(
    pages: list[str], at_stripe: bool
) -> None:
    """A ledger on a disk that fills up would be all that anybody sees of it."""
    ends = itertools.cycle(pages)
    paid: dict[str, Any] = {"status": "requires_action", "currency": "usd", "created": 1}
    charged: dict[str, Any] = {
        "idempotency_key": "order-7:charge",
        "order_id": "7",
        "created_at": "2026-03-02T12:00:00Z",
        "amount_cents": 500,
        "currency": "USD",
    }

    async def answer(_: web.Request) -> web.Response:
        last = next(ends)
        row = {**paid, "id": last} if at_stripe else {**charged, "transaction_id": last}
        return web.json_response({"object": "list", "data": [row], "has_more": True})

    app = web.Application()
    app.router.add_get("/{path:.*}", answer)
    async with serving(app) as url, asyncio.timeout(DEADLINE_SECONDS):
        api = HttpApi(url, SecretStr(API_KEY))
        stripe = StripePaymentLedger(stripe_settings(url, API_KEY))
        ledger: PaymentLedger = stripe if at_stripe else HttpPaymentLedger(api)
        with pytest.raises(UnexpectedAnswer, match="repeats itself, and says there is more"):
            await gathered(ledger.charges())
        await api.close()
        await stripe.close()
