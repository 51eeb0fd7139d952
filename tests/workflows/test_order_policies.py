"""Every order step of the policies: attempts, waits, time limits, what is never retried."""

import datetime as dt

import pytest

from models import OrderStatus
from providers.errors import (
    AnswerMismatch,
    BadAddress,
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
from tests.support.fakes import World
from tests.support.pipelines import Pipelines
from tests.support.watching import (
    heartbeats_of,
    last_attempt,
    result_of,
    scheduled,
    until_end,
)

STEPS = ["charge_payment", "reserve_inventory", "schedule_shipment", "send_confirmation"]

WORTH_RETRYING: list[ProviderError] = [
    ProviderUnavailable("answered 503"),
    ProviderRateLimited("answered 429"),
    UnexpectedAnswer("answered HTML"),
    Unauthorized("answered 401"),
]


@pytest.mark.parametrize(
    ("activity", "waits"),
    [
        ("charge_payment", [10, 20, 40, 80]),
        ("reserve_inventory", [5, 10]),
        ("schedule_shipment", [10, 20, 40, 80]),
        ("send_confirmation", [1, 2]),
    ],
)
async def test_attempts_and_waits(
    pipelines: Pipelines, world: World, activity: str, waits: list[int]
) -> None:
    world.fail(activity, *[ProviderUnavailable("answered 503")] * 9)
    run = await pipelines.order()
    await until_end(run)
    calls = world.calls_of(activity)
    assert world.waits_of(activity) == waits
    # Every attempt of a step has the same request with the same key.
    assert len({str(call.request) for call in calls}) == 1
    assert last_attempt(await run.fetch_history(), activity) == len(waits) + 1


async def test_the_cancellation_mail_is_tried_as_often_as_the_confirmation(
    pipelines: Pipelines, world: World
) -> None:
    world.fail("charge_payment", PaymentDeclined("declined"))
    world.fail("send_cancellation", *[ProviderUnavailable("answered 503")] * 9)
    result = await result_of(await pipelines.order())
    assert (result.status, result.customer_told) == (OrderStatus.PAYMENT_FAILED, False)
    assert world.waits_of("send_cancellation") == [1, 2]


async def test_an_undo_is_retried_at_most_every_ten_minutes(
    pipelines: Pipelines, world: World
) -> None:
    world.fail("reserve_inventory", OutOfStock("none left"))
    world.fail("refund_payment", *[ProviderUnavailable("answered 503")] * 9)
    result = await result_of(await pipelines.order())
    assert result.refund_id == "re-o1"
    assert world.waits_of("refund_payment") == [5, 10, 20, 40, 80, 160, 320, 600, 600]


@pytest.mark.parametrize("activity", STEPS[:-1])
async def test_retry_after_is_honoured(pipelines: Pipelines, world: World, activity: str) -> None:
    world.fail(activity, ProviderRateLimited("slow down", 77.0))
    result = await result_of(await pipelines.order())
    assert result.status == OrderStatus.COMPLETED
    assert world.waits_of(activity) == [77]


@pytest.mark.parametrize("activity", ["charge_payment", "schedule_shipment"])
async def test_every_retryable_error_is_retried(
    pipelines: Pipelines, world: World, activity: str
) -> None:
    world.fail(activity, *WORTH_RETRYING)
    result = await result_of(await pipelines.order())
    assert (result.status, result.customer_told) == (OrderStatus.COMPLETED, True)
    assert len(world.calls_of(activity)) == len(WORTH_RETRYING) + 1


REQUEST_IS_WRONG = [InvalidRequest, IdempotencyKeyReused, AnswerMismatch]


@pytest.mark.parametrize(
    ("activity", "error", "ends_as"),
    [
        *(
            ("charge_payment", error, OrderStatus.PAYMENT_FAILED)
            for error in (PaymentDeclined, *REQUEST_IS_WRONG)
        ),
        *(
            ("reserve_inventory", error, OrderStatus.OUT_OF_STOCK)
            for error in (OutOfStock, UnknownSku)
        ),
        *(("reserve_inventory", error, OrderStatus.FAILED) for error in REQUEST_IS_WRONG),
        *(("schedule_shipment", error, OrderStatus.FAILED) for error in REQUEST_IS_WRONG),
        ("send_confirmation", BadAddress, OrderStatus.COMPLETED),
    ],
)
async def test_never_retried(
    pipelines: Pipelines,
    world: World,
    activity: str,
    error: type[ProviderError],
    ends_as: OrderStatus,
) -> None:
    world.fail(activity, error("it will never be otherwise"))
    state = await until_end(await pipelines.order())
    assert state.status == ends_as
    assert len(world.calls_of(activity)) == 1


@pytest.mark.parametrize("error", [InvalidRequest, AnswerMismatch])
async def test_an_undo_is_retried_whatever_the_error_says(
    pipelines: Pipelines, world: World, error: type[ProviderError]
) -> None:
    world.fail("reserve_inventory", OutOfStock("none left"))
    world.fail("refund_payment", error("refused"))
    result = await result_of(await pipelines.order())
    assert result.refund_id == "re-o1"
    assert len(world.calls_of("refund_payment")) == 2


async def test_time_limits(punctual_pipelines: Pipelines) -> None:
    pipelines, world = punctual_pipelines, punctual_pipelines.world
    for activity in STEPS:
        world.fail(activity, ProviderUnavailable("answered 503"))
    run = await pipelines.order()
    await result_of(run)
    # The first attempt and the second, local or not.
    limits = [(call.activity, call.time_limit) for call in world.calls]
    assert limits == [(step, dt.timedelta(seconds=30)) for step in STEPS for _ in range(2)]
    heartbeats = heartbeats_of(scheduled(await run.fetch_history()))
    # A killed worker is noticed in seconds instead of the 30 s of the step.
    assert list(heartbeats) == STEPS
    # A mail that is sent again reaches a person twice.
    assert heartbeats.pop("send_confirmation") == dt.timedelta(seconds=10)
    assert max(heartbeats.values()) <= dt.timedelta(seconds=1)


async def test_time_limits_of_undo_and_lookup_steps(punctual_pipelines: Pipelines) -> None:
    pipelines, world = punctual_pipelines, punctual_pipelines.world
    world.lose_answers("charge_payment", 5)
    world.fail("schedule_shipment", *[ProviderUnavailable("answered 503")] * 5)
    run = await pipelines.order()
    await until_end(run)
    of_undoing = {
        name: event
        for name, event in scheduled(await run.fetch_history()).items()
        if name.startswith(("find_", "release_", "refund_"))
    }
    assert len(of_undoing) == 4
    assert max(heartbeats_of(of_undoing).values()) <= dt.timedelta(seconds=1)
    for event in of_undoing.values():
        limits = event.activity_task_scheduled_event_attributes
        assert limits.start_to_close_timeout.ToTimedelta() == dt.timedelta(seconds=30)
        assert limits.schedule_to_close_timeout.ToTimedelta() == dt.timedelta(days=7)
        assert limits.retry_policy.maximum_attempts == 0
