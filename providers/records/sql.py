"""Expenses and sent mails in SQLite or PostgreSQL, which accept and return the same values.

The database enforces unique keys: one row per receipt, one row per mail. A step that runs
twice, in one process or in two, finds the row of its first run and adds none.
"""

import asyncio
import datetime as dt
import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Date,
    DateTime,
    Index,
    MetaData,
    String,
    Table,
    event,
    inspect,
    make_url,
    select,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import URL, RowMapping
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError, DataError, DBAPIError, IntegrityError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry

from config import Settings, SettingsError
from models import (
    MAX_MERCHANT_CHARACTERS,
    ExpenseRecord,
    ExpenseToSave,
    SavedExpense,
    StoredExpense,
)
from providers.errors import InvalidExpense, ProviderUnavailable
from providers.records.duplicates import first_like

_LOCK_WAIT_SECONDS = 5.0
_CONNECT_SECONDS = 5.0
_STATEMENT_SECONDS = 15.0
_LOCK_TABLES = {
    "sqlite": "BEGIN IMMEDIATE",
    # Any number, but the same in every process.
    "postgresql": "SELECT pg_advisory_xact_lock(1702389875)",
}


_tables = MetaData()
_expenses = Table(
    "expenses",
    _tables,
    Column("expense_id", String(20), primary_key=True),
    Column("receipt_id", String(64), nullable=False, unique=True),
    Column("user_id", String(64), nullable=False),
    Column("merchant", String(MAX_MERCHANT_CHARACTERS)),
    Column("total_cents", BigInteger, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("date", Date),
    Column("parser", String(64), nullable=False),
    Column("corrected_by", String(500)),
    Column("object_key", String(512), nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Index("expenses_by_user", "user_id", "created_at"),
)
_sent_mails = Table(
    "sent_mails",
    _tables,
    Column("idempotency_key", String(512), primary_key=True),
    Column("message_id", String(512), nullable=False),
    Column("sent_at", DateTime(timezone=True), nullable=False),
)
_KEPT_BY_UPDATES = frozenset({"expense_id", "receipt_id", "user_id", "created_at"})


def database_url(settings: Settings) -> str:
    """Return DATABASE_URL, or the URL of the SQLite file in the state folder."""
    return settings.database_url or f"sqlite:///{settings.state_dir / 'expenses.db'}"


class SqlRecords:
    """``ExpenseRecords`` and ``SentMailRecords`` in one database.

    Creates its tables on first use. Use and ``close`` it on one event loop only. The
    constructor raises SettingsError for a URL that is neither PostgreSQL's nor SQLite's.
    """

    def __init__(self, url: str) -> None:
        self._url = _with_async_driver(url)
        self._engine = _engine(self._url)
        self._tables_made = False
        self._making_tables = asyncio.Lock()

    async def save(self, expense: ExpenseToSave) -> SavedExpense:
        """Insert the expense, or update the row of the same receipt, which keeps its id.

        An update replaces every field except the ids, the user and the time of creation. For
        likely duplicates see ``ExpenseRecords.save``. Raises InvalidExpense for a value that the
        table cannot store and for a receipt whose row is another user's, and ProviderUnavailable.
        """
        values = _checked(expense)
        statement = self._insert(_expenses).values(
            expense_id=_expense_id(expense.receipt_id), created_at=dt.datetime.now(dt.UTC), **values
        )
        statement = statement.on_conflict_do_update(
            index_elements=["receipt_id"],
            set_={name: statement.excluded[name] for name in values.keys() - _KEPT_BY_UPDATES},
            where=_expenses.c.user_id == statement.excluded.user_id,
        )
        try:
            async with self._transaction("save an expense") as connection:
                if first := await first_like(connection, _expenses, expense):
                    return first
                answer = await connection.execute(statement.returning(_expenses.c.expense_id))
                expense_id = answer.scalar_one_or_none()
        except (DataError, IntegrityError) as error:
            raise InvalidExpense(
                f"the table of expenses refuses receipt {expense.receipt_id}: {_first_line(error)}"
            ) from error
        if expense_id is None:
            raise InvalidExpense(
                f"receipt {expense.receipt_id} is an expense of another user, which stays as it is"
            )
        return SavedExpense(expense_id=expense_id)

    async def list(self, user_id: str | None = None) -> list[StoredExpense]:
        """Return the expenses of one user, or of all, oldest first.

        Times are in UTC. Raises ProviderUnavailable.
        """
        query = select(_expenses).order_by(_expenses.c.created_at, _expenses.c.expense_id)
        if user_id is not None:
            query = query.where(_expenses.c.user_id == user_id)
        async with self._transaction("list expenses") as connection:
            rows = (await connection.execute(query)).mappings().all()
        return [_stored(row) for row in rows]

    async def find(self, idempotency_key: str) -> str | None:
        """Return the Message-ID of the mail sent under this key, or None if there was none.

        Raises ProviderUnavailable.
        """
        query = select(_sent_mails.c.message_id).where(
            _sent_mails.c.idempotency_key == idempotency_key
        )
        async with self._transaction("look for a sent mail") as connection:
            found: str | None = (await connection.execute(query)).scalar_one_or_none()
        return found

    async def sent_keys(self) -> frozenset[str]:
        """Return the idempotency keys of all sent mails; raises ProviderUnavailable."""
        async with self._transaction("list sent mails") as connection:
            keys = (await connection.execute(select(_sent_mails.c.idempotency_key))).scalars()
        return frozenset(keys)

    async def add(self, idempotency_key: str, message_id: str) -> None:
        """Record that the mail of this key was sent; adding it again keeps the first record.

        Raises ProviderUnavailable.
        """
        statement = self._insert(_sent_mails).values(
            idempotency_key=idempotency_key,
            message_id=message_id,
            sent_at=dt.datetime.now(dt.UTC),
        )
        async with self._transaction("record a sent mail") as connection:
            await connection.execute(statement.on_conflict_do_nothing())

    async def close(self) -> None:
        """Close all connections."""
        await self._engine.dispose()

    def _insert(self, table: Table) -> postgresql.Insert | sqlite.Insert:
        if self._engine.dialect.name == "sqlite":
            return sqlite.insert(table)
        return postgresql.insert(table)

    @asynccontextmanager
    async def _transaction(self, doing: str) -> AsyncIterator[AsyncConnection]:
        """Begin a transaction and commit it at the end of the block.

        Raises DataError or IntegrityError for a value that the table refuses, and
        ProviderUnavailable for everything else.
        """
        try:
            await self._make_tables()
            async with self._engine.begin() as connection:
                yield connection
        except (DataError, IntegrityError):
            raise
        except (SQLAlchemyError, OSError) as error:
            # asyncpg raises OSError, or its subclass TimeoutError, when it cannot connect.
            raise ProviderUnavailable(
                # Without the query, in which a password may stand as well.
                f"could not {doing} in {self._url.set(query={})!r}: {_first_line(error)}"
            ) from error

    async def _make_tables(self) -> None:
        async with self._making_tables:
            if self._tables_made:
                return
            async with self._engine.begin() as connection:
                # Checked first, so that a role that may not create tables can use existing ones.
                if not await connection.run_sync(_has_tables):
                    # One process at a time, or two would both find no tables and create them.
                    await connection.exec_driver_sql(_LOCK_TABLES[self._engine.dialect.name])
                    await connection.run_sync(_tables.create_all)
            self._tables_made = True


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
            url, hide_parameters=True, connect_args={"timeout": _LOCK_WAIT_SECONDS}
        )
        event.listen(engine.sync_engine, "connect", _tune_sqlite)
        return engine
    return create_async_engine(
        url,
        hide_parameters=True,
        pool_timeout=_CONNECT_SECONDS,
        connect_args={"timeout": _CONNECT_SECONDS, "command_timeout": _STATEMENT_SECONDS},
    )


def _tune_sqlite(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
    """Let readers work beside one writer; commits survive ``kill -9`` of any process."""
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=NORMAL")
    cursor.close()


def _has_tables(connection: Connection) -> bool:
    return _tables.tables.keys() <= set(inspect(connection).get_table_names())


def _expense_id(receipt_id: str) -> str:
    """Return the expense's id, which depends only on the receipt's id."""
    return f"exp_{hashlib.sha256(receipt_id.encode()).hexdigest()[:16]}"


def _checked(expense: ExpenseRecord) -> dict[str, Any]:
    """Return the values by column; raises InvalidExpense, because SQLite would store anything."""
    values = expense.model_dump(warnings=False, include=set(ExpenseRecord.model_fields))
    try:
        ExpenseRecord.model_validate(values)
    except ValidationError as error:
        wrong = "; ".join(f"{fault['loc'][0]}: {fault['msg']}" for fault in error.errors())
        raise InvalidExpense(f"receipt {expense.receipt_id} cannot be saved: {wrong}") from error
    for name, value in values.items():
        if isinstance(value, str) and "\0" in value:
            raise InvalidExpense(
                f"receipt {expense.receipt_id} cannot be saved: {name} contains a NUL "
                "character, which PostgreSQL cannot hold"
            )
    return values


def _stored(row: RowMapping) -> StoredExpense:
    # Written in UTC; PostgreSQL returns the time zone, SQLite drops it.
    created_at = row["created_at"].replace(tzinfo=dt.UTC)
    return StoredExpense.model_validate({**row, "created_at": created_at})


def _first_line(error: Exception) -> str:
    """Return the driver's message without SQLAlchemy's copy of the statement."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    return (str(cause).splitlines() or [type(error).__name__])[0]
