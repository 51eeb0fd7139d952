"""A real PostgreSQL by the URLs that people are given, and what is said where it fails."""

import logging
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from config import SettingsError
from providers.errors import StorageUnavailable
from providers.records.sql import SqlRecords
from sandbox.stack import free_ports
from tests.providers.records.saving import COFFEE
from tests.support.postgres import RealPostgres
from tests.support.tls_front import Certificates, front_of, make_certificates, tls_of

SECRET = "hush@hush/:%"
ENCODED = "hush%40hush%2F%3A%25"


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return make_certificates(tmp_path_factory.mktemp("certificates"))


@pytest.fixture(scope="module")
def _keeper(postgres: RealPostgres) -> None:
    """Make a role that needs a password, which all others do not."""
    access = postgres.folder / "pg_hba.conf"
    access.write_text("local all keeper scram-sha-256\n" + access.read_text())
    postgres.run(
        f"CREATE ROLE keeper LOGIN SUPERUSER PASSWORD '{SECRET}'", "SELECT pg_reload_conf()"
    )


@pytest.fixture
def database(postgres: RealPostgres, _keeper: None) -> Iterator[str]:
    with postgres.database() as url:
        yield url.partition("@/")[2].partition("?")[0]


@pytest.fixture
async def with_tls(
    postgres: RealPostgres,
    certificates: Certificates,
    database: str,  # noqa: ARG001 - whoever is connected through the front is gone before it is
) -> AsyncIterator[int]:
    async with front_of(postgres.socket, tls_of(certificates)) as port:
        yield port


async def ask(url: str) -> dict[str, str]:
    """Save and read through this URL; return what the server knows of the connection."""
    records = SqlRecords(url)
    try:
        await records.save(COFFEE)
        assert len(await records.list()) == 1
        query = "SELECT application_name, current_setting('search_path') AS search_path"
        query += " FROM pg_stat_activity WHERE pid = pg_backend_pid()"
        async with records.transaction("ask") as connection:
            return dict((await connection.execute(text(query))).mappings().one())
    finally:
        await records.close()


async def refusal(url: str) -> str:
    records = SqlRecords(url)
    try:
        with pytest.raises(StorageUnavailable) as refused:
            await records.list()
    finally:
        await records.close()
    said = str(refused.value)
    assert SECRET not in said
    assert ENCODED not in said
    assert "\n" not in said
    return said


# --- what works -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "query",
    [
        "sslmode=allow",
        "sslmode=prefer",
        "sslmode=require",
        "ssl=require&pgbouncer=true",
        "sslmode=verify-ca&sslrootcert={authority}",
        "sslmode=verify-full&sslrootcert={authority}&channel_binding=prefer",
        "sslmode=require&target_session_attrs=read-write&connect_timeout=3&keepalives=1",
    ],
)
@pytest.mark.parametrize("scheme", ["postgresql", "postgres", "postgresql+asyncpg"])
async def test_every_way_to_ask_for_tls(
    scheme: str, query: str, with_tls: int, database: str, certificates: Certificates
) -> None:
    query = query.format(authority=certificates.authority)
    await ask(f"{scheme}://keeper:{ENCODED}@localhost:{with_tls}/{database}?{query}")


async def test_a_client_may_have_a_certificate(
    postgres: RealPostgres, database: str, certificates: Certificates
) -> None:
    tls = tls_of(certificates, asks_client=True)
    async with front_of(postgres.socket, tls) as port:
        url = f"postgresql://keeper:{ENCODED}@localhost:{port}/{database}?sslmode=require"
        assert "could not list expenses in postgresql://keeper@localhost" in await refusal(url)
        await ask(f"{url}&sslcert={certificates.client}&sslkey={certificates.client_key}")


async def test_the_first_of_several_hosts_that_answers_is_taken(
    with_tls: int, database: str
) -> None:
    nowhere = free_ports(1)[0]
    hosts = f"127.0.0.1:{nowhere},localhost:{with_tls}"
    url = f"postgresql://keeper:{ENCODED}@{hosts}/{database}?sslmode=require"
    await ask(f"{url}&target_session_attrs=read-write")
    assert "server is not in hot standby mode" in await refusal(
        f"{url}&target_session_attrs=standby"
    )


async def test_name_and_options_of_the_url_reach_the_server(
    postgres: RealPostgres, database: str
) -> None:
    url = postgres.url(database)
    assert (await ask(url))["application_name"] == "durable-pipelines"
    told = await ask(f"{url}&application_name=shop%201&options=-c%20search_path%3Dpublic")
    assert told == {"application_name": "shop 1", "search_path": "public"}


