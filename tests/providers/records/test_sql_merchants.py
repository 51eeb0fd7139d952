"""Names of merchants that people confirmed, on SQLite and on a real PostgreSQL."""

import datetime as dt
from typing import Any

import pytest

from models import ExpenseEdit, ExpenseToSave
from providers.errors import StorageUnavailable
from providers.records import merchants
from providers.records.edits import SqlExpenseBook
from providers.records.sql import SqlRecords
from tests.providers.records.saving import COFFEE

NOW = dt.datetime.now(dt.UTC)


def expense(number: int, merchant: str | None, **changes: Any) -> ExpenseToSave:
    given = {"receipt_id": f"ada-{number}", "merchant": merchant, "is_merchant_confirmed": True}
    return COFFEE.model_copy(update=given | changes)


def edit_of(expense_id: str, merchant: str | None, days: int = 0, **changes: Any) -> ExpenseEdit:
    values = COFFEE.model_dump(include={"total_cents", "currency", "date"})
    about = {"expense_id": expense_id, "merchant": merchant, "edited_by": "olga"}
    at = NOW + dt.timedelta(days=days)
    return ExpenseEdit.model_validate(values | about | {"edited_at": at} | changes)


async def test_only_names_that_a_person_gave_are_known_and_only_to_their_user(
    records: SqlRecords,
) -> None:
    assert await records.confirmed_merchants("ada") == []
    await records.save(expense(1, "Hotel Adler"))
    await records.save(expense(1, "Hotel Adler"))
    await records.save(expense(2, "Table 7", is_merchant_confirmed=False, corrected_by="olga"))
    await records.save(expense(3, None))
    await records.save(expense(4, "Hotel Krone", user_id="bob"))

    assert await records.confirmed_merchants("ada") == ["Hotel Adler"]
    assert await records.confirmed_merchants("bob") == ["Hotel Krone"]
    assert await records.confirmed_merchants("eve") == []


async def test_an_edit_teaches_the_name_that_it_gives(records: SqlRecords) -> None:
    book = SqlExpenseBook(records)
    same, other, total = [
        (await records.save(expense(number, "Adler", is_merchant_confirmed=False))).expense_id
        for number in range(3)
    ]
    await book.edit(edit_of(total, "Adler"))
    assert await records.confirmed_merchants("ada") == [], "only its total was edited"
    await book.edit(edit_of(same, "Adler", 1, is_merchant_confirmed=True))
    await book.edit(edit_of(other, "Adlon", 2))
    assert await records.confirmed_merchants("ada") == ["Adlon", "Adler"]
    edited = await book.edit_of(same)
    assert edited is not None
    assert edited.merchant == "Adler"


async def test_a_name_that_is_taken_back_is_known_no_more(records: SqlRecords) -> None:
    book = SqlExpenseBook(records)
    changed, cleared, deleted = [
        (await records.save(expense(number, name))).expense_id
        for number, name in enumerate(("Adlr", "Krone", "Post"))
    ]
    await book.edit(edit_of(changed, "Adler", is_merchant_confirmed=True))
    await book.edit(edit_of(cleared, None))
    await book.edit(edit_of(deleted, "Post", is_deleted=True))
    await records.save(expense(2, "Post"))
    assert await records.confirmed_merchants("ada") == ["Adler"]


async def test_the_last_confirmed_come_first_each_once_and_only_so_many(
    records: SqlRecords, monkeypatch: pytest.MonkeyPatch
) -> None:
    book = SqlExpenseBook(records)
    ids = [(await records.save(expense(number, f"Shop {number}"))).expense_id for number in (1, 2)]
    await records.save(expense(3, "Shop 1"))
    await book.edit(edit_of(ids[1], "Shop 2", 1))
    assert await records.confirmed_merchants("ada") == ["Shop 2", "Shop 1"]
    monkeypatch.setattr(merchants, "MOST_KNOWN_MERCHANTS", 5)
    for number in range(4, 10):
        await records.save(expense(number, f"Shop {number}"))
    names = await records.confirmed_merchants("ada")
    assert len(names) == 5
    assert names[:2] == ["Shop 2", "Shop 9"]


async def test_a_database_that_is_away_is_no_answer() -> None:
    records = SqlRecords("postgresql://ada@127.0.0.1:1/expenses")
    with pytest.raises(StorageUnavailable, match="could not look up confirmed merchants"):
        await records.confirmed_merchants("ada")
    await records.close()
