"""Approval: early, late, never, twice, not needed; as an update and as plain JSON signals."""

import datetime as dt
import logging
import re

import pytest
from temporalio.client import WorkflowHistory, WorkflowUpdateFailedError
from temporalio.exceptions import ApplicationError

from models import Approval, DecisionChannel, OrderStatus, OrderStep
from tests.record_histories import HISTORIES
from tests.support.fakes import World
from tests.support.pipelines import (
    OrderRun,
    Pipelines,
    large_order,
    order_over,
    replayer,
    serving_pipelines,
    small_order,
)
from tests.support.watching import order_state, result_of, timers, until_end, until_order
from workflows.order.workflow import OrderWorkflow

ADA_APPROVES = Approval(approved=True, decided_by="ada", reason="a new desk")
TAKEN = ADA_APPROVES.model_copy(update={"channel": DecisionChannel.UPDATE})


async def refusal_of(run: OrderRun, approval: Approval) -> str:
    """Send a decision as an update, which must be refused; return the reason."""
    with pytest.raises(WorkflowUpdateFailedError) as refused:
        await run.execute_update(OrderWorkflow.decide, approval)
    assert isinstance(refused.value.cause, ApplicationError)
    assert refused.value.cause.type == "ApprovalRefused"
    return refused.value.cause.message


async def test_nothing_is_charged_before_the_approval(pipelines: Pipelines, world: World) -> None:
    run = await pipelines.order(large_order())
    state = await until_order(run, status=OrderStatus.AWAITING_APPROVAL)
    assert state.step == OrderStep.APPROVAL
    assert state.waiting_for == "an approval"
    assert state.waiting_until is not None
    assert state.waiting_until - state.started_at >= dt.timedelta(hours=24)
    assert world.calls == []
    decided = await run.execute_update(OrderWorkflow.decide, ADA_APPROVES)
    assert decided.approval == TAKEN
    result = await result_of(run)
    assert (result.status, result.approval) == (OrderStatus.COMPLETED, TAKEN)


@pytest.mark.parametrize(
    ("decision", "ends_as"),
    [
        ({"approved": True}, OrderStatus.COMPLETED),
        ({"approved": False, "decided_by": "bob"}, OrderStatus.REJECTED),
    ],
)
async def test_a_decision_by_plain_json_signal(
    pipelines: Pipelines, decision: dict[str, object], ends_as: OrderStatus
) -> None:
    run = await pipelines.order(large_order())
    await until_order(run, status=OrderStatus.AWAITING_APPROVAL)
    await run.signal("approval", decision)
    result = await result_of(run)
    assert (result.status, result.approval) == (
        ends_as,
        Approval.model_validate({**decision, "channel": "signal"}),
    )


@pytest.mark.parametrize("door", [DecisionChannel.TERMINAL, DecisionChannel.HTTP])
async def test_a_front_door_says_so_in_its_update_but_a_signal_cannot(
    pipelines: Pipelines, door: DecisionChannel
) -> None:
    claimed = ADA_APPROVES.model_copy(update={"channel": door})
    run = await pipelines.order(large_order())
    state = await run.execute_update(OrderWorkflow.decide, claimed)
    assert state.approval == claimed
    other = await pipelines.order(order_over(64_000).model_copy(update={"order_id": "o2"}))
    await other.signal("approval", claimed)
    state = await order_state(other)
    assert state.approval == claimed.model_copy(update={"channel": DecisionChannel.SIGNAL})


async def test_a_decision_that_comes_before_the_order_waits_counts(pipelines: Pipelines) -> None:
    run = await pipelines.order(
        large_order(), start_signal="approval", start_signal_args=[{"approved": True}]
    )
    assert (await result_of(run)).status == OrderStatus.COMPLETED
    # It did not wait for the approval, only for the business day.
    assert all(
        lasts < dt.timedelta(hours=24) or begins.weekday() >= 4
        for begins, lasts in timers(await run.fetch_history())
    )


