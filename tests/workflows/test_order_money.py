"""The real payment provider against a bank that lies, floods or hangs: charges are refunded.

The bank's own ledger is what the customer's card statement would show.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from aiohttp import web
from pydantic import SecretStr

from models import OrderStatus
from providers.payments.http import HttpPayments
from providers.transport.http_api import HttpApi
from providers.transport.http_session import HttpSession
from tests.support.paying import PipelinesThatPay, paying_with
from tests.support.provider_api_server import serving
from tests.support.watching import result_of

MEBIBYTE = 1 << 20


@dataclass
class Bank:
    """A payment API that answers a charge as ``mood`` says, and keeps correct books."""

    mood: str = "honest"
    takes: dict[str, Any] = field(default_factory=dict)
    charges: list[dict[str, Any]] = field(default_factory=list)
    refunds: list[dict[str, Any]] = field(default_factory=list)
    asked: int = 0

    def app(self) -> web.Application:
        app = web.Application()
        app.router.add_post("/charges", self.charge)
        app.router.add_get("/charges", self.list_charges)
        app.router.add_post("/refunds", self.refund)
        app.router.add_get("/refunds", self.list_refunds)
        return app

    async def charge(self, request: web.Request) -> web.StreamResponse:
        self.asked += 1
        key = request.headers["Idempotency-Key"]
        if not self.charges:
            body = await request.json()
            del body["payment_token"]
            row = {"transaction_id": "t1", "idempotency_key": key, **body, **self.takes}
            self.charges.append(row)
        if self.mood == "flooding":
            return await _flood(request)
        if self.mood == "silent":
            await asyncio.Event().wait()
        return web.json_response(self.charges[0])

    async def list_charges(self, _request: web.Request) -> web.Response:
        return web.json_response({"data": self.charges})

    async def refund(self, request: web.Request) -> web.Response:
        body = await request.json()
        self.refunds.append({"refund_id": "r1", "order_id": "o1", **body})
        return web.json_response(self.refunds[-1])

    async def list_refunds(self, _request: web.Request) -> web.Response:
        return web.json_response({"data": self.refunds})


async def _flood(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Type": "application/json"})
    await response.prepare(request)
    for _ in range(50):
        await response.write(b" " * MEBIBYTE)
    return response


@asynccontextmanager
async def paying_at(bank: Bank) -> AsyncIterator[PipelinesThatPay]:
    async with serving(bank.app()) as url:
        api = HttpApi(url, SecretStr("k"), HttpSession(timeout_seconds=0.3))
        async with paying_with(HttpPayments(api)) as pipelines, pipelines.worker():
            yield pipelines
            await pipelines.replay()
        await api.close()


WRONG = [{"amount_cents": 200_000}, {"amount_cents": 1}, {"currency": "EUR"}]


@pytest.mark.parametrize("mood", ["honest", "silent"])
@pytest.mark.parametrize("takes", WRONG, ids=["more", "less", "another currency"])
async def test_a_wrong_charge_is_refunded_as_it_was_made(mood: str, takes: dict[str, Any]) -> None:
    bank = Bank(mood=mood, takes=takes)
    async with paying_at(bank) as pipelines:
        result = await result_of(await pipelines.order())

    [taken], [refund] = bank.charges, bank.refunds
    assert result.status == OrderStatus.PAYMENT_FAILED
    assert (result.transaction_id, result.refund_id) == ("t1", "r1")
    assert (refund["amount_cents"], refund["currency"]) == (
        taken["amount_cents"],
        taken["currency"],
    )
    assert not pipelines.world.reservations
    assert not pipelines.world.shipments
    [mail] = pipelines.world.mails.values()
    assert "Your payment was refunded as r1, in full." in mail.body


async def test_a_charge_whose_answer_never_comes_is_found_and_the_order_goes_on() -> None:
    bank = Bank(mood="silent")
    async with paying_at(bank) as pipelines:
        result = await result_of(await pipelines.order())

    assert (result.status, result.transaction_id) == (OrderStatus.COMPLETED, "t1")
    assert bank.asked == 1, "it was found before it was asked for again"
    assert bank.refunds == []


async def test_an_answer_of_50_megabytes_is_not_read_to_its_end() -> None:
    bank = Bank(mood="flooding")
    async with paying_at(bank) as pipelines:
        result = await result_of(await pipelines.order())

    assert result.status == OrderStatus.COMPLETED, "the charge was found by its key"
    assert bank.asked == 1
    assert len(bank.charges) == 1
