"""Exports that are sent while they are made say the same as those that are made at once."""

import csv
import io
import zipfile
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from config import Settings
from models import StoredExpense
from providers.errors import ObjectMissing, ProviderUnavailable
from providers.records.edits import SqlExpenseBook
from providers.records.sql import SqlRecords
from service.errors import BucketUnreachable, DatabaseUnreachable
from service.expenses import ExpenseFilter, write_csv
from service.exports import streams
from service.exports.firefly import write_firefly
from service.exports.journals import beancount_journal, ledger_journal
from service.exports.streams import FORMATS, export
from tests.providers.records.saving import COFFEE

EXPENSES = 7


@pytest.fixture
async def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Settings]:
    """Yield the settings of a database with expenses of two users, read three at a time."""
    monkeypatch.setattr(streams, "PAGE", 3)
    settings = Settings(database_url=f"sqlite:///{tmp_path / 'expenses.db'}")
    records = SqlRecords(settings.database_url or "")
    for number in range(EXPENSES):
        user = "bob" if number == 2 else "ada"
        about = {"receipt_id": f"r-{number}", "user_id": user, "total_cents": 100 + number}
        await records.save(COFFEE.model_copy(update={**about, "object_key": f"receipts/{number}"}))
    yield settings
    await records.close()


async def listed(settings: Settings, user: str | None) -> list[StoredExpense]:
    records = SqlRecords(settings.database_url or "")
    found = await SqlExpenseBook(records).list(user)
    await records.close()
    return found


async def exported(settings: Settings, form: str, user: str | None, **wanted: str) -> bytes:
    chunks = export(settings, form, user, ExpenseFilter(**wanted))
    return b"".join([chunk async for chunk in chunks])


def at_once(write: Callable[[list[StoredExpense], io.StringIO], None]) -> Callable[..., str]:
    def text(saved: list[StoredExpense]) -> str:
        file = io.StringIO(newline="")
        write(saved, file)
        return file.getvalue()

    return text


WHOLE = {
    "csv": at_once(write_csv),
    "firefly": at_once(write_firefly),
    "ledger": ledger_journal,
    "beancount": beancount_journal,
}


@pytest.mark.parametrize("form", WHOLE)
@pytest.mark.parametrize("user", ["ada", "bob", "nobody", None])
async def test_pages_are_the_whole(settings: Settings, form: str, user: str | None) -> None:
    saved = await listed(settings, user)
    assert (await exported(settings, form, user)).decode() == WHOLE[form](saved)
    some = [one for one in saved if one.receipt_id == "r-5"]
    assert (await exported(settings, form, user, text="r-5")).decode() == WHOLE[form](some)


class _Bucket:
    """A bucket that has lost one file, and goes away at another."""

    def __init__(self, gone_at: str | None = None) -> None:
        self._gone_at = gone_at
        self.is_closed = False

    def get(self, object_key: str) -> bytes:
        if object_key == self._gone_at:
            raise ProviderUnavailable("the bucket does not answer")
        if object_key == "receipts/1":
            raise ObjectMissing("it is gone")
        return f"the file {object_key}".encode()

    def close(self) -> None:
        self.is_closed = True


async def test_a_zip_file_has_all_files_and_their_table(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    bucket = _Bucket()
    monkeypatch.setattr(streams, "object_store", lambda *_, **__: bucket)

    data = await exported(settings, "zip", "ada")

    with zipfile.ZipFile(io.BytesIO(data)) as content:
        assert content.testzip() is None
        table = content.read("expenses.csv").decode()
        rows = list(csv.DictReader(io.StringIO(table, newline="")))
        assert [row["receipt_id"] for row in rows] == [f"r-{n}" for n in (0, 1, 3, 4, 5, 6)]
        assert [row["file"] for row in rows if row["receipt_id"] == "r-1"] == [""]
        for row in rows:
            if row["file"]:
                assert content.read(row["file"]) == f"the file {row['object_key']}".encode()
    assert bucket.is_closed
    assert await exported(settings, "zip", "ada") == data


async def test_what_is_away_is_said(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    bucket = _Bucket(gone_at="receipts/3")
    monkeypatch.setattr(streams, "object_store", lambda *_, **__: bucket)
    with pytest.raises(BucketUnreachable):
        await exported(settings, "zip", None)
    assert bucket.is_closed

    nowhere = Settings(database_url="postgresql://nobody@127.0.0.1:1/none")
    for form in FORMATS:
        with pytest.raises(DatabaseUnreachable):
            await exported(nowhere, form, None)
