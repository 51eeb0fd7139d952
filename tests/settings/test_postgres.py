"""PostgreSQL's URLs: every one that libpq takes, and one sentence for every other."""

from pathlib import Path

import pytest

from settings.postgres import PostgresUrl, UnusableUrl, is_postgres

SECRET = "hush-hush"


@pytest.fixture(autouse=True)
def _no_variables_of_libpq(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("PGHOST", "PGHOSTADDR", "PGPASSWORD", "PGPASSFILE", "PGSSLMODE", "PGSERVICE"):
        monkeypatch.delenv(name, raising=False)


def test_the_parameters_of_a_managed_database_are_libpqs() -> None:
    url = PostgresUrl(
        "postgresql://ada:p%40w%2F%3A%25@ep-1.db.example,ep-2.db.example:6543/records"
        "?sslmode=verify-full&sslrootcert=/ca.pem&sslcert=/c.pem&sslkey=/k.pem"
        "&channel_binding=require&application_name=shop%20one&connect_timeout=7"
        "&options=-c%20search_path%3Dshop&target_session_attrs=read-write&keepalives_idle=30"
    )

    assert url.parameters == {
        "user": "ada",
        "password": "p@w/:%",
        "host": "ep-1.db.example,ep-2.db.example",
        "port": ",6543",
        "dbname": "records",
        "sslmode": "verify-full",
        "sslrootcert": "/ca.pem",
        "sslcert": "/c.pem",
        "sslkey": "/k.pem",
        "channel_binding": "require",
        "application_name": "shop one",
        "connect_timeout": "7",
        "options": "-c search_path=shop",
        "target_session_attrs": "read-write",
        "keepalives_idle": "30",
    }
    assert url.hosts == ["ep-1.db.example", "ep-2.db.example"]
    assert str(url) == "postgresql://ada@ep-1.db.example,ep-2.db.example:6543/records"


@pytest.mark.parametrize(
    "scheme", ["postgres", "postgresql", "POSTGRESQL", "postgresql+asyncpg", "postgresql+psycopg2"]
)
def test_any_driver_may_be_named(scheme: str) -> None:
    assert is_postgres(f"{scheme}://db/x")
    assert PostgresUrl(f"{scheme}://db/x").parameters == {"host": "db", "dbname": "x"}


@pytest.mark.parametrize(
    ("query", "parameters"),
    [
        ("ssl=verify-full", {"sslmode": "verify-full"}),  # asyncpg's name
        ("ssl=true", {"sslmode": "require"}),  # JDBC's, which libpq knows
        ("pgbouncer=true&sslmode=require", {"sslmode": "require"}),
        ("prepared_statement_cache_size=0", {}),
        ("options=-c%20a%3Db+c", {"options": "-c a=b+c"}),  # a plus is no blank to libpq
    ],
)
def test_what_other_clients_call_it_is_understood(query: str, parameters: dict[str, str]) -> None:
    assert PostgresUrl(f"postgresql://db/x?{query}").parameters == {
        "host": "db",
        "dbname": "x",
        **parameters,
    }


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("postgresql://db/x?sslmod=require", "has a parameter that libpq does not know: sslmod"),
        (
            "postgresql://db/x?sslmode=on",
            "has a wrong sslmode: use disable, allow, prefer, require, verify-ca, verify-full",
        ),
        (
            "postgresql://db/x?target_session_attrs=first",
            "has a wrong target_session_attrs: use any, read-write",
        ),
        ("postgresql://db/x?channel_binding=yes", "has a wrong channel_binding: use disable"),
        ("postgresql://db/x?sslrootcert=system&sslmode=require", "has sslrootcert=system, which"),
        *(
            (f"postgresql://ada:{password}@db/x", "cannot be read: write postgresql://USER:")
            for password in (
                f"{SECRET}@1",
                f"{SECRET}/1",
                f"1/{SECRET}",
                f"{SECRET}%zz",
                f"{SECRET} 1",
            )
        ),
        (f"postgresql://ada:{SECRET}@db:port/x", "cannot be read"),
        (f"postgresql://ada:{SECRET}@[::1/x", "cannot be read"),
        (f"postgresql://ada:{SECRET}%00@db/x", "cannot be read"),
    ],
)
def test_what_cannot_be_used_is_one_sentence_without_the_password(url: str, why: str) -> None:
    with pytest.raises(UnusableUrl) as refused:
        PostgresUrl(url)
    said = str(refused.value)
    assert said.startswith(why)
    assert SECRET not in said
    assert "\n" not in said


def test_a_system_s_certificates_are_named_by_their_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bundle = tmp_path / "bundle.pem"
    bundle.touch()
    monkeypatch.setattr("settings.postgres._SYSTEMS_CERTIFICATES", ("/nowhere", str(bundle)))
    monkeypatch.setenv("SSL_CERT_FILE", "/nowhere")

    parameters = PostgresUrl("postgresql://db/x?sslrootcert=system").parameters

    assert (parameters["sslrootcert"], parameters["sslmode"]) == (str(bundle), "verify-full")

    bundle.unlink()
    with pytest.raises(UnusableUrl, match="in no file that is known"):
        PostgresUrl("postgresql://db/x?sslrootcert=system")


@pytest.mark.parametrize(
    ("url", "variables", "openly"),
    [
        ("postgresql://ada:pw@db/x", {}, True),
        ("postgresql://ada@db/x", {}, False),
        ("postgresql://ada@db/x", {"PGPASSWORD": "pw"}, True),
        ("postgresql://ada@db/x", {"PGPASSFILE": "/passwords"}, True),
        ("postgresql://ada:pw@db/x", {"PGSSLMODE": "require"}, False),
        ("postgresql://ada:pw@db/x?sslmode=require&sslmode=disable", {}, True),
        ("postgresql://ada:pw@db/x?ssl=require", {}, False),
    ],
)
def test_what_libpq_takes_from_its_variables_counts(
    monkeypatch: pytest.MonkeyPatch, url: str, variables: dict[str, str], openly: bool
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert PostgresUrl(url).sends_password_openly is openly


@pytest.mark.parametrize(
    ("url", "hosts", "where"),
    [
        ("postgresql:///x", [], "postgresql://:5432/x"),
        ("postgresql://%2Frun%2Fpg/x", [], "postgresql://%2Frun%2Fpg:5432/x"),
        ("postgresql://[::1]:1/x", ["::1"], "postgresql://[::1]:1/x"),
        ("postgresql://db/x?hostaddr=10.0.0.1", ["10.0.0.1"], "postgresql://db:5432/x"),
    ],
)
def test_where_it_is(url: str, hosts: list[str], where: str) -> None:
    assert (PostgresUrl(url).hosts, str(PostgresUrl(url))) == (hosts, where)


def test_a_host_in_libpqs_variable_is_a_host(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGHOST", "db.shop.example")
    assert PostgresUrl("postgresql:///x").hosts == ["db.shop.example"]
