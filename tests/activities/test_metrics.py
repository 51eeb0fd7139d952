"""What activities count on the SDK's meter: each effect once, by whoever caused it."""

import dataclasses
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from pydantic import SecretStr
from temporalio.exceptions import ApplicationError
from temporalio.runtime import MetricBuffer, Runtime, TelemetryConfig
from temporalio.testing import ActivityEnvironment

from activities.mails import MailActivities
from activities.metrics import PROVIDER_OF
from activities.ocr import OcrActivities
from activities.orders import OrderActivities
from activities.receipts import ReceiptActivities
from models import (
    Charge,
    ChargeRequest,
    Mail,
    ReceiptFields,
    RefundRequest,
    ReleaseRequest,
    StoredObject,
    TextToParse,
    TryToSettle,
)
from providers.errors import BadAddress, PaymentDeclined, TotalNotFound
from tests.support.activities import ALL_ACTIVITIES, names_of
from tests.support.fakes import FIELDS, TEXT, World

CHARGE = ChargeRequest(
    idempotency_key="order-7:charge",
    order_id="7",
    amount_cents=64_000,
    currency="EUR",
    payment_token=SecretStr("tok_visa"),
)
REFUND = RefundRequest(
    idempotency_key="order-7:refund",
    charge_idempotency_key=CHARGE.idempotency_key,
    order_id="7",
    amount_cents=64_000,
    currency="EUR",
)
MAIL = Mail(idempotency_key="order-7:confirm", to="ada@shop.example", subject="Hello", body="Hi")

OWN_LABELS = {"currency", "kind", "outcome", "provider"}
"""The SDK adds those of the activity."""

Counted = Counter[tuple[str, ...]]


class Counting:
    """Runs activities, and keeps what they count: a metric's name, then its labels' values."""

    def __init__(self) -> None:
        self._buffer = MetricBuffer(10_000)
        self._runtime = Runtime(telemetry=TelemetryConfig(metrics=self._buffer))
        self.world = World()
        world = self.world
        self.orders = OrderActivities(world, world, world, world, world)

    async def run(self, method: Callable[..., Any], request: object, attempt: int = 1) -> None:
        env = ActivityEnvironment()
        env.metric_meter = self._runtime.metric_meter
        env.info = dataclasses.replace(env.info, activity_type=method.__name__, attempt=attempt)
        await env.run(method, request)

    def counted(self) -> Counted:
        counted: Counted = Counter()
        for update in self._buffer.retrieve_updates():
            given = sorted(update.attributes.items())
            labels = (str(value) for name, value in given if name in OWN_LABELS)
            own = update.metric.name.startswith("pipelines_")
            if own and update.metric.kind == 0:
                counted[update.metric.name, *labels] += int(update.value)
        return counted


@pytest.fixture
def counting() -> Counting:
    return Counting()


def test_each_activity_has_a_provider() -> None:
    methods = [
        getattr(owner, name)
        for owner in ALL_ACTIVITIES
        for name in vars(owner)
        if hasattr(getattr(owner, name), "__temporal_activity_definition")
    ]
    assert {name for _, name in names_of(methods)} == set(PROVIDER_OF)


async def test_money_is_counted_once_however_often_it_is_asked_for(
    counting: Counting, monkeypatch: pytest.MonkeyPatch
) -> None:
    await counting.run(counting.orders.charge_payment, CHARGE)
    await counting.run(counting.orders.refund_payment, REFUND)
    assert counting.counted() == {
        ("pipelines_charged_minor_units", "EUR"): 64_000,
        ("pipelines_refunded_minor_units", "EUR"): 64_000,
    }

    made, returned = counting.world.charge, counting.world.refund

    async def found_charge(request: ChargeRequest) -> Charge:
        return (await made(request)).model_copy(update={"is_repeat": True})

    async def found_refund(request: RefundRequest) -> Any:
        return (await returned(request)).model_copy(update={"is_repeat": True})

    counting.world.refunds.clear()
    monkeypatch.setattr(counting.world, "charge", found_charge)
    monkeypatch.setattr(counting.world, "refund", found_refund)
    await counting.run(counting.orders.charge_payment, CHARGE)
    await counting.run(counting.orders.refund_payment, REFUND)
    assert counting.counted() == {}, "made in another run"

    counting.world.refunds.clear()
    await counting.run(counting.orders.charge_payment, CHARGE, attempt=2)
    assert set(counting.counted()) == {("pipelines_charged_minor_units", "EUR")}, "its answer came"


async def test_what_is_only_opened_or_never_charged_counts_nothing(counting: Counting) -> None:
    counting.world.opens_payments = True
    await counting.run(counting.orders.charge_payment, CHARGE)
    await counting.run(counting.orders.refund_payment, REFUND)
    assert counting.counted() == {}


async def test_the_refund_of_an_earlier_try_counts(counting: Counting) -> None:
    await counting.run(counting.orders.charge_payment, CHARGE)
    release = ReleaseRequest(
        idempotency_key="order-7:release", reservation_idempotency_key="x", order_id="7"
    )
    earlier = TryToSettle(refund=REFUND, release=release, shipment_idempotency_key="order-7:ship")
    await counting.run(counting.orders.settle_try, earlier)
    assert counting.counted()["pipelines_refunded_minor_units", "EUR"] == 64_000


async def test_an_error_is_counted_by_its_provider_and_its_kind(counting: Counting) -> None:
    counting.world.fail("charge_payment", PaymentDeclined("declined"))
    with pytest.raises(ApplicationError):
        await counting.run(counting.orders.charge_payment, CHARGE)
    assert counting.counted() == {
        ("pipelines_provider_errors", "PaymentDeclined", "payments"): 1,
    }


async def test_mails_are_counted_as_sent_or_failed(counting: Counting) -> None:
    mails = MailActivities(counting.world)
    await counting.run(mails.send_mail, MAIL)
    counting.world.fail("send_mail", BadAddress("nobody"))
    with pytest.raises(ApplicationError):
        await counting.run(mails.send_mail, MAIL)
    assert counting.counted() == {
        ("pipelines_mails", "sent"): 1,
        ("pipelines_mails", "failed"): 1,
        ("pipelines_provider_errors", "BadAddress", "mail"): 1,
    }


@pytest.mark.parametrize(
    ("made_of_it", "outcome"),
    [
        (FIELDS, "accepted"),
        (FIELDS.model_copy(update={"doubts": ("the date",)}), "review"),
        (FIELDS.model_copy(update={"currency": None}), "review"),
        (TotalNotFound("no total"), "review"),
    ],
)
async def test_a_reading_is_accepted_or_for_a_person(
    counting: Counting,
    monkeypatch: pytest.MonkeyPatch,
    made_of_it: ReceiptFields | TotalNotFound,
    outcome: str,
) -> None:
    async def parse(_text: object, _known: object) -> ReceiptFields:
        if isinstance(made_of_it, TotalNotFound):
            raise made_of_it
        return made_of_it

    world = counting.world
    monkeypatch.setattr(world, "parse", parse)
    receipts = ReceiptActivities(world, world, world)
    try:
        await counting.run(receipts.parse_receipt, TextToParse(**TEXT.model_dump()))
    except ApplicationError as failed:
        assert failed.type == "TotalNotFound"
    assert counting.counted()["pipelines_receipts_parsed", outcome] == 1


async def test_pages_are_counted(counting: Counting) -> None:
    ocr = OcrActivities(counting.world, counting.world)
    await counting.run(ocr.extract_text, StoredObject(object_key="receipts/abc.png"))
    assert counting.counted() == {("pipelines_ocr_pages",): 1}
