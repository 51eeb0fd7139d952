"""Names of merchants that a person confirmed: noted with the expense, and told to the parser."""

from typing import Any

import pytest

from models import ExpenseToSave, ReceiptStatus, ReceiptStep
from providers.errors import StorageUnavailable
from tests.support.fakes import FIELDS, World
from tests.support.pipelines import Pipelines
from tests.support.watching import result_of, until_receipt


@pytest.mark.parametrize(
    ("corrections", "is_confirmed"),
    [
        ([{"total_cents": 1250}], False),
        ([{"total_cents": 1250, "merchant": "Corner Cafe"}], True),
        ([{"total_cents": 1250, "clear": ["merchant"]}], False),
    ],
)
async def test_a_name_that_a_correction_gives_is_noted_as_confirmed(
    pipelines: Pipelines, world: World, corrections: list[dict[str, Any]], is_confirmed: bool
) -> None:
    world.fields = FIELDS.model_copy(update={"doubts": ("two totals",)})
    run = await pipelines.receipt()
    await until_receipt(run, status=ReceiptStatus.NEEDS_REVIEW)
    for correction in corrections:
        await run.signal("correction", correction)
    await result_of(run)
    expense = world.expenses["u1-abc"]
    assert isinstance(expense, ExpenseToSave)
    assert expense.is_merchant_confirmed is is_confirmed


async def test_a_name_stays_confirmed_while_a_duplicate_is_asked_about(
    pipelines: Pipelines, world: World
) -> None:
    world.fields = FIELDS.model_copy(update={"doubts": ("two merchants",)})
    world.duplicates["u1-abc"] = "u1-first"
    run = await pipelines.receipt()
    await until_receipt(run, status=ReceiptStatus.NEEDS_REVIEW)
    await run.signal("correction", {"total_cents": 1250, "merchant": "Corner Cafe"})
    await until_receipt(run, status=ReceiptStatus.NEEDS_REVIEW, step=ReceiptStep.RECORD)
    await run.signal("correction", {"total_cents": 1250})
    await result_of(run)
    expense = world.expenses["u1-abc"]
    assert isinstance(expense, ExpenseToSave)
    assert (expense.is_merchant_confirmed, expense.merchant) == (True, "Corner Cafe")


async def test_the_parser_is_told_of_the_names_of_its_user(
    pipelines: Pipelines, world: World
) -> None:
    world.merchants = {"u1": ("Corner Cafe", "Hotel Adler"), "u2": ("Hotel Krone",)}
    await result_of(await pipelines.receipt())
    assert world.known_merchants == ("Corner Cafe", "Hotel Adler")


async def test_a_database_that_is_away_is_waited_for_and_nothing_is_guessed(
    pipelines: Pipelines, world: World
) -> None:
    world.merchants = {"u1": ("Corner Cafe",)}
    world.fail("confirmed_merchants", *[StorageUnavailable("no connection")] * 6)
    result = await result_of(await pipelines.receipt())
    assert result.status is ReceiptStatus.COMPLETED
    assert world.known_merchants == ("Corner Cafe",)
    assert len(world.calls_of("parse_receipt")) == 1, "a model would be paid once"