async def test_no_decision_within_24_hours(pipelines: Pipelines, world: World) -> None:
    run = await pipelines.order(large_order())
    result = await result_of(run)
    assert result.status == OrderStatus.APPROVAL_EXPIRED
    assert result.reason == "nobody decided within 24 hours"
    assert [lasts for _, lasts in timers(await run.fetch_history())] == [dt.timedelta(hours=24)]
    state = await order_state(run)
    assert 24 * 3600 <= state.elapsed_seconds < 24 * 3600 + 60
    assert world.names() == [*["settle_try"] * 3, "send_cancellation"]


async def test_a_decision_in_the_last_hour_counts(pipelines: Pipelines) -> None:
    run = await pipelines.order(large_order())
    await until_order(run, status=OrderStatus.AWAITING_APPROVAL)
    await pipelines.env.sleep(dt.timedelta(hours=23, minutes=59))
    await run.execute_update(OrderWorkflow.decide, ADA_APPROVES)
    assert (await result_of(run)).status == OrderStatus.COMPLETED


BY_ADA = "ada, as an update says (nobody vouches for that)"


async def test_the_first_decision_wins(
    pipelines: Pipelines, caplog: pytest.LogCaptureFixture
) -> None:
    run = await pipelines.order(large_order())
    await run.execute_update(OrderWorkflow.decide, ADA_APPROVES)
    refusal = await refusal_of(run, Approval(approved=False, decided_by="bob"))
    assert refusal == f"order o1 was already approved by {BY_ADA}"
    with caplog.at_level(logging.WARNING):
        await run.signal("approval", {"approved": False, "decided_by": "bob"})
        result = await result_of(run)
    assert (result.status, result.approval) == (OrderStatus.COMPLETED, TAKEN)
    assert f"approval refused: order o1 was already approved by {BY_ADA}" in caplog.text


@pytest.mark.parametrize(("cents", "asks"), [(50_000, False), (50_001, True)])
async def test_the_threshold(pipelines: Pipelines, cents: int, asks: bool) -> None:
    result = await result_of(await pipelines.order(order_over(cents)))
    assert (result.status == OrderStatus.APPROVAL_EXPIRED) is asks


async def test_a_decision_on_an_order_that_needs_none_is_refused(
    pipelines: Pipelines, world: World, caplog: pytest.LogCaptureFixture
) -> None:
    async with world.holding("charge_payment") as charge:
        run = await pipelines.order()
        await charge.wait_until_entered()
        refusal = await refusal_of(run, ADA_APPROVES)
        assert refusal == (
            "order o1 needs no approval: 20.00 USD was not above the limit when the order started"
        )
        with caplog.at_level(logging.WARNING):
            await run.signal("approval", {"approved": False})
            await until_order(run, approval=None)
    result = await result_of(run)
    assert (result.status, result.approval) == (OrderStatus.COMPLETED, None)
    assert "approval refused: order o1 needs no approval" in caplog.text


MALFORMED: list[list[object]] = [
    [],  # an empty form
    [None],
    ["yes"],
    [{}],
    [{"approved": "perhaps"}],
    [{"approved": True, "decided_by": "a" * 501}],
    [{"approved": True}, "ada"],
]


async def test_malformed_signals_are_dropped(
    pipelines: Pipelines, caplog: pytest.LogCaptureFixture
) -> None:
    run = await pipelines.order(large_order())
    with caplog.at_level(logging.WARNING):
        for values in MALFORMED:
            await run.signal("approval", args=values)
            assert (await order_state(run)).approval is None
    assert caplog.text.count("signal dropped") == len(MALFORMED)
    await run.signal("approval", {"approved": True, "decided_by": "ada"})
    result = await result_of(run)
    assert (result.status, result.approval) == (
        OrderStatus.COMPLETED,
        Approval(approved=True, decided_by="ada", channel=DecisionChannel.SIGNAL),
    )


