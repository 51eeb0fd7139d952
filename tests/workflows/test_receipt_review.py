"""Needs review: why, how a person corrects it, and what happens if nobody does."""

import datetime as dt
import logging
import re
from typing import Any

import pytest
from temporalio.client import WorkflowExecutionStatus, WorkflowUpdateFailedError
from temporalio.exceptions import ApplicationError, CancelledError
from temporalio.testing import WorkflowEnvironment

from models import Correction, ReceiptFields, ReceiptStatus, ReceiptStep
from providers.errors import ProviderUnavailable, TotalNotFound
from tests.support.fakes import FIELDS, World
from tests.support.pipelines import (
    HEARS_DURING_LOCAL_STEPS,
    Pipelines,
    ReceiptRun,
)
from tests.support.watching import (
    closing_status,
    failure_of,
    receipt_state,
    result_of,
    timers,
    until_receipt,
)
from workflows.receipt.workflow import ReceiptWorkflow

NO_TOTAL = FIELDS.model_copy(update={"total_cents": None})


async def in_review(pipelines: Pipelines, **options: Any) -> ReceiptRun:
    run = await pipelines.receipt(**options)
    await until_receipt(run, status=ReceiptStatus.NEEDS_REVIEW)
    return run


async def refusal_of(run: ReceiptRun, correction: Correction) -> str:
    """Send a correction as an update, which must be refused; return the reason."""
    with pytest.raises(WorkflowUpdateFailedError) as refused:
        await run.execute_update(ReceiptWorkflow.correct, correction)
    assert isinstance(refused.value.cause, ApplicationError)
    assert refused.value.cause.type == "CorrectionRefused"
    return refused.value.cause.message


# --- why --------------------------------------------------------------------------------------


async def test_a_total_that_cannot_be_read(pipelines: Pipelines, world: World) -> None:
    world.fail("parse_receipt", TotalNotFound("no total in 1 lines", NO_TOTAL))
    run = await in_review(pipelines)
    state = await receipt_state(run)
    assert (state.step, state.reason) == (ReceiptStep.FIELDS, "no total in 1 lines")
    assert (state.object_key, state.fields) == ("receipts/abc.png", NO_TOTAL)
    assert state.waiting_for == "a correction"
    assert state.waiting_until is not None
    assert state.waiting_until - state.started_at >= dt.timedelta(days=7)
    assert world.expenses == {}


async def test_doubts(pipelines: Pipelines, world: World) -> None:
    world.fields = FIELDS.model_copy(update={"doubts": ("two totals", "a date of 2062")})
    state = await receipt_state(await in_review(pipelines))
    assert state.reason == "two totals; a date of 2062"
    assert state.fields == world.fields


async def test_no_currency(pipelines: Pipelines, world: World) -> None:
    world.fields = FIELDS.model_copy(update={"currency": None})
    run = await in_review(pipelines)
    assert (await receipt_state(run)).reason == "no currency was found"
    refusal = await refusal_of(run, Correction(total_cents=900))
    assert refusal == "receipt u1-abc shows no currency: the correction must give one"
    await run.execute_update(ReceiptWorkflow.correct, Correction(total_cents=900, currency="CHF"))
    assert (await result_of(run)).currency == "CHF"


async def test_a_parser_that_never_answers(pipelines: Pipelines, world: World) -> None:
    world.fail("parse_receipt", *[ProviderUnavailable("answered 503")] * 3)
    run = await pipelines.receipt()
    await pipelines.env.sleep(dt.timedelta(minutes=1))
    state = await until_receipt(run, status=ReceiptStatus.NEEDS_REVIEW)
    assert state.reason == "answered 503"
    await run.execute_update(
        ReceiptWorkflow.correct, Correction(total_cents=900, currency="CHF", corrected_by="ada")
    )
    result = await result_of(run)
    assert (result.total_cents, result.currency, result.merchant) == (900, "CHF", None)


# --- what a person does -----------------------------------------------------------------------


