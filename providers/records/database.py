"""One database, SQLite or PostgreSQL: its URL, its connections, its schema and its errors.

Both accept and return the same values.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from sqlalchemy import Column, Select, Table, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import RowMapping
from sqlalchemy.exc import DataError, IntegrityError, OperationalError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection

from config import Settings
from providers.errors import SchemaRefused, StorageUnavailable
from providers.records import SchemaState
from providers.records.engines import Source, first_line
from providers.records.glances import glances_at
from providers.records.schema import state_of
from providers.spans import provider_call

_ANSWER_SECONDS = 15.0
"""How long PostgreSQL may take for a transaction, the connection included."""

PAGE_ROWS = 1_000
"""Rows that are read at a time of a table of any length."""


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
        self._is_migrated = False
        self._looking_at_schema = asyncio.Lock()

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
    async def transaction(self, doing: str) -> AsyncIterator[AsyncConnection]:
        """Begin a transaction, and commit it at the end of the block.

        Raises DataError or IntegrityError for a value that a table refuses, and
        StorageUnavailable for everything else.
        """
        await self._be_migrated(doing)
        async with self._asking(doing), self._engine.begin() as connection:
            yield connection

    async def read(self, doing: str, query: Select[Any]) -> Sequence[RowMapping]:
        """Return the rows of one query, which is cheaper than a transaction.

        Raises StorageUnavailable.
        """
        await self._be_migrated(doing)
        async with self._asking(doing), self._engine.connect() as connection:
            await connection.execution_options(isolation_level="AUTOCOMMIT")
            answer = await connection.execute(query)
            rows: Sequence[RowMapping] = answer.mappings().all()
            return rows

    async def pages(self, doing: str, key: Column[Any]) -> AsyncIterator[Sequence[RowMapping]]:
        """Yield all rows of a table, a page at a time, in the order of a column without equals.

        Raises StorageUnavailable.
        """
        query = select(key.table).order_by(key).limit(PAGE_ROWS)
        page = await self.read(doing, query)
        while page:
            yield page
            page = await self.read(doing, query.where(key > page[-1][key.name]))

    def glance(self, table: Table, key: str) -> list[dict[str, Any]] | None:
        """Return the row with this primary key, or none; None if telling that takes a thread."""
        if self._glances is None or not self._is_migrated:
            return None
        return self._glances.rows(table, key)

    @asynccontextmanager
    async def _asking(self, doing: str) -> AsyncIterator[None]:
        # A thread of SQLite cannot be told to stop, and waits for a lock only for so long anyway.
        limit = _ANSWER_SECONDS if self._source.sqlite is None else None
        system = "postgresql" if self._source.sqlite is None else "sqlite"
        try:
            with provider_call(f"SQL {doing}", {"db.system.name": system}):
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

    # --- schema -------------------------------------------------------------------------------

    async def schema(self) -> SchemaState:
        """Return where the database stands; a file that is older has been migrated then.

        Whoever opens a file migrates it. On a server many are at work, so that it is somebody's
        decision when. Raises SchemaRefused or StorageUnavailable.
        """
        state = await self._stands("look up the schema")
        if state.is_older and self._source.sqlite is not None:
            await asyncio.to_thread(self._migrate)
            state = await self._stands("look up the schema")
        return state

    async def migrate(self) -> SchemaState:
        """Bring the database to the newest revision; return where it stood.

        Raises SchemaRefused or StorageUnavailable.
        """
        before = await self._stands("migrate")
        if before.is_older:
            await asyncio.to_thread(self._migrate)
        return before

    async def _stands(self, doing: str) -> SchemaState:
        async with self._asking(doing), self._engine.connect() as connection:
            return await connection.run_sync(state_of, str(self._source))

    def _migrate(self) -> None:
        logging.getLogger("alembic").setLevel(logging.WARNING)  # or it tells of its plug-ins
        from providers.records.migrations import StrangeTables, migrate

        engine = self._source.blocking_engine()
        try:
            migrate(engine)
        except OperationalError as error:
            raise self._unavailable("migrate", first_line(error)) from error
        except (StrangeTables, SQLAlchemyError) as error:
            raise SchemaRefused(
                f"could not migrate {self._source}, which stays as it was: {first_line(error)}"
            ) from error
        finally:
            engine.dispose()

    async def _be_migrated(self, doing: str) -> None:
        """Look at the schema before the first use; raise StorageUnavailable for an older one.

        A newer one is used as it is: revisions only ever add.
        """
        if self._is_migrated:
            return
        async with self._looking_at_schema:
            if self._is_migrated:
                return
            try:
                state = await self._stands(doing)
                if state.is_older:
                    state = await self.schema()
            except SchemaRefused as error:
                raise StorageUnavailable(str(error)) from error
            if state.is_older:
                raise StorageUnavailable(str(state))
            self._is_migrated = True
