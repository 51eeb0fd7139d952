"""The Stripe provider through the real SDK, on the sandbox's ledger."""

import sqlite3
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from config import Settings
from providers.errors import (
    AnswerMismatch,
    InvalidRequest,
    PaymentDeclined,
    ProviderError,
    ProviderRateLimited,
    ProviderUnavailable,
    Unauthorized,
)
from providers.payments import PaymentProvider
from providers.payments.stripe import StripePayments
from tests.support.provider_api_server import API_KEY, Caller, sandbox_api
from tests.support.provider_requests import (
    charge_lookup,
    charge_request,
    stripe_settings,
)


@dataclass
class Sandbox:
    payments: PaymentProvider
    ledger: Caller
    database: Path
    url: str


@pytest.fixture
async def sandbox(tmp_path: Path) -> AsyncIterator[Sandbox]:
    database = tmp_path / "ledger.sqlite3"
    async with sandbox_api(database) as (url, caller):
        payments = StripePayments(stripe_settings(url, API_KEY))
        yield Sandbox(payments, caller, database, url)
        await payments.close()


@pytest.mark.parametrize(
    ("token", "kind"),
    [
        ("tok_declined", PaymentDeclined),
        ("tok_insufficient_funds", PaymentDeclined),
        ("tok_invalid", InvalidRequest),
        ("tok_fail_503_1", ProviderUnavailable),
        ("tok_rate_limited", ProviderRateLimited),
        ("tok_drop", ProviderUnavailable),
    ],
)
async def test_each_refusal_has_its_error(
    sandbox: Sandbox, token: str, kind: type[ProviderError]
) -> None:
    with pytest.raises(ProviderError) as caught:
        await sandbox.payments.charge(charge_request(token))
    assert type(caught.value) is kind
    assert token not in str(caught.value)
    assert caught.value.retry_after_seconds == (2.0 if kind is ProviderRateLimited else None)


async def test_a_decline_says_why(sandbox: Sandbox) -> None:
    with pytest.raises(PaymentDeclined, match="insufficient_funds"):
        await sandbox.payments.charge(charge_request("tok_insufficient_funds"))


async def test_a_key_used_with_other_content_is_an_error(sandbox: Sandbox) -> None:
    await sandbox.payments.charge(charge_request())
    with pytest.raises(AnswerMismatch):
        await sandbox.payments.charge(charge_request(cents=1))


async def test_a_wrong_key_is_unauthorized(sandbox: Sandbox) -> None:
    payments = StripePayments(stripe_settings(sandbox.url, "sk_test_not_the_key"))
    with pytest.raises(Unauthorized) as caught:
        await payments.charge(charge_request())
    await payments.close()
    assert "sk_test_not_the_key" not in str(caught.value)


async def test_a_charge_whose_answer_was_lost_is_found_although_the_search_lags(
    sandbox: Sandbox,
) -> None:
    with pytest.raises(ProviderUnavailable):
        await sandbox.payments.charge(charge_request("tok_drop"))
    found = await sandbox.payments.find_charge(charge_lookup())
    (row,) = await sandbox.ledger.data("/charges")
    assert found is not None
    assert found.transaction_id == row["transaction_id"]


async def test_a_recent_charge_is_found_on_a_later_page(sandbox: Sandbox) -> None:
    first = await sandbox.payments.charge(charge_request(key="first'\\s"))
    for number in range(100):
        await sandbox.payments.charge(charge_request(key=f"k{number}"))
    assert await sandbox.payments.find_charge(charge_lookup("first'\\s")) == first
    assert await sandbox.payments.find_charge(charge_lookup("nobody's")) is None


async def test_an_old_charge_is_found_by_the_search(sandbox: Sandbox) -> None:
    charge = await sandbox.payments.charge(charge_request(key="it's\\old"))
    with sqlite3.connect(sandbox.database) as db:
        db.execute("UPDATE intents SET created_at = '2020-01-01T00:00:00+00:00'")
    db.close()
    assert await sandbox.payments.find_charge(charge_lookup("it's\\old")) == charge


def test_without_a_key_it_says_which_setting_is_missing() -> None:
    with pytest.raises(ValueError, match="STRIPE_API_KEY"):
        StripePayments(Settings(_env_file=None, stripe_api_key=None))
