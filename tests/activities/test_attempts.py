"""Heartbeats, cancellation, shutdown and errors of one attempt."""

import asyncio
import dataclasses
import datetime as dt
from collections.abc import Awaitable, Callable

import pytest
from temporalio.activity import ActivityCancellationDetails
from temporalio.api.failure.v1 import Failure
from temporalio.common import RetryPolicy
from temporalio.converter import DefaultFailureConverter, DefaultPayloadConverter
from temporalio.exceptions import ApplicationError, ApplicationErrorCategory
from temporalio.testing import ActivityEnvironment

from activities import attempts
from activities.attempts import attempt
from activities.audit import AuditActivities
from activities.business_hours import BusinessHoursActivities
from activities.mails import MailActivities
from activities.ocr import OcrActivities
from activities.orders import OrderActivities
from activities.policies import POLICIES, TABLE, add_row, attempt_of_step
from activities.receipts import ReceiptActivities
from models import ReceiptFields
from providers import errors
from providers.errors import (
    BadAddress,
    ProviderError,
    ProviderRateLimited,
    ProviderUnavailable,
    TotalNotFound,
)

PATIENCE = 60.0

UNAVAILABLE = ProviderUnavailable("answered 503")

BEAT = dt.timedelta(seconds=0.02)
"""The heartbeat interval here, half of the timeout; short, so that no test waits for seconds."""

PLAIN_ERRORS = [
    kind
    for kind in vars(errors).values()
    if isinstance(kind, type) and issubclass(kind, ProviderError)
]


class SlowCall:
    """A provider's call that lasts until it is told to end, and records an interruption."""

    def __init__(self) -> None:
        self.entered = asyncio.Event()
        self.go_on = asyncio.Event()
        self.interrupted = False

    async def __call__(self) -> str:
        self.entered.set()
        try:
            await asyncio.wait_for(self.go_on.wait(), PATIENCE)
        except asyncio.CancelledError:
            self.interrupted = True
            raise
        return "done"


@pytest.fixture
def env() -> ActivityEnvironment:
    env = ActivityEnvironment()
    env.info = dataclasses.replace(env.info, heartbeat_timeout=2 * BEAT)
    return env


@pytest.fixture
def call() -> SlowCall:
    return SlowCall()


@pytest.fixture
def beats(env: ActivityEnvironment) -> "asyncio.Queue[None]":
    queue: asyncio.Queue[None] = asyncio.Queue()
    env.on_heartbeat = lambda *_: queue.put_nowait(None)
    return queue


async def in_time(awaitable: Awaitable[object]) -> object:
    return await asyncio.wait_for(awaitable, PATIENCE)


def running(env: ActivityEnvironment, call: SlowCall) -> "asyncio.Task[str]":
    async def activity() -> str:
        return await attempt(call())

    return asyncio.ensure_future(env.run(activity))


async def error_of(
    error: Exception,
    activity_type: str = "charge_payment",
    attempt_number: int = 1,
    is_local: bool = False,
    maximum_attempts: int = 5,
) -> ApplicationError:
    """Return the error that Temporal gets when a provider raises ``error``."""
    env = ActivityEnvironment()
    env.info = dataclasses.replace(
        env.info,
        activity_type=activity_type,
        attempt=attempt_number,
        is_local=is_local,
        retry_policy=RetryPolicy(maximum_attempts=maximum_attempts),
    )

    async def fail() -> None:
        raise error

    async def activity() -> None:
        await attempt(fail())

    with pytest.raises(ApplicationError) as told:
        await env.run(activity)
    return told.value


# --- heartbeats -------------------------------------------------------------------------------


async def test_a_call_that_is_over_before_half_of_the_timeout_never_beats(
    env: ActivityEnvironment, call: SlowCall
) -> None:
    env.info = dataclasses.replace(env.info, heartbeat_timeout=2 * dt.timedelta(seconds=PATIENCE))
    beats: list[object] = []
    env.on_heartbeat = lambda *_: beats.append(1)
    task = running(env, call)
    await in_time(call.entered.wait())
    call.go_on.set()
    assert await in_time(task) == "done"
    assert beats == []


async def test_a_longer_call_beats_until_it_is_over(
    env: ActivityEnvironment, call: SlowCall, beats: "asyncio.Queue[None]"
) -> None:
    task = running(env, call)
    for _ in range(3):
        await in_time(beats.get())
    call.go_on.set()
    assert await in_time(task) == "done"


