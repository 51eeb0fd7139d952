"""One database, SQLite or PostgreSQL: its URL, its connections, its tables and its errors.

Both accept and return the same values. The tables are made on first use, each beside those that
exist, so that a database of an earlier version needs no other step.
"""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path
from typing import Any

import aiosqlite
from sqlalchemy import (
    Connection,
    Select,
    Table,
    event,
    inspect,
    make_url,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import URL, RowMapping
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import (
    ArgumentError,
    DataError,
    DBAPIError,
    IntegrityError,
    SQLAlchemyError,
)
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry

from config import Settings, SettingsError
from providers.errors import StorageUnavailable
from providers.records.glances import glances_at

_LOCK_WAIT_SECONDS = 5.0
_CONNECT_SECONDS = 5.0
_STATEMENT_SECONDS = 15.0
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

    The constructor raises SettingsError for a URL that is neither PostgreSQL's nor SQLite's.
    """

    def __init__(self, url: str) -> None:
        self._url = _with_async_driver(url)
        self._engine = _engine(self._url)
        self._glances = glances_at(self._url)
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
        with self._as_unavailable(doing):
            await self._make_missing(tables)
            async with self._engine.begin() as connection:
                yield connection

    async def read(self, doing: str, query: Select[Any], table: Table) -> Sequence[RowMapping]:
        """Return the rows of one query, which is cheaper than a transaction.

        Raises StorageUnavailable.
        """
        with self._as_unavailable(doing):
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

    @contextmanager
    def _as_unavailable(self, doing: str) -> Iterator[None]:
        try:
            yield
        except (DataError, IntegrityError):
            raise
        except (SQLAlchemyError, OSError) as error:
            # asyncpg raises OSError, or its subclass TimeoutError, when it cannot connect.
            raise StorageUnavailable(
                f"could not {doing} in {self._where()}: {first_line(error)}"
            ) from error

    def _where(self) -> str:
        # Without the query, in which a password may stand as well.
        return repr(self._url.set(query={}))

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
                f"the table {table.name} is missing in {self._where()} and cannot be created: "
                f"{first_line(error)}; let a role that may create tables run a command there once"
            ) from error


def _with_async_driver(url: str) -> URL:
    """Return the URL with our async driver in place of whatever driver it names, if any.

    Raises SettingsError for a database that is neither SQLite nor PostgreSQL.
    """
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise SettingsError(
            "DATABASE_URL is not a URL; use postgresql://... or sqlite:///FILE"
        ) from None
    if parsed.get_backend_name() == "sqlite":
        return parsed.set(drivername="sqlite+aiosqlite")
    if parsed.get_backend_name() not in ("postgresql", "postgres"):
        raise SettingsError(
            f"DATABASE_URL names {parsed.drivername!r}; use postgresql://... or sqlite:///FILE"
        )
    parsed = parsed.set(drivername="postgresql+asyncpg")
    if "sslmode" in parsed.query:  # libpq's name; asyncpg calls it ssl
        mode = parsed.query["sslmode"]
        parsed = parsed.difference_update_query(["sslmode"]).update_query_dict({"ssl": mode})
    return parsed


def _engine(url: URL) -> AsyncEngine:
    if url.get_backend_name() == "sqlite":
        if url.database:
            Path(url.database).parent.mkdir(parents=True, exist_ok=True)
        engine = create_async_engine(
            url,
            hide_parameters=True,
            connect_args={"timeout": _LOCK_WAIT_SECONDS, "async_creator_fn": _connect_sqlite},
        )
        event.listen(engine.sync_engine, "connect", _tune_sqlite)
        return engine
    return create_async_engine(
        url,
        hide_parameters=True,
        pool_timeout=_CONNECT_SECONDS,
        connect_args={"timeout": _CONNECT_SECONDS, "command_timeout": _STATEMENT_SECONDS},
    )


async def _connect_sqlite(*args: Any, **options: Any) -> aiosqlite.Connection:
    """Open a file as SQLAlchemy's dialect does, but leave no thread behind if that fails.

    A thread that outlives the event loop prints a traceback over whatever was said.
    """
    connection = aiosqlite.connect(*args, **options)
    connection._thread.daemon = True
    try:
        return await connection
    except BaseException:
        await asyncio.to_thread(connection._thread.join)
        raise


def _tune_sqlite(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
    """Let readers work beside one writer; commits survive ``kill -9`` of any process."""
    cursor = connection.cursor()
    # Fails while somebody else writes to a new file, or switches it. Then another does it.
    with suppress(sqlite3.OperationalError, SQLAlchemyError):
        cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=NORMAL")
    cursor.close()


def _has(connection: Connection, table: Table) -> bool:
    return inspect(connection).has_table(table.name)


def first_line(error: Exception) -> str:
    """Return the driver's message without SQLAlchemy's copy of the statement."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    return (str(cause).splitlines() or [type(error).__name__])[0]
