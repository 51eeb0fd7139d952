"""What the Temporal UI shows of a run: summaries, details, search attributes, and no secret."""

import pytest
from temporalio.api.enums.v1 import EventType
from temporalio.api.sdk.v1 import WorkflowMetadata
from temporalio.common import TypedSearchAttributes

from models import Approval, OrderStatus, ReceiptStatus
from providers.errors import InvalidRequest, ProviderUnavailable, TotalNotFound
from tests.support.fakes import FIELDS, World
from tests.support.pipelines import Pipelines, Run, a_receipt, large_order, small_order
from tests.support.watching import (
    events_of,
    order_state,
    result_of,
    summaries,
    until,
    until_backoff,
    until_end,
    until_order,
    until_receipt,
)
from workflows import wording
from workflows.order.workflow import OrderWorkflow
from workflows.search_attributes import (
    CUSTOMER_ID,
    MERCHANT,
    PIPELINE_STATUS,
    TOTAL_CENTS,
)


async def details_of(run: Run) -> str:
    """Return the Markdown that the UI shows for a run."""
    metadata = await run.query("__temporal_workflow_metadata", result_type=WorkflowMetadata)
    return str(metadata.current_details)


async def attributes_of(run: Run) -> TypedSearchAttributes:
    return (await run.describe()).typed_search_attributes


# --- orders -----------------------------------------------------------------------------------


async def test_every_step_and_wait_of_an_order_has_a_summary(
    pipelines: Pipelines, world: World
) -> None:
    run = await pipelines.order(large_order())
    state = await until_order(run, status=OrderStatus.AWAITING_APPROVAL)
    assert state.waiting_until is not None
    await run.signal("approval", {"approved": True})
    await result_of(run)
    shown = summaries(await run.fetch_history())
    approval, charge, reserve, hours, wait, ship, confirm, archive = shown
    assert approval == f"approval of 640.00 USD, until {state.waiting_until:%a %Y-%m-%d %H:%M} UTC"
    assert charge == "charge 640.00 USD, key order-o1:charge"
    assert reserve == "reserve 1 x desk, key order-o1:reserve"
    assert hours == "look up the next business day"
    assert wait.startswith("next business day, ")
    assert wait.endswith(" 09:00 UTC")
    assert ship == "ship reservation rs-o1, key order-o1:ship"
    assert confirm == "mail the confirmation, key order-o1:confirm"
    assert archive == "archive the order as completed"
    assert len(world.names()) == 4


async def test_every_lookup_and_undo_has_a_summary(pipelines: Pipelines, world: World) -> None:
    world.lose_answers("charge_payment", 5)
    world.fail("schedule_shipment", *[ProviderUnavailable("answered 503")] * 5)
    run = await pipelines.order(start_signal="expedite")
    await until_end(run)
    shown = summaries(await run.fetch_history())
    for summary in (
        "look up the charge of 20.00 USD, key order-o1:charge",
        "look up the shipment, key order-o1:ship",
        "release the reservation, key order-o1:release",
        "refund 20.00 USD, key order-o1:refund",
        "mail that the order is failed, key order-o1:refunded",
    ):
        assert summary in shown
    assert "" not in shown


async def test_the_details_of_an_order_say_what_happened_and_what_it_waits_for(
    pipelines: Pipelines,
) -> None:
    run = await pipelines.order(large_order())
    await until_order(run, status=OrderStatus.AWAITING_APPROVAL)
    details = await details_of(run)
    assert "**Order o1**, 640.00 USD: **awaiting_approval**" in details
    assert "waits for: an approval until" in details
    assert "to decide: `python starter.py approve o1` or `reject o1`; or send the signal" in details
    assert '`{"approved": true, "decided_by": "your name", "reason": "why"}`' in details
    await run.signal(OrderWorkflow.pause)
    await until_order(run, paused=True)
    assert "**awaiting_approval**, paused" in await details_of(run)
    await run.execute_update(
        OrderWorkflow.decide, Approval(approved=True, decided_by="ada", reason="a new desk")
    )
    await until_order(run, waiting_for="resume")
    assert "waits for: resume" in await details_of(run)
    await run.signal(OrderWorkflow.resume)
    await result_of(run)
    details = await details_of(run)
    for line in (
        "**completed**",
        "- approved by ada, as an update says (nobody vouches for that) (a new desk)",
        "- transaction: `ch-o1`",
        "- reservation: `rs-o1`, 1 x desk",
        "- shipment: `sh-o1`, handed to the carrier",
    ):
        assert line in details
    assert "waits for" not in details


