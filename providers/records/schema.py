"""Which revision of the schema a database has, and which one this version needs.

Without it a worker would find out by a statement that fails, in the middle of somebody's order.
"""

from pathlib import Path

from sqlalchemy import Column, Connection, MetaData, String, Table, inspect, select

from providers.records import SchemaState
from providers.records.tables import TABLES

VERSION_TABLE = "records_version"
"""Not Alembic's own name for it, so that another program may have its tables beside ours."""

REVISIONS = sorted(
    file.stem[1:5] for file in (Path(__file__).parent / "migrations/versions").glob("r[0-9]*.py")
)

_VERSION = Table(VERSION_TABLE, MetaData(), Column("version_num", String(32)))

_BEFORE_REVISIONS = {
    "0001": {"expenses", "sent_mails"},
    "0002": {"orders"},
    "0003": {"access_keys", "action_log"},
    "0004": {"expense_edits"},
    "0005": {"ended_sessions"},
    "0006": {"expense_unconfirmed"},
    "0007": {"expense_details"},
    "0008": {"confirmed_merchants"},
}
"""What each version had that wrote down no revision; it made a table when it first needed it."""


def state_of(connection: Connection, where: str) -> SchemaState:
    """Return where a database stands; ``where`` names it."""
    found = written_revision(connection) or unwritten_revision(connection)
    return SchemaState(where=where, found=found, known=tuple(REVISIONS))


def written_revision(connection: Connection) -> str | None:
    """Return the revision that a database says it has, if it says one."""
    if not inspect(connection).has_table(VERSION_TABLE):
        return None
    found: str | None = connection.execute(select(_VERSION.c.version_num)).scalar_one_or_none()
    return found


def unwritten_revision(connection: Connection) -> str | None:
    """Return the last revision of which a database has everything, judging by its tables."""
    tables = set(inspect(connection).get_table_names())
    reached = None
    for revision, needed in _BEFORE_REVISIONS.items():
        if not needed <= tables:
            break
        reached = revision
    return reached


def is_ours(name: str | None, kind: str, parents: object) -> bool:  # noqa: ARG001 - Alembic's
    """Tell Alembic whether it is to look at a table: others may be in the same database."""
    return kind != "table" or name in TABLES.tables