async def test_malformed_updates_are_refused(pipelines: Pipelines) -> None:
    run = await pipelines.order(large_order())
    for values in MALFORMED:
        with pytest.raises(WorkflowUpdateFailedError) as refused:
            await run.execute_update("approval", args=values)
        assert isinstance(refused.value.cause, ApplicationError)
        words = r"(one Approval is needed, not [02]|no Approval: .+); right would be, for example, "
        assert re.fullmatch(words + re.escape('{"approved": true}'), refused.value.cause.message)
    assert (await order_state(run)).approval is None


async def test_a_decision_while_paused_counts_after_the_resume(
    pipelines: Pipelines, world: World
) -> None:
    run = await pipelines.order(large_order())
    await run.signal(OrderWorkflow.pause)
    # If an update and a signal share a task, this server records them in the wrong order.
    await until_order(run, paused=True)
    await run.execute_update(OrderWorkflow.decide, ADA_APPROVES)
    state = await until_order(run, paused=True, waiting_for="resume")
    assert state.approval == TAKEN
    await pipelines.env.sleep(dt.timedelta(days=3))
    assert world.calls == []
    await run.signal(OrderWorkflow.resume)
    assert (await result_of(run)).status == OrderStatus.COMPLETED


async def test_the_approval_expires_while_paused_and_ends_the_order_on_resume(
    pipelines: Pipelines, world: World
) -> None:
    run = await pipelines.order(large_order())
    await run.signal(OrderWorkflow.pause)
    await until_order(run, paused=True, waiting_for="an approval")
    await pipelines.env.sleep(dt.timedelta(hours=25))
    state = await until_order(run, waiting_for="resume")
    assert (state.step, state.waiting_until) == (OrderStep.APPROVAL, None)
    assert "no longer waits" in await refusal_of(run, ADA_APPROVES)
    assert world.calls == []
    await run.signal(OrderWorkflow.resume)
    assert (await until_end(run)).status == OrderStatus.APPROVAL_EXPIRED


# --- decided once, when the order starts -------------------------------------------------------


@pytest.mark.parametrize("by_hand", [True, False])
@pytest.mark.parametrize("needed", [True, False])
async def test_a_changed_threshold_changes_no_order_that_exists(
    pipelines: Pipelines, needed: bool, by_hand: bool
) -> None:
    # By hand, as from a form of the Temporal UI, an order is given no status.
    options: dict[str, object] = {"search_attributes": None} if by_hand else {}
    run = await pipelines.order(large_order() if needed else small_order(), **options)
    before = OrderStatus.AWAITING_APPROVAL if needed else OrderStatus.WAITING_FOR_BUSINESS_DAY
    await until_order(run, status=before)
    deployed = replayer(10**7 if needed else 0)
    await deployed.replay_workflow(await run.fetch_history())
    if needed:
        await run.execute_update(OrderWorkflow.decide, ADA_APPROVES)
    else:
        assert "needs no approval" in await refusal_of(run, ADA_APPROVES)
    assert (await result_of(run)).status == OrderStatus.COMPLETED
    await deployed.replay_workflow(await run.fetch_history())


@pytest.mark.parametrize("threshold", [0, 10**7])
@pytest.mark.parametrize("name", ["order_completed", "order_approved", "order_rejected"])
async def test_it_changes_none_that_began_before_it_was_decided_at_the_start(
    name: str, threshold: int
) -> None:
    history = WorkflowHistory.from_json(name, (HISTORIES / f"{name}.json").read_text("utf-8"))
    await replayer(threshold).replay_workflow(history)


async def test_a_changed_threshold_holds_for_orders_that_start_afterwards() -> None:
    async with serving_pipelines(worker=False) as pipelines:
        async with pipelines.worker(approval_threshold=19):
            run = await pipelines.order(search_attributes=None)  # 20.00 USD, by hand
            await until_order(run, status=OrderStatus.AWAITING_APPROVAL)
        await pipelines.replay()
