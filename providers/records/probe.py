"""Whether the database can be used: its schema, and what our role may do.

It changes nothing but an older SQLite file, which whoever opens it migrates.
"""

import re
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from sqlalchemy import func, make_url, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from providers.errors import SchemaRefused, StorageUnavailable, Unfit
from providers.records import SchemaState
from providers.records.database import Database
from providers.records.tables import ACCESS_KEYS, ACTION_LOG, ENDED_SESSIONS, TABLES

_NEVER = re.compile(
    r"password authentication failed|no password supplied|no pg_hba\.conf entry|"
    r"does not support SSL|certificate verify failed|permission denied|"
    r"(?:role|database) \"[^\"]*\" does not exist|unable to open database|not a database"
)
"""What a server says that will say the same again."""

Rights = Mapping[str, Sequence[str]]
"""By the names of tables."""

_RIGHTS = ("SELECT", "INSERT", "UPDATE")
_OF_DOORS = {
    ACCESS_KEYS.name: _RIGHTS,
    ENDED_SESSIONS.name: ("SELECT", "INSERT", "DELETE"),
    ACTION_LOG.name: ("SELECT", "INSERT"),
}
"""Tables that only people's doors use, with the rights that these need."""

_OF_RUNS = {name: _RIGHTS for name in TABLES.tables if name not in _OF_DOORS}
"""Tables that workers use, too."""


async def probe_records(url: str) -> str:
    """Look at the schema and at our rights on the tables of runs; return what is there, in words.

    Raises Unfit for what does not get right by itself, SettingsError or StorageUnavailable.
    """
    if (file := _missing_file(url)) is not None:
        return f"{file} does not exist yet: whoever uses it first creates it"
    async with _looking(url) as (connection, state):
        await _require_rights(connection, _OF_RUNS)
    return str(state) if state.is_newer else f"schema {state.found}"


async def count_access_keys(url: str) -> int:
    """Look at our rights on the tables of the doors, and return how many access keys count.

    Raises the errors of ``probe_records``.
    """
    if _missing_file(url) is not None:
        return 0
    counting = select(func.count()).select_from(ACCESS_KEYS)
    async with _looking(url) as (connection, _):
        await _require_rights(connection, _OF_DOORS)
        answer = await connection.execute(counting.where(ACCESS_KEYS.c.revoked_at.is_(None)))
        return int(answer.scalar_one())


async def _require_rights(connection: AsyncConnection, rights: Rights) -> None:
    if refused := await _missing_rights(connection, rights):
        raise Unfit(f"this role lacks {', '.join(refused)}: grant that")


async def _missing_rights(connection: AsyncConnection, rights: Rights) -> list[str]:
    if connection.dialect.name == "sqlite":
        return []
    asking = text("SELECT has_table_privilege(CAST(:name AS text), CAST(:right AS text))")
    refused = []
    for name in sorted(rights):
        for right in rights[name]:
            answer = await connection.execute(asking, {"name": name, "right": right})
            if not answer.scalar_one():
                refused.append(f"{right} on {name}")
    return refused


@asynccontextmanager
async def _looking(url: str) -> AsyncIterator[tuple[AsyncConnection, SchemaState]]:
    """Yield a connection; raise Unfit where the schema is older, or nobody will ever let us in."""
    database = Database(url)
    try:
        state = await database.schema()
        if state.is_older:
            raise Unfit(str(state))
        async with database.transaction("look at the tables") as connection:
            yield connection, state
    except SchemaRefused as error:
        raise Unfit(str(error)) from error
    except StorageUnavailable as error:
        if _NEVER.search(str(error)):
            raise Unfit(str(error)) from error
        raise
    finally:
        await database.close()


def _missing_file(url: str) -> Path | None:
    """Return SQLite's file if there is none: connecting would create it."""
    if not url.lower().startswith("sqlite"):
        return None
    database = make_url(url).database
    file = Path(database) if database and database != ":memory:" else None
    return file if file is not None and not file.exists() else None
