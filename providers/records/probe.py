"""Whether the database can be used: its tables, their columns, and what our role may do.

Changes nothing: a table that is missing is left to whoever uses it first.
"""

import re
from collections.abc import AsyncIterator, Collection, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from sqlalchemy import Connection, Table, func, inspect, make_url, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from providers.errors import StorageUnavailable, Unfit
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
    """Look at the tables of runs and our rights on them; return what is there, in words.

    Raises Unfit for what does not get right by itself, SettingsError or StorageUnavailable.
    """
    if (file := _missing_file(url)) is not None:
        return f"{file} does not exist yet: whoever uses it first creates it"
    async with _looking(url) as connection:
        missing = await _checked(connection, _OF_RUNS)
    there = f"{len(_OF_RUNS) - len(missing)} tables"
    return f"{there}, {len(missing)} more are created on first use" if missing else there


async def count_access_keys(url: str) -> int:
    """Look at the tables of the doors, and return how many access keys count.

    Raises the errors of ``probe_records``.
    """
    if _missing_file(url) is not None:
        return 0
    counting = select(func.count()).select_from(ACCESS_KEYS)
    async with _looking(url) as connection:
        if ACCESS_KEYS.name in await _checked(connection, _OF_DOORS):
            return 0
        answer = await connection.execute(counting.where(ACCESS_KEYS.c.revoked_at.is_(None)))
        return int(answer.scalar_one())


async def _checked(connection: AsyncConnection, rights: Rights) -> list[str]:
    """Return the names of the tables that are still to be created; raise Unfit for any fault."""
    faults, missing = await connection.run_sync(schema_of, rights)
    refused = await _missing_rights(connection, rights, missing)
    faults += [f"this role lacks {', '.join(refused)}: grant that"] if refused else []
    if missing and not await _may_create(connection):
        faults.append(
            f"{', '.join(missing)} missing, and this role may create no table: let one that "
            "may run 'starter.py list --ended', 'expenses', 'keys list' and 'log' there once"
        )
    if faults:
        raise Unfit("; ".join(faults))
    return missing


def schema_of(connection: Connection, names: Collection[str]) -> tuple[list[str], list[str]]:
    """Return what is wrong with the tables that are there, and the names of those that are not."""
    there = set(inspect(connection).get_table_names())
    faults = [
        fault
        for name in sorted(there.intersection(names))
        for fault in _missing_columns(connection, TABLES.tables[name])
    ]
    return faults, sorted(set(names) - there)


def _missing_columns(connection: Connection, table: Table) -> Iterator[str]:
    there = {column["name"] for column in inspect(connection).get_columns(table.name)}
    if missing := [column.name for column in table.columns if column.name not in there]:
        yield (
            f"table {table.name} lacks {', '.join(missing)}: it is not this version's, and belongs "
            "to another program or another version"
        )


async def _missing_rights(
    connection: AsyncConnection, rights: Rights, missing: Collection[str]
) -> list[str]:
    if connection.dialect.name == "sqlite":
        return []
    asking = text("SELECT has_table_privilege(CAST(:name AS text), CAST(:right AS text))")
    refused = []
    for name in sorted(set(rights) - set(missing)):
        for right in rights[name]:
            answer = await connection.execute(asking, {"name": name, "right": right})
            if not answer.scalar_one():
                refused.append(f"{right} on {name}")
    return refused


async def _may_create(connection: AsyncConnection) -> bool:
    if connection.dialect.name == "sqlite":
        return True
    answer = await connection.execute(
        text("SELECT has_schema_privilege(current_schema(), 'CREATE')")
    )
    return bool(answer.scalar_one())


@asynccontextmanager
async def _looking(url: str) -> AsyncIterator[AsyncConnection]:
    """Yield a connection; raise Unfit where the server will never let us in."""
    database = Database(url)
    try:
        async with database.transaction("look at the tables") as connection:
            yield connection
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
