"""A real PostgreSQL for the tests of one process, from a wheel: nothing has to be installed.

Where it cannot start, its tests fail. None is skipped: records that were tested on SQLite alone
would break in production only.
"""

import os
import shutil
import signal
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from urllib.parse import quote

import psycopg
import pytest

from providers.records.engines import Source
from providers.records.migrations import migrate
from sandbox.processes import StackError

_FASTER = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")
"""Nobody needs the data when the machine has crashed."""

_IN_MEMORY = Path("/dev/shm")  # noqa: S108 - in a folder that mkdtemp makes
_ENOUGH_BYTES = 2**30


class RealPostgres:
    """A running server. Whoever comes through its socket is let in without a password."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.socket = folder / ".s.PGSQL.5432"

    def url(self, database: str = "postgres", user: str = "postgres") -> str:
        """Return the URL of a database."""
        return f"postgresql://{user}@/{database}?host={quote(str(self.folder), safe='')}"

    def run(self, *statements: str, database: str = "postgres") -> None:
        """Run statements, each in a transaction of its own."""
        with psycopg.connect(self.url(database), autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement.encode())

    @contextmanager
    def database(self, *, empty: bool = False) -> Iterator[str]:
        """Yield the URL of a database with our tables, or none; it is dropped afterwards."""
        name = f"test_{uuid.uuid4().hex}"
        template = "template1" if empty else self._with_our_tables
        self.run(f"CREATE DATABASE {name} TEMPLATE {template}")
        try:
            yield self.url(name)
        finally:
            self.run(f"DROP DATABASE {name} WITH (FORCE)")

    @cached_property
    def _with_our_tables(self) -> str:
        name = "with_our_tables"
        self.run(f"CREATE DATABASE {name}")
        migrate(Source(self.url(name)).blocking_engine())
        return name

    def end(self) -> None:
        """End the server, without waiting for whoever is still connected."""
        process = (self.folder / "postmaster.pid").read_text().split()[0]
        os.kill(int(process), signal.SIGINT)


@contextmanager
def real_postgres() -> Iterator[RealPostgres]:
    """Yield a server in a folder of its own, or fail the test that asks for it.

    Not in pytest's folder, because the server loosens the mode of the folders above its data.
    """
    folder = Path(tempfile.mkdtemp(prefix="records-", dir=_quick_folder()))
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("XDG_RUNTIME_DIR", str(folder))  # read once, by the import
        from benchmarks.references.postgres import postgres
    try:
        with postgres(folder, *_FASTER):
            server = RealPostgres(folder / "data")
            yield server
            server.end()
    except StackError as error:
        pytest.fail(f"the tests of records need PostgreSQL: {error}")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _quick_folder() -> Path | None:
    """Return a folder in memory: there a new database takes a tenth of the time."""
    if _IN_MEMORY.is_dir() and shutil.disk_usage(_IN_MEMORY).free > _ENOUGH_BYTES:
        return _IN_MEMORY
    return None
