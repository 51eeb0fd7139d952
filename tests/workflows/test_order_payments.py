"""Orders whose money is moved by our providers on the sandbox, at its worst moments.

Whatever is lost, forgotten, repeated or undone: a customer pays once for what is shipped, and not
at all for what is not, and is told what is true.
"""

import sqlite3
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from pydantic import SecretStr

from models import OrderStatus
from providers.errors import OutOfStock
from providers.payments.http import HttpPayments
from providers.payments.stripe import StripePayments
from providers.transport.http_api import HttpApi
from providers.transport.http_session import HttpSession
from tests.support.fakes import World
from tests.support.paying import PipelinesThatPay, paying_with
from tests.support.pipelines import OrderRun, small_order
from tests.support.provider_api_server import API_KEY, Caller, sandbox_api
from tests.support.provider_requests import stripe_settings
from tests.support.watching import cancelled_order, result_of, until, until_backoff
from workflows.order.outcomes import STAYS_UNDONE

CENTS = 2_000
CARD = "tok_visa"


@dataclass
class Shop:
    pipelines: PipelinesThatPay
    ledger: Caller
    database: Path

    @property
    def world(self) -> World:
        return self.pipelines.world

    async def order(self, token: str = CARD) -> OrderRun:
        """Start the order, also a second time: nobody remembers the first."""
        self.world.orders.clear()
        return await self.pipelines.order(small_order(payment_token=token), start_signal="expedite")

    async def days_pass(self) -> None:
        """Let the provider forget all keys, and what it did be long ago."""
        assert (await self.ledger.call("POST", "/forget-keys", {}))[0] == 200
        with sqlite3.connect(self.database) as db:
            for table in ("charges", "refunds", "intents"):
                db.execute(f"UPDATE {table} SET created_at = '2020-01-01T00:00:00+00:00'")  # noqa: S608
        db.close()

    async def charged_and_refunded(self) -> tuple[int, int]:
        """Return the cents that were taken and given back."""
        charges = await self.ledger.data("/charges")
        refunds = await self.ledger.data("/refunds")
        back = [row["amount_cents"] for row in refunds if row.get("status") != "failed"]
        return sum(row["amount_cents"] for row in charges), sum(back)


@pytest.fixture(params=["http", "stripe"])
async def shop(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Shop]:
    database = tmp_path / "ledger.sqlite3"
    async with sandbox_api(database) as (url, caller):
        session = HttpSession(timeout_seconds=0.5)
        payments: HttpPayments | StripePayments
        if request.param == "http":
            payments = HttpPayments(HttpApi(url, SecretStr(API_KEY), session))
        else:
            payments = StripePayments(stripe_settings(url, API_KEY), session)
        async with paying_with(payments) as pipelines:
            yield Shop(pipelines, caller, database)
            await pipelines.replay()
        await session.close()


@pytest.mark.parametrize("token", ["tok_slow_1500", "tok_processing_1500"])
async def test_a_charge_that_lands_after_the_cancel_is_refunded(shop: Shop, token: str) -> None:
    async with shop.pipelines.worker():
        run = await shop.order(token)
        await until_backoff(run, "charge_payment")
        await run.cancel()
        state = await cancelled_order(run)

    async def has_landed() -> bool:
        return await shop.charged_and_refunded() == (CENTS, CENTS)

    await until(has_landed)
    assert state.refund_id is not None
    assert "refunded as" in shop.world.mails["order-o1:refunded"].body


async def test_an_order_that_was_never_charged_stays_so(shop: Shop) -> None:
    async with shop.pipelines.worker():
        run = await shop.order("tok_fail_503_999")
        await until_backoff(run, "charge_payment")
        await run.cancel()
        await cancelled_order(run)
    assert "You were not charged" in shop.world.mails["order-o1:cancellation"].body
    await shop.days_pass()
    async with shop.pipelines.worker():
        result = await result_of(await shop.order())
    assert result.status == OrderStatus.PAYMENT_FAILED
    assert await shop.charged_and_refunded() == (0, 0)


async def test_a_lost_answer_whose_key_is_forgotten_charges_once(shop: Shop) -> None:
    async with shop.pipelines.worker():
        run = await shop.order("tok_drop")
        await until_backoff(run, "charge_payment")
        await shop.days_pass()
        result = await result_of(run)
    assert result.status == OrderStatus.COMPLETED
    assert await shop.charged_and_refunded() == (CENTS, 0)


async def test_the_same_order_after_temporal_forgot_it_charges_once(shop: Shop) -> None:
    async with shop.pipelines.worker():
        first = await result_of(await shop.order())
        await shop.days_pass()
        second = await result_of(await shop.order())
    assert second.transaction_id == first.transaction_id
    assert await shop.charged_and_refunded() == (CENTS, 0)


async def test_what_was_refunded_is_not_shipped_when_the_order_runs_again(shop: Shop) -> None:
    shop.world.fail("reserve_inventory", OutOfStock("none left"))
    async with shop.pipelines.worker():
        first = await result_of(await shop.order())
        assert first.status == OrderStatus.OUT_OF_STOCK
        # Well again, as after a reset.
        for later in (False, True):
            if later:
                await shop.days_pass()
            again = await result_of(await shop.order())
            assert again.status == OrderStatus.PAYMENT_FAILED
            assert again.reason == f"this payment was refunded as {first.refund_id}; {STAYS_UNDONE}"
            assert again.refund_id == first.refund_id
    assert shop.world.shipments == {}
    assert await shop.charged_and_refunded() == (CENTS, CENTS)


@pytest.mark.parametrize("token", ["tok_refund_pending_500", "tok_refund_bounce_2"])
async def test_a_refund_is_followed_to_its_end(shop: Shop, token: str) -> None:
    shop.world.fail("reserve_inventory", OutOfStock("none left"))
    async with shop.pipelines.worker():
        result = await result_of(await shop.order(token))
    refunds = await shop.ledger.data("/refunds")
    assert refunds[-1]["status"] == "succeeded"
    assert result.refund_id == refunds[-1]["refund_id"]
    assert await shop.charged_and_refunded() == (CENTS, CENTS)