async def test_a_local_call_never_beats(
    env: ActivityEnvironment, call: SlowCall, beats: "asyncio.Queue[None]"
) -> None:
    local, local_call, local_beats = ActivityEnvironment(), SlowCall(), []
    local.info = dataclasses.replace(local.info, is_local=True, heartbeat_timeout=None)
    local.on_heartbeat = lambda *_: local_beats.append(1)
    tasks = [running(local, local_call), running(env, call)]
    # As long as an ordinary call takes to beat three times.
    for _ in range(3):
        await in_time(beats.get())
    for slow in (local_call, call):
        slow.go_on.set()
    assert await in_time(asyncio.gather(*tasks)) == ["done", "done"]
    assert local_beats == []


# --- local attempts ---------------------------------------------------------------------------


async def test_a_local_attempt_over_the_limit_is_refused_before_its_call(
    env: ActivityEnvironment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attempts, "LOCAL_STEPS_AT_ONCE", 2)
    local = dataclasses.replace(env.info, is_local=True, heartbeat_timeout=None)
    calls = [SlowCall() for _ in range(4)]
    environments = [ActivityEnvironment() for _ in calls]
    for environment in environments:
        environment.info = local
    first, second, third, fourth = zip(environments, calls, strict=True)

    tasks = [running(*first), running(*second)]
    for _, admitted in (first, second):
        await in_time(admitted.entered.wait())
    with pytest.raises(ApplicationError) as refused:
        await in_time(running(*third))
    assert refused.value.type == attempts.NOT_LOCALLY
    assert not third[1].entered.is_set()

    # An ordinary activity needs no local slot, and an attempt that ends frees its slot.
    elsewhere = SlowCall()
    elsewhere.go_on.set()
    assert await in_time(running(env, elsewhere)) == "done"
    for _, admitted in (first, second, fourth):
        admitted.go_on.set()
    assert await in_time(asyncio.gather(*tasks)) == ["done", "done"]
    assert await in_time(running(*fourth)) == "done"


# --- cancellation and shutdown ----------------------------------------------------------------


async def test_a_cancel_request_does_not_interrupt_the_call(
    env: ActivityEnvironment, call: SlowCall, beats: "asyncio.Queue[None]"
) -> None:
    task = running(env, call)
    await in_time(beats.get())
    env.cancel()
    # It keeps beating, or the server would take its worker for lost.
    for _ in range(2):
        await in_time(beats.get())
    call.go_on.set()
    assert await in_time(task) == "done"
    assert not call.interrupted


async def test_a_worker_that_shuts_down_interrupts_the_call(
    env: ActivityEnvironment, call: SlowCall
) -> None:
    task = running(env, call)
    await in_time(call.entered.wait())
    # At the end of its grace time the worker cancels without a cancel request.
    env.cancel(ActivityCancellationDetails(worker_shutdown=True))
    with pytest.raises(asyncio.CancelledError):
        await in_time(task)
    await in_time(_until(lambda: call.interrupted))


async def _until(condition: Callable[[], bool]) -> None:
    while True:
        if condition():
            return
        await asyncio.sleep(0)


# --- errors -----------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", PLAIN_ERRORS, ids=lambda kind: kind.__name__)
async def test_an_error_is_told_by_the_name_of_its_class(kind: type[ProviderError]) -> None:
    told = await error_of(kind("what went wrong"))
    assert (told.type, told.message) == (kind.__name__, "what went wrong")
    # Only the policies decide what is never retried.
    assert not told.non_retryable
    # Errors that an operator must fix go to the worker's log; others are expected failures.
    repair = kind in (errors.Unauthorized, errors.LanguageModelMisconfigured)
    benign = told.category == ApplicationErrorCategory.BENIGN
    assert benign is not repair


async def test_the_provider_names_the_wait_before_the_next_attempt() -> None:
    told = await error_of(ProviderRateLimited("slow down", 77.5))
    assert told.next_retry_delay == dt.timedelta(seconds=77.5)


@pytest.mark.parametrize(
    ("activity_type", "maximum_attempts", "seconds"),
    [
        ("extract_text", 5, [2, 4, 8, 16]),
        ("parse_receipt", 3, [1, 2]),
        ("save_expense", 10, [3, 6, 9, 12, 15, 18, 21, 24, 27]),
        ("notify_user", 3, [1, 2, 4]),
        ("charge_payment", 5, [10, 20, 40, 80]),
        ("reserve_inventory", 3, [5, 10]),
        ("schedule_shipment", 5, [10, 20, 40, 80]),
        ("send_confirmation", 3, [1, 2, 4]),
        ("send_mail", 0, [10, 20, 40, 80, 160, 320, 600, 600]),
        ("refund_payment", 0, [5, 10, 20, 40, 80, 160, 320, 600, 600]),
    ],
)
async def test_an_error_asks_for_the_wait_of_its_step(
    activity_type: str, maximum_attempts: int, seconds: list[int]
) -> None:
    told = [
        await error_of(UNAVAILABLE, activity_type, number, maximum_attempts=maximum_attempts)
        for number in range(1, len(seconds) + 1)
    ]
    assert [t.next_retry_delay for t in told] == [dt.timedelta(seconds=s) for s in seconds]


