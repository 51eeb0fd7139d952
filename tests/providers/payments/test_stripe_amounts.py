"""Amounts as Stripe counts them, by themselves and through the real SDK on the sandbox's Stripe."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models import DIGITS, LARGEST_AMOUNT, Refund
from providers.errors import AnswerMismatch, InvalidRequest
from providers.payments import PaymentProvider
from providers.payments.stripe import StripePayments
from providers.payments.stripe_amounts import from_stripe, to_stripe
from tests.support.provider_api_server import API_KEY, Caller, sandbox_api
from tests.support.provider_requests import (
    charge_lookup,
    charge_request,
    refund_request,
    stripe_settings,
)

EXAMPLES = [
    ("USD", 1_000, 1_000),
    ("HUF", 1_045, 1_045),  # no decimals in payouts alone
    ("JPY", 500, 500),
    ("XOF", 500, 500),
    ("ISK", 5, 500),  # no decimals by now, but still sent with two
    ("UGX", 5, 500),
    ("MGA", 500, 5),  # two decimals by ISO 4217, none at Stripe
    ("KWD", 5_120, 5_120),
]
REFUSED = [
    ("KWD", 5_124, "does not take 5.124 KWD"),
    ("MGA", 1_050, "does not take 10.50 MGA"),
    ("IQD", 1_000, "not known to take IQD"),
    ("CLF", 10_000, "not known to take CLF"),
    ("UYI", 10, "not known to take UYI"),
    ("DEM", 1_000, "DEM is not the ISO 4217 code of a currency in use"),
]


@pytest.mark.parametrize(("currency", "amount", "sent"), EXAMPLES)
def test_an_amount_is_sent_as_stripe_counts(currency: str, amount: int, sent: int) -> None:
    assert to_stripe(amount, currency) == sent
    assert from_stripe(sent, currency) == amount


@settings(deadline=None)
@given(st.integers(min_value=1, max_value=LARGEST_AMOUNT), st.sampled_from(sorted(DIGITS)))
def test_an_amount_comes_back_as_it_was_or_is_never_sent(amount: int, currency: str) -> None:
    try:
        sent = to_stripe(amount, currency)
    except InvalidRequest:
        return
    assert from_stripe(sent, currency) == amount


@pytest.mark.parametrize(("currency", "amount", "reason"), REFUSED)
def test_an_amount_is_refused_and_never_rounded(currency: str, amount: int, reason: str) -> None:
    with pytest.raises(InvalidRequest, match=reason):
        to_stripe(amount, currency)


def test_a_part_of_a_krona_is_a_mismatch() -> None:
    with pytest.raises(AnswerMismatch, match="550 ISK, which is no whole minor unit"):
        from_stripe(550, "ISK")


# --- through the SDK ----------------------------------------------------------------------------


@pytest.fixture
async def sandbox(tmp_path: Path) -> AsyncIterator[tuple[PaymentProvider, Caller]]:
    async with sandbox_api(tmp_path / "ledger.sqlite3") as (url, caller):
        payments = StripePayments(stripe_settings(url, API_KEY))
        yield payments, caller
        await payments.close()


@pytest.mark.parametrize(("currency", "amount", "_sent"), EXAMPLES)
async def test_a_charge_and_its_refund_are_of_the_amount_that_was_asked_for(
    sandbox: tuple[PaymentProvider, Caller], currency: str, amount: int, _sent: int
) -> None:
    payments, ledger = sandbox
    charge = await payments.charge(charge_request(cents=amount, currency=currency))
    assert (charge.amount_cents, charge.currency) == (amount, currency)
    assert await payments.find_charge(charge_lookup()) == charge
    (charged,) = await ledger.data("/charges")
    assert (charged["amount_cents"], charged["currency"]) == (amount, currency)

    (payment,) = await payments.payments_of(charge_lookup())
    assert (payment.amount_cents, payment.refunded_cents) == (amount, 0)

    await payments.refund(refund_request(cents=amount, currency=currency))
    (payment,) = await payments.payments_of(charge_lookup())
    assert (payment.amount_cents, payment.refunded_cents) == (amount, amount)
    (refunded,) = await ledger.data("/refunds")
    assert (refunded["amount_cents"], refunded["currency"]) == (amount, currency)


@pytest.mark.parametrize(
    ("currency", "amount"), [("KWD", 5_124), ("MGA", 1_050), ("IQD", 1_000), ("XXX", 1_000)]
)
async def test_what_stripe_cannot_take_is_refused_and_there_is_nothing_to_undo(
    sandbox: tuple[PaymentProvider, Caller], currency: str, amount: int
) -> None:
    payments, ledger = sandbox
    with pytest.raises(InvalidRequest) as refused:
        await payments.charge(charge_request(cents=amount, currency=currency))
    assert type(refused.value) is InvalidRequest, "no other kind, which no policy names"

    undone = await payments.refund(refund_request(cents=amount, currency=currency))
    assert undone == Refund(refund_id=None, transaction_id=None)
    assert await ledger.data("/charges") == []
