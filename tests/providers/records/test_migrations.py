"""Databases of every earlier version, with rows in them, on SQLite and on a real PostgreSQL.

``schemas`` has what earlier versions of this project wrote, dumped from them: the first of all, and
the last that knew no revisions.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, inspect, select, table, text

from providers.errors import SchemaRefused, StorageUnavailable
from providers.records.edits import SqlExpenseBook
from providers.records.engines import Source
from providers.records.migrations import differences, migrate
from providers.records.orders import SqlOrderArchive
from providers.records.schema import REVISIONS, VERSION_TABLE, state_of, unwritten_revision
from providers.records.sql import SqlRecords
from providers.records.tables import TABLES
from tests.providers.records.saving import COFFEE, migrate_together
from tests.support.postgres import RealPostgres
from tests.support.warm import imported

SCHEMAS = Path(__file__).with_name("schemas")
NEWEST = REVISIONS[-1]

Rows = dict[str, list[dict[str, Any]]]


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Yield the URL of a database without any table."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'expenses.db'}"
        return
    server: RealPostgres = request.getfixturevalue("postgres")
    with server.database(empty=True) as url:
        yield url


@pytest.fixture
def engine(empty: str) -> Iterator[Engine]:
    engine = Source(empty).blocking_engine()
    yield engine
    engine.dispose()


def run(engine: Engine, *statements: str) -> None:
    with engine.begin() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)


def load(engine: Engine, dump: str) -> None:
    script = (SCHEMAS / f"{dump}.{engine.dialect.name}.sql").read_text(encoding="utf-8")
    with engine.connect() as connection:
        driver = connection.connection.driver_connection
        assert driver is not None
        (driver.executescript if engine.dialect.name == "sqlite" else driver.execute)(script)
        driver.commit()


def rows_in(engine: Engine) -> Rows:
    """Return all rows of all tables, but for the revision."""
    with engine.connect() as connection:
        names = set(inspect(connection).get_table_names()) - {VERSION_TABLE, "sqlite_sequence"}
        return {
            name: sorted(
                (
                    dict(row)
                    for row in connection.execute(select(text("*"), table(name))).mappings()
                ),
                key=str,
            )
            for name in names
        }


def is_as_expected(engine: Engine) -> bool:
    with engine.connect() as connection:
        assert differences(connection) == []
        return state_of(connection, "here").found == NEWEST


async def migrated(url: str) -> str | None:
    """Migrate as the command does; return where the database stood."""
    records = SqlRecords(url)
    try:
        return (await records.migrate()).found
    finally:
        await records.close()


# --- from where to where ----------------------------------------------------------------------


@pytest.mark.parametrize(("dump", "stood"), [("first", "0001"), ("last_unversioned", "0008")])
async def test_the_rows_of_an_earlier_version_are_whole(
    engine: Engine, empty: str, dump: str, stood: str
) -> None:
    load(engine, dump)
    before = rows_in(engine)
    assert all(before.values())

    assert await migrated(empty) == stood

    after = rows_in(engine)
    assert {name: after[name] for name in before} == before
    assert not any(rows for name, rows in after.items() if name not in before)
    assert is_as_expected(engine)
    assert await migrated(empty) == NEWEST

    records = SqlRecords(empty)
    assert len(await records.list()) == len(await SqlExpenseBook(records).list()) == 2
    assert await records.find("order-1:confirm") == "<first@example.com>"
    found = await SqlOrderArchive(records).archived(["o1", "o2"])
    assert set(found) == ({"o1"} if dump == "last_unversioned" else set())
    await records.save(COFFEE.model_copy(update={"receipt_id": "ada-3"}))
    await records.close()


async def test_an_empty_database_gets_everything(engine: Engine, empty: str) -> None:
    assert await migrated(empty) is None
    assert is_as_expected(engine)
    assert set(rows_in(engine)) == set(TABLES.tables)


def test_a_database_without_a_revision_is_known_by_its_tables(engine: Engine) -> None:
    for reached in ("0001", "0002", "0003", "0004", "0005", "0006", "0007", "0008"):
        migrate(engine, reached)
        with engine.connect() as connection:
            assert unwritten_revision(connection) == reached


async def test_tables_that_nobody_has_needed_are_made(engine: Engine, empty: str) -> None:
    """A version without revisions made each table on its first use, whatever the order."""
    load(engine, "last_unversioned")
    run(engine, "DROP TABLE access_keys", "DROP TABLE sent_mails")

    assert await migrated(empty) is None
    assert is_as_expected(engine)
    assert len(rows_in(engine)["action_log"]) == 2


async def test_tables_and_indexes_of_others_stay(engine: Engine, empty: str) -> None:
    load(engine, "first")
    run(engine, "CREATE TABLE alembic_version (version_num VARCHAR(32))")
    run(engine, "CREATE INDEX reports ON expenses (merchant)")
    assert await migrated(empty) == "0001"
    assert "alembic_version" in rows_in(engine)


# --- several, and what goes wrong -------------------------------------------------------------


async def test_two_processes_that_migrate_at_once_do_it_once(engine: Engine, empty: str) -> None:
    load(engine, "first")
    before = rows_in(engine)["expenses"]
    both_are_ready = imported().Barrier(2)
    racing = [
        imported().Process(target=migrate_together, args=(empty, both_are_ready)) for _ in range(2)
    ]
    for process in racing:
        process.start()
    for process in racing:
        process.join()

    assert [process.exitcode for process in racing] == [0, 0]
    assert is_as_expected(engine)
    assert rows_in(engine)["expenses"] == before


@pytest.mark.parametrize(
    "strange",
    [
        "CREATE TABLE orders (order_id VARCHAR(64), ended_at TIMESTAMP)",
        "CREATE TABLE orders (id INTEGER)",
    ],
)
async def test_tables_of_others_with_our_names_stop_it_and_nothing_has_changed(
    engine: Engine, empty: str, strange: str
) -> None:
    load(engine, "first")
    run(engine, strange)
    before = rows_in(engine)
    records = SqlRecords(empty)

    with pytest.raises(SchemaRefused) as refused:
        await records.migrate()
    await records.close()

    said = str(refused.value)
    assert re.match(r"could not migrate .+, which stays as it was: ", said)
    assert "\n" not in said
    assert rows_in(engine) == before
    with engine.connect() as connection:
        assert not inspect(connection).has_table(VERSION_TABLE)


async def test_a_role_that_may_create_nothing_is_told_so(postgres: RealPostgres) -> None:
    with postgres.database(empty=True) as url:
        name = url.partition("@/")[2].partition("?")[0]
        postgres.run("DROP ROLE IF EXISTS reader", "CREATE ROLE reader LOGIN")
        records = SqlRecords(postgres.url(name, user="reader"))
        with pytest.raises(SchemaRefused, match="permission denied for schema public"):
            await records.migrate()
        await records.close()


async def test_a_table_that_somebody_holds_is_not_waited_for_long(
    postgres: RealPostgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    locks = ["SELECT pg_advisory_xact_lock(1)", "SET LOCAL lock_timeout = '50ms'"]
    monkeypatch.setattr("providers.records.migrations._LOCK", {"postgresql": locks})
    with postgres.database(empty=True) as url:
        engine = Source(url).blocking_engine()
        migrate(engine, "0001")
        records = SqlRecords(url)
        with engine.begin() as holding:
            holding.exec_driver_sql(f"LOCK TABLE {VERSION_TABLE} IN SHARE MODE")
            with pytest.raises(StorageUnavailable, match=r"could not migrate .* lock timeout"):
                await records.migrate()
        assert (await records.migrate()).found == "0001"
        await records.close()


# --- older and newer --------------------------------------------------------------------------


async def test_an_older_server_is_left_alone_until_somebody_migrates_it(
    postgres: RealPostgres,
) -> None:
    with postgres.database(empty=True) as url:
        engine = Source(url).blocking_engine()
        load(engine, "first")
        records = SqlRecords(url)
        with pytest.raises(StorageUnavailable) as refused:
            await records.list()
        assert str(refused.value) == (
            f"the database {Source(url)} has schema 0001, and this version needs {NEWEST}: run "
            "'python starter.py migrate' as a role that may create tables"
        )
        await migrated(url)
        assert len(await records.list()) == 2
        await records.close()


async def test_an_older_file_is_migrated_by_whoever_opens_it(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'expenses.db'}"
    engine = Source(url).blocking_engine()
    load(engine, "first")
    records = SqlRecords(url)
    assert len(await records.list()) == 2
    assert is_as_expected(engine)
    await records.close()


async def test_a_newer_schema_is_used_as_it_is(engine: Engine, empty: str) -> None:
    migrate(engine)
    run(engine, "UPDATE records_version SET version_num = '9999'")
    records = SqlRecords(empty)

    state = await records.schema()
    assert state.is_newer
    assert str(state).endswith(f"has schema 9999, of a later version than this, up to {NEWEST}")
    await records.save(COFFEE)
    assert (await records.migrate()).found == "9999"
    assert (await records.schema()).found == "9999"
    await records.close()


# --- the revisions themselves -----------------------------------------------------------------


def test_a_revision_only_adds_so_that_the_version_before_can_go_on(tmp_path: Path) -> None:
    """A deploy migrates first: until they are replaced, workers of the version before go on."""
    engine = Source(f"sqlite:///{tmp_path / 'expenses.db'}").blocking_engine()
    before: dict[tuple[str, str], str] = {}
    tables: set[str] = set()
    for revision in REVISIONS:
        migrate(engine, revision)
        looked = inspect(engine)
        now = {
            (table, column["name"]): column
            for table in looked.get_table_names()
            for column in looked.get_columns(table)
        }
        assert {key: str(now[key]["type"]) for key in before} == before
        for key in now.keys() - before.keys():
            can_be_left_out = now[key]["nullable"] or now[key]["default"] is not None
            assert key[0] not in tables or can_be_left_out, key
        before = {key: str(column["type"]) for key, column in now.items()}
        tables = {table for table, _ in now}


def test_files_are_named_after_their_revisions() -> None:
    folder = Path(migrate.__code__.co_filename).parent / "versions"
    for file in folder.glob("r*.py"):
        assert f'\nrevision = "{file.stem[1:5]}"\n' in file.read_text()
    assert [f"{number:04}" for number in range(1, len(REVISIONS) + 1)] == REVISIONS
