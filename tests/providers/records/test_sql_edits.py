"""Edits of expenses, on SQLite and on a real PostgreSQL: laid over what runs save."""

import datetime as dt
from typing import Any

from models import ExpenseEdit
from providers.records.edits import SqlExpenseBook
from providers.records.sql import SqlRecords
from tests.providers.records.saving import COFFEE

NOW = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)


def edit_of(expense_id: str, **changes: Any) -> ExpenseEdit:
    values = COFFEE.model_dump(include={"merchant", "total_cents", "currency", "date"})
    about = {"expense_id": expense_id, "edited_by": "olga", "edited_at": NOW}
    return ExpenseEdit.model_validate(values | about | changes)


async def test_what_nobody_edited_is_as_it_was_saved(records: SqlRecords) -> None:
    saved = await records.save(COFFEE)
    book = SqlExpenseBook(records)

    assert await book.list("ada") == await records.list()
    assert await book.find(saved.expense_id) == (await records.list())[0]
    assert await book.list("bob") == []
    assert await book.find("exp_none") is None


async def test_an_edit_lies_over_a_row_whatever_its_run_saves_again(records: SqlRecords) -> None:
    saved = await records.save(COFFEE)
    book = SqlExpenseBook(records)

    await book.edit(edit_of(saved.expense_id, total_cents=990, merchant=None, date=None))
    await book.edit(edit_of(saved.expense_id, total_cents=995, merchant=None, date=None))
    await records.save(COFFEE.model_copy(update={"total_cents": 7}))

    (edited,) = await book.list()
    assert await book.edit_of(saved.expense_id) == edit_of(
        saved.expense_id, total_cents=995, merchant=None, date=None
    )
    assert (edited.total_cents, edited.merchant, edited.date) == (995, None, None)
    assert (edited.corrected_by, edited.user_id) == ("olga", "ada")
    assert [one.total_cents for one in await records.list()] == [7]


async def test_what_is_deleted_is_not_brought_back(records: SqlRecords) -> None:
    saved = await records.save(COFFEE)
    other = await records.save(COFFEE.model_copy(update={"receipt_id": "ada-2"}))
    book = SqlExpenseBook(records)

    await book.edit(edit_of(saved.expense_id, is_deleted=True))
    await book.edit(edit_of(saved.expense_id, total_cents=1))
    await records.save(COFFEE)

    assert [one.expense_id for one in await book.list()] == [other.expense_id]
    everybodys = await book.page(None, 5, None)
    assert everybodys is not None
    assert [one.expense_id for one in everybodys] == [other.expense_id]
    assert await book.find(saved.expense_id) is None
    deletion = await book.edit_of(saved.expense_id)
    assert deletion is not None
    assert (deletion.is_deleted, deletion.edited_by, deletion.edited_at) == (True, "olga", NOW)
    assert await book.edit_of(other.expense_id) is None
    assert sorted(await book.receipts("ada")) == ["ada-1", "ada-2"]
    assert await book.receipts("bob") == []
    assert len(await records.list()) == 2


async def test_pages_go_on_after_an_expense(records: SqlRecords) -> None:
    for number in range(5):
        await records.save(COFFEE.model_copy(update={"receipt_id": f"ada-{number}"}))
    book = SqlExpenseBook(records)
    ids = [one.expense_id for one in await book.list()]

    first = await book.page("ada", 2, None)
    assert first is not None
    rest = await book.page("ada", 9, first[-1].expense_id)
    assert rest is not None

    assert [one.expense_id for one in (*first, *rest)] == ids
    for foreign in ("exp_none", "nope", ""):
        assert await book.page("ada", 9, foreign) is None
    assert await book.page("bob", 9, first[-1].expense_id) is None, "another user's"


async def test_all_edits_for_an_audit(records: SqlRecords) -> None:
    book = SqlExpenseBook(records)
    assert list(await book.edits()) == []

    made = [edit_of("exp_1", merchant=None), edit_of("exp_2", is_deleted=True)]
    for edit in made:
        await book.edit(edit)

    assert list(await book.edits()) == made


async def test_what_is_unconfirmed_is_said_until_somebody_edits_it(records: SqlRecords) -> None:
    saved = await records.save(COFFEE.model_copy(update={"unconfirmed": "merchant"}))
    await records.save(COFFEE.model_copy(update={"unconfirmed": "merchant"}))
    book = SqlExpenseBook(records)
    assert [one.unconfirmed for one in await book.list()] == ["merchant"]

    await book.edit(edit_of(saved.expense_id, merchant="Kettle & Quill"))
    assert [one.unconfirmed for one in await book.list()] == [None]