async def test_nothing_is_prepared_so_that_a_pooler_may_change_the_server(
    postgres: RealPostgres, database: str
) -> None:
    records = SqlRecords(postgres.url(database))
    for number in range(20):
        await records.save(COFFEE.model_copy(update={"receipt_id": f"ada-{number}"}))
        await records.list()
    async with records.transaction("count") as connection:
        prepared = await connection.execute(text("SELECT count(*) FROM pg_prepared_statements"))
        assert prepared.scalar_one() == 0
    await records.close()


# --- what is said where it does not -----------------------------------------------------------


async def test_a_wrong_password_and_a_database_that_is_not_there(
    with_tls: int, database: str
) -> None:
    said = await refusal(f"postgresql://keeper:{ENCODED}1@localhost:{with_tls}/{database}")
    assert said == (
        f"could not list expenses in postgresql://keeper@localhost:{with_tls}/{database}: "
        f'connection failed: connection to server at "127.0.0.1", port {with_tls} failed: '
        'FATAL:  password authentication failed for user "keeper"'
    )
    said = await refusal(f"postgresql://keeper:{ENCODED}@localhost:{with_tls}/missing")
    assert said.endswith('FATAL:  database "missing" does not exist')


async def test_a_server_without_tls(postgres: RealPostgres, database: str) -> None:
    async with front_of(postgres.socket, tls=None) as port:
        url = f"postgresql://keeper:{ENCODED}@localhost:{port}/{database}"
        await ask(f"{url}?sslmode=prefer")
        said = await refusal(f"{url}?sslmode=require")
        assert said.endswith("server does not support SSL, but SSL was required")


@pytest.mark.parametrize(
    ("query", "why"),
    [
        ("sslmode=verify-full&sslrootcert={client}", "certificate verify failed"),
        ("sslmode=verify-ca&sslrootcert=/none.pem", 'certificate file "/none.pem" does not exist'),
        (
            "sslmode=require&channel_binding=require",
            "channel binding is required, but server did not",
        ),
    ],
)
async def test_what_the_url_asks_for_is_not_waived(
    query: str, why: str, with_tls: int, database: str, certificates: Certificates
) -> None:
    query = query.format(client=certificates.client)
    said = await refusal(f"postgresql://keeper:{ENCODED}@localhost:{with_tls}/{database}?{query}")
    assert why in said


async def test_the_name_in_the_certificate_counts(
    with_tls: int, database: str, certificates: Certificates
) -> None:
    url = f"postgresql://keeper:{ENCODED}@127.0.0.1:{with_tls}/{database}"
    url += f"?sslrootcert={certificates.authority}"
    await ask(f"{url}&sslmode=verify-ca")
    assert "does not match host name" in await refusal(f"{url}&sslmode=verify-full")


async def test_hosts_that_are_away_and_names_that_are_none(tmp_path: Path) -> None:
    one, other = free_ports(2)
    said = await refusal(f"postgresql://keeper:{ENCODED}@127.0.0.1:{one},127.0.0.1:{other}/x")
    assert said.startswith(
        f"could not list expenses in postgresql://keeper@127.0.0.1:{one},127.0.0.1:{other}/x: "
    )
    assert said.endswith("Connection refused")
    said = await refusal(f"postgresql://keeper:{ENCODED}@/x?host={tmp_path}")
    assert said.endswith("No such file or directory")


async def test_an_answer_that_does_not_come_is_not_waited_for(
    postgres: RealPostgres,
    database: str,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    records = SqlRecords(postgres.url(database))
    await records.save(COFFEE)
    monkeypatch.setattr("providers.records.database._ANSWER_SECONDS", 0.2)
    with (
        caplog.at_level(logging.WARNING),
        pytest.raises(StorageUnavailable, match=r"could not ask in .*: no answer for 0\.2 s"),
    ):
        async with records.transaction("ask") as connection:
            await connection.execute(text("SELECT pg_sleep(60)"))
    monkeypatch.undo()
    assert len(await records.list()) == 1
    await records.close()


def test_a_url_that_cannot_be_used_is_refused_by_its_setting() -> None:
    with pytest.raises(SettingsError) as refused:
        SqlRecords(f"postgresql://ada:{ENCODED}@db/x?sslmod=require")
    assert str(refused.value) == "DATABASE_URL has a parameter that libpq does not know: sslmod"
