"""Each activity is one call to one provider, and gives back what the provider said."""

import dataclasses
import datetime as dt
import threading
from typing import Any

import pytest
from pydantic import SecretStr
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment

from activities.ocr import OcrActivities
from activities.orders import OrderActivities
from activities.receipts import ReceiptActivities
from activities.waits import WAITS_AFTER_ERRORS
from models import (
    ChargeRequest,
    EffectLookup,
    ExpenseRecord,
    Mail,
    RefundRequest,
    ReleaseRequest,
    RequestedItem,
    ReservationRequest,
    ShipmentRequest,
    StoredObject,
)
from providers.errors import ObjectMissing, ProviderUnavailable
from tests.support.fakes import FIELDS, TEXT, World

CHARGE = ChargeRequest(
    idempotency_key="k:charge",
    order_id="o1",
    amount_cents=2_000,
    currency="USD",
    payment_token=SecretStr("tok_visa"),
)
REFUND = RefundRequest(
    idempotency_key="k:refund",
    charge_idempotency_key="k:charge",
    order_id="o1",
    amount_cents=2_000,
    currency="USD",
)
RESERVE = ReservationRequest(
    idempotency_key="k:reserve", order_id="o1", items=(RequestedItem(sku="mug", quantity=2),)
)
RELEASE = ReleaseRequest(
    idempotency_key="k:release", reservation_idempotency_key="k:reserve", order_id="o1"
)
SHIP = ShipmentRequest(idempotency_key="k:ship", order_id="o1", reservation_id="rs-o1")
MAIL = Mail(idempotency_key="k:mail", to="ada@customer.example", subject="Hello", body="Hello.\n")
EXPENSE = ExpenseRecord(
    receipt_id="r1",
    user_id="u1",
    merchant="Cafe",
    total_cents=1_230,
    currency="EUR",
    date=None,
    parser="rules",
    object_key="receipts/abc.png",
)


class Bench:
    """Runs activities against scripted providers."""

    def __init__(self) -> None:
        self.world = World()
        self.orders = OrderActivities(self.world, self.world, self.world, self.world)
        self.receipts = ReceiptActivities(self.world, self.world, self.world)
        self.ocr = OcrActivities(self.world, self.world)

    async def run(self, method: Any, request: Any, attempt: int = 1) -> Any:
        """Run one attempt of a step, which is local where the workflows make it locally."""
        env, name = ActivityEnvironment(), method.__name__
        local_first = WAITS_AFTER_ERRORS[name].local_first
        env.info = dataclasses.replace(
            env.info,
            activity_type=name,
            is_local=local_first and attempt == 1,
            attempt=max(attempt - local_first, 1),
        )
        return await env.run(method, request)


@pytest.fixture
def bench() -> Bench:
    return Bench()


async def test_a_charge_and_its_lookup(bench: Bench) -> None:
    missing = await bench.run(bench.orders.find_charge, EffectLookup(idempotency_key="k:charge"))
    assert missing.charge is None
    charge = await bench.run(bench.orders.charge_payment, CHARGE)
    assert (charge.transaction_id, charge.amount_cents) == ("ch-o1", 2_000)
    found = await bench.run(bench.orders.find_charge, EffectLookup(idempotency_key="k:charge"))
    assert found.charge == charge
    assert (await bench.run(bench.orders.refund_payment, REFUND)).refund_id == "re-o1"


async def test_a_reservation_and_its_release(bench: Bench) -> None:
    reservation = await bench.run(bench.orders.reserve_inventory, RESERVE)
    release = await bench.run(bench.orders.release_inventory, RELEASE)
    assert release.reservation_id == reservation.reservation_id


async def test_a_shipment_and_its_lookup(bench: Bench) -> None:
    lookup = EffectLookup(idempotency_key="k:ship")
    assert (await bench.run(bench.orders.find_shipment, lookup)).shipment is None
    shipment = await bench.run(bench.orders.schedule_shipment, SHIP)
    assert (await bench.run(bench.orders.find_shipment, lookup)).shipment == shipment


async def test_every_mail_goes_to_the_mail_provider_as_it_is(bench: Bench) -> None:
    for method in (
        bench.orders.send_confirmation,
        bench.orders.send_cancellation,
        bench.receipts.notify_user,
    ):
        assert (await bench.run(method, MAIL)).message_id == "<k:mail>"
        assert bench.world.calls[-1].request == MAIL


async def test_text_is_read_from_what_is_stored_under_the_key(bench: Bench) -> None:
    text = await bench.run(bench.ocr.extract_text, StoredObject(object_key="receipts/abc.png"))
    assert text == TEXT.model_copy(update={"object_key": "receipts/abc.png"})
    assert bench.world.calls[-1].request == bench.world.get("receipts/abc.png")


async def test_ocr_leaves_the_event_loop_free_to_beat(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    read_in: list[int] = []
    read = bench.world.read

    def note_thread(image: bytes) -> Any:
        read_in.append(threading.get_ident())
        return read(image)

    monkeypatch.setattr(bench.world, "read", note_thread)
    await bench.run(bench.ocr.extract_text, StoredObject(object_key="receipts/abc.png"))
    assert read_in != [threading.get_ident()]


async def test_an_object_that_is_missing_is_said_to_be(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(object_key: str) -> bytes:
        raise ObjectMissing(f"the bucket does not hold {object_key}")

    monkeypatch.setattr(bench.world, "get", missing)
    with pytest.raises(ApplicationError, match=r"does not hold receipts/abc\.png") as told:
        await bench.run(bench.ocr.extract_text, StoredObject(object_key="receipts/abc.png"))
    assert told.value.type == "ObjectMissing"


async def test_fields_are_found_and_the_expense_is_saved(bench: Bench) -> None:
    assert await bench.run(bench.receipts.parse_receipt, TEXT) == FIELDS
    saved = await bench.run(bench.receipts.save_expense, EXPENSE)
    assert saved.expense_id == "ex-r1"
    assert await bench.run(bench.receipts.save_expense, EXPENSE) == saved
    assert bench.world.expenses == {"r1": EXPENSE}


@pytest.mark.parametrize(("attempt", "seconds"), [(1, 3), (2, 6), (9, 27)])
async def test_saving_asks_for_a_wait_that_grows_by_three_seconds(
    bench: Bench, attempt: int, seconds: int
) -> None:
    bench.world.fail("save_expense", ProviderUnavailable("the database is away"))
    with pytest.raises(ApplicationError) as told:
        await bench.run(bench.receipts.save_expense, EXPENSE, attempt)
    assert told.value.next_retry_delay == dt.timedelta(seconds=seconds)


async def test_the_charge_keeps_its_token_to_itself(bench: Bench) -> None:
    bench.world.fail("charge_payment", ProviderUnavailable("answered 503"))
    with pytest.raises(ApplicationError) as told:
        await bench.run(bench.orders.charge_payment, CHARGE)
    assert "tok_visa" not in f"{told.value!r} {CHARGE!r} {CHARGE}"
