"""One database, SQLite or PostgreSQL: its URL, its connections, its tables and its errors.

Both accept and return the same values. The tables are made on first use, each beside those that
exist, so that a database of an earlier version needs no other step.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from typing import Any

from sqlalchemy import Connection, Select, Table, inspect
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import RowMapping
from sqlalchemy.exc import DataError, IntegrityError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection

from config import Settings
from providers.errors import StorageUnavailable
from providers.records.engines import Source, first_line
from providers.records.glances import glances_at

_ANSWER_SECONDS = 15.0
"""How long PostgreSQL may take for a transaction, the connection included."""
_LOCK_TABLES = {
    "sqlite": "BEGIN IMMEDIATE",
    # Any number, but the same in every process.
    "postgresql": "SELECT pg_advisory_xact_lock(1702389875)",
}


def database_url(settings: Settings) -> str:
    """Return DATABASE_URL, or the URL of the SQLite file in the state folder."""
    return settings.database_url or f"sqlite:///{settings.state_dir / 'expenses.db'}"


class Database:
    """One database. Use and ``close`` it on one event loop only.

    The constructor raises SettingsError for a URL that cannot be used.
    """

    def __init__(self, url: str) -> None:
        self._source = Source(url)
        self._engine = self._source.engine()
        self._glances = glances_at(self._source.sqlite)
        self._made: set[str] = set()
        self._making_tables = asyncio.Lock()

    async def close(self) -> None:
        """Close all connections."""
        await self._engine.dispose()
        if self._glances is not None:
            self._glances.close()

    def insert(self, table: Table) -> postgresql.Insert | sqlite.Insert:
        """Return an insert that knows the dialect's ``on_conflict_...``."""
        if self._engine.dialect.name == "sqlite":
            return sqlite.insert(table)
        return postgresql.insert(table)

    @asynccontextmanager
    async def transaction(self, doing: str, *tables: Table) -> AsyncIterator[AsyncConnection]:
        """Begin a transaction on tables that exist then; commit it at the end of the block.

        Raises DataError or IntegrityError for a value that a table refuses, and
        StorageUnavailable for everything else.
        """
        async with self._asking(doing):
            await self._make_missing(tables)
            async with self._engine.begin() as connection:
                yield connection

    async def read(self, doing: str, query: Select[Any], table: Table) -> Sequence[RowMapping]:
        """Return the rows of one query, which is cheaper than a transaction.

        Raises StorageUnavailable.
        """
        async with self._asking(doing):
            await self._make_missing((table,))
            async with self._engine.connect() as connection:
                await connection.execution_options(isolation_level="AUTOCOMMIT")
                answer = await connection.execute(query)
                rows: Sequence[RowMapping] = answer.mappings().all()
                return rows

    def glance(self, table: Table, key: str) -> list[dict[str, Any]] | None:
        """Return the row with this primary key, or none; None if telling that takes a thread."""
        if self._glances is None or table.name not in self._made:
            return None
        return self._glances.rows(table, key)

    @asynccontextmanager
    async def _asking(self, doing: str) -> AsyncIterator[None]:
        # A thread of SQLite cannot be told to stop, and waits for a lock only for so long anyway.
        limit = _ANSWER_SECONDS if self._source.sqlite is None else None
        try:
            async with asyncio.timeout(limit):
                yield
        except (DataError, IntegrityError):
            raise
        except TimeoutError as error:
            raise self._unavailable(doing, f"no answer for {limit:g} s") from error
        except (SQLAlchemyError, OSError) as error:
            raise self._unavailable(doing, first_line(error)) from error

    def _unavailable(self, doing: str, why: str) -> StorageUnavailable:
        return StorageUnavailable(f"could not {doing} in {self._source}: {why}")

    async def _make_missing(self, tables: Iterable[Table]) -> None:
        """Create tables that are missing.

        Each on its own: what needs another table goes on if this one cannot be created.
        """
        for table in tables:
            if table.name not in self._made:
                await self._make(table)

    async def _make(self, table: Table) -> None:
        async with self._making_tables:
            if table.name in self._made:
                return
            async with self._engine.connect() as connection:
                # Checked first, so that a role that may not create tables can use existing ones.
                if not await connection.run_sync(_has, table):
                    await self._create(connection, table)
            self._made.add(table.name)

    async def _create(self, connection: AsyncConnection, table: Table) -> None:
        try:
            # One process at a time, or two would both find no table and create it.
            await connection.rollback()
            await connection.exec_driver_sql(_LOCK_TABLES[self._engine.dialect.name])
            await connection.run_sync(table.create, checkfirst=True)
            await connection.commit()
        except SQLAlchemyError as error:
            raise StorageUnavailable(
                f"the table {table.name} is missing in {self._source} and cannot be created: "
                f"{first_line(error)}; let a role that may create tables run a command there once"
            ) from error


def _has(connection: Connection, table: Table) -> bool:
    return inspect(connection).has_table(table.name)
