"""Looks into a SQLite file by primary key, on the event loop: what every request asks for.

SQLite tells that in less time than it takes to ask the asynchronous driver's thread, which happens
six times for one query, or to take a connection from a pool. It never waits for a lock.
"""

import functools
import sqlite3
from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    Connection,
    Select,
    Table,
    bindparam,
    create_engine,
    literal_column,
    select,
)
from sqlalchemy.dialects import sqlite
from sqlalchemy.engine import URL, RowMapping
from sqlalchemy.exc import SQLAlchemyError

_ERRORS = (SQLAlchemyError, sqlite3.Error)


class Glances:
    """One connection, opened by the first look; the caller closes it."""

    def __init__(self, url: URL) -> None:
        self._engine = create_engine(
            url.set(drivername="sqlite"),
            hide_parameters=True,
            connect_args={"timeout": 0},
            isolation_level="AUTOCOMMIT",  # so that each look sees what was committed before it
        )
        self._opened: Connection | None = None

    def close(self) -> None:
        """Close the connection."""
        if self._opened is not None:
            self._opened.close()
        self._engine.dispose()

    def surely_lacks(self, table: Table, key: str) -> bool:
        """Tell whether no row of a table has this primary key; False if that cannot be told now."""
        try:
            looked = self._connection().connection.cursor()
            looked.execute(_lookup(table), (key,))
            return not looked.fetchall()
        except _ERRORS:
            return False

    def rows(self, table: Table, key: str) -> Sequence[RowMapping] | None:
        """Return the row with this primary key, or none; None if that cannot be told now."""
        try:
            return self._connection().execute(_query(table), {"key": key}).mappings().all()
        except _ERRORS:
            return None

    def _connection(self) -> Connection:
        if self._opened is None:
            self._opened = self._engine.connect()
        return self._opened


def glances_at(url: URL) -> Glances | None:
    """Return what looks into the file that a URL names; None for a server."""
    if url.get_backend_name() != "sqlite" or not url.database or ":memory:" in url.database:
        return None
    return Glances(url)


@functools.cache
def _query(table: Table) -> Select[Any]:
    """Return the query of a row; made once, as its compiled form is found again by it."""
    (key,) = table.primary_key
    return select(table).where(key == bindparam("key"))


@functools.cache
def _lookup(table: Table) -> str:
    """Return SQLite's statement for "is this primary key there"; written down once."""
    query: Select[Any] = _query(table).with_only_columns(literal_column("1"))
    return str(query.compile(dialect=sqlite.dialect()))
