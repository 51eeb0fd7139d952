"""What is seen of a database before anybody uses it, and that looking changes nothing."""

from pathlib import Path

import pytest
from sqlalchemy import create_engine, make_url, text
from sqlalchemy.engine import Engine

from config import SettingsError
from providers.errors import StorageUnavailable, Unfit
from providers.records.database import Database
from providers.records.probe import count_access_keys, probe_records
from providers.records.schema import REVISIONS, VERSION_TABLE
from providers.records.tables import TABLES
from sandbox.stack import free_ports
from tests.support.postgres import RealPostgres

DOORS = {"access_keys", "action_log", "ended_sessions"}
RUNS = set(TABLES.tables) - DOORS


def engine_of(url: str) -> Engine:
    parsed = make_url(url)
    is_file = parsed.get_backend_name() == "sqlite"
    return create_engine(parsed if is_file else parsed.set(drivername="postgresql+psycopg"))


async def test_the_schema_is_told(url: str) -> None:
    if url.startswith("sqlite"):
        file = make_url(url).database or ""
        said = await probe_records(url)
        assert said == f"{file} does not exist yet: whoever uses it first creates it"
        assert await count_access_keys(url) == 0
        assert not Path(file).exists()
        await migrated(url)

    assert await probe_records(url) == f"schema {REVISIONS[-1]}"
    assert await count_access_keys(url) == 0


async def migrated(url: str) -> None:
    """Make the tables."""
    Path(make_url(url).database or "").parent.mkdir(parents=True, exist_ok=True)
    database = Database(url)
    await database.migrate()
    await database.close()


def change(url: str, *statements: str) -> None:
    """Change a database behind our back."""
    engine = engine_of(url)
    with engine.begin() as connection:
        for statement in statements:
            connection.execute(text(statement))
    engine.dispose()


@pytest.mark.parametrize("url", ["postgresql"], indirect=True)
async def test_an_older_schema_is_no_schema_of_ours(url: str) -> None:
    change(url, "UPDATE records_version SET version_num = '0001'")

    with pytest.raises(Unfit, match=r"has schema 0001, and this version needs .*migrate"):
        await probe_records(url)


@pytest.mark.parametrize("url", ["postgresql"], indirect=True)
async def test_a_newer_schema_is_told_and_no_fault(url: str) -> None:
    change(url, "UPDATE records_version SET version_num = '9999'")

    assert "has schema 9999, of a later version than this" in await probe_records(url)


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
    change(
        url,
        f"GRANT SELECT ON {VERSION_TABLE} TO {lesser}",
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
    change(
        url,
        f"GRANT SELECT ON {VERSION_TABLE} TO {lesser}",
        f"GRANT SELECT, INSERT, UPDATE ON {', '.join(RUNS)} TO {lesser}",
    )

    said = await probe_records(url.replace("//postgres@", f"//{lesser}@"))

    assert said == f"schema {REVISIONS[-1]}"


@pytest.mark.parametrize("url", ["postgresql"], indirect=True)
async def test_a_role_that_may_see_nothing_is_told_so(url: str, lesser: str) -> None:
    with pytest.raises(Unfit, match=f"permission denied for table {VERSION_TABLE}"):
        await probe_records(url.replace("//postgres@", f"//{lesser}@"))


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
