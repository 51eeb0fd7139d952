"""What activities do beyond their one call to a provider, which the workflow tests cover."""

import dataclasses
import threading
from typing import Any

import pytest
from pydantic import SecretStr
from temporalio.api.failure.v1 import Failure
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment

from activities.ocr import OcrActivities
from activities.orders import OrderActivities
from activities.policies import is_our_fault
from models import ChargeRequest, OrderStart, ReceiptText, StoredObject
from providers.errors import ObjectMissing, ProviderUnavailable
from tests.providers.records.test_sql_orders import ended_order
from tests.support.fakes import TEXT, World

STORED = StoredObject(object_key="receipts/abc.png")


@pytest.fixture
def world() -> World:
    return World()


async def run(method: Any, request: Any) -> Any:
    """Run the first attempt of an activity, and return its result."""
    env = ActivityEnvironment()
    env.info = dataclasses.replace(env.info, activity_type=method.__name__)
    return await env.run(method, request)


# --- OCR --------------------------------------------------------------------------------------


async def test_text_is_read_from_what_is_stored_under_the_key(world: World) -> None:
    text = await run(OcrActivities(world, world).extract_text, STORED)
    assert world.calls[-1].request == world.get(STORED.object_key)
    # The text names its picture, because a parser that reads pictures fetches it again.
    assert text == TEXT.model_copy(update={"object_key": STORED.object_key})


async def test_a_page_that_is_named_is_read_alone(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[bytes, int]] = []

    def read_page(document: bytes, page: int) -> ReceiptText:
        asked.append((document, page))
        return TEXT

    monkeypatch.setattr(world, "read_page", read_page)
    await run(OcrActivities(world, world).extract_text, STORED.model_copy(update={"page": 0}))
    assert asked == [(world.get(STORED.object_key), 0)]


async def test_ocr_leaves_the_event_loop_free_to_beat(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    worked_in: list[int] = []
    get, read = world.get, world.read

    def noting_get(object_key: str) -> bytes:
        worked_in.append(threading.get_ident())
        return get(object_key)

    def noting_read(image: bytes) -> ReceiptText:
        worked_in.append(threading.get_ident())
        return read(image)

    monkeypatch.setattr(world, "get", noting_get)
    monkeypatch.setattr(world, "read", noting_read)
    await run(OcrActivities(world, world).extract_text, STORED)
    assert len(worked_in) == 2
    assert threading.get_ident() not in worked_in


async def test_a_missing_object_is_reported(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(object_key: str) -> bytes:
        raise ObjectMissing(f"the bucket does not hold {object_key}")

    monkeypatch.setattr(world, "get", missing)
    with pytest.raises(ApplicationError, match=r"does not hold receipts/abc\.png") as told:
        await run(OcrActivities(world, world).extract_text, STORED)
    assert told.value.type == "ObjectMissing"


# --- money ------------------------------------------------------------------------------------


def charge_request(**changes: Any) -> ChargeRequest:
    """Return the charge of a small order."""
    given = {
        "idempotency_key": "order-o1:charge",
        "order_id": "o1",
        "amount_cents": 2_000,
        "currency": "USD",
        "payment_token": SecretStr("tok_visa"),
    }
    return ChargeRequest.model_validate({**given, **changes})


async def test_a_failed_charge_does_not_reveal_its_token(world: World) -> None:
    charge = charge_request(idempotency_key="k:charge")
    world.fail("charge_payment", ProviderUnavailable(f"no answer to {charge!r}"))
    with pytest.raises(ApplicationError) as told:
        await run(OrderActivities(world, world, world, world, world).charge_payment, charge)
    # As the history records it, with its stack trace.
    failure = Failure()
    pydantic_data_converter.failure_converter.to_failure(
        told.value, pydantic_data_converter.payload_converter, failure
    )
    assert "k:charge" in str(failure)
    assert "tok_visa" not in str(failure)


async def test_a_token_whose_key_this_worker_lacks_is_never_sent_to_anybody(world: World) -> None:
    request = charge_request(payment_token=SecretStr("encrypted:gAAAAAB"))
    activities = OrderActivities(world, world, world, world, world)

    with pytest.raises(ApplicationError, match="TOKEN_ENCRYPTION_KEYS") as refused:
        await run(activities.charge_payment, request)

    assert (refused.value.type, refused.value.non_retryable) == ("TokenKeyMissing", False)
    assert world.calls == []


@pytest.mark.parametrize(
    ("start", "error"),
    [
        (None, None),  # of a run that began before there was such a field
        (OrderStart(order_id="o1", try_number=1, first_run_id="run-1"), None),
        (OrderStart(order_id="o1", try_number=2, first_run_id="run-2"), None),
        (OrderStart(order_id="o1", try_number=1, first_run_id="run-2"), "OrderHasEnded"),
        (OrderStart(order_id="o2", try_number=1, first_run_id="run-2"), None),
    ],
)
async def test_an_order_that_has_ended_in_another_start_is_not_charged(
    world: World, start: OrderStart | None, error: str | None
) -> None:
    activities = OrderActivities(world, world, world, world, world)
    await run(activities.archive_order, ended_order())
    request = charge_request(start=start)

    if error is None:
        await run(activities.charge_payment, request)
    else:
        with pytest.raises(ApplicationError, match="ended as completed at") as refused:
            await run(activities.charge_payment, request)
        assert refused.value.type == error
    assert len(world.charges) == (error is None)


async def test_an_archive_that_is_away_is_no_answer_of_the_payment_provider(world: World) -> None:
    world.fail("archived", ProviderUnavailable("no connection"))
    request = charge_request(start=OrderStart(order_id="o1", try_number=1, first_run_id="run-1"))
    with pytest.raises(ApplicationError, match="no connection") as refused:
        await run(OrderActivities(world, world, world, world, world).charge_payment, request)
    assert is_our_fault(refused.value.type)
    assert world.calls == []


async def test_an_order_whose_token_is_not_readable_is_not_archived(world: World) -> None:
    order = ended_order(payment_token="encrypted:gAAAAAB")
    activities = OrderActivities(world, world, world, world, world)

    with pytest.raises(ApplicationError, match="TOKEN_ENCRYPTION_KEYS") as refused:
        await run(activities.archive_order, order)

    assert (refused.value.type, refused.value.non_retryable) == ("TokenKeyMissing", False)
    assert world.orders == {}
