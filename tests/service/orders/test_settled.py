"""What is left of an order's tries, by the word of its providers, on the sandbox's ledger."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from config import Settings
from models import OrderTry
from service.errors import BadInput, Refused, Unreachable
from service.orders.settled import Left, what_is_left
from tests.support.pipelines import later_try, small_order
from tests.support.provider_api_server import API_KEY, Caller, sandbox_api

FIRST, SECOND = later_try(small_order(), number=1), later_try(small_order())


@dataclass
class Shop:
    """The providers of an order, and what they have done so far."""

    settings: Settings
    api: Caller

    async def left(self, order: OrderTry = FIRST) -> Left:
        return await what_is_left(self.settings, order, payment_id=None)

    async def do(self, path: str, key: str, body: dict[str, Any]) -> dict[str, Any]:
        status, answer, _ = await self.api.call("POST", path, body, f"order-o1:{key}")
        assert status == 201, answer
        return dict(answer)

    async def charge(self, key: str = "charge", token: str = "tok_visa") -> str:  # noqa: S107
        money = {"order_id": "o1", "amount_cents": 2_000, "currency": "USD"}
        made = await self.do("/charges", key, {**money, "payment_token": token})
        return str(made["transaction_id"])

    async def refund(self, charge: str, key: str = "refund") -> str:
        money = {"amount_cents": 2_000, "currency": "USD"}
        return str(
            (await self.do("/refunds", key, {"transaction_id": charge, **money}))["refund_id"]
        )

    async def reserve(self, key: str = "reserve") -> str:
        items = [{"sku": "mug", "quantity": 2}]
        made = await self.do("/reservations", key, {"order_id": "o1", "items": items})
        return str(made["reservation_id"])


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Shop]:
    async with sandbox_api(tmp_path / "ledger.sqlite3") as (url, caller):
        settings = Settings(provider_api_url=url, provider_api_key=SecretStr(API_KEY))
        yield Shop(settings, caller)


async def test_nothing_is_left_where_nothing_was_done(shop: Shop) -> None:
    assert await shop.left(later_try(small_order(), number=3)) == Left(None, (), ())


async def test_a_charge_is_owed_until_its_refund_has_its_end(shop: Shop) -> None:
    charge = await shop.charge(token="tok_refund_pending_60000")
    assert (await shop.left()).owed == (f"20.00 USD of {charge} are not refunded",)
    refund = await shop.refund(charge)
    assert (await shop.left()).owed == (f"the refund {refund} of 20.00 USD is still pending",)


async def test_what_was_refunded_is_not_owed(shop: Shop) -> None:
    charge = await shop.charge()
    refund = await shop.refund(charge)
    left = await shop.left()
    assert left.owed == ()
    assert [(one.transaction_id, one.refund_id) for one in left.payments] == [(charge, refund)]


async def test_stock_is_owed_while_it_is_held(shop: Shop) -> None:
    held = await shop.reserve()
    assert (await shop.left()).owed == (f"the reservation {held} still holds stock",)
    await shop.api.call("DELETE", f"/reservations/{held}", None, "order-o1:release")
    assert (await shop.left()).owed == ()


async def test_every_try_is_asked_about(shop: Shop) -> None:
    first = await shop.charge()
    await shop.refund(first)
    second = await shop.charge("charge:2")
    assert (await shop.left(FIRST)).owed == ()
    assert (await shop.left(SECOND)).owed == (f"20.00 USD of {second} are not refunded",)
    third = await shop.left(later_try(small_order(), number=3))
    assert third.owed == (f"20.00 USD of {second} are not refunded",)


async def test_goods_with_the_carrier_are_found_whatever_a_run_remembers(shop: Shop) -> None:
    reservation = await shop.reserve()
    shipped = await shop.do("/shipments", "ship", {"order_id": "o1", "reservation_id": reservation})
    assert (await shop.left(SECOND)).shipment_id == shipped["shipment_id"]


async def test_without_an_answer_nothing_is_known(shop: Shop) -> None:
    wrong_key = shop.settings.model_copy(update={"provider_api_key": SecretStr("another")})
    with pytest.raises(Unreachable, match="the API key is refused"):
        await what_is_left(wrong_key, FIRST, None)


async def test_a_provider_that_is_not_set_up_is_named(shop: Shop) -> None:
    no_key = shop.settings.model_copy(update={"payment_provider": "stripe"})
    with pytest.raises(BadInput, match="STRIPE_API_KEY must be set"):
        await what_is_left(no_key, FIRST, None)


async def test_two_charges_under_one_key_are_both_owed(shop: Shop) -> None:
    charges = [await shop.charge()]
    await shop.api.call("POST", "/forget-keys", {})
    charges.append(await shop.charge())
    owed = (await shop.left()).owed
    assert owed == tuple(f"20.00 USD of {charge} are not refunded" for charge in charges)


async def test_what_cannot_be_read_is_refused(shop: Shop) -> None:
    for _ in range(2):
        await shop.reserve()
        await shop.api.call("POST", "/forget-keys", {})
    with pytest.raises(Refused, match="2 reservations were made under order-o1:reserve"):
        await shop.left()
