"""Another photo of a receipt that is already an expense: it waits until a person decides."""

import pytest
from temporalio.client import WorkflowExecutionStatus
from temporalio.exceptions import ApplicationError, CancelledError

from models import Correction, ReceiptStatus, ReceiptStep
from providers.errors import TotalNotFound
from tests.support.fakes import FIELDS, World
from tests.support.pipelines import Pipelines, ReceiptRun
from tests.support.watching import (
    closing_status,
    failure_of,
    receipt_state,
    result_of,
    until_receipt,
)
from workflows.receipt.workflow import ReceiptWorkflow

SAME_VALUES = Correction(total_cents=1230, corrected_by="ada")


@pytest.fixture
async def held(pipelines: Pipelines, world: World) -> ReceiptRun:
    world.duplicates["u1-abc"] = "r0"
    run = await pipelines.receipt()
    await until_receipt(run, status=ReceiptStatus.NEEDS_REVIEW)
    return run


async def test_a_likely_duplicate_is_held_with_the_id_of_the_first(
    held: ReceiptRun, world: World
) -> None:
    state = await receipt_state(held)

    assert state.step is ReceiptStep.RECORD
    assert state.reason is not None
    assert "likely a duplicate of receipt r0 (expense ex-r0)" in state.reason
    assert state.waiting_for == "a correction"
    assert state.expense_id is None
    assert state.fields == FIELDS
    assert world.expenses == {}
    assert world.mails == {}


async def test_the_same_values_confirm_that_it_is_a_purchase_of_its_own(
    held: ReceiptRun, world: World
) -> None:
    await held.execute_update(ReceiptWorkflow.correct, SAME_VALUES)
    result = await result_of(held)

    assert (result.status, result.expense_id) == (ReceiptStatus.COMPLETED, "ex-u1-abc")
    assert (result.total_cents, result.merchant) == (1230, FIELDS.merchant)
    assert result.corrected_by == "ada"
    assert world.names() == [
        "extract_text",
        "parse_receipt",
        "save_expense",
        "save_expense",
        "notify_user",
    ]


async def test_other_values_are_saved_as_they_were_corrected(
    held: ReceiptRun, world: World
) -> None:
    await held.signal(ReceiptWorkflow.on_correction, Correction(total_cents=9900))
    await result_of(held)

    assert world.expenses["u1-abc"].total_cents == 9900


async def test_a_real_duplicate_is_cancelled_and_leaves_nothing(
    held: ReceiptRun, world: World
) -> None:
    await held.cancel()

    assert isinstance(await failure_of(held), CancelledError)
    assert await closing_status(held) == WorkflowExecutionStatus.CANCELED
    assert (await receipt_state(held)).status is ReceiptStatus.CANCELLED
    assert world.expenses == {}
    assert world.mails == {}


async def test_an_undecided_duplicate_fails_with_its_reason(held: ReceiptRun, world: World) -> None:
    failure = await failure_of(held)

    assert isinstance(failure, ApplicationError)
    assert failure.type == "LikelyDuplicate"
    assert "likely a duplicate of receipt r0" in failure.message
    assert "nobody corrected it within 7 days" in failure.message
    assert world.expenses == {}


async def test_a_correction_of_the_reading_does_not_settle_that_it_is_no_duplicate(
    pipelines: Pipelines, world: World
) -> None:
    """The person who read the total did not know of the other receipt."""
    world.duplicates["u1-abc"] = "r0"
    world.fail("parse_receipt", TotalNotFound("no total", FIELDS))
    run = await pipelines.receipt()
    await until_receipt(run, status=ReceiptStatus.NEEDS_REVIEW, step=ReceiptStep.FIELDS)
    await run.execute_update(ReceiptWorkflow.correct, SAME_VALUES)

    await until_receipt(run, status=ReceiptStatus.NEEDS_REVIEW, step=ReceiptStep.RECORD)
    await run.execute_update(ReceiptWorkflow.correct, SAME_VALUES)

    assert (await result_of(run)).expense_id == "ex-u1-abc"


async def test_a_lost_answer_makes_no_duplicate(pipelines: Pipelines, world: World) -> None:
    world.lose_answers("save_expense", 2)

    result = await result_of(await pipelines.receipt())

    assert result.expense_id == "ex-u1-abc"
    assert list(world.expenses) == ["u1-abc"]
