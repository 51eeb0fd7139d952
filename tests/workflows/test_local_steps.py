"""Steps whose first attempt is local: what the history records, and what follows a failure."""

import datetime as dt

import pytest
from temporalio.api.enums.v1 import EventType
from temporalio.testing import WorkflowEnvironment

from activities import attempts
from activities.policies import LOST_WORKER_WAIT, POLICIES
from models import OrderStatus
from providers.errors import OutOfStock, ProviderRateLimited, ProviderUnavailable
from service.runs.executions import describe
from service.runs.pending import pending_activities
from service.runs.stuck import among
from tests.support.fakes import World
from tests.support.pipelines import Pipelines
from tests.support.watching import (
    events_of,
    made_locally,
    order_state,
    receipt_state,
    result_of,
    scheduled,
    timers,
    until_backoff,
    until_order,
)
from workflows.order.workflow import OrderWorkflow
from workflows.search_attributes import PIPELINE_STATUS

UNAVAILABLE = ProviderUnavailable("answered 503")


async def test_an_order_without_faults_is_two_activities_and_markers(pipelines: Pipelines) -> None:
    run = await pipelines.order()
    await result_of(run)
    history = await run.fetch_history()
    assert list(scheduled(history)) == ["charge_payment", "send_confirmation"]
    assert made_locally(history) == [
        "reserve_inventory",
        "find_business_hours",
        "schedule_shipment",
        "archive_order",
    ]
    # Until the charge starts, until the wait, until the mail starts, until the end.
    tasks = events_of(history, EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED)
    assert len(tasks) == 4


async def test_a_receipt_without_faults_is_two_activities_and_markers(pipelines: Pipelines) -> None:
    run = await pipelines.receipt()
    await result_of(run)
    history = await run.fetch_history()
    assert list(scheduled(history)) == ["extract_text", "notify_user"]
    assert made_locally(history) == ["parse_receipt", "save_expense"]
    assert len(events_of(history, EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED)) == 3


@pytest.mark.parametrize("running", ["schedule_shipment", "send_confirmation"])
async def test_a_signal_during_the_last_steps_repeats_none_of_them(
    pipelines: Pipelines, world: World, running: str
) -> None:
    async with world.holding(running) as step:
        run = await pipelines.order(start_signal="expedite")
        await step.wait_until_entered()
        # The server does not close a run that has unhandled messages.
        await run.signal(OrderWorkflow.expedite)
    await result_of(run)
    assert len(world.calls_of("send_confirmation")) == 1
    assert world.made_again == []


async def test_a_model_s_answer_is_recorded_before_it_is_used(
    pipelines: Pipelines, world: World
) -> None:
    world.is_metered = True
    run = await pipelines.receipt()
    await result_of(run)
    history = await run.fetch_history()
    assert list(scheduled(history)) == ["extract_text", "parse_receipt", "notify_user"]
    assert len(world.calls_of("parse_receipt")) == 1
    assert timers(history) == []


async def test_a_worker_at_its_limit_of_local_steps_runs_them_as_activities(
    pipelines: Pipelines, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attempts, "LOCAL_STEPS_AT_ONCE", 0)
    run = await pipelines.order(start_signal="expedite")
    assert (await result_of(run)).status == OrderStatus.COMPLETED
    history = await run.fetch_history()
    steps = scheduled(history)
    assert list(steps) == [
        "charge_payment",
        "reserve_inventory",
        "schedule_shipment",
        "send_confirmation",
        "archive_order",
    ]
    assert timers(history) == []
    # The refused attempt called no provider, so it does not count as one of the step's.
    reserve = steps["reserve_inventory"].activity_task_scheduled_event_attributes
    assert reserve.retry_policy.maximum_attempts == 3


async def test_steps_that_move_money_or_send_mail_are_never_local(
    pipelines: Pipelines, world: World
) -> None:
    world.lose_answers("charge_payment", 5)
    world.fail("reserve_inventory", OutOfStock("none left"))
    run = await pipelines.order()
    await result_of(run)
    history = await run.fetch_history()
    assert list(scheduled(history)) == [
        "charge_payment",
        "find_charge",
        "find_shipment",
        "refund_payment",
        "send_cancellation",
    ]
    assert made_locally(history) == ["reserve_inventory", "archive_order"]


async def test_a_local_attempt_that_a_metered_parser_refuses_counts_as_none(
    real_time: WorkflowEnvironment,
) -> None:
    # The time-skipping server does not tell an activity its retry policy.
    world = World()
    pipelines = Pipelines(real_time, world)
    async with pipelines.worker():
        world.is_metered = True
        world.fail("parse_receipt", UNAVAILABLE, UNAVAILABLE)
        async with world.holding("parse_receipt") as parser:
            run = await pipelines.receipt()
            await parser.wait_until_entered()
            [pending] = pending_activities(await describe(pipelines.env.client, run.id))
        await result_of(run)
        assert pending.words() == "parse_receipt: attempt 1 of 3"
        calls = world.calls_of("parse_receipt")
        assert [(call.attempt, call.is_local) for call in calls] == [
            (1, False),
            (2, False),
            (3, False),
        ]
        # In real time a busy machine adds to them; if the refusal counted they would be 2 and 4 s.
        first, second = world.waits_of("parse_receipt")
        assert (first >= 1, second >= 2, first + second < 6) == (True, True, True)
        await pipelines.replay()


