"""Payments, inventory and shipping over HTTP, against the sandbox and against liars."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from pydantic import SecretStr

from models import (
    ChargeRequest,
    Refund,
    RefundRequest,
    Release,
    ReleaseRequest,
    RequestedItem,
    ReservationRequest,
    ShipmentRequest,
)
from providers.errors import (
    AnswerMismatch,
    IdempotencyKeyReused,
    InvalidRequest,
    OutOfStock,
    PaymentDeclined,
    ProviderError,
    ProviderRateLimited,
    ProviderUnavailable,
    Unauthorized,
    UnexpectedAnswer,
    UnknownSku,
)
from providers.http_api import HttpApi
from providers.http_inventory import HttpInventory
from providers.http_payments import HttpPayments
from providers.http_shipping import HttpShipping
from providers.inventory import InventoryProvider
from providers.payments import PaymentProvider
from providers.shipping import ShippingProvider
from tests.provider_api_server import API_KEY, Caller, sandbox_api, serving


@dataclass
class Providers:
    payments: PaymentProvider
    inventory: InventoryProvider
    shipping: ShippingProvider


def providers_on(api: HttpApi) -> Providers:
    return Providers(HttpPayments(api), HttpInventory(api), HttpShipping(api))


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


def charge_request(token: str = "tok_visa", cents: int = 64_000) -> ChargeRequest:  # noqa: S107
    return ChargeRequest(
        idempotency_key="order-7:charge",
        order_id="7",
        amount_cents=cents,
        currency="USD",
        payment_token=SecretStr(token),
    )


def refund_request(key: str = "order-7:refund", order_id: str = "7") -> RefundRequest:
    return RefundRequest(
        idempotency_key=key,
        charge_idempotency_key="order-7:charge",
        order_id=order_id,
        amount_cents=64_000,
        currency="USD",
    )


def reservation_request(sku: str = "rare-vinyl", quantity: int = 2) -> ReservationRequest:
    return ReservationRequest(
        idempotency_key="order-7:reserve",
        order_id="7",
        items=(RequestedItem(sku=sku, quantity=quantity),),
    )


def release_request(order_id: str = "7") -> ReleaseRequest:
    return ReleaseRequest(
        idempotency_key="order-7:release",
        reservation_idempotency_key="order-7:reserve",
        order_id=order_id,
    )


def shipment_request(reservation_id: str) -> ShipmentRequest:
    return ShipmentRequest(
        idempotency_key="order-7:ship", order_id="7", reservation_id=reservation_id
    )


async def test_a_charge_is_made_once_found_and_refunded_once(sandbox: Sandbox) -> None:
    payments = sandbox.providers.payments
    assert await payments.find_charge("order-7:charge") is None
    charge = await payments.charge(charge_request())
    assert (charge.amount_cents, charge.currency) == (64_000, "USD")
    assert await payments.charge(charge_request()) == charge
    assert await payments.find_charge("order-7:charge") == charge
    refund = await payments.refund(refund_request())
    assert refund.transaction_id == charge.transaction_id
    assert await payments.refund(refund_request()) == refund
    assert await payments.refund(refund_request(key="another-key")) == refund
    (row,) = await sandbox.ledger.data("/refunds")
    assert (row["refund_id"], row["amount_cents"]) == (refund.refund_id, 64_000)


async def test_no_charge_no_refund(sandbox: Sandbox) -> None:
    payments = sandbox.providers.payments
    assert await payments.refund(refund_request()) == Refund(refund_id=None, transaction_id=None)
    with pytest.raises(PaymentDeclined):
        await payments.charge(charge_request("tok_declined"))
    assert await payments.refund(refund_request()) == Refund(refund_id=None, transaction_id=None)
    assert await sandbox.ledger.data("/refunds") == []


async def test_a_charge_whose_answer_was_lost_is_found_and_refunded(sandbox: Sandbox) -> None:
    payments = sandbox.providers.payments
    with pytest.raises(ProviderUnavailable):
        await payments.charge(charge_request("tok_drop"))
    found = await payments.find_charge("order-7:charge")
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
    with pytest.raises(IdempotencyKeyReused, match="order-7:charge"):
        await sandbox.providers.payments.charge(charge_request(cents=1))


async def test_a_wrong_key_is_unauthorized(sandbox: Sandbox) -> None:
    api = HttpApi(sandbox.url, SecretStr("not-the-key"))
    with pytest.raises(Unauthorized) as caught:
        await HttpPayments(api).charge(charge_request())
    await api.close()
    assert "not-the-key" not in str(caught.value)


async def test_stock_is_held_once_and_given_back_once(sandbox: Sandbox) -> None:
    inventory = sandbox.providers.inventory
    nothing = await inventory.release(release_request())
    assert nothing == Release(reservation_id=None)
    held = await inventory.reserve(reservation_request())
    assert await inventory.reserve(reservation_request()) == held
    (shelf,) = await sandbox.ledger.data("/stock?sku=rare-vinyl")
    assert (shelf["available"], shelf["reserved"]) == (3, 2)
    released = await inventory.release(release_request())
    assert released.reservation_id == held.reservation_id
    assert await inventory.release(release_request()) == released
    (shelf,) = await sandbox.ledger.data("/stock?sku=rare-vinyl")
    assert (shelf["available"], shelf["reserved"]) == (5, 0)


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


GOOD: dict[str, dict[str, Any]] = {
    "/charges": {
        "transaction_id": "t1",
        "idempotency_key": "order-7:charge",
        "order_id": "7",
        "amount_cents": 64_000,
        "currency": "USD",
    },
    "/refunds": {
        "refund_id": "r1",
        "transaction_id": "t1",
        "order_id": "7",
        "amount_cents": 64_000,
        "currency": "USD",
    },
    "/reservations": {
        "reservation_id": "res/../1",
        "idempotency_key": "order-7:reserve",
        "order_id": "7",
        "items": [{"sku": "rare-vinyl", "quantity": 2}],
    },
    "/shipments": {
        "shipment_id": "s1",
        "idempotency_key": "order-7:ship",
        "order_id": "7",
        "reservation_id": "res_1",
    },
}


@dataclass
class Liar:
    """A provider of the small contract that lies about one thing: a table, and what to say."""

    table: str = ""
    says: Any = None
    deleted: str = ""

    async def handle(self, request: web.Request) -> web.StreamResponse:
        table = "/" + request.path.split("/")[1]
        row: Any = GOOD[table]
        if request.method == "DELETE":
            self.deleted = request.raw_path
        if table == self.table and isinstance(self.says, list):
            row = self.says
        elif table == self.table:
            row = row | self.says
        if request.method != "GET":
            return web.json_response(row if isinstance(row, dict) else row[0])
        return web.json_response({"data": [row] if isinstance(row, dict) else row})


CALLS: dict[str, Callable[[Providers], Awaitable[Any]]] = {
    "charge": lambda on: on.payments.charge(charge_request()),
    "find_charge": lambda on: on.payments.find_charge("order-7:charge"),
    "refund": lambda on: on.payments.refund(refund_request()),
    "reserve": lambda on: on.inventory.reserve(reservation_request()),
    "release": lambda on: on.inventory.release(release_request()),
    "ship": lambda on: on.shipping.schedule(shipment_request("res_1")),
    "find_shipment": lambda on: on.shipping.find_shipment("order-7:ship"),
}


LIES: list[tuple[str, str, Any, type[ProviderError]]] = [
    ("charge", "/charges", {"amount_cents": 6_400}, AnswerMismatch),
    ("charge", "/charges", {"currency": "EUR"}, AnswerMismatch),
    ("charge", "/charges", {"order_id": "8"}, AnswerMismatch),
    ("charge", "/charges", {"idempotency_key": "order-8:charge"}, AnswerMismatch),
    ("charge", "/charges", {"transaction_id": ""}, UnexpectedAnswer),
    ("charge", "/charges", {"transaction_id": None}, UnexpectedAnswer),
    ("charge", "/charges", {"transaction_id": "t" * 1_000}, UnexpectedAnswer),
    ("charge", "/charges", {"amount_cents": "64000"}, UnexpectedAnswer),
    ("find_charge", "/charges", {"idempotency_key": "order-8:charge"}, AnswerMismatch),
    ("find_charge", "/charges", [GOOD["/charges"]] * 2, AnswerMismatch),
    ("refund", "/charges", {"order_id": "8"}, AnswerMismatch),
    ("refund", "/charges", [GOOD["/charges"]] * 2, AnswerMismatch),
    ("refund", "/refunds", {"amount_cents": 1}, AnswerMismatch),
    ("refund", "/refunds", {"currency": "EUR"}, AnswerMismatch),
    ("refund", "/refunds", {"transaction_id": "t2"}, AnswerMismatch),
    ("refund", "/refunds", {"refund_id": ""}, UnexpectedAnswer),
    ("reserve", "/reservations", {"order_id": "8"}, AnswerMismatch),
    ("reserve", "/reservations", {"idempotency_key": "k"}, AnswerMismatch),
    ("reserve", "/reservations", {"items": []}, AnswerMismatch),
    ("reserve", "/reservations", {"items": [{"sku": "mug", "quantity": 2}]}, AnswerMismatch),
    ("release", "/reservations", {"order_id": "8"}, AnswerMismatch),
    ("release", "/reservations", [GOOD["/reservations"]] * 2, AnswerMismatch),
    ("ship", "/shipments", {"order_id": "8"}, AnswerMismatch),
    ("ship", "/shipments", {"reservation_id": "res_2"}, AnswerMismatch),
    ("ship", "/shipments", {"idempotency_key": "k"}, AnswerMismatch),
    ("find_shipment", "/shipments", {"idempotency_key": "k"}, AnswerMismatch),
    ("find_shipment", "/shipments", [GOOD["/shipments"]] * 2, AnswerMismatch),
]


@pytest.mark.parametrize(("name", "table", "says", "kind"), LIES)
async def test_an_answer_to_another_question_is_never_a_success(
    name: str, table: str, says: Any, kind: type[ProviderError]
) -> None:
    with pytest.raises(ProviderError) as caught:
        await call_liar(Liar(table, says), name)
    assert type(caught.value) is kind


@pytest.mark.parametrize("name", CALLS)
async def test_the_same_provider_without_its_lie_is_believed(name: str) -> None:
    answer = await call_liar(Liar(), name)
    assert set(answer.model_dump().values()) & {"t1", "res/../1", "s1"}


async def test_an_id_of_the_provider_cannot_lead_to_another_path() -> None:
    liar = Liar()
    await call_liar(liar, "release")
    assert liar.deleted == "/reservations/res%2F..%2F1"


async def call_liar(liar: Liar, name: str) -> Any:
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", liar.handle)
    async with serving(app) as url:
        api = HttpApi(url, SecretStr("k"))
        try:
            return await CALLS[name](providers_on(api))
        finally:
            await api.close()
