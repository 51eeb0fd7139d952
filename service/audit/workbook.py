"""Where an audit keeps what it has read until it compares: sorted on the disk, not in memory.

Temporal and the ledgers list in orders of their own, so that what belongs to one order comes far
apart. Held in memory until then, a year's orders would need more than a machine has.
"""

import asyncio
import sqlite3
import threading
from collections.abc import AsyncIterator, Callable, Collection, Iterable, Iterator
from contextlib import closing
from enum import StrEnum
from functools import partial
from types import TracebackType
from typing import Any, Self, TypeVar

from pydantic import TypeAdapter

Answer = TypeVar("Answer")

PART_SUBJECTS = 500
"""Orders or receipts that are compared at a time."""


class Sheet(StrEnum):
    """What a row is about: its subject's meaning, and in which part it is compared."""

    LISTED_ORDERS = "listed_orders"
    LISTED_RECEIPTS = "listed_receipts"
    LISTED_MAILS = "listed_mails"
    ORDERS = "orders"  # by the workflow id of the order
    RECEIPTS = "receipts"  # by the workflow id of the receipt
    MAILS = "mails"  # by the workflow id of the mail
    TOLD = "told"  # by the key of the mail
    UNTOLD = "untold"
    SENT = "sent"
    EXPENSES = "expenses"  # by the id of the expense
    EDITS = "edits"
    PICTURES = "pictures"  # by the key of an object, or the part of it that is in a receipt's id


Row = tuple[str, str, str, Any]
"""Subject, kind, key (empty if none) and a value that JSON can hold, or a model."""


class Workbook:
    """Sheets of rows in a file without a name, which is gone when the process is.

    SQLite keeps it in the system's folder for temporary files (SQLITE_TMPDIR or TMPDIR). What takes
    long is done ``aside``: a worker audits beside its runs, and they wait for whatever holds up its
    event loop.
    """

    def __init__(self, on_page: Callable[[], None] = lambda: None) -> None:
        """Begin an empty one; ``on_page`` is called whenever a page was read or compared."""
        self._on_page = on_page
        self._one_at_a_time = threading.Lock()
        self._db = sqlite3.connect("", isolation_level=None, check_same_thread=False)
        self._db.execute("PRAGMA journal_mode = OFF")  # nobody reads it after a crash
        self._db.execute("PRAGMA temp_store = FILE")
        for sheet in Sheet:
            self._db.execute(
                f"CREATE TABLE {sheet} (subject TEXT NOT NULL, kind TEXT NOT NULL,"
                " key TEXT NOT NULL, value TEXT NOT NULL)"
            )
        self._adapters: dict[type, TypeAdapter[Any]] = {}

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        """Delete the file, also while a thread reads it for somebody who no longer waits."""
        self._db.interrupt()
        with self._one_at_a_time:
            self._db.close()

    async def aside(self, work: Callable[[], Answer]) -> Answer:
        """Return what some work with this workbook answers, done in a thread."""

        def alone() -> Answer:
            with self._one_at_a_time:
                return work()

        return await asyncio.to_thread(alone)

    async def each_aside(self, parts: Iterator[Answer]) -> AsyncIterator[Answer]:
        """Yield from an iterator that reads this workbook, none of whose parts is None."""
        while (part := await self.aside(lambda: next(parts, None))) is not None:
            yield part

    def add(self, sheet: Sheet, rows: Iterable[Row]) -> None:
        """Append rows; a sheet can be looked into once it is sorted."""
        written = [
            (subject, kind, key, "" if value is None else self._as_json(value))
            for subject, kind, key, value in rows
        ]
        self._db.execute("BEGIN")
        self._db.executemany(f"INSERT INTO {sheet} VALUES (?, ?, ?, ?)", written)  # noqa: S608
        self._db.execute("COMMIT")
        self._on_page()

    async def sort(self, *sheets: Sheet) -> None:
        """Make sheets ready to be looked into."""
        for sheet in sheets:
            index = f"CREATE INDEX IF NOT EXISTS {sheet}_sorted ON {sheet} (subject, kind)"
            await self.aside(partial(self._db.execute, index))

    def parts(self, sheet: Sheet) -> Iterator[dict[str, list[sqlite3.Row]]]:
        """Yield the rows of some subjects at a time, by subject, in the order of subjects."""
        last = ""
        while True:
            # Sheets are words of this module; what was read elsewhere is bound.
            subjects = [
                row[0]
                for row in self._db.execute(
                    f"SELECT DISTINCT subject FROM {sheet} WHERE subject > ?"  # noqa: S608
                    " ORDER BY subject LIMIT ?",
                    (last, PART_SUBJECTS),
                )
            ]
            if not subjects:
                return
            part: dict[str, list[sqlite3.Row]] = {subject: [] for subject in subjects}
            with closing(self._db.cursor()) as cursor:
                cursor.row_factory = sqlite3.Row
                cursor.execute(
                    f"SELECT * FROM {sheet} WHERE subject > ? AND subject <= ?"  # noqa: S608
                    " ORDER BY subject, rowid",
                    (last, subjects[-1]),
                )
                for row in cursor:
                    part[row["subject"]].append(row)
            last = subjects[-1]
            yield part
            self._on_page()

    def among(self, sheet: Sheet, subjects: Collection[str]) -> frozenset[str]:
        """Return those of some subjects that a sheet has; ask for a page of them at a time."""
        places = ", ".join("?" * len(subjects))
        query = f"SELECT DISTINCT subject FROM {sheet} WHERE subject IN ({places})"  # noqa: S608
        return frozenset(row[0] for row in self._db.execute(query, tuple(subjects)))

    def keys(self, sheet: Sheet, subjects: Collection[str]) -> frozenset[str]:
        """Return the keys of all rows of some subjects."""
        places = ", ".join("?" * len(subjects))
        query = f"SELECT key FROM {sheet} WHERE subject IN ({places})"  # noqa: S608
        return frozenset(row[0] for row in self._db.execute(query, tuple(subjects)))

    def doubled(self, sheet: Sheet) -> Iterator[tuple[str, str, int]]:
        """Yield kind, key and number of the keys under which there is more than one row."""
        yield from self._db.execute(
            f"SELECT kind, key, count(*) FROM {sheet} WHERE key <> ''"  # noqa: S608
            " GROUP BY kind, key HAVING count(*) > 1 ORDER BY kind, key"
        )

    def count(self, sheet: Sheet, kind: str) -> int:
        """Return how many rows of a kind there are."""
        query = f"SELECT count(*) FROM {sheet} WHERE kind = ?"  # noqa: S608
        return int(self._db.execute(query, (kind,)).fetchone()[0])

    def has_both(self, sheet: Sheet, kind: str, other: Sheet, other_kind: str) -> bool:
        """Tell whether any subject has a row of a kind, and one of another on another sheet."""
        query = (
            f"SELECT EXISTS (SELECT 1 FROM {sheet} AS one WHERE one.kind = ? AND EXISTS"  # noqa: S608
            f" (SELECT 1 FROM {other} AS two WHERE two.subject = one.subject AND two.kind = ?))"
        )
        return bool(self._db.execute(query, (kind, other_kind)).fetchone()[0])

    def read(self, value: str, model: type[Any]) -> Any:
        """Return a value as what it was when it was added."""
        return self._adapter(model).validate_json(value)

    def _as_json(self, value: object) -> str:
        return self._adapter(type(value)).dump_json(value).decode()

    def _adapter(self, model: type) -> TypeAdapter[Any]:
        if model not in self._adapters:
            self._adapters[model] = TypeAdapter(model)
        return self._adapters[model]
