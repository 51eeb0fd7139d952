"""Money moves once and goes back once, whatever the provider forgets: both implementations.

Each test runs on the sandbox twice: as it is, and forgetting every key before every single request.
"""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from yarl import URL

from models import Charge, ChargeRequest, Refund
from providers.errors import (
    PaymentDeclined,
    PaymentUndone,
    ProviderRateLimited,
    ProviderUnavailable,
)
from providers.payments import PaymentProvider
from providers.payments.http import HttpPayments
from providers.payments.stripe import StripePayments
from providers.transport.http_api import HttpApi
from providers.transport.http_session import HttpAnswer, HttpSession
from tests.support.provider_api_server import API_KEY, Caller, sandbox_api
from tests.support.provider_requests import (
    charge_lookup,
    charge_request,
    refund_request,
    stripe_settings,
)
from tests.support.watching import until

VISA = "tok_visa"
NOTHING = Refund(refund_id=None, transaction_id=None)


class Wire(HttpSession):
    """Keeps what is sent, and may have the provider forget all keys before each request."""

    def __init__(self, caller: Caller, forgets: bool) -> None:
        super().__init__()
        self._caller = caller
        self._forgets = forgets
        self.changes: list[tuple[str, URL, Mapping[str, str], Any]] = []

    async def exchange(
        self, method: str, url: URL, *, headers: Mapping[str, str], body: Any = None
    ) -> HttpAnswer:
        """Send the request."""
        if self._forgets:
            await self._caller.call("POST", "/forget-keys", {})
        if method == "POST":
            self.changes.append((method, url, headers, body))
        return await super().exchange(method, url, headers=headers, body=body)


@dataclass
class Sandbox:
    payments: PaymentProvider
    ledger: Caller
    database: Path
    wire: Wire

    async def pay(self, token: str = VISA) -> Charge:
        """Charge as the workflow does: what was only opened is confirmed by its id."""
        request = charge_request(token).model_copy(update={"may_open": True})
        charge = await self.payments.charge(request)
        if charge.is_confirmed:
            return charge
        return await self.payments.charge(confirming(request, charge))

    async def age(self) -> None:
        """Let everything be done years ago, so that no list of the last hours has it."""
        with sqlite3.connect(self.database) as db:
            for table in ("charges", "refunds", "intents"):
                db.execute(f"UPDATE {table} SET created_at = '2020-01-01T00:00:00+00:00'")  # noqa: S608
        db.close()

    async def has_charge(self) -> bool:
        """Tell whether the provider was asked to take money."""
        return any(path.endswith(("/charges", "/confirm")) for path in self.ledger.arrived)

    async def charged_and_refunded(self) -> tuple[int, int]:
        """Return the cents that were taken and given back."""
        charges = await self.ledger.data("/charges")
        refunds = await self.ledger.data("/refunds")
        back = [row["amount_cents"] for row in refunds if row["status"] == "succeeded"]
        return sum(row["amount_cents"] for row in charges), sum(back)


def confirming(request: ChargeRequest, opened: Charge) -> ChargeRequest:
    """Return the request that confirms an opened payment."""
    return request.model_copy(update={"payment_id": opened.transaction_id})


@pytest.fixture(params=["http", "stripe", "http, forgetful", "stripe, forgetful"])
async def sandbox(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Sandbox]:
    kind, _, forgets = request.param.partition(", ")
    database = tmp_path / "ledger.sqlite3"
    async with sandbox_api(database) as (url, caller):
        session = Wire(caller, forgets=bool(forgets))
        payments: HttpPayments | StripePayments
        if kind == "http":
            payments = HttpPayments(HttpApi(url, SecretStr(API_KEY), session))
        else:
            payments = StripePayments(stripe_settings(url, API_KEY), session)
        yield Sandbox(payments, caller, database, session)
        await session.close()


async def test_a_charge_is_made_once_found_and_refunded_once(sandbox: Sandbox) -> None:
    payments = sandbox.payments
    assert await payments.find_charge(charge_lookup()) is None
    charge = await sandbox.pay()
    assert (charge.amount_cents, charge.currency, charge.is_confirmed) == (64_000, "USD", True)
    again = {"is_repeat": True}
    assert await sandbox.pay() == charge.model_copy(update=again), "so it is not counted twice"
    assert await payments.find_charge(charge_lookup()) == charge
    refund = await payments.refund(refund_request())
    assert refund.transaction_id == charge.transaction_id
    found = refund.model_copy(update=again)
    assert not (charge.is_repeat or refund.is_repeat)
    assert await payments.refund(refund_request()) == found
    assert await payments.refund(refund_request(key="another-key")) == found
    assert await sandbox.charged_and_refunded() == (64_000, 64_000)


@pytest.mark.parametrize("later", ["at once", "years later"])
async def test_a_lost_charge_is_not_made_again_when_its_key_is_forgotten(
    sandbox: Sandbox, later: str
) -> None:
    with pytest.raises(ProviderUnavailable):
        await sandbox.pay("tok_drop")
    if later == "years later":
        await sandbox.age()
    await sandbox.ledger.call("POST", "/forget-keys", {})
    charge = await sandbox.pay("tok_drop")
    await sandbox.ledger.call("POST", "/forget-keys", {})
    assert await sandbox.pay("tok_drop") == charge
    assert len(await sandbox.ledger.data("/charges")) == 1


@pytest.mark.parametrize("later", ["at once", "years later"])
async def test_what_was_refunded_is_never_charged_again(sandbox: Sandbox, later: str) -> None:
    await sandbox.pay()
    refund = await sandbox.payments.refund(refund_request())
    if later == "years later":
        await sandbox.age()
    await sandbox.ledger.call("POST", "/forget-keys", {})
    with pytest.raises(PaymentUndone, match=f"refunded as {refund.refund_id}"):
        await sandbox.pay()
    assert await sandbox.payments.find_charge(charge_lookup()) is None
    assert await sandbox.charged_and_refunded() == (64_000, 64_000)


