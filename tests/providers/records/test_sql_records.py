"""The records on SQLite and on a real PostgreSQL: the same tests and the same results."""

import asyncio
import datetime as dt
import signal
import sqlite3
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from config import Settings, SettingsError
from models import ExpenseRecord
from providers.errors import InvalidExpense, StorageUnavailable
from providers.records.database import database_url
from providers.records.sql import SqlRecords
from tests.providers.records.saving import COFFEE, save_and_die, save_twenty
from tests.support.warm import imported


def as_stored(expense: ExpenseRecord) -> ExpenseRecord:
    """Return an expense with the fields that a row keeps."""
    return ExpenseRecord.model_validate(expense.model_dump())


async def test_an_expense_comes_back_as_it_was_saved(records: SqlRecords) -> None:
    before = dt.datetime.now(dt.UTC)
    saved = await records.save(COFFEE)
    (stored,) = await records.list()
    assert stored.expense_id == saved.expense_id
    assert as_stored(stored) == as_stored(COFFEE)
    assert before <= stored.created_at <= dt.datetime.now(dt.UTC)
    assert stored.created_at.utcoffset() == dt.timedelta(0)


async def test_saving_twice_is_one_row_and_the_same_id(records: SqlRecords) -> None:
    first = await records.save(COFFEE)
    (row,) = await records.list()
    assert await records.save(COFFEE) == first
    assert await records.list() == [row]


async def test_saves_that_race_are_one_row_and_the_same_id(records: SqlRecords) -> None:
    saved = await asyncio.gather(*(records.save(COFFEE) for _ in range(20)))
    assert len({one.expense_id for one in saved}) == 1
    assert len(await records.list()) == 1


async def test_a_correction_replaces_the_fields_and_keeps_id_and_moment(
    records: SqlRecords,
) -> None:
    await records.save(COFFEE)
    (before,) = await records.list()
    corrected = COFFEE.model_copy(
        update={"total_cents": 99_999_999_999, "merchant": None, "corrected_by": "grace"}
    )
    await records.save(corrected)
    (after,) = await records.list()
    assert as_stored(after) == as_stored(corrected)
    assert (after.expense_id, after.created_at) == (before.expense_id, before.created_at)


async def test_expenses_are_listed_oldest_first_of_one_user_or_of_all(
    records: SqlRecords,
) -> None:
    for user, number in [("ada", 3), ("bob", 1), ("ada", 2)]:
        receipt_id = f"{user}-{number}"
        await records.save(COFFEE.model_copy(update={"user_id": user, "receipt_id": receipt_id}))
    assert [one.receipt_id for one in await records.list()] == ["ada-3", "bob-1", "ada-2"]
    assert [one.receipt_id for one in await records.list("ada")] == ["ada-3", "ada-2"]
    assert await records.list("nobody") == []


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("merchant", "x" * 201),
        ("merchant", "nul\0inside"),
        ("merchant", "half a pair \ud800"),
        ("total_cents", 10**20),
        ("total_cents", -(10**20)),
        ("total_cents", "much"),
        ("currency", "euro"),
        ("date", "yesterday"),
        ("object_key", "k" * 513),
    ],
)
async def test_a_value_that_no_row_can_hold_is_refused_with_the_name_of_its_field(
    records: SqlRecords, field: str, value: object
) -> None:
    with pytest.raises(InvalidExpense, match=f"ada-1 cannot be saved: {field}"):
        await records.save(COFFEE.model_copy(update={field: value}))
    assert await records.list() == []


async def test_a_row_that_the_database_refuses_is_an_invalid_expense(
    records: SqlRecords, url: str
) -> None:
    await records.save(COFFEE)
    engine = create_async_engine(
        url.replace("sqlite:", "sqlite+aiosqlite:").replace("postgresql:", "postgresql+psycopg:")
    )
    async with engine.begin() as connection:
        await connection.execute(text("CREATE UNIQUE INDEX ours ON expenses (object_key)"))
    await engine.dispose()
    with pytest.raises(InvalidExpense, match="refuses receipt ada-2"):
        await records.save(COFFEE.model_copy(update={"receipt_id": "ada-2"}))


async def test_a_sent_mail_is_remembered_by_its_key(records: SqlRecords) -> None:
    assert await records.find("order-1:confirm") is None
    await records.add("order-1:confirm", "<first@example.com>")
    await records.add("order-1:confirm", "<second@example.com>")
    assert await records.find("order-1:confirm") == "<first@example.com>"
    assert await records.find("order-2:confirm") is None


