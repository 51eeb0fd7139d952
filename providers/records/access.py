"""Access keys and the log of what people did, in SQLite or PostgreSQL.

Others may use the database too, and close it.
"""

import datetime as dt
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from sqlalchemy import delete, insert, or_, select, update
from sqlalchemy.engine import RowMapping
from sqlalchemy.exc import DataError, IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from models import AccessKey, ActionLogEntry, ActionToLog, StoredAccessKey
from providers.errors import ProviderUnavailable
from providers.records.database import Database
from providers.records.engines import first_line
from providers.records.tables import ACCESS_KEYS, ACTION_LOG, ENDED_SESSIONS


class SqlAccessKeys:
    """``AccessKeys`` in a database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, key: StoredAccessKey) -> None:
        """Insert a key; raises ProviderUnavailable."""
        statement = insert(ACCESS_KEYS).values(_in_utc(key.model_dump(mode="python")))
        async with _changing(self._database, "add an access key") as connection:
            await connection.execute(statement)

    async def find(self, key_id: str) -> StoredAccessKey | None:
        """Return the key of this id, also a revoked one; raises ProviderUnavailable."""
        rows = self._database.glance(ACCESS_KEYS, key_id)  # every call of the HTTP API asks
        if rows is None:
            query = select(ACCESS_KEYS).where(ACCESS_KEYS.c.id == key_id)
            read = await self._database.read("look up an access key", query)
            rows = [dict(row) for row in read]
        return next((StoredAccessKey.model_validate(_as_utc(row)) for row in rows), None)

    async def revoke(self, name_or_id: str, at: dt.datetime) -> list[AccessKey]:
        """Revoke the keys of a name, or one by its id; raises ProviderUnavailable."""
        columns = ACCESS_KEYS.c
        meant = or_(columns.name == name_or_id, columns.id == name_or_id)
        revoking = update(ACCESS_KEYS).where(meant, columns.revoked_at.is_(None))
        query = select(ACCESS_KEYS).where(meant).order_by(columns.created_at, columns.id)
        async with _changing(self._database, "revoke access keys") as connection:
            await connection.execute(revoking.values(revoked_at=at.astimezone(dt.UTC)))
            rows = (await connection.execute(query)).mappings().all()
        return [AccessKey.model_validate(_as_utc(row)) for row in rows]

    async def list(self) -> list[AccessKey]:
        """Return all keys, oldest first; raises ProviderUnavailable."""
        query = select(ACCESS_KEYS).order_by(ACCESS_KEYS.c.created_at, ACCESS_KEYS.c.id)
        rows = await self._database.read("list access keys", query)
        return [AccessKey.model_validate(_as_utc(row)) for row in rows]

    async def end_session(self, session_id: str, at: dt.datetime, lasts: dt.timedelta) -> None:
        """Insert the session, and delete those that are too old; raises ProviderUnavailable."""
        now = at.astimezone(dt.UTC)
        ended = self._database.insert(ENDED_SESSIONS).values(id=session_id, ended_at=now)
        too_old = delete(ENDED_SESSIONS).where(ENDED_SESSIONS.c.ended_at < now - lasts)
        async with _changing(self._database, "end a session") as connection:
            await connection.execute(too_old)
            await connection.execute(ended.on_conflict_do_nothing())

    async def has_ended(self, session_id: str) -> bool:
        """Tell whether the session is in the table; raises ProviderUnavailable."""
        rows = self._database.glance(ENDED_SESSIONS, session_id)  # every page of the desk asks
        if rows is None:
            query = select(ENDED_SESSIONS).where(ENDED_SESSIONS.c.id == session_id)
            return bool(await self._database.read("look up a session", query))
        return bool(rows)


class SqlActionLog:
    """``ActionLog`` in a database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, action: ActionToLog) -> int:
        """Append a row and return its number; raises ProviderUnavailable."""
        statement = insert(ACTION_LOG).values(_in_utc(action.model_dump(mode="python")))
        async with _changing(self._database, "log an action") as connection:
            answer = await connection.execute(statement.returning(ACTION_LOG.c.id))
            number: int = answer.scalar_one()
        return number

    async def list(
        self, subject: str | None = None, limit: int = 100, before_id: int | None = None
    ) -> list[ActionLogEntry]:
        """Return the rows, newest first; raises ProviderUnavailable."""
        query = select(ACTION_LOG).order_by(ACTION_LOG.c.id.desc()).limit(limit)
        if subject is not None:
            query = query.where(ACTION_LOG.c.subject == subject)
        if before_id is not None:
            query = query.where(ACTION_LOG.c.id < before_id)
        rows = await self._database.read("read the log of actions", query)
        return [ActionLogEntry.model_validate(_as_utc(row)) for row in rows]


@asynccontextmanager
async def _changing(database: Database, doing: str) -> AsyncIterator[AsyncConnection]:
    """Begin a transaction in which a value that the table refuses is as bad as no database."""
    try:
        async with database.transaction(doing) as connection:
            yield connection
    except (DataError, IntegrityError) as error:
        raise ProviderUnavailable(f"could not {doing}: {first_line(error)}") from error


def _in_utc(values: dict[str, Any]) -> dict[str, Any]:
    return {
        name: value.astimezone(dt.UTC) if isinstance(value, dt.datetime) else value
        for name, value in values.items()
    }


def _as_utc(row: RowMapping | dict[str, Any]) -> dict[str, Any]:
    # Written in UTC; PostgreSQL returns the time zone, SQLite drops it.
    return {
        name: value.replace(tzinfo=dt.UTC) if isinstance(value, dt.datetime) else value
        for name, value in row.items()
    }