async def test_a_request_that_arrives_after_the_refund_charges_nothing(sandbox: Sandbox) -> None:
    charge = await sandbox.pay()
    await sandbox.payments.refund(refund_request())
    await sandbox.ledger.call("POST", "/forget-keys", {})
    for method, url, headers, body in list(sandbox.wire.changes):
        await sandbox.wire.exchange(method, url, headers=headers, body=body)
    (charged,) = await sandbox.ledger.data("/charges")
    assert charged["transaction_id"] == charge.transaction_id
    assert await sandbox.charged_and_refunded() == (64_000, 64_000)


async def test_after_there_was_nothing_nothing_is_charged(sandbox: Sandbox) -> None:
    assert await sandbox.payments.refund(refund_request()) == NOTHING
    assert await sandbox.payments.refund(refund_request()) == NOTHING
    await sandbox.ledger.call("POST", "/forget-keys", {})
    with pytest.raises(PaymentUndone):
        await sandbox.pay()
    assert await sandbox.charged_and_refunded() == (0, 0)


async def test_after_a_decline_there_was_nothing(sandbox: Sandbox) -> None:
    with pytest.raises(PaymentDeclined):
        await sandbox.pay("tok_declined")
    assert await sandbox.payments.refund(refund_request()) == NOTHING
    assert await sandbox.charged_and_refunded() == (0, 0)


@pytest.mark.parametrize("token", ["tok_slow_700", "tok_processing_700"])
async def test_a_charge_that_lands_after_its_undo_began_is_refunded(
    sandbox: Sandbox, token: str
) -> None:
    request = charge_request(token).model_copy(update={"may_open": True})
    opened: Charge | None = None
    if isinstance(sandbox.payments, StripePayments):
        opened = await sandbox.payments.charge(request)
        request = confirming(request, opened)
    charging = asyncio.create_task(sandbox.payments.charge(request))
    await until(sandbox.has_charge)
    # The worker is lost in the middle of it.
    charging.cancel()
    await asyncio.gather(charging, return_exceptions=True)
    undo = refund_request().model_copy(
        update={"payment_id": opened.transaction_id if opened else None}
    )
    refund = await until_done(sandbox.payments, undo)
    assert refund.refund_id is not None
    assert await sandbox.charged_and_refunded() == (64_000, 64_000)


async def test_a_refund_is_followed_until_it_succeeds(sandbox: Sandbox) -> None:
    await sandbox.pay("tok_refund_pending_300")
    with pytest.raises(ProviderUnavailable, match="pending"):
        await sandbox.payments.refund(refund_request())
    refund = await until_done(sandbox.payments, refund_request())
    (row,) = await sandbox.ledger.data("/refunds")
    assert (row["refund_id"], row["status"]) == (refund.refund_id, "succeeded")


async def test_a_refund_that_fails_is_owed_and_made_under_another_key(sandbox: Sandbox) -> None:
    await sandbox.pay("tok_refund_bounce_2")
    refund = await until_done(sandbox.payments, refund_request())
    first, second, third = await sandbox.ledger.data("/refunds")
    assert [first["status"], second["status"], third["status"]] == ["failed", "failed", "succeeded"]
    assert refund.refund_id == third["refund_id"]
    keys = [row["idempotency_key"] for row in (first, second, third)]
    assert keys == ["order-7:refund", "order-7:refund:2", "order-7:refund:3"]
    assert await sandbox.charged_and_refunded() == (64_000, 64_000)


async def test_what_became_of_a_payment_is_told_without_changing_it(sandbox: Sandbox) -> None:
    payments = sandbox.payments
    assert await payments.payments_of(charge_lookup()) == ()
    with pytest.raises(PaymentDeclined):
        await sandbox.pay("tok_declined")
    assert await payments.payments_of(charge_lookup()) == ()

    await payments.refund(refund_request())
    assert await payments.payments_of(charge_lookup()) == ()


async def test_a_payment_tells_what_of_it_is_back(sandbox: Sandbox) -> None:
    charge = await sandbox.pay("tok_refund_pending_60000")
    (paid,) = await sandbox.payments.payments_of(charge_lookup())
    assert (paid.transaction_id, paid.amount_cents, paid.refunded_cents) == (
        charge.transaction_id,
        64_000,
        0,
    )
    assert (paid.currency, paid.refund_id, paid.pending_refund_id) == ("USD", None, None)
    with pytest.raises(ProviderUnavailable, match="pending"):
        await sandbox.payments.refund(refund_request())
    (pending,) = await sandbox.payments.payments_of(charge_lookup())
    (row,) = await sandbox.ledger.data("/refunds")
    assert (pending.refunded_cents, pending.pending_refund_id) == (0, row["refund_id"])


async def test_only_a_refund_that_succeeded_gave_money_back(sandbox: Sandbox) -> None:
    await sandbox.pay("tok_refund_bounce")
    refund = await until_done(sandbox.payments, refund_request())
    (back,) = await sandbox.payments.payments_of(charge_lookup())
    assert (back.refunded_cents, back.refund_id) == (64_000, refund.refund_id)
    assert back.pending_refund_id is None


async def until_done(payments: PaymentProvider, request: Any) -> Refund:
    """Refund as often as it takes, as Temporal does; raise TimeoutError after a while."""
    async with asyncio.timeout(30):
        while True:
            try:
                return await payments.refund(request)
            except (ProviderUnavailable, ProviderRateLimited):
                await asyncio.sleep(0.05)