async def test_the_details_of_a_failed_order_say_why(pipelines: Pipelines, world: World) -> None:
    world.fail("schedule_shipment", InvalidRequest("no such reservation"))
    run = await pipelines.order(start_signal="expedite")
    await until_end(run)
    details = await details_of(run)
    assert "- reason: no such reservation" in details
    assert "- refund: `re-o1`" in details


async def test_the_attributes_of_an_order_follow_its_status(
    pipelines: Pipelines,
) -> None:
    run = await pipelines.order(large_order(), search_attributes=None)  # as from the UI's form
    await until_order(run, status=OrderStatus.AWAITING_APPROVAL)
    shown = await attributes_of(run)
    assert shown[PIPELINE_STATUS] == "awaiting_approval"
    assert (shown[CUSTOMER_ID], shown[TOTAL_CENTS]) == ("c1", 64_000)
    await run.execute_update(OrderWorkflow.decide, Approval(approved=True))
    await until_order(run, status=OrderStatus.WAITING_FOR_BUSINESS_DAY)
    assert (await attributes_of(run))[PIPELINE_STATUS] == "waiting_for_business_day"
    await result_of(run)
    assert (await attributes_of(run))[PIPELINE_STATUS] == "completed"


async def test_attributes_given_at_the_start_cost_no_event(
    pipelines: Pipelines, world: World
) -> None:
    run = await pipelines.order(large_order())
    await until_order(run, status=OrderStatus.AWAITING_APPROVAL)
    upserts = events_of(
        await run.fetch_history(), EventType.EVENT_TYPE_UPSERT_WORKFLOW_SEARCH_ATTRIBUTES
    )
    changed = [
        set(
            event.upsert_workflow_search_attributes_event_attributes.search_attributes.indexed_fields
        )
        for event in upserts
    ]
    assert changed == [{"TemporalChangeVersion"}]
    assert world.calls == []


async def test_the_time_that_an_order_waits_is_counted(pipelines: Pipelines) -> None:
    run = await pipelines.order(large_order())
    before = await until_order(run, status=OrderStatus.AWAITING_APPROVAL)

    async def later() -> bool:
        return (await order_state(run)).elapsed_seconds > before.elapsed_seconds + 0.02

    # Meanwhile the order makes no event.
    await until(later)


async def test_the_time_that_an_order_ran_stands_still_at_its_end(pipelines: Pipelines) -> None:
    run = await pipelines.order(small_order(), start_signal="expedite")
    end = await until_end(run)
    assert await order_state(run) == end


# --- receipts ---------------------------------------------------------------------------------


async def test_every_step_and_wait_of_a_receipt_has_a_summary(
    pipelines: Pipelines, world: World
) -> None:
    world.fail("parse_receipt", TotalNotFound("no total in 1 lines", FIELDS))
    run = await pipelines.receipt()
    await until_receipt(run, status=ReceiptStatus.NEEDS_REVIEW)
    await run.signal("correction", {"total_cents": 900})
    await result_of(run)
    text, fields, review, moment, record, tell = summaries(await run.fetch_history())
    assert text == "read the text of receipts/abc.png"
    assert fields == "find the total in 1 lines"
    assert review.startswith("correction, until ")
    assert review.endswith(": no total in 1 lines")
    assert moment == "an earlier cancel counts first"
    assert record == "save 9.00 EUR for u1, key u1-abc"
    assert tell == "mail u1 that it was saved, key receipt-u1-abc:tell"


