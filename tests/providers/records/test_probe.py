"""What is seen of a database before anybody uses it, and that looking changes nothing."""

from pathlib import Path

import pytest
from sqlalchemy import create_engine, inspect, make_url, text
from sqlalchemy.engine import Engine

from config import SettingsError
from providers.errors import StorageUnavailable, Unfit
from providers.records.probe import count_access_keys, probe_records
from providers.records.tables import TABLES
from sandbox.stack import free_ports
from tests.support.postgres import RealPostgres

DOORS = {"access_keys", "action_log", "ended_sessions"}
RUNS = set(TABLES.tables) - DOORS


def engine_of(url: str) -> Engine:
    parsed = make_url(url)
    is_file = parsed.get_backend_name() == "sqlite"
    return create_engine(parsed if is_file else parsed.set(drivername="postgresql+psycopg"))


def change(url: str, *statements: str) -> None:
    engine = engine_of(url)
    with engine.begin() as connection:
        for statement in statements:
            connection.execute(text(statement))
    engine.dispose()


def make_all(url: str) -> None:
    """Create all tables, as the programs do on first use."""
    file = make_url(url).database or ""
    if url.startswith("sqlite"):
        Path(file).parent.mkdir(parents=True, exist_ok=True)
    engine = engine_of(url)
    TABLES.create_all(engine)
    engine.dispose()


async def test_an_empty_database_is_no_fault_and_stays_empty(url: str) -> None:
    said = await probe_records(url)

    assert await count_access_keys(url) == 0
    if url.startswith("sqlite"):
        file = make_url(url).database
        assert said == f"{file} does not exist yet: whoever uses it first creates it"
        assert not Path(file or "").parent.exists()
    else:
        assert said == f"0 tables, {len(RUNS)} more are created on first use"
        engine = engine_of(url)
        assert inspect(engine).get_table_names() == []
        engine.dispose()


async def test_all_tables_are_counted(url: str) -> None:
    make_all(url)

    assert await probe_records(url) == f"{len(RUNS)} tables"


async def test_a_table_of_another_version_is_named(url: str) -> None:
    make_all(url)
    change(url, "ALTER TABLE expenses DROP COLUMN parser")

    with pytest.raises(Unfit, match="table expenses lacks parser: it is not this version's"):
        await probe_records(url)


@pytest.fixture
def lesser(postgres: RealPostgres) -> str:
    """Return the name of a role that owns nothing."""
    postgres.run("DROP OWNED BY lesser" if _has_role(postgres) else "CREATE ROLE lesser LOGIN")
    return "lesser"


def _has_role(postgres: RealPostgres) -> bool:
    engine = engine_of(postgres.url())
    with engine.connect() as connection:
        found = connection.execute(text("SELECT 1 FROM pg_roles WHERE rolname = 'lesser'")).first()
    engine.dispose()
    return found is not None


@pytest.mark.parametrize("url", ["postgresql"], indirect=True)
async def test_rights_that_are_missing_are_named(url: str, lesser: str) -> None:
    make_all(url)
    change(
        url,
        f"GRANT SELECT, INSERT, UPDATE ON {', '.join(RUNS - {'orders'})} TO {lesser}",
        f"GRANT SELECT ON orders, action_log, ended_sessions, access_keys TO {lesser}",
    )
    as_lesser = url.replace("//postgres@", f"//{lesser}@")

    with pytest.raises(Unfit) as of_runs:
        await probe_records(as_lesser)
    with pytest.raises(Unfit) as of_doors:
        await count_access_keys(as_lesser)

    assert str(of_runs.value) == ("this role lacks INSERT on orders, UPDATE on orders: grant that")
    assert str(of_doors.value) == (
        "this role lacks INSERT on access_keys, UPDATE on access_keys, INSERT on action_log, "
        "INSERT on ended_sessions, DELETE on ended_sessions: grant that"
    )


@pytest.mark.parametrize("url", ["postgresql"], indirect=True)
async def test_a_worker_needs_no_rights_on_what_only_doors_use(url: str, lesser: str) -> None:
    make_all(url)
    change(url, f"GRANT SELECT, INSERT, UPDATE ON {', '.join(RUNS)} TO {lesser}")

    said = await probe_records(url.replace("//postgres@", f"//{lesser}@"))

    assert said == f"{len(RUNS)} tables"


@pytest.mark.parametrize("url", ["postgresql"], indirect=True)
async def test_tables_that_nobody_may_create_are_named(url: str, lesser: str) -> None:
    as_lesser = url.replace("//postgres@", f"//{lesser}@")

    with pytest.raises(Unfit) as unfit:
        await probe_records(as_lesser)

    assert str(unfit.value).startswith("confirmed_merchants, ")
    assert " missing, and this role may create no table: let one that may run " in str(unfit.value)


@pytest.mark.parametrize("url", ["postgresql"], indirect=True)
@pytest.mark.parametrize(("old", "new"), [("//postgres@", "//nobody@"), ("/test_", "/no_test_")])
async def test_who_is_never_let_in_is_told_apart_from_who_may_be_later(
    url: str, old: str, new: str
) -> None:
    with pytest.raises(Unfit, match=r'"\w+" does not exist'):
        await probe_records(url.replace(old, new))


async def test_a_server_that_is_away_may_come_back() -> None:
    with pytest.raises(StorageUnavailable):
        await probe_records(f"postgresql://ada:hush@127.0.0.1:{free_ports(1)[0]}/records")


async def test_a_file_that_is_no_database_stays_as_it_is(tmp_path: Path) -> None:
    file = tmp_path / "letter.db"
    file.write_text("Dear Ada, this is no database, but longer than the head of one is.\n" * 9)

    with pytest.raises(Unfit, match="not a database"):
        await probe_records(f"sqlite:///{file}")


async def test_what_is_no_url_is_a_setting() -> None:
    with pytest.raises(SettingsError):
        await probe_records("mysql://127.0.0.1/records")