async def test_a_local_attempt_that_failed_counts(pipelines: Pipelines, world: World) -> None:
    world.fail("reserve_inventory", UNAVAILABLE)
    run = await pipelines.order(start_signal="expedite")
    await until_backoff(run, "reserve_inventory")
    async with world.holding("reserve_inventory") as step:
        await pipelines.env.sleep(5)
        await step.wait_until_entered()
        [pending] = pending_activities(await describe(pipelines.env.client, run.id))
    assert pending.words() == "reserve_inventory: attempt 2 of 3"
    await result_of(run)


async def test_a_step_that_waits_after_a_local_attempt_is_stuck(
    real_time: WorkflowEnvironment,
) -> None:
    world = World()
    pipelines = Pipelines(real_time, world)
    async with pipelines.worker():
        world.fail("reserve_inventory", ProviderRateLimited("closed until Monday", 86_400.0))
        run = await pipelines.order()
        await until_backoff(run, "reserve_inventory")
        client = pipelines.env.client
        # A message meanwhile changes nothing of what it waits for.
        await run.signal(OrderWorkflow.expedite)
        await run.query(OrderWorkflow.status)
        found = (await describe(client, run.id)).execution
        [stuck] = [one async for one in among(client, [found])]
        await run.terminate()

    [step] = stuck.failing
    assert (step.task, step.attempt, step.max_attempts) == ("reserve_inventory", 1, 3)
    assert step.last_error == "closed until Monday"
    assert step.next_try is not None
    assert dt.timedelta(hours=23) < step.next_try - dt.datetime.now(dt.UTC) < dt.timedelta(days=1)


async def test_the_steps_that_are_local_first_are_those_of_the_table(
    pipelines: Pipelines,
) -> None:
    local: set[str] = set()
    for run in (await pipelines.order(), await pipelines.receipt()):
        await result_of(run)
        local.update(made_locally(await run.fetch_history()))
    assert local == {row.activity for row in POLICIES.values() if row.is_local_first}


@pytest.mark.parametrize(
    ("activity", "wait", "attempts_left"),
    [
        ("reserve_inventory", 5, 2),
        ("schedule_shipment", 10, 4),
    ],
)
async def test_a_failed_local_attempt_is_retried_as_an_activity(
    pipelines: Pipelines, world: World, activity: str, wait: int, attempts_left: int
) -> None:
    world.fail(activity, UNAVAILABLE)
    run = await pipelines.order(start_signal="expedite")
    await until_backoff(run, activity)
    state = await order_state(run)
    assert state.waiting_for == "another attempt: answered 503"
    [(began, lasts)] = timers(await run.fetch_history())
    assert lasts == dt.timedelta(seconds=wait)
    assert state.waiting_until is not None
    assert abs(state.waiting_until - began - lasts) < lasts / 2

    assert (await result_of(run)).status == OrderStatus.COMPLETED
    history = await run.fetch_history()
    assert made_locally(history).count(activity) == 1
    policy = scheduled(history)[activity].activity_task_scheduled_event_attributes.retry_policy
    assert policy.maximum_attempts == attempts_left
    assert (await order_state(run)).waiting_for is None


@pytest.mark.parametrize(
    ("activity", "wait", "attempts_left"),
    [("parse_receipt", 1, 2), ("save_expense", 3, 9)],
)
async def test_a_failed_local_attempt_of_a_receipt_is_retried_as_an_activity(
    pipelines: Pipelines, world: World, activity: str, wait: int, attempts_left: int
) -> None:
    world.fail(activity, UNAVAILABLE)
    run = await pipelines.receipt()
    await until_backoff(run, activity)
    assert (await receipt_state(run)).waiting_for == "another attempt: answered 503"

    assert (await result_of(run)).user_told
    history = await run.fetch_history()
    assert [lasts for _, lasts in timers(history)] == [dt.timedelta(seconds=wait)]
    policy = scheduled(history)[activity].activity_task_scheduled_event_attributes.retry_policy
    assert policy.maximum_attempts == attempts_left
    assert (await receipt_state(run)).waiting_for is None


async def test_an_error_that_names_no_wait_is_tried_again_as_if_a_worker_was_lost(
    pipelines: Pipelines, world: World
) -> None:
    world.fail("reserve_inventory", ZeroDivisionError())
    run = await pipelines.order(start_signal="expedite")
    assert (await result_of(run)).status == OrderStatus.COMPLETED
    assert [lasts for _, lasts in timers(await run.fetch_history())] == [LOST_WORKER_WAIT]
    assert len(world.calls_of("reserve_inventory")) == 2


async def test_a_search_shows_that_an_order_waits_no_more_for_its_business_day(
    pipelines: Pipelines, world: World
) -> None:
    world.fail("schedule_shipment", UNAVAILABLE)
    run = await pipelines.order()
    await until_order(run, status=OrderStatus.WAITING_FOR_BUSINESS_DAY)
    await run.signal(OrderWorkflow.expedite)
    await until_backoff(run, "schedule_shipment")
    attributes = (await run.describe()).typed_search_attributes
    assert attributes[PIPELINE_STATUS] == "running"
