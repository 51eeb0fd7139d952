"""Edits of expenses, on SQLite and on a real PostgreSQL: laid over what runs save."""

import datetime as dt
from decimal import Decimal
from typing import Any

from sqlalchemy import delete

from models import (
    ExpenseEdit,
    LineItem,
    PaymentMethod,
    PurchaseDetails,
    StoredExpense,
    TaxRow,
)
from providers.records.edits import SqlExpenseBook
from providers.records.sql import SqlRecords
from providers.records.tables import EXPENSE_DETAILS
from tests.providers.records.saving import COFFEE
from tests.support.whole_books import gathered

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
    assert await gathered(book.edits()) == []

    made = [edit_of("exp_1", merchant=None), edit_of("exp_2", is_deleted=True)]
    for edit in made:
        await book.edit(edit)

    assert await gathered(book.edits()) == made


async def test_what_is_unconfirmed_is_said_until_somebody_edits_it(records: SqlRecords) -> None:
    saved = await records.save(COFFEE.model_copy(update={"unconfirmed": "merchant"}))
    await records.save(COFFEE.model_copy(update={"unconfirmed": "merchant"}))
    book = SqlExpenseBook(records)
    assert [one.unconfirmed for one in await book.list()] == ["merchant"]

    await book.edit(edit_of(saved.expense_id, merchant="Kettle & Quill"))
    assert [one.unconfirmed for one in await book.list()] == [None]


DETAILS = PurchaseDetails(
    tax_cents=196,
    tip_cents=100,
    tax_rows=(TaxRow(rate_percent=Decimal("5.5"), tax_cents=196, gross_cents=1130),),
    payment_method=PaymentMethod.CARD,
    items=(
        LineItem(description="茶", cents=600, quantity=Decimal("0.482"), unit_price_cents=1245),
    ),
)
WITH_DETAILS = COFFEE.model_copy(update=dict(DETAILS))


def details_of(expense: StoredExpense) -> PurchaseDetails:
    return PurchaseDetails.model_validate({name: getattr(expense, name) for name in dict(DETAILS)})


async def test_details_are_stored_and_replaced_with_their_expense(records: SqlRecords) -> None:
    await records.save(WITH_DETAILS)
    book = SqlExpenseBook(records)
    assert [details_of(one) for one in await book.list()] == [DETAILS]

    await records.save(WITH_DETAILS.model_copy(update={"tip_cents": 50}))
    assert [one.tip_cents for one in await book.list()] == [50]


async def test_an_edit_keeps_the_details_that_still_fit(records: SqlRecords) -> None:
    saved = await records.save(WITH_DETAILS)
    book = SqlExpenseBook(records)

    await book.edit(edit_of(saved.expense_id, merchant="Tea House"))
    assert [details_of(one) for one in await book.list()] == [DETAILS]
    await book.edit(edit_of(saved.expense_id, total_cents=990))
    (other_total,) = await book.list()
    assert (other_total.tax_rows, other_total.tax_cents, other_total.tip_cents) == ((), None, None)
    assert other_total.items == DETAILS.items
    await book.edit(edit_of(saved.expense_id, currency="JPY"))
    (yen,) = await book.list()
    assert details_of(yen) == PurchaseDetails(payment_method=PaymentMethod.CARD)


async def test_rows_of_a_version_without_details_are_listed(records: SqlRecords) -> None:
    await records.save(WITH_DETAILS)
    book = SqlExpenseBook(records)
    async with records.transaction("forget details") as connection:
        await connection.execute(delete(EXPENSE_DETAILS))
    assert [details_of(one) for one in await book.list()] == [PurchaseDetails()]