async def test_two_processes_that_race_make_the_tables_once_and_one_row_a_receipt(
    url: str, records: SqlRecords
) -> None:
    both_are_ready = imported().Barrier(2)
    racing = [imported().Process(target=save_twenty, args=(url, both_are_ready)) for _ in range(2)]
    for process in racing:
        process.start()
    for process in racing:
        process.join()
    assert [process.exitcode for process in racing] == [0, 0]
    assert len(await records.list()) == 20


async def test_what_was_saved_survives_the_kill_of_its_process(
    url: str, records: SqlRecords
) -> None:
    told, tells = imported().Pipe(duplex=False)
    with told, tells:
        process = imported().Process(target=save_and_die, args=(url, tells))
        process.start()
        process.join()
        saved = told.recv()
    assert process.exitcode == -signal.SIGKILL
    (stored,) = await records.list()
    assert stored.expense_id == saved
    assert (await records.save(COFFEE)).expense_id == stored.expense_id


async def test_a_locked_database_is_unavailable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("providers.records.engines._LOCK_WAIT_SECONDS", 0.05)
    file = tmp_path / "expenses.db"
    records = SqlRecords(f"sqlite:///{file}")
    await records.save(COFFEE)
    other = sqlite3.connect(file, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    with pytest.raises(StorageUnavailable, match="locked"):
        await records.save(COFFEE)
    other.execute("ROLLBACK")
    assert await records.save(COFFEE)
    other.close()
    await records.close()


async def test_whoever_comes_second_waits_for_the_tables_longer_than_for_a_row(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("providers.records.engines._LOCK_WAIT_SECONDS", 0.05)
    first = sqlite3.connect(tmp_path / "expenses.db", isolation_level=None)
    first.execute("BEGIN IMMEDIATE")
    records = SqlRecords(f"sqlite:///{tmp_path / 'expenses.db'}")
    saving = asyncio.create_task(records.save(COFFEE))
    done, _ = await asyncio.wait({saving}, timeout=0.5)
    assert not done
    first.execute("ROLLBACK")
    assert await saving
    first.close()
    await records.close()


async def test_a_file_that_somebody_else_writes_first_is_read_as_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("providers.records.engines._LOCK_WAIT_SECONDS", 0.05)
    file = tmp_path / "expenses.db"
    url = f"sqlite:///{file}"
    records = SqlRecords(url)
    await records.save(COFFEE)
    await records.close()
    other = sqlite3.connect(file, isolation_level=None)
    other.execute("PRAGMA journal_mode=DELETE")
    other.execute("BEGIN IMMEDIATE")
    records = SqlRecords(url)
    assert len(await records.list()) == 1
    other.execute("ROLLBACK")
    other.close()
    await records.close()


async def test_a_file_that_is_no_database_is_unavailable(tmp_path: Path) -> None:
    file = tmp_path / "expenses.db"
    file.write_text("a letter to somebody, long enough to be no database header" * 10)
    records = SqlRecords(f"sqlite:///{file}")
    with pytest.raises(StorageUnavailable, match="not a database"):
        await records.list()
    await records.close()


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://ada:hidden-word@127.0.0.1:1/x",
        "postgres://ada:hidden-word@127.0.0.1:1/x?sslmode=disable",
    ],
)
async def test_no_server_is_unavailable_and_the_password_stays_hidden(url: str) -> None:
    records = SqlRecords(url)
    with pytest.raises(StorageUnavailable, match=r"127\.0\.0\.1:1") as caught:
        await records.list()
    assert "hidden-word" not in str(caught.value)
    await records.close()


def test_other_databases_are_refused_by_name() -> None:
    with pytest.raises(SettingsError, match="DATABASE_URL names 'mysql'"):
        SqlRecords("mysql://127.0.0.1/x")


def test_the_url_is_the_settings_or_a_file_in_the_state_folder(tmp_path: Path) -> None:
    settings = Settings(state_dir=tmp_path, database_url=None)
    assert database_url(settings) == f"sqlite:///{tmp_path}/expenses.db"
    other = settings.model_copy(update={"database_url": "postgresql://db/x"})
    assert database_url(other) == "postgresql://db/x"


async def test_another_users_row_is_left_as_it_is(records: SqlRecords) -> None:
    await records.save(COFFEE)
    taken = COFFEE.model_copy(update={"user_id": "mallory", "total_cents": 1})
    for is_distinct in (False, True):
        with pytest.raises(InvalidExpense, match="of another user"):
            await records.save(taken.model_copy(update={"is_distinct": is_distinct}))
    [kept] = await records.list()
    assert (kept.user_id, kept.total_cents) == (COFFEE.user_id, COFFEE.total_cents)
