"""How a database is opened: SQLite in a file, or PostgreSQL by any URL that libpq takes.

Without it each caller would have time limits and errors of its own, and some would name a password.
"""

import asyncio
import sqlite3
from contextlib import suppress
from pathlib import Path
from typing import Any

import aiosqlite
from sqlalchemy import Engine, create_engine, event, make_url
from sqlalchemy.engine import URL
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError, DBAPIError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry, NullPool

from config import SettingsError
from settings.postgres import PostgresUrl, UnusableUrl, is_postgres

_LOCK_WAIT_SECONDS = 5.0
CONNECT_SECONDS = 5
"""For each host, unless the URL has a ``connect_timeout``."""
_LOST_SERVER_MILLISECONDS = 15_000
"""How long what was sent may be unacknowledged, until a connection is taken for lost."""


class Source:
    """Where a database is.

    The constructor raises SettingsError for a URL that is neither PostgreSQL's nor SQLite's, or
    that cannot be used.
    """

    def __init__(self, url: str) -> None:
        self._postgres = _postgres(url)
        self.sqlite = None if self._postgres else _sqlite(url)

    def __str__(self) -> str:
        """Where it is, with no password in it."""
        if self.sqlite is None:
            return str(self._postgres)
        return str(self.sqlite.set(drivername="sqlite", query={}))

    def engine(self) -> AsyncEngine:
        """Return an engine, which opens connections once it is asked to."""
        if self._postgres is not None:
            options = _of_postgres(self._postgres)
            return create_async_engine(**options, pool_timeout=CONNECT_SECONDS)
        assert self.sqlite is not None
        url = self.sqlite.set(drivername="sqlite+aiosqlite")
        engine = create_async_engine(url, **_of_sqlite(async_creator_fn=_connect_sqlite))
        event.listen(engine.sync_engine, "connect", _tune_sqlite)
        return engine

    def blocking_engine(self) -> Engine:
        """Return an engine for a thread, without a pool."""
        if self._postgres is not None:
            return create_engine(**_of_postgres(self._postgres), poolclass=NullPool)
        assert self.sqlite is not None
        engine = create_engine(self.sqlite, **_of_sqlite(), poolclass=NullPool)
        event.listen(engine, "connect", _tune_sqlite)
        return engine


def _postgres(url: str) -> PostgresUrl | None:
    if not is_postgres(url):
        return None
    try:
        return PostgresUrl(url)
    except UnusableUrl as error:
        raise SettingsError(f"DATABASE_URL {error}") from None


def _sqlite(url: str) -> URL:
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise SettingsError(
            "DATABASE_URL is not a URL; use postgresql://... or sqlite:///FILE"
        ) from None
    if parsed.get_backend_name() != "sqlite":
        raise SettingsError(
            f"DATABASE_URL names {parsed.drivername!r}; use postgresql://... or sqlite:///FILE"
        )
    if parsed.database:
        Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
    return parsed.set(drivername="sqlite")


def _of_postgres(url: PostgresUrl) -> dict[str, Any]:
    """Return the arguments of an engine."""
    ours: dict[str, Any] = {
        "connect_timeout": CONNECT_SECONDS,
        "fallback_application_name": "durable-pipelines",
        "tcp_user_timeout": _LOST_SERVER_MILLISECONDS,
    }
    return {
        "url": "postgresql+psycopg://",
        "hide_parameters": True,
        "use_native_hstore": False,  # or each new connection would ask whether there is hstore
        # Nothing is prepared: behind a pooler of transactions the next statement may be another
        # server's, which has not prepared it.
        "connect_args": {**ours, **url.parameters, "prepare_threshold": None},
    }


def _of_sqlite(**connecting: Any) -> dict[str, Any]:
    """Return the arguments of an engine."""
    return {
        "hide_parameters": True,
        "connect_args": {"timeout": _LOCK_WAIT_SECONDS, **connecting},
    }


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


def first_line(error: Exception) -> str:
    """Return the driver's message without SQLAlchemy's copy of the statement."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    return (str(cause).splitlines() or [type(error).__name__])[0]
