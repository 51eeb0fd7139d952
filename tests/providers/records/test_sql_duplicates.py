"""Two photos of one receipt, on SQLite and on a real PostgreSQL."""

import asyncio
import datetime as dt

import pytest

from models import ExpenseToSave
from providers.merchant_names import is_same_merchant
from providers.records.sql import SqlRecords

FIRST = ExpenseToSave(
    receipt_id="ada-1",
    user_id="ada",
    merchant="KETTLE & QUILL CAFE",
    total_cents=1230,
    currency="EUR",
    date=dt.date(2026, 2, 28),
    parser="rules",
    object_key="receipts/1.png",
)


def another(**changes: object) -> ExpenseToSave:
    return FIRST.model_copy(update={"receipt_id": "ada-2", **changes})


@pytest.mark.parametrize(
    "merchant", ["KETTLE & QUILL CAFE", "Kettle&Quill Cafe", "KETTIE & QUlLL CAFE"]
)
async def test_another_photo_is_held_and_names_the_first(
    records: SqlRecords, merchant: str
) -> None:
    first = await records.save(FIRST)

    held = await records.save(another(merchant=merchant))

    assert (held.expense_id, held.duplicate_of) == (first.expense_id, "ada-1")
    assert len(await records.list()) == 1


@pytest.mark.parametrize(
    "changes",
    [
        {"user_id": "bob"},
        {"merchant": "Orchid Trading"},
        {"merchant": None},
        {"total_cents": 1231},
        {"currency": "USD"},
        {"date": dt.date(2026, 2, 27)},
        {"date": None},
        {"is_distinct": True},
    ],
    ids=str,
)
async def test_what_differs_or_was_confirmed_is_an_expense_of_its_own(
    records: SqlRecords, changes: dict[str, object]
) -> None:
    first = await records.save(FIRST)

    saved = await records.save(another(**changes))

    assert saved.duplicate_of is None
    assert saved.expense_id != first.expense_id
    assert len(await records.list()) == 2


async def test_what_was_saved_is_no_duplicate_of_itself_or_of_what_came_later(
    records: SqlRecords,
) -> None:
    first = await records.save(FIRST)
    confirmed = await records.save(another(is_distinct=True))

    assert await records.save(FIRST) == first
    assert await records.save(another()) == confirmed
    assert await records.save(another(total_cents=99)) == confirmed


async def test_of_photos_saved_at_once_one_is_an_expense(records: SqlRecords, url: str) -> None:
    other = SqlRecords(url)
    photos = [FIRST.model_copy(update={"receipt_id": f"ada-{number}"}) for number in range(10)]

    saved = await asyncio.gather(
        *((records, other)[number % 2].save(photo) for number, photo in enumerate(photos))
    )

    await other.close()
    (row,) = await records.list()
    assert [one.expense_id for one in saved] == [row.expense_id] * 10
    assert sorted(one.duplicate_of or "first" for one in saved) == [row.receipt_id] * 9 + ["first"]


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Café Łódź 茶", "CAFÉ ŁÓDŹ 茶", True),
        ("WALMART", "WAL-MART SUPERCENTER", True),
        ("Holloway Garden Market", "Holloway Garden Marker", True),
        ("Backhaus Lindenquell", "The Copper Heron", False),
        ("...", "---", False),
    ],
)
def test_names_are_compared_by_their_letters(one: str, other: str, same: bool) -> None:
    assert is_same_merchant(one, other) is same
    assert is_same_merchant(other, one) is same


async def test_an_unconfirmed_merchant_may_be_any(records: SqlRecords) -> None:
    await records.save(FIRST)
    held = await records.save(another(merchant="Table 7", unconfirmed="merchant"))
    assert held.duplicate_of == "ada-1"
