"""The sandbox's ledger: effects and idempotency records, in one transaction each.

Without that transaction a crash between the effect and the record would let a retry
charge twice. Writes that wait at the same time share one commit, so that an answer is
never sent before its effect is on the disk, and calls still need no fsync each.
"""

import asyncio
import json
import sqlite3
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sandbox.provider_api.scenarios import STOCK, Fault
from sandbox.provider_api.schema import bring_up_to_date

_MAX_BATCH = 256


@dataclass(frozen=True)
class Answer:
    """An HTTP answer: what is stored under an idempotency key and sent again."""

    status: int
    body: dict[str, Any]


@dataclass(frozen=True)
class StoredAnswer:
    """The answer of a key, and the hash of the request that it answered."""

    request_hash: str
    answer: Answer


Work = Callable[[sqlite3.Connection], Any]


class Ledger:
    """One SQLite file: a writer that groups commits, and a reader of what is committed."""

    def __init__(self, path: Path) -> None:
        """Open the file, or make it with the stock of ``scenarios.STOCK``."""
        path.parent.mkdir(parents=True, exist_ok=True)
        self._writer = _connect(path)
        bring_up_to_date(self._writer)
        self._writer.execute("BEGIN IMMEDIATE")
        self._writer.executemany(
            "INSERT OR IGNORE INTO stock (sku, total, available) VALUES (?1, ?2, ?2)",
            STOCK.items(),
        )
        self._writer.execute("COMMIT")
        self._reader = _connect(path)
        self._waiting: asyncio.Queue[tuple[Work, asyncio.Future[Any]]] = asyncio.Queue()
        self._task: asyncio.Task[None] | None = None

    async def apply(
        self, key: str, request_hash: str, effect: Callable[[sqlite3.Connection], Answer]
    ) -> Answer:
        """Run the effect and store its answer under the key, in one durable transaction."""

        def work(db: sqlite3.Connection) -> Answer:
            answer = effect(db)
            db.execute(
                "INSERT INTO idempotency (key, request_hash, status, body, answered_at)"
                " VALUES (?, ?, ?, ?, ?)",
                (key, request_hash, answer.status, json.dumps(answer.body), time.time()),
            )
            return answer

        answer: Answer = await self._write(work)
        return answer

    async def change(self, effect: Callable[[sqlite3.Connection], Answer]) -> Answer:
        """Run the effect in one durable transaction, under no key."""
        answer: Answer = await self._write(effect)
        return answer

    async def forget_keys(self, older_than_seconds: float) -> int:
        """Forget the answers that are at least so old; return how many.

        What they did stays done, and a call under such a key is a new one.
        """

        def work(db: sqlite3.Connection) -> int:
            until = time.time() - older_than_seconds
            return db.execute("DELETE FROM idempotency WHERE answered_at <= ?", (until,)).rowcount

        forgotten: int = await self._write(work)
        return forgotten

    async def use_fault(self, key: str, fault: Fault) -> bool:
        """Return whether the fault strikes once more for this key, and remember that it did."""

        def work(db: sqlite3.Connection) -> bool:
            db.execute(
                "INSERT OR IGNORE INTO faults (key, kind, used) VALUES (?, ?, 0)", (key, fault.kind)
            )
            used = db.execute(
                "UPDATE faults SET used = used + 1 WHERE key = ? AND kind = ? AND used < ?",
                (key, fault.kind, fault.number),
            )
            return used.rowcount == 1

        strikes: bool = await self._write(work)
        return strikes

    def stored_answer(self, key: str) -> StoredAnswer | None:
        """Return what was answered under this key before; None if nothing was."""
        row = self._reader.execute("SELECT * FROM idempotency WHERE key = ?", (key,)).fetchone()
        if row is None:
            return None
        return StoredAnswer(row["request_hash"], Answer(row["status"], json.loads(row["body"])))

    def rows(self, table: str, **filters: str | int) -> list[sqlite3.Row]:
        """Return the committed rows of one of our tables, oldest first, by equal columns."""
        where = " AND ".join(f"{column} = :{column}" for column in filters) or "TRUE"
        if table == "charges":
            where += f" AND lands_at <= {time.time()}"
        order = "sku" if table == "stock" else "rowid"
        # Table and columns are words of this package; what a caller sends is bound.
        query = f"SELECT * FROM {table} WHERE {where} ORDER BY {order}"  # noqa: S608
        return self._reader.execute(query, filters).fetchall()

    def page(
        self,
        table: str,
        limit: int,
        after: tuple[str, str] | None = None,
        *,
        newest_first: bool = False,
        created_from: str = "",
    ) -> list[sqlite3.Row]:
        """Return at most ``limit`` committed rows of a table whose rows have a time.

        ``after`` is the column and the value by which the last row of the page before is known.
        """
        order, beyond = ("DESC", "<") if newest_first else ("ASC", ">")
        where, values = "created_at >= ?", [created_from]
        if after is not None:
            # Column and table are words of this package; what a caller sends is bound.
            where += f" AND rowid {beyond} (SELECT rowid FROM {table} WHERE {after[0]} = ?)"  # noqa: S608
            values.append(after[1])
        if table == "charges":
            where += f" AND lands_at <= {time.time()}"
        query = f"SELECT * FROM {table} WHERE {where} ORDER BY rowid {order} LIMIT {limit}"  # noqa: S608
        return self._reader.execute(query, values).fetchall()

    async def close(self) -> None:
        """Finish what waits, then close the file."""
        if self._task is not None:
            await self._write(lambda _: None)
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        self._reader.close()
        self._writer.close()

    async def _write(self, work: Work) -> Any:
        if self._task is None:
            self._task = asyncio.create_task(self._commit_batches())
        done: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._waiting.put_nowait((work, done))
        # Shielded: a caller that goes away must not leave the batch with a cancelled future.
        return await asyncio.shield(done)

    async def _commit_batches(self) -> None:
        while True:
            batch = [await self._waiting.get()]
            while len(batch) < _MAX_BATCH and not self._waiting.empty():
                batch.append(self._waiting.get_nowait())
            outcomes = await asyncio.to_thread(self._commit, [work for work, _ in batch])
            for (_, done), outcome in zip(batch, outcomes, strict=True):
                if isinstance(outcome, Exception):
                    done.set_exception(outcome)
                else:
                    done.set_result(outcome)

    def _commit(self, batch: list[Work]) -> list[Any]:
        try:
            self._writer.execute("BEGIN IMMEDIATE")
            outcomes = [self._savepoint(work) for work in batch]
            self._writer.execute("COMMIT")
        except sqlite3.Error as error:
            if self._writer.in_transaction:
                self._writer.execute("ROLLBACK")
            return [error] * len(batch)
        return outcomes

    def _savepoint(self, work: Work) -> Any:
        self._writer.execute("SAVEPOINT call")
        try:
            outcome = work(self._writer)
        except Exception as error:
            self._writer.execute("ROLLBACK TO call")
            outcome = error
        self._writer.execute("RELEASE call")
        return outcome


def _connect(path: Path) -> sqlite3.Connection:
    # The writer is used by one thread at a time: only _commit touches it, one batch after another.
    db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    db.row_factory = sqlite3.Row
    db.execute("PRAGMA journal_mode = WAL")
    # FULL, so that what was acknowledged also survives a power cut.
    db.execute("PRAGMA synchronous = FULL")
    db.execute("PRAGMA foreign_keys = ON")
    db.execute("PRAGMA busy_timeout = 5000")
    return db
