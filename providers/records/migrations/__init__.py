"""Brings a database to the newest schema, by Alembic's revisions in ``versions``.

All in one transaction, and one process at a time: whoever comes second finds nothing to do, and if
a revision fails, nothing has changed.
"""

from pathlib import Path
from threading import Lock
from typing import Any

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import Connection, Engine

from providers.records.schema import VERSION_TABLE, is_ours, unwritten_revision, written_revision
from providers.records.tables import TABLES

_LOCK = {
    # Wait longer than others do for a row: whoever is first may make all tables.
    "sqlite": ["PRAGMA busy_timeout = 60000", "BEGIN IMMEDIATE"],
    # Any number, but the same in every process. Then wait for no table: all others would behind us.
    "postgresql": ["SELECT pg_advisory_xact_lock(1702389875)", "SET LOCAL lock_timeout = '5s'"],
}
_ONE_AT_A_TIME = Lock()
"""``alembic.op``, which revisions use, is one for all threads."""


class StrangeTables(Exception):
    """Tables with our names are not as ours; the message says which."""


def migrate(engine: Engine, to: str = "head") -> None:
    """Bring the engine's database to a revision that it has not reached.

    Raises StrangeTables, CommandError for a revision that is none, and SQLAlchemyError.
    """
    with _ONE_AT_A_TIME, engine.begin() as connection:
        for statement in _LOCK[engine.dialect.name]:
            connection.exec_driver_sql(statement)
        config = Config(attributes={"connection": connection})
        config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
        is_unwritten = written_revision(connection) is None
        if is_unwritten:
            command.stamp(config, unwritten_revision(connection) or "base")
        command.upgrade(config, to)
        strange = is_unwritten and to == "head" and _tables_that_lack_columns(connection)
        if strange:
            raise StrangeTables(f"there are tables {', '.join(strange)} that are not ours")


def _tables_that_lack_columns(connection: Connection) -> list[str]:
    found = [difference for difference in differences(connection) if difference[0] == "add_column"]
    return sorted({table for _, _, table, *_ in found})


def differences(connection: Connection) -> list[Any]:
    """Return what this version's tables have that the database has not, or otherwise."""
    context = MigrationContext.configure(
        connection, opts={"version_table": VERSION_TABLE, "include_name": is_ours}
    )
    return compare_metadata(context, TABLES)  # type: ignore[no-any-return] # a list of tuples
