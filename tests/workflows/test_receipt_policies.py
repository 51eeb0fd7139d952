"""Every receipt step of the policies: attempts, waits, time limits, what is never retried."""

import datetime as dt

import pytest
from temporalio.exceptions import ApplicationError

from models import ReceiptStatus
from providers.errors import (
    BadAddress,
    ImageTooLarge,
    InvalidExpense,
    LanguageModelMisconfigured,
    LanguageModelRefused,
    NotAnImage,
    ObjectMissing,
    ProviderError,
    ProviderRateLimited,
    ProviderUnavailable,
    TotalNotFound,
    Unauthorized,
    UnexpectedAnswer,
)
from tests.support.fakes import World
from tests.support.pipelines import Pipelines
from tests.support.watching import (
    failure_of,
    heartbeats_of,
    last_attempt,
    receipt_state,
    result_of,
    scheduled,
    until_receipt,
)


@pytest.mark.parametrize(
    ("activity", "waits"),
    [
        ("extract_text", [2, 4, 8, 16]),
        ("save_expense", [3, 6, 9, 12, 15, 18, 21, 24, 27]),
    ],
)
async def test_attempts_and_waits_of_what_fails_the_run(
    pipelines: Pipelines, world: World, activity: str, waits: list[int]
) -> None:
    world.fail(activity, *[ProviderUnavailable("answered 503")] * 20)
    run = await pipelines.receipt()
    failure = await failure_of(run)
    assert isinstance(failure, ApplicationError)
    assert failure.type == "ProviderUnavailable"
    assert "answered 503" in failure.message
    assert world.waits_of(activity) == waits
    assert last_attempt(await run.fetch_history(), activity) == len(waits) + 1
    state = await receipt_state(run)
    assert (state.status, state.reason) == (ReceiptStatus.FAILED, "answered 503")


async def test_attempts_and_waits_of_the_parser(pipelines: Pipelines, world: World) -> None:
    world.fail("parse_receipt", *[ProviderUnavailable("answered 503")] * 20)
    run = await pipelines.receipt()
    await pipelines.env.sleep(60)
    state = await until_receipt(run, status=ReceiptStatus.NEEDS_REVIEW)
    assert state.reason == "answered 503"
    assert world.waits_of("parse_receipt") == [1, 2]


async def test_attempts_and_waits_of_the_mail(pipelines: Pipelines, world: World) -> None:
    world.fail("notify_user", *[ProviderUnavailable("answered 421")] * 20)
    result = await result_of(await pipelines.receipt())
    assert result.status == ReceiptStatus.COMPLETED
    assert (result.user_told, result.not_told_because) == (False, "answered 421")
    assert world.waits_of("notify_user") == [1, 2]


@pytest.mark.parametrize("activity", ["extract_text", "parse_receipt", "save_expense"])
async def test_retry_after_is_honoured(pipelines: Pipelines, world: World, activity: str) -> None:
    world.fail(activity, ProviderRateLimited("slow down", 77.0))
    result = await result_of(await pipelines.receipt())
    assert (result.status, result.user_told) == (ReceiptStatus.COMPLETED, True)
    assert world.waits_of(activity) == [77]


@pytest.mark.parametrize("activity", ["extract_text", "save_expense"])
async def test_every_retryable_error_is_retried(
    pipelines: Pipelines, world: World, activity: str
) -> None:
    faults = (
        ProviderUnavailable("answered 503"),
        ProviderRateLimited("answered 429"),
        UnexpectedAnswer("answered HTML"),
        Unauthorized("answered 401"),
    )
    world.fail(activity, *faults)
    result = await result_of(await pipelines.receipt())
    assert (result.status, result.user_told) == (ReceiptStatus.COMPLETED, True)
    assert len(world.calls_of(activity)) == len(faults) + 1


@pytest.mark.parametrize(
    ("activity", "error"),
    [
        ("extract_text", ObjectMissing),
        ("extract_text", NotAnImage),
        ("extract_text", ImageTooLarge),
        ("save_expense", InvalidExpense),
    ],
)
async def test_never_retried_and_the_run_fails(
    pipelines: Pipelines, world: World, activity: str, error: type[ProviderError]
) -> None:
    world.fail(activity, error("it will never be otherwise"))
    run = await pipelines.receipt()
    failure = await failure_of(run)
    assert isinstance(failure, ApplicationError)
    assert failure.type == error.__name__
    assert "it will never be otherwise" in failure.message
    assert len(world.calls_of(activity)) == 1
    assert (await receipt_state(run)).status == ReceiptStatus.FAILED


@pytest.mark.parametrize("error", [TotalNotFound, LanguageModelMisconfigured, LanguageModelRefused])
async def test_never_parsed_again(
    pipelines: Pipelines, world: World, error: type[ProviderError]
) -> None:
    world.fail("parse_receipt", error("it will never be otherwise"))
    run = await pipelines.receipt()
    state = await until_receipt(run, status=ReceiptStatus.NEEDS_REVIEW)
    assert state.reason == "it will never be otherwise"
    failure = await failure_of(run)
    assert isinstance(failure, ApplicationError)
    assert failure.type == error.__name__
    assert len(world.calls_of("parse_receipt")) == 1


async def test_a_bad_address_is_never_written_to_again(pipelines: Pipelines, world: World) -> None:
    world.fail("notify_user", BadAddress("the server refuses g***@user.example"))
    result = await result_of(await pipelines.receipt())
    assert result.not_told_because == "the server refuses g***@user.example"
    assert len(world.calls_of("notify_user")) == 1


async def test_time_limits(punctual_pipelines: Pipelines) -> None:
    pipelines, world = punctual_pipelines, punctual_pipelines.world
    limits = {"extract_text": 300, "parse_receipt": 60, "save_expense": 30, "notify_user": 30}
    for activity in limits:
        world.fail(activity, ProviderUnavailable("answered 503"))
    run = await pipelines.receipt()
    await result_of(run)
    # The first attempt and the second, local or not.
    assert [(call.activity, call.time_limit) for call in world.calls] == [
        (activity, dt.timedelta(seconds=limit))
        for activity, limit in limits.items()
        for _ in range(2)
    ]
    heartbeats = heartbeats_of(scheduled(await run.fetch_history()))
    # A lost worker is noticed in seconds, not in the 5 minutes that OCR may take.
    patient = dt.timedelta(seconds=10)
    assert heartbeats.pop("extract_text") == heartbeats.pop("notify_user") == patient
    assert len(heartbeats) == 2
    assert max(heartbeats.values()) <= dt.timedelta(seconds=1)


async def test_ocr_has_a_task_queue_of_its_own(pipelines: Pipelines, world: World) -> None:
    for activity in ("parse_receipt", "save_expense", "notify_user"):
        world.fail(activity, ProviderUnavailable("answered 503"))
    run = await pipelines.receipt()
    await result_of(run)
    queues = {
        name: event.activity_task_scheduled_event_attributes.task_queue.name
        for name, event in scheduled(await run.fetch_history()).items()
    }
    assert queues.pop("extract_text") == "pipelines-ocr"
    assert queues == dict.fromkeys(["parse_receipt", "save_expense", "notify_user"], "pipelines")