@pytest.mark.parametrize(
    ("activity_type", "attempts_left", "seconds"),
    [
        ("parse_receipt", 2, [1, 2]),
        ("save_expense", 9, [3, 6, 9, 12, 15, 18, 21, 24, 27]),
        ("reserve_inventory", 2, [5, 10]),
        ("schedule_shipment", 4, [10, 20, 40, 80]),
    ],
)
async def test_after_a_local_attempt_the_activity_asks_for_the_second_wait(
    activity_type: str, attempts_left: int, seconds: list[int]
) -> None:
    local = await error_of(UNAVAILABLE, activity_type, is_local=True, maximum_attempts=1)
    others = [
        await error_of(UNAVAILABLE, activity_type, number, maximum_attempts=attempts_left)
        for number in range(1, len(seconds))
    ]
    waits = [told.next_retry_delay for told in (local, *others)]
    assert waits == [dt.timedelta(seconds=s) for s in seconds]


def test_a_server_that_does_not_say_how_many_attempts_there_are_leaves_the_usual_case() -> None:
    assert attempt_of_step("save_expense", 1, None) == 2
    assert attempt_of_step("charge_payment", 1, None) == 1
    assert attempt_of_step("an_activity_of_later_code", 1, 4) == 1


def test_every_activity_has_a_row() -> None:
    classes = (
        AuditActivities,
        BusinessHoursActivities,
        MailActivities,
        OcrActivities,
        OrderActivities,
        ReceiptActivities,
    )
    methods = {name for cls in classes for name in dir(cls) if not name.startswith("_")}
    assert {row.activity for row in TABLE} == methods


def test_no_row_is_added_under_a_name_in_use() -> None:
    add_row(POLICIES["charge_payment"])  # as if its module was imported twice
    with pytest.raises(ValueError, match="charge_payment has a row already"):
        add_row(dataclasses.replace(POLICIES["charge_payment"], attempts=1))


async def test_a_refund_that_failed_for_days_still_waits_ten_minutes() -> None:
    told = await error_of(UNAVAILABLE, "refund_payment", 5_000, maximum_attempts=0)
    assert told.next_retry_delay == dt.timedelta(minutes=10)


async def test_the_wait_that_the_provider_names_wins() -> None:
    for seconds in (77.0, 0.0):
        told = await error_of(ProviderRateLimited("slow down", seconds))
        assert told.next_retry_delay == dt.timedelta(seconds=seconds)


async def test_a_mail_server_that_asks_for_a_long_wait_does_not_hold_up_a_run() -> None:
    short, long = ProviderRateLimited("slow down", 10.0), ProviderRateLimited("slow down", 11.0)
    told = [await error_of(error, "send_confirmation") for error in (short, long)]
    assert [error.non_retryable for error in told] == [False, True]
    assert told[1].next_retry_delay == dt.timedelta(seconds=11)
    assert not (await error_of(long, "send_mail")).non_retryable


async def test_the_partial_reading_is_passed_on() -> None:
    partial = ReceiptFields(
        merchant="Cafe", total_cents=None, currency=None, date=None, parser="rules"
    )
    told = await error_of(TotalNotFound("no total", partial))
    assert list(told.details) == [partial]
    assert list((await error_of(TotalNotFound("no total"))).details) == []


async def test_an_unexpected_error_stays_as_it_is(env: ActivityEnvironment) -> None:
    async def fail() -> None:
        raise ZeroDivisionError

    async def activity() -> None:
        await attempt(fail())

    with pytest.raises(ZeroDivisionError):
        await env.run(activity)


async def test_a_library_s_message_stays_out_of_the_history(env: ActivityEnvironment) -> None:
    env.info = dataclasses.replace(env.info, activity_type="send_confirmation")

    async def refuse() -> str:
        try:
            raise OSError("550 ada@customers.example")
        except OSError as error:
            raise BadAddress("550 a***@customers.example") from error

    async def activity() -> str:
        return await attempt(refuse())

    with pytest.raises(ApplicationError) as raised:
        await env.run(activity)

    failure = Failure()
    DefaultFailureConverter().to_failure(raised.value, DefaultPayloadConverter(), failure)
    assert "a***@customers.example" in failure.message
    assert "refuse" in failure.cause.stack_trace, "the stack trace is kept"
    assert "ada@" not in str(failure)
