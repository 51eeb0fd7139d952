"""Payments, inventory and shipping over HTTP, against the sandbox."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from pydantic import SecretStr

from models import (
    Release,
)
from providers.errors import (
    AnswerMismatch,
    InvalidRequest,
    OutOfStock,
    PaymentDeclined,
    ProviderError,
    ProviderRateLimited,
    ProviderUnavailable,
    Unauthorized,
    UnknownSku,
)
from providers.payments.http import HttpPayments
from providers.transport.http_api import HttpApi
from tests.support.provider_api_server import API_KEY, Caller, sandbox_api
from tests.support.provider_requests import (
    Providers,
    charge_lookup,
    charge_request,
    providers_on,
    refund_request,
    release_request,
    reservation_request,
    shipment_request,
)


@dataclass
class Sandbox:
    providers: Providers
    ledger: Caller
    url: str


@pytest.fixture
async def sandbox(tmp_path: Path) -> AsyncIterator[Sandbox]:
    async with sandbox_api(tmp_path / "ledger.sqlite3") as (url, caller):
        api = HttpApi(url, SecretStr(API_KEY))
        yield Sandbox(providers_on(api), caller, url)
        await api.close()


async def test_a_charge_whose_answer_was_lost_is_found_and_refunded(sandbox: Sandbox) -> None:
    payments = sandbox.providers.payments
    with pytest.raises(ProviderUnavailable):
        await payments.charge(charge_request("tok_drop"))
    found = await payments.find_charge(charge_lookup())
    assert found is not None
    assert (await payments.refund(refund_request())).transaction_id == found.transaction_id


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
async def test_each_refusal_of_a_charge_has_its_error(
    sandbox: Sandbox, token: str, kind: type[ProviderError]
) -> None:
    with pytest.raises(ProviderError) as caught:
        await sandbox.providers.payments.charge(charge_request(token))
    assert type(caught.value) is kind
    assert token not in str(caught.value)
    assert caught.value.retry_after_seconds == (2.0 if kind is ProviderRateLimited else None)


async def test_a_key_used_with_other_content_is_an_error(sandbox: Sandbox) -> None:
    await sandbox.providers.payments.charge(charge_request())
    with pytest.raises(AnswerMismatch, match=r"640\.00 USD"):
        await sandbox.providers.payments.charge(charge_request(cents=1))
    await sandbox.providers.inventory.reserve(reservation_request())
    with pytest.raises(AnswerMismatch, match="other items"):
        await sandbox.providers.inventory.reserve(reservation_request(quantity=1))


async def test_a_wrong_key_is_unauthorized(sandbox: Sandbox) -> None:
    api = HttpApi(sandbox.url, SecretStr("not-the-key"))
    with pytest.raises(Unauthorized) as caught:
        await HttpPayments(api).charge(charge_request())
    await api.close()
    assert "not-the-key" not in str(caught.value)


async def test_stock_is_held_once_and_given_back_once(sandbox: Sandbox) -> None:
    inventory = sandbox.providers.inventory
    held = await inventory.reserve(reservation_request())
    assert await inventory.reserve(reservation_request()) == held
    (shelf,) = await sandbox.ledger.data("/stock?sku=rare-vinyl")
    assert (shelf["available"], shelf["reserved"]) == (3, 2)
    released = await inventory.release(release_request())
    assert released.reservation_id == held.reservation_id
    assert await inventory.release(release_request()) == released
    (shelf,) = await sandbox.ledger.data("/stock?sku=rare-vinyl")
    assert (shelf["available"], shelf["reserved"]) == (5, 0)


async def test_after_there_was_nothing_to_release_nothing_is_reserved(sandbox: Sandbox) -> None:
    inventory = sandbox.providers.inventory
    for _ in range(2):
        assert await inventory.release(release_request()) == Release(reservation_id=None)
    await sandbox.ledger.call("POST", "/forget-keys", {})
    # A request that was on its way all the time.
    with pytest.raises(InvalidRequest, match="reservation_cancelled"):
        await inventory.reserve(reservation_request())
    (shelf,) = await sandbox.ledger.data("/stock?sku=rare-vinyl")
    assert (shelf["available"], shelf["reserved"]) == (5, 0)


async def test_after_a_release_nothing_is_reserved(sandbox: Sandbox) -> None:
    inventory = sandbox.providers.inventory
    await inventory.reserve(reservation_request())
    await inventory.release(release_request())
    await sandbox.ledger.call("POST", "/forget-keys", {})
    body = reservation_request().model_dump(include={"order_id", "items"}, mode="json")
    status, answer, _ = await sandbox.ledger.call("POST", "/reservations", body, "order-7:reserve")
    assert (status, answer["error"]["code"]) == (422, "reservation_cancelled")


async def test_stock_is_held_and_shipped_once_though_the_keys_are_forgotten(
    sandbox: Sandbox,
) -> None:
    inventory, shipping = sandbox.providers.inventory, sandbox.providers.shipping
    held = await inventory.reserve(reservation_request())
    await sandbox.ledger.call("POST", "/forget-keys", {})
    assert await inventory.reserve(reservation_request()) == held
    shipment = await shipping.schedule(shipment_request(held.reservation_id))
    await sandbox.ledger.call("POST", "/forget-keys", {})
    assert await inventory.reserve(reservation_request()) == held
    assert await shipping.schedule(shipment_request(held.reservation_id)) == shipment
    (shelf,) = await sandbox.ledger.data("/stock?sku=rare-vinyl")
    assert (shelf["available"], shelf["reserved"], shelf["shipped"]) == (3, 0, 2)


async def test_a_reservation_whose_answer_was_lost_is_released(sandbox: Sandbox) -> None:
    inventory = sandbox.providers.inventory
    with pytest.raises(ProviderUnavailable):
        await inventory.reserve(reservation_request("sku-drop"))
    assert (await inventory.release(release_request())).reservation_id is not None
    (shelf,) = await sandbox.ledger.data("/stock?sku=sku-drop")
    assert shelf["reserved"] == 0


@pytest.mark.parametrize(
    ("sku", "kind"),
    [
        ("sku-out-of-stock", OutOfStock),
        ("sku-unknown", UnknownSku),
        ("sku-fail-503-1", ProviderUnavailable),
        ("sku-rate-limited", ProviderRateLimited),
    ],
)
async def test_each_refusal_of_a_reservation_has_its_error(
    sandbox: Sandbox, sku: str, kind: type[ProviderError]
) -> None:
    with pytest.raises(ProviderError) as caught:
        await sandbox.providers.inventory.reserve(reservation_request(sku))
    assert type(caught.value) is kind
    if kind in (OutOfStock, UnknownSku):
        assert sku in str(caught.value)


async def test_a_shipment_is_made_once_and_found(sandbox: Sandbox) -> None:
    shipping = sandbox.providers.shipping
    assert await shipping.find_shipment("order-7:ship") is None
    held = await sandbox.providers.inventory.reserve(reservation_request())
    request = shipment_request(held.reservation_id)
    shipment = await shipping.schedule(request)
    assert await shipping.schedule(request) == shipment
    assert await shipping.find_shipment("order-7:ship") == shipment
    assert len(await sandbox.ledger.data("/shipments")) == 1
    with pytest.raises(InvalidRequest, match="already_shipped"):
        await sandbox.providers.inventory.release(release_request())


async def test_what_cannot_be_shipped_is_an_error(sandbox: Sandbox) -> None:
    with pytest.raises(InvalidRequest, match="unknown_reservation"):
        await sandbox.providers.shipping.schedule(shipment_request("res_0"))
