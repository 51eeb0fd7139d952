"""Expenses in a zip file: a table, and the file that was submitted for each."""

import asyncio
import csv
import io
import os
import re
import tempfile
import unicodedata
import zipfile
from collections.abc import Callable, Sequence
from contextlib import closing, suppress
from pathlib import Path

from bootstrap import object_store
from config import Settings
from models import StoredExpense
from providers.errors import ObjectMissing, ProviderError
from providers.object_store import ObjectStore
from service.categories import Categories
from service.errors import BadInput, BucketUnreachable
from service.expenses import CATEGORY, COLUMNS, safe_cell, table_row

TABLE, FOLDER = "expenses.csv", "files"
GET_ATTEMPTS = 3

_MOST_LETTERS = 40
_LONG_AGO = (1980, 1, 1, 0, 0, 0)
"""The same expenses are the same bytes, whenever they are exported."""


async def write_zip(
    settings: Settings,
    saved: Sequence[StoredExpense],
    file: Path,
    categories: Categories | None = None,
    advance: Callable[[int], None] = lambda _: None,
) -> list[StoredExpense]:
    """Write the zip file; return the expenses whose own file the bucket has no longer.

    It appears under its name once it is complete. Raise BadInput if it cannot be written,
    BucketUnreachable.
    """
    return await asyncio.to_thread(_write, settings, saved, file, categories, advance)


def _write(
    settings: Settings,
    saved: Sequence[StoredExpense],
    file: Path,
    categories: Categories | None,
    advance: Callable[[int], None],
) -> list[StoredExpense]:
    with closing(object_store(settings, attempts=GET_ATTEMPTS)) as store:
        try:
            handle, name = tempfile.mkstemp(prefix=f".{file.name}.", dir=file.parent)
            try:
                with os.fdopen(handle, "wb") as stream, zipfile.ZipFile(stream, "w") as zipped:
                    missing = _fill(zipped, store, saved, categories, advance)
                Path(name).replace(file)
            finally:
                with suppress(FileNotFoundError):
                    Path(name).unlink()
        except OSError as error:
            raise BadInput(f"{file} cannot be written: {error.strerror}") from None
        except ProviderError as error:
            raise BucketUnreachable(str(error)) from None
    return missing


def _fill(
    zipped: zipfile.ZipFile,
    store: ObjectStore,
    saved: Sequence[StoredExpense],
    categories: Categories | None,
    advance: Callable[[int], None],
) -> list[StoredExpense]:
    missing = []
    table = io.StringIO(newline="")
    rows = csv.writer(table, quoting=csv.QUOTE_NONNUMERIC)
    rows.writerow(head_of(categories))
    for expense in saved:
        name = file_name(expense)
        try:
            data = store.get(expense.object_key)
        except ObjectMissing:
            missing.append(expense)
            name = ""
        else:
            # Pictures and PDFs are compressed as they are.
            zipped.writestr(entry_of(name), data)
        rows.writerow(row_of(expense, categories, name))
        advance(1)
    zipped.writestr(entry_of(TABLE, zipfile.ZIP_DEFLATED), table.getvalue())
    return missing


def entry_of(name: str, compression: int = zipfile.ZIP_STORED) -> zipfile.ZipInfo:
    """Return the entry of a file; the same expenses have the same, whenever they are exported."""
    entry = zipfile.ZipInfo(name, _LONG_AGO)
    entry.compress_type = compression
    return entry


def head_of(categories: Categories | None) -> tuple[str, ...]:
    """Return the heads of the table's columns."""
    return (*COLUMNS, *([CATEGORY] if categories else []), "file")


def row_of(expense: StoredExpense, categories: Categories | None, name: str) -> tuple[object, ...]:
    """Return a row of the table; the name of the file is empty if there is none."""
    return (*table_row(expense, categories), safe_cell(name))


def file_name(expense: StoredExpense) -> str:
    """Return a name that any file system takes, and by which a person finds the file."""
    plain = unicodedata.normalize("NFKD", expense.merchant or "").encode("ascii", "ignore").decode()
    merchant = re.sub(r"[^a-z0-9]+", "-", plain.lower())[:_MOST_LETTERS].strip("-")
    parts = (str(expense.date or "no-date"), merchant, expense.expense_id)
    ending = re.sub(r"[^a-z0-9.]", "", Path(expense.object_key).suffix.lower())
    return f"{FOLDER}/{'_'.join(filter(None, parts))}{ending}"
