"""A receipt from text to mail: its result, a mail that fails, cancellation."""

import pytest
from temporalio.client import WorkflowExecutionStatus
from temporalio.exceptions import ApplicationError, CancelledError

from models import ReceiptStatus, ReceiptStep, TextToParse
from providers.errors import ProviderRateLimited, TotalNotFound
from tests.support.fakes import FIELDS, TEXT, World
from tests.support.pipelines import HEARS_DURING_LOCAL_STEPS, QUEUE, Pipelines, a_receipt
from tests.support.watching import (
    cancel_heard,
    closing_status,
    failure_of,
    receipt_state,
    result_of,
    until_backoff,
)

BEFORE_THE_MAIL = ["extract_text", "parse_receipt", "save_expense"]


async def test_completed(pipelines: Pipelines, world: World) -> None:
    run = await pipelines.receipt()
    result = await result_of(run)
    assert result.status == ReceiptStatus.COMPLETED
    assert result.expense_id == "ex-u1-abc"
    assert (result.merchant, result.total_cents, result.currency, result.date) == (
        FIELDS.merchant,
        FIELDS.total_cents,
        FIELDS.currency,
        FIELDS.date,
    )
    assert (result.parser, result.corrected_by) == ("fake", None)
    assert (result.user_told, result.not_told_because) == (True, None)
    assert [call.activity for call in world.calls] == [
        "extract_text",
        "parse_receipt",
        "save_expense",
        "notify_user",
    ]
    text = TEXT.model_copy(update={"object_key": "receipts/abc.png"})
    assert world.calls[1].request == TextToParse(**dict(text), user_id="u1")
    stored = world.expenses["u1-abc"]
    assert (stored.user_id, stored.object_key) == ("u1", "receipts/abc.png")
    mail = world.mails["receipt-u1-abc:tell"]
    assert mail.to == "grace.hopper@user.example"
    assert "12.30 EUR at Corner Cafe" in mail.subject
    state = await receipt_state(run)
    assert (state.status, state.step) == (ReceiptStatus.COMPLETED, ReceiptStep.TELL)


async def test_without_an_address_nobody_is_told(pipelines: Pipelines, world: World) -> None:
    result = await result_of(await pipelines.receipt(a_receipt(notify_email=None)))
    assert (result.user_told, result.not_told_because) == (False, "no address was given")
    assert "notify_user" not in world.names()
    assert "u1-abc" in world.expenses


async def test_an_answer_that_got_lost_is_no_second_expense(
    pipelines: Pipelines, world: World
) -> None:
    world.lose_answers("save_expense", 2)
    result = await result_of(await pipelines.receipt())
    assert result.expense_id == "ex-u1-abc"
    assert {str(call.request) for call in world.calls_of("save_expense")} == {
        str(world.expenses["u1-abc"])
    }


@pytest.mark.parametrize("field", [{"merchant": "x" * 201}])
async def test_a_reading_that_no_expense_can_hold_fails_the_run(
    pipelines: Pipelines, world: World, field: dict[str, str]
) -> None:
    world.fields = FIELDS.model_copy(update=field)
    run = await pipelines.receipt()
    failure = await failure_of(run)
    assert isinstance(failure, ApplicationError)
    assert failure.type == "InvalidExpense"
    assert next(iter(field)) in failure.message
    assert (await receipt_state(run)).status == ReceiptStatus.FAILED
    assert world.expenses == {}


async def test_an_invalid_receipt_fails_at_once(pipelines: Pipelines, world: World) -> None:
    content = a_receipt().model_dump(mode="json") | {"user_id": "not/an/id"}
    run = await pipelines.env.client.start_workflow(
        "ReceiptWorkflow", content, id="receipt-wrong", task_queue=QUEUE
    )
    failure = await failure_of(run)
    assert isinstance(failure, ApplicationError)
    assert failure.type == "ValidationError"
    assert world.calls == []


@pytest.mark.parametrize("failing", ["extract_text", "parse_receipt", "save_expense"])
async def test_cancelled_in_backoff(pipelines: Pipelines, world: World, failing: str) -> None:
    world.fail(failing, ProviderRateLimited("slow down", 3600.0))
    run = await pipelines.receipt()
    await until_backoff(run, failing)
    await run.cancel()
    assert isinstance(await failure_of(run), CancelledError)
    assert await closing_status(run) == WorkflowExecutionStatus.CANCELED
    assert (await receipt_state(run)).status == ReceiptStatus.CANCELLED
    assert len(world.calls_of(failing)) == 1
    assert "notify_user" not in world.names()


@pytest.mark.parametrize(
    ("running", "ran"),
    [("parse_receipt", ["extract_text", "parse_receipt"]), ("save_expense", BEFORE_THE_MAIL)],
)
async def test_cancelled_while_a_step_runs_it_finishes_and_no_other_begins(
    pipelines: Pipelines, world: World, running: str, ran: list[str]
) -> None:
    async with world.holding(running) as step:
        run = await pipelines.receipt(task_timeout=HEARS_DURING_LOCAL_STEPS)
        await step.wait_until_entered()
        await cancel_heard(run)
    assert isinstance(await failure_of(run), CancelledError)
    assert world.names() == ran
    state = await receipt_state(run)
    assert state.status == ReceiptStatus.CANCELLED
    # A saved expense stays, and the status has its id.
    assert state.expense_id == ("ex-u1-abc" if running == "save_expense" else None)


async def test_cancelled_while_a_reading_that_needs_review_is_made(
    pipelines: Pipelines, world: World
) -> None:
    world.fail("parse_receipt", TotalNotFound("no total"))
    async with world.holding("parse_receipt") as parser:
        run = await pipelines.receipt(task_timeout=HEARS_DURING_LOCAL_STEPS)
        await parser.wait_until_entered()
        await cancel_heard(run)
    assert isinstance(await failure_of(run), CancelledError)
    assert (await receipt_state(run)).status == ReceiptStatus.CANCELLED


async def test_cancelled_while_the_mail_is_being_sent_is_too_late(
    pipelines: Pipelines, world: World
) -> None:
    async with world.holding("notify_user") as mail:
        run = await pipelines.receipt()
        await mail.wait_until_entered()
        await cancel_heard(run)
    result = await result_of(run)
    assert (result.status, result.user_told) == (ReceiptStatus.COMPLETED, True)
