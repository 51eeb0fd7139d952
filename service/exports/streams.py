"""Exports that are sent while they are made: never more in memory than a page, or one file.

Somebody's expenses of years, with all their pictures, are gigabytes.
"""

import asyncio
import csv
import io
import tempfile
import zipfile
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from bootstrap import expense_book, object_store
from config import Settings
from models import StoredExpense
from providers.errors import ObjectMissing, ProviderError
from providers.object_store import ObjectStore
from service.errors import BucketUnreachable, DatabaseUnreachable
from service.expenses import ExpenseFilter, write_csv
from service.exports.firefly import write_firefly
from service.exports.journals import (
    beancount_accounts,
    beancount_entries,
    first_day,
    ledger_journal,
)
from service.exports.pictures import GET_ATTEMPTS, TABLE, entry_of, file_name, head_of, row_of

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

PAGE: Final = 500
"""Expenses that are read at once."""
_TABLE_IN_MEMORY: Final = 1_000_000
"""Bytes of a table before it goes to a file."""

ALL: Final = ExpenseFilter()


@dataclass(frozen=True)
class Format:
    """What a format is sent as."""

    media_type: str
    file_name: str


_TEXT = "text/plain; charset=utf-8"
FORMATS: Final[dict[str, Format]] = {
    "csv": Format("text/csv; charset=utf-8", "expenses.csv"),
    "ledger": Format(_TEXT, "expenses.ledger"),
    "beancount": Format(_TEXT, "expenses.beancount"),
    "firefly": Format("text/csv; charset=utf-8", "expenses-firefly.csv"),
    "zip": Format("application/zip", "expenses.zip"),
}
"""By the name that people give them."""

Pages = AsyncIterator[Sequence[StoredExpense]]


def export(
    settings: Settings, form: str, user_id: str | None, wanted: ExpenseFilter = ALL
) -> AsyncIterator[bytes]:
    """Yield the expenses of one user, or of all, in a format of ``FORMATS``, oldest first.

    Raise DatabaseUnreachable or BucketUnreachable, also in the middle.
    """
    if form == "zip":
        return _zip(settings, user_id, wanted)
    if form == "beancount":
        return _beancount(settings, user_id, wanted)
    return _text(_pages(settings, user_id, wanted), _WRITERS[form])


async def _pages(settings: Settings, user_id: str | None, wanted: ExpenseFilter) -> Pages:
    async with AsyncExitStack() as closing_all:
        book, after = expense_book(settings, closing_all), None
        while True:
            try:
                page = await book.page(user_id, PAGE, after) or ()
            except ProviderError as error:
                raise DatabaseUnreachable(str(error)) from None
            if found := [one for one in page if wanted.matches(one)]:
                yield found
            if len(page) < PAGE:
                return
            after = page[-1].expense_id


# --- text ---------------------------------------------------------------------------------------

Writer = Callable[[Sequence[StoredExpense], bool], str]
"""Writes a page; the first has what stands above all of them."""


def _csv(page: Sequence[StoredExpense], is_first: bool) -> str:
    file = io.StringIO(newline="")
    write_csv(page, file, with_head=is_first)
    return file.getvalue()


def _firefly(page: Sequence[StoredExpense], is_first: bool) -> str:
    file = io.StringIO(newline="")
    write_firefly(page, file, with_head=is_first)
    return file.getvalue()


def _ledger(page: Sequence[StoredExpense], is_first: bool) -> str:
    between = "" if is_first or not page else "\n"
    return f"{between}{ledger_journal(page)}"


_WRITERS: Final[dict[str, Writer]] = {"csv": _csv, "firefly": _firefly, "ledger": _ledger}


async def _text(pages: Pages, write: Writer) -> AsyncIterator[bytes]:
    is_first = True
    async for page in pages:
        yield (await asyncio.to_thread(write, page, is_first)).encode()
        is_first = False
    if is_first:
        yield write((), is_first).encode()


async def _beancount(
    settings: Settings, user_id: str | None, wanted: ExpenseFilter
) -> AsyncIterator[bytes]:
    """Yield the journal; its accounts are opened on the first day, which is looked for before."""
    days = [first_day(page) async for page in _pages(settings, user_id, wanted)]
    if not days:
        return
    yield beancount_accounts(min(days)).encode()
    async for page in _pages(settings, user_id, wanted):
        yield f"\n{await asyncio.to_thread(beancount_entries, page)}".encode()


# --- files --------------------------------------------------------------------------------------


class _Written(io.RawIOBase):
    """What a zip file has written since somebody took it; it cannot go back."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: "ReadableBuffer") -> int:
        part = bytes(data)
        self._parts.append(part)
        return len(part)

    def taken(self) -> bytes:
        data, self._parts = b"".join(self._parts), []
        return data


async def _zip(
    settings: Settings, user_id: str | None, wanted: ExpenseFilter
) -> AsyncIterator[bytes]:
    written = _Written()
    with (
        closing(object_store(settings, attempts=GET_ATTEMPTS)) as store,
        zipfile.ZipFile(written, "w") as zipped,
        tempfile.SpooledTemporaryFile(
            _TABLE_IN_MEMORY, "w+", encoding="utf-8", newline=""
        ) as table,
    ):
        rows = csv.writer(table, quoting=csv.QUOTE_NONNUMERIC)
        rows.writerow(head_of(None))
        async for page in _pages(settings, user_id, wanted):
            for expense in page:
                name = file_name(expense)
                data = await asyncio.to_thread(_file, store, expense)
                if data is not None:
                    await asyncio.to_thread(zipped.writestr, entry_of(name), data)
                rows.writerow(row_of(expense, None, name if data is not None else ""))
                yield written.taken()
        table.seek(0)
        with zipped.open(entry_of(TABLE, zipfile.ZIP_DEFLATED), "w") as entry:
            while part := await asyncio.to_thread(table.read, _TABLE_IN_MEMORY):
                entry.write(part.encode())
                yield written.taken()
    yield written.taken()


def _file(store: ObjectStore, expense: StoredExpense) -> bytes | None:
    """Return the file of an expense, or None if the bucket has it no longer."""
    try:
        return store.get(expense.object_key)
    except ObjectMissing:
        return None
    except ProviderError as error:
        raise BucketUnreachable(str(error)) from None