async def test_a_correction_goes_on_at_the_record_step(pipelines: Pipelines, world: World) -> None:
    world.fail("parse_receipt", TotalNotFound("no total", NO_TOTAL))
    run = await in_review(pipelines)
    corrected = await run.execute_update(
        ReceiptWorkflow.correct, Correction(total_cents=1_250, corrected_by="ada")
    )
    assert corrected.fields is not None
    assert corrected.fields.total_cents == 1_250
    result = await result_of(run)
    assert (result.status, result.total_cents, result.corrected_by) == (
        ReceiptStatus.COMPLETED,
        1_250,
        "ada",
    )
    # What the correction left out keeps the parser's values.
    assert (result.merchant, result.currency, result.date) == (
        FIELDS.merchant,
        FIELDS.currency,
        FIELDS.date,
    )
    assert world.expenses["u1-abc"].corrected_by == "ada"
    # Neither OCR nor the parser runs again.
    assert [call.activity for call in world.calls] == [
        "extract_text",
        "parse_receipt",
        "save_expense",
        "notify_user",
    ]


async def test_a_correction_clears_what_is_wrong(pipelines: Pipelines, world: World) -> None:
    world.fail("parse_receipt", TotalNotFound("no total", NO_TOTAL))
    run = await in_review(pipelines)
    cleared = {"total_cents": -1999, "clear": ["merchant", "date"]}
    with pytest.raises(WorkflowUpdateFailedError):
        await run.execute_update("correction", {**cleared, "merchant": "Cafe"})
    await run.signal("correction", {**cleared, "clear": ["currency"]})
    corrected = await run.execute_update("correction", cleared)
    assert corrected["fields"]["merchant"] is None
    result = await result_of(run)
    assert (result.merchant, result.date, result.total_cents) == (None, None, -1_999)
    assert result.currency == FIELDS.currency
    assert world.expenses["u1-abc"].merchant is None


async def test_a_correction_by_plain_json_signal(pipelines: Pipelines, world: World) -> None:
    world.fail("parse_receipt", TotalNotFound("no total"))
    run = await in_review(pipelines)
    await run.signal(
        "correction",
        {"total_cents": 1250, "merchant": "Cafe", "date": "2026-02-03", "currency": "GBP"},
    )
    result = await result_of(run)
    assert (result.merchant, result.total_cents, result.currency, result.date) == (
        "Cafe",
        1_250,
        "GBP",
        dt.date(2026, 2, 3),
    )
    assert result.corrected_by == "unknown"


MALFORMED: list[list[object]] = [
    [],  # an empty form
    [None],
    ["12.30"],
    [{"merchant": "Cafe"}],
    [{"total_cents": 0}],
    [{"total_cents": "12.30"}],
    [{"total_cents": 1230}, "USD"],
]


async def test_malformed_signals_are_dropped(
    pipelines: Pipelines, world: World, caplog: pytest.LogCaptureFixture
) -> None:
    world.fail("parse_receipt", TotalNotFound("no total", NO_TOTAL))
    run = await in_review(pipelines)
    with caplog.at_level(logging.WARNING):
        for values in MALFORMED:
            await run.signal("correction", args=values)
            assert (await receipt_state(run)).status == ReceiptStatus.NEEDS_REVIEW
    assert caplog.text.count("signal dropped") == len(MALFORMED)
    await run.signal("correction", {"total_cents": 77})
    assert (await result_of(run)).total_cents == 77


async def test_malformed_updates_are_refused(pipelines: Pipelines, world: World) -> None:
    world.fail("parse_receipt", TotalNotFound("no total", NO_TOTAL))
    run = await in_review(pipelines)
    for values in MALFORMED:
        with pytest.raises(WorkflowUpdateFailedError) as refused:
            await run.execute_update("correction", args=values)
        assert isinstance(refused.value.cause, ApplicationError)
        words = r"(one Correction is needed, not [02]|no Correction: .+); right would be, for .+"
        assert re.fullmatch(words, refused.value.cause.message)
    assert (await receipt_state(run)).status == ReceiptStatus.NEEDS_REVIEW


