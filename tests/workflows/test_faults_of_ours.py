"""A fault of ours is no business outcome: its step waits until it is repaired, and says so."""

import dataclasses

import pytest

from activities.policies import OUR_FAULTS, POLICIES, Policy, is_our_fault
from models import OrderStatus
from providers import errors
from providers.errors import (
    PaymentDeclined,
    ProviderUnavailable,
    StorageUnavailable,
    TokenKeyMissing,
    Unauthorized,
)
from tests.support.fakes import World
from tests.support.lost_workers import lost_worker
from tests.support.pipelines import Pipelines
from tests.support.watching import failure_of, result_of

FAULTS = [RuntimeError("a new version that does not work"), TokenKeyMissing("x"), Unauthorized("x")]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: type(fault).__name__)
async def test_a_charge_waits_for_as_long_as_a_fault_is_not_repaired(
    pipelines: Pipelines, world: World, fault: Exception
) -> None:
    world.fail("charge_payment", *[fault] * 12)

    result = await result_of(await pipelines.order())

    assert result.status is OrderStatus.COMPLETED
    assert len(world.calls_of("charge_payment")) == 13
    assert list(world.mails) == ["order-o1:confirm"]


@pytest.mark.parametrize("step", ["reserve_inventory", "schedule_shipment"])
async def test_every_step_waits(pipelines: Pipelines, world: World, step: str) -> None:
    world.fail(step, *[RuntimeError("a bad deploy")] * (POLICIES[step].attempts + 3))

    result = await result_of(await pipelines.order())

    assert (result.status, result.customer_told) == (OrderStatus.COMPLETED, True)
    assert world.undone() == []


async def test_a_decline_after_the_repair_is_the_outcome(
    pipelines: Pipelines, world: World
) -> None:
    world.fail("charge_payment", *[RuntimeError("a bad deploy")] * 7, PaymentDeclined("no money"))

    result = await result_of(await pipelines.order())

    assert (result.status, result.reason) == (OrderStatus.PAYMENT_FAILED, "no money")


async def test_an_outage_after_the_repair_has_all_attempts(
    pipelines: Pipelines, world: World
) -> None:
    attempts = POLICIES["charge_payment"].attempts
    outage = [ProviderUnavailable("503")] * (attempts - 1)
    world.fail("charge_payment", *[RuntimeError("a bad deploy")] * (attempts + 1), *outage)

    assert (await result_of(await pipelines.order())).status is OrderStatus.COMPLETED


def notice_lost_workers(monkeypatch: pytest.MonkeyPatch, step: str) -> Policy:
    """Let the server notice it soon: while an attempt is open it skips no time."""
    policy = dataclasses.replace(POLICIES[step], heartbeat=0.2, attempts=2)
    monkeypatch.setitem(POLICIES, step, policy)
    return policy


@pytest.mark.parametrize("step", ["charge_payment", "reserve_inventory", "schedule_shipment"])
async def test_a_step_whose_workers_are_lost_waits_for_one_that_stays(
    pipelines: Pipelines, world: World, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    policy = notice_lost_workers(monkeypatch, step)
    in_a_local_attempt = [ProviderUnavailable("503")] if policy.is_local_first else []
    world.fail(step, *in_a_local_attempt, *[lost_worker()] * (policy.attempts + 1))

    result = await result_of(await pipelines.order())

    assert (result.status, result.customer_told) == (OrderStatus.COMPLETED, True)
    assert world.undone() == []


async def test_a_picture_that_ends_its_workers_is_given_up(
    pipelines: Pipelines, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    attempts = notice_lost_workers(monkeypatch, "extract_text").attempts
    world.fail("extract_text", *[lost_worker()] * attempts)

    failure = await failure_of(await pipelines.receipt())

    assert "TimeoutError" in str(failure)
    assert len(world.calls_of("extract_text")) == attempts


@pytest.mark.parametrize(
    "fault",
    [RuntimeError("a bad deploy"), StorageUnavailable("S3: get receipts/abc.png: answered 503")],
    ids=lambda fault: type(fault).__name__,
)
async def test_a_receipt_waits_too(pipelines: Pipelines, world: World, fault: Exception) -> None:
    world.fail("extract_text", *[fault] * 8)
    world.fail("save_expense", *[fault] * 13)

    result = await result_of(await pipelines.receipt())

    assert result.user_told
    assert list(world.expenses) == ["u1-abc"]


def test_what_providers_answer_is_no_fault_but_for_what_an_operator_repairs() -> None:
    answers = {
        name
        for name, kind in vars(errors).items()
        if isinstance(kind, type) and issubclass(kind, errors.ProviderError)
    }
    assert {name for name in answers if is_our_fault(name)} == {e.__name__ for e in OUR_FAULTS}
    assert is_our_fault("NotFoundError"), "an activity that the worker does not know"
