"""A database with an older or a newer schema: what worker, server and commands say, and migrate."""

import json
import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from config import Settings, SettingsError
from providers.records.engines import Source
from providers.records.migrations import migrate
from providers.records.schema import REVISIONS
from service.readiness.schema import require_schema
from tests.support.postgres import RealPostgres
from tests.support.warm import run_warm

NEWEST = REVISIONS[-1]


@pytest.fixture
def older(postgres: RealPostgres) -> Iterator[str]:
    """Yield the URL of a database that an earlier version has made."""
    with postgres.database(empty=True) as url:
        migrate(Source(url).blocking_engine(), "0002")
        yield url


def type_in(command: tuple[str, ...], url: str, folder: Path) -> tuple[int, str, str]:
    surroundings = {
        **os.environ,
        **{"DATABASE_URL": url, "STATE_DIR": str(folder), "ENVIRONMENT": "sandbox"},
        "TEMPORAL_ADDRESS": "127.0.0.1:1",
    }
    return run_warm(command, "", surroundings, 120)


def revision_in(url: str) -> str:
    with psycopg.connect(url) as connection:
        found = connection.execute("SELECT version_num FROM records_version").fetchone()
    assert found is not None
    return str(found[0])


@pytest.mark.parametrize(
    "command",
    [
        ("worker.py",),
        ("worker.py", "--role", "providers"),
        ("server.py",),
        ("starter.py", "list"),
        ("starter.py", "keys", "list"),
    ],
)
def test_each_process_refuses_an_older_schema_and_says_what_to_do(
    command: tuple[str, ...], older: str, tmp_path: Path
) -> None:
    code, out, err = type_in(command, older, tmp_path)

    assert (code, out) == (2, "")
    assert err.splitlines()[-1].endswith(
        f"error: the database {Source(older)} has schema 0002, and this version needs {NEWEST}: "
        "run 'python starter.py migrate' as a role that may create tables"
    ) or err.startswith("server.py: the database")
    assert "'python starter.py migrate'" in err
    assert revision_in(older) == "0002"


def test_migrate_says_from_where_to_where_and_then_all_goes_on(older: str, tmp_path: Path) -> None:
    where = str(Source(older))

    assert type_in(("starter.py", "migrate"), older, tmp_path) == (
        0,
        f"{where}: schema 0002 -> {NEWEST}\n",
        "",
    )
    assert revision_in(older) == NEWEST
    code, out, _ = type_in(("starter.py", "migrate", "--json"), older, tmp_path)
    assert (code, json.loads(out)) == (0, {"database": where, "from": NEWEST, "to": NEWEST})
    code, out, err = type_in(("starter.py", "keys", "list"), older, tmp_path)
    assert (code, "Error" in err) == (0, False)


def test_an_empty_server_is_migrated_from_none(postgres: RealPostgres, tmp_path: Path) -> None:
    with postgres.database(empty=True) as url:
        _, out, _ = type_in(("starter.py", "migrate", "--json"), url, tmp_path)
        assert json.loads(out) == {"database": str(Source(url)), "from": None, "to": NEWEST}


def test_a_newer_schema_is_a_warning(older: str, tmp_path: Path) -> None:
    migrate(Source(older).blocking_engine())
    with psycopg.connect(older) as connection:
        connection.execute("UPDATE records_version SET version_num = '9999'")

    code, _, err = type_in(("starter.py", "keys", "list"), older, tmp_path)

    assert code == 0
    newer = f"the database {Source(older)} has schema 9999, of a later version than this, up to"
    assert err.startswith(f"warning: {newer} {NEWEST}\n")
    code, out, err = type_in(("starter.py", "migrate"), older, tmp_path)
    assert (code, out, err) == (0, f"{newer} {NEWEST}; nothing was done\n", "")


def test_a_role_that_may_not_migrate_gets_one_sentence(
    postgres: RealPostgres, tmp_path: Path
) -> None:
    with postgres.database(empty=True) as url:
        postgres.run("DROP ROLE IF EXISTS visitor", "CREATE ROLE visitor LOGIN")
        as_visitor = url.replace("//postgres@", "//visitor@")
        code, out, err = type_in(("starter.py", "migrate"), as_visitor, tmp_path)
    assert (code, out) == (1, "")
    assert err == (
        f"error: could not migrate {Source(as_visitor)}, which stays as it was: permission denied "
        "for schema public\n"
    )


def test_in_the_sandbox_nobody_types_anything(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'expenses.db'}"
    for _ in range(2):
        code, _, err = type_in(("starter.py", "keys", "list"), url, tmp_path)
        assert (code, "error" in err) == (0, False)
    with sqlite3.connect(tmp_path / "expenses.db") as file:
        assert file.execute("SELECT version_num FROM records_version").fetchall() == [(NEWEST,)]


async def test_a_database_that_does_not_answer_keeps_nobody_from_starting() -> None:
    away = Settings(database_url="postgresql://ada@127.0.0.1:1/x")
    assert await require_schema(away) is None


async def test_a_file_of_others_is_named(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "expenses.db") as file:
        file.execute("CREATE TABLE orders (order_id TEXT, ended_at TEXT)")
    settings = Settings(state_dir=tmp_path, database_url=None)
    with pytest.raises(SettingsError, match="there are tables orders that are not ours"):
        await require_schema(settings)