async def test_a_correction_that_nobody_asked_for_is_refused(
    pipelines: Pipelines, world: World, caplog: pytest.LogCaptureFixture
) -> None:
    async with world.holding("parse_receipt") as parser:
        run = await pipelines.receipt(task_timeout=HEARS_DURING_LOCAL_STEPS)
        await parser.wait_until_entered()
        refusal = await refusal_of(run, Correction(total_cents=1))
        assert refusal == "receipt u1-abc waits for no correction: it is running"
        with caplog.at_level(logging.WARNING):
            await run.signal("correction", {"total_cents": 1})
            await until_receipt(run, status=ReceiptStatus.RUNNING)
    assert (await result_of(run)).total_cents == FIELDS.total_cents
    assert "correction refused: receipt u1-abc waits for no correction" in caplog.text


async def test_the_first_correction_counts(pipelines: Pipelines, world: World) -> None:
    world.fail("parse_receipt", TotalNotFound("no total", NO_TOTAL))
    async with world.holding("save_expense") as save:
        run = await in_review(pipelines, task_timeout=HEARS_DURING_LOCAL_STEPS)
        await run.signal(ReceiptWorkflow.on_correction, Correction(total_cents=100))
        await save.wait_until_entered()
        assert "waits for no correction" in await refusal_of(run, Correction(total_cents=200))
    assert (await result_of(run)).total_cents == 100


# --- without a correction ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "kind", "reason"),
    [
        (None, "TotalNotFound", "no total"),
        (
            FIELDS.model_copy(update={"doubts": ("two totals",)}),
            "DoubtfulReading",
            "two totals",
        ),
    ],
)
async def test_no_correction_in_seven_days_fails_with_the_original_reason(
    pipelines: Pipelines, world: World, fields: ReceiptFields | None, kind: str, reason: str
) -> None:
    if fields is None:
        world.fail("parse_receipt", TotalNotFound(reason, NO_TOTAL))
    else:
        world.fields = fields
    run = await pipelines.receipt()
    failure = await failure_of(run)
    assert isinstance(failure, ApplicationError)
    assert (failure.type, failure.message.split(" (")[0]) == (kind, reason)
    assert [lasts for _, lasts in timers(await run.fetch_history())] == [dt.timedelta(days=7)]
    state = await receipt_state(run)
    assert state.status == ReceiptStatus.FAILED
    assert state.reason == f"{reason} (nobody corrected it within 7 days)"
    assert state.elapsed_seconds >= dt.timedelta(days=7).total_seconds()
    assert world.expenses == {}


async def test_a_correction_on_the_last_day_counts(pipelines: Pipelines, world: World) -> None:
    world.fail("parse_receipt", TotalNotFound("no total", NO_TOTAL))
    run = await in_review(pipelines)
    await pipelines.env.sleep(dt.timedelta(days=6, hours=23))
    await run.signal("correction", {"total_cents": 77})
    assert (await result_of(run)).total_cents == 77


async def test_cancelled_in_review(pipelines: Pipelines, world: World) -> None:
    world.fail("parse_receipt", TotalNotFound("no total", NO_TOTAL))
    run = await in_review(pipelines)
    await run.cancel()
    assert isinstance(await failure_of(run), CancelledError)
    assert await closing_status(run) == WorkflowExecutionStatus.CANCELED
    assert (await receipt_state(run)).status == ReceiptStatus.CANCELLED
    assert world.expenses == {}


async def test_a_discard_counts_that_came_before_a_correction(
    real_time: WorkflowEnvironment,
) -> None:
    pipelines = Pipelines(real_time, World())
    pipelines.world.fields = FIELDS.model_copy(update={"doubts": ("two totals",)})
    async with pipelines.worker():
        run = await pipelines.receipt()
        await until_receipt(run, status=ReceiptStatus.NEEDS_REVIEW)
    await run.cancel()
    await run.signal("correction", {"total_cents": 1250})
    async with pipelines.worker():
        assert isinstance(await failure_of(run), CancelledError)
    await pipelines.replay()
    assert pipelines.world.calls_of("save_expense") == []