async def test_the_details_and_attributes_of_a_receipt(pipelines: Pipelines, world: World) -> None:
    world.fields = FIELDS.model_copy(update={"doubts": ("two totals",)})
    run = await pipelines.receipt()
    await until_receipt(run, status=ReceiptStatus.NEEDS_REVIEW)
    details = await details_of(run)
    assert "**Receipt u1-abc**: **needs_review**" in details
    assert "- read: Corner Cafe, 12.30 EUR, 2026-03-04 (by fake)" in details
    assert "- waits for: a correction until" in details
    assert "- reason: two totals" in details
    shown = await attributes_of(run)
    assert (shown[PIPELINE_STATUS], shown[CUSTOMER_ID]) == ("needs_review", "u1")
    await run.signal("correction", {"total_cents": 900})
    await result_of(run)
    shown = await attributes_of(run)
    assert (shown[PIPELINE_STATUS], shown[TOTAL_CENTS]) == ("completed", 900)
    assert shown[MERCHANT] == "Corner Cafe"
    assert "- expense: `ex-u1-abc`" in await details_of(run)


# --- both --------------------------------------------------------------------------------------


@pytest.mark.parametrize(("failing", "wait"), [("reserve_inventory", 5), ("save_expense", 3)])
async def test_the_details_name_a_wait_for_another_attempt_while_it_lasts(
    pipelines: Pipelines, world: World, failing: str, wait: int
) -> None:
    world.fail(failing, ProviderUnavailable("answered 503"))
    is_order = failing == "reserve_inventory"
    run: Run = await (pipelines.order() if is_order else pipelines.receipt())
    await until_backoff(run, failing)
    assert "- waits for: another attempt: answered 503 until" in await details_of(run)
    async with world.holding(failing) as attempt:
        await pipelines.env.sleep(wait)
        await attempt.wait_until_entered()
        assert "waits for" not in await details_of(run)


# --- secrets ----------------------------------------------------------------------------------


@pytest.mark.parametrize("ending", ["completed", "undone"])
async def test_nothing_that_is_shown_holds_a_token_or_an_address(
    pipelines: Pipelines, world: World, ending: str
) -> None:
    if ending == "undone":
        world.fail("schedule_shipment", *[ProviderUnavailable("answered 503")] * 5)
    order, receipt = small_order(), a_receipt()
    order_run = await pipelines.order(order, start_signal="expedite")
    receipt_run = await pipelines.receipt(receipt)
    await until_end(order_run)
    await result_of(receipt_run)
    events = (await order_run.fetch_history()).events
    assert not [event for event in events if b"tok_visa_4242" in event.SerializeToString()]
    assert receipt.notify_email is not None
    for run in (order_run, receipt_run):
        shown = [
            *summaries(await run.fetch_history()),
            await details_of(run),
            str(await attributes_of(run)),
            str(await run.query("status", result_type=dict)),
        ]
        for secret in ("tok_visa_4242", order.customer_email, receipt.notify_email):
            assert not [text for text in shown if secret in text]


@pytest.mark.parametrize(
    ("sent", "why"),
    [
        ({"approved": "yes"}, "no Approval: approved: Input should be a valid boolean"),
        ({}, "no Approval: approved: Field required"),
        ("true", "no Approval: Input should be a valid dictionary or instance of Approval"),
    ],
    ids=str,
)
async def test_the_sender_of_a_signal_that_cannot_count_sees_why(
    pipelines: Pipelines, sent: object, why: str
) -> None:
    run = await pipelines.order(large_order())
    await run.signal("approval", sent)
    assert f"- a signal did not count: {why}" in await details_of(run)

    await run.signal("approval", {"approved": True})
    await until_order(run, status=OrderStatus.WAITING_FOR_BUSINESS_DAY)
    await run.signal("approval", {"approved": False})
    refused = "approval refused: order o1 was already approved by a signal that names nobody"
    assert refused in await details_of(run)
    await run.cancel()


@pytest.mark.parametrize(
    ("channel", "decided_by", "words"),
    [
        ("signal", "unknown", "approved by a signal that names nobody"),
        ("signal", "ada", "approved by ada, as a signal says (nobody vouches for that)"),
        ("update", "unknown", "approved by an update that names nobody"),
        ("starter.py", "ada", "approved by ada, through starter.py"),
        ("http", "ada", "approved by ada, over HTTP"),
        ("unknown", "ada", "approved by ada"),
    ],
)
def test_a_decision_says_by_which_channel_it_came(
    channel: str, decided_by: str, words: str
) -> None:
    said = {"approved": True, "decided_by": decided_by, "channel": channel}
    assert wording.decision(Approval.model_validate(said)) == words
