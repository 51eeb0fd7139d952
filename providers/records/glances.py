"""Looks into a SQLite file by primary key, on the event loop: what every request asks for.

SQLite tells that in less time than it takes to ask the asynchronous driver's thread, which happens
six times for one query, or to take a connection from a pool. It never waits for a lock.
"""

import functools
import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Select, Table, bindparam, create_engine, select
from sqlalchemy.dialects import sqlite
from sqlalchemy.engine import URL
from sqlalchemy.exc import SQLAlchemyError

_DIALECT = sqlite.dialect()
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

    def rows(self, table: Table, key: str) -> list[dict[str, Any]] | None:
        """Return the row with this primary key, or none; None if that cannot be told now."""
        look = _look(table)
        try:
            found = self._connection().connection.cursor().execute(look.statement, (key,))
            return [look.values(row) for row in found.fetchall()]
        except _ERRORS:
            return None

    def _connection(self) -> Connection:
        if self._opened is None:
            self._opened = self._engine.connect()
        return self._opened


def glances_at(url: URL | None) -> Glances | None:
    """Return what looks into the file that SQLite's URL names; None for a server."""
    if url is None or not url.database or ":memory:" in url.database:
        return None
    return Glances(url)


@dataclass(frozen=True)
class _Look:
    """A statement written down once, and what makes values of SQLite's."""

    statement: str
    columns: list[tuple[str, Callable[[Any], Any] | None]]

    def values(self, row: Sequence[Any]) -> dict[str, Any]:
        return {
            name: value if process is None else process(value)
            for (name, process), value in zip(self.columns, row, strict=True)
        }


@functools.cache
def _look(table: Table) -> _Look:
    (key,) = table.primary_key
    query: Select[Any] = select(table).where(key == bindparam("key"))
    return _Look(
        str(query.compile(dialect=_DIALECT)),
        [
            (column.name, column.type.dialect_impl(_DIALECT).result_processor(_DIALECT, None))
            for column in table.columns
        ],
    )
