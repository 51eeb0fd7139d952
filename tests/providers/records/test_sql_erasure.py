"""A person is erased from the records on SQLite and on a real PostgreSQL, and nobody else."""

import datetime as dt
import json

import pytest

from models import ERASED, ERASED_EMAIL, Action, ActionToLog, DecisionChannel, ExpenseEdit
from providers.records.access import SqlAccessKeys, SqlActionLog
from providers.records.edits import SqlExpenseBook
from providers.records.erasure import SqlPersonalRecords
from providers.records.orders import SqlOrderArchive
from providers.records.sql import SqlRecords
from tests.providers.records.saving import COFFEE
from tests.providers.records.test_sql_access import key_of
from tests.providers.records.test_sql_orders import ended_order
from tests.support.whole_books import gathered

NOON = dt.datetime(2026, 1, 5, 12, tzinfo=dt.UTC)
RECEIPT = "receipt-ada-1"


def action(who: str, subject: str) -> ActionToLog:
    """Return a row of the log in which somebody edits something of Ada's."""
    return ActionToLog(
        at=NOON,
        who=who,
        channel=DecisionChannel.HTTP,
        action=Action.EDIT_EXPENSE,
        subject=subject,
        before={"merchant": "Secret Spa"},
        outcome=f"refused: {subject} is ada's",
    )


@pytest.fixture
async def filled(records: SqlRecords) -> SqlRecords:
    """Return records in which two people have the same picture, and an order each."""
    ada = await records.save(COFFEE)
    await records.save(COFFEE.model_copy(update={"user_id": "bob", "receipt_id": "bob-1"}))
    other = {"receipt_id": "ada-2", "object_key": "receipts/2.png"}
    await records.save(COFFEE.model_copy(update=other))
    await records.add(f"{RECEIPT}:notify", "<1@example>")
    await records.add("receipt-ada-12:notify", "<2@example>")
    edit = ExpenseEdit(
        **COFFEE.model_dump(include={"merchant", "total_cents", "currency", "date"}),
        expense_id=ada.expense_id,
        is_deleted=False,
        edited_by="bob",
        edited_at=NOON,
    )
    await SqlExpenseBook(records).edit(edit)
    archive = SqlOrderArchive(records)
    await archive.archive(ended_order(order_id="hers", customer_id="ada", submitted_by="bob"))
    await archive.archive(ended_order(order_id="his", customer_id="bob", submitted_by="ada"))
    await SqlAccessKeys(records).add(key_of("ada", "a" * 12))
    await SqlAccessKeys(records).add(key_of("bob", "b" * 12))
    log = SqlActionLog(records)
    await log.add(action("bob", ada.expense_id))
    await log.add(action("bob", RECEIPT))
    await log.add(action("ada", "order-his"))
    await log.add(action("bob", "receipt-bob-1"))
    return records


async def test_what_there_is_of_a_person(filled: SqlRecords) -> None:
    found = await SqlPersonalRecords(filled).find("ada")
    assert found.model_dump() == {
        "user_id": "ada",
        "expenses": 2,
        "orders": 1,
        "submitted_orders": 1,
        "actions": 1,
        "access_keys": 1,
        "objects": ("receipts/1.png", "receipts/2.png"),
        "shared_objects": ("receipts/1.png",),
    }


async def test_a_person_is_erased_and_nobody_else(filled: SqlRecords) -> None:
    person = SqlPersonalRecords(filled)
    counted = await person.find("ada")
    assert await person.erase("ada", frozenset({RECEIPT})) == counted

    assert [(row.user_id, row.receipt_id) for row in await filled.list()] == [("bob", "bob-1")]
    assert await gathered(SqlExpenseBook(filled).edits()) == []
    assert await gathered(filled.sent_keys()) == ["receipt-ada-12:notify"]  # of another receipt
    rows = await SqlOrderArchive(filled).archived(["hers", "his"])
    hers, his = rows["hers"], rows["his"]
    assert (hers.customer_id, hers.content["customer_email"]) == (ERASED, ERASED_EMAIL)
    assert (hers.content["submitted_by"], his.content["submitted_by"]) == ("bob", ERASED)
    assert his.customer_id == "bob"
    assert (hers.result.total_cents, hers.content["items"]) == (
        his.result.total_cents,
        his.content["items"],
    )
    assert [key.name for key in await SqlAccessKeys(filled).list()] == ["bob"]
    log = [row.model_dump(mode="json") for row in await SqlActionLog(filled).list()]
    assert [(row["who"], row["subject"]) for row in log] == [
        ("bob", "receipt-bob-1"),
        (ERASED, "order-his"),
        ("bob", ERASED),
        ("bob", ERASED),
    ]
    assert [row["before"] is None for row in log] == [False, False, True, True]
    assert RECEIPT not in json.dumps(log)
    assert not any((await person.find("ada")).model_dump(exclude={"user_id"}).values())
