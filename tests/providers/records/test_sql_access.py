"""Access keys and the log of actions on SQLite and on a real PostgreSQL: the same results."""

import asyncio
import datetime as dt
import inspect
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from models import (
    MAX_OUTCOME_CHARACTERS,
    MAX_SUBJECT_CHARACTERS,
    AccessKey,
    Action,
    ActionToLog,
    DecisionChannel,
    Role,
    StoredAccessKey,
)
from providers.errors import ProviderUnavailable
from providers.records import ActionLog
from providers.records.access import SqlAccessKeys, SqlActionLog
from providers.records.sql import SqlRecords
from providers.records.tables import ACTION_LOG
from tests.providers.records.test_sql_orders import engine_of

NOON = dt.datetime(2026, 1, 5, 12, 0, 0, 123_456, tzinfo=dt.UTC)
IN_TOKYO = dt.timezone(dt.timedelta(hours=9))


def key_of(name: str = "ada", key_id: str = "a" * 12, **changes: Any) -> StoredAccessKey:
    return StoredAccessKey.model_validate(
        {
            "id": key_id,
            "name": name,
            "role": Role.APPROVE,
            "secret_digest": "ab" * 32,
            "created_at": NOON,
            **changes,
        }
    )


def action(**changes: Any) -> ActionToLog:
    return ActionToLog.model_validate(
        {
            "at": NOON,
            "who": "ada",
            "channel": DecisionChannel.HTTP,
            "action": Action.CORRECT,
            "subject": "receipt-ada-1",
            "outcome": "asked",
            **changes,
        }
    )


@pytest.fixture
def keys(records: SqlRecords) -> SqlAccessKeys:
    return SqlAccessKeys(records)


@pytest.fixture
def log(records: SqlRecords) -> SqlActionLog:
    return SqlActionLog(records)


# --- keys -------------------------------------------------------------------------------------


async def test_a_key_comes_back_as_it_was_added(keys: SqlAccessKeys) -> None:
    key = key_of(created_at=NOON.astimezone(IN_TOKYO))

    await keys.add(key)
    found = await keys.find(key.id)

    assert found == key
    assert found.created_at.utcoffset() == dt.timedelta(0)
    assert await keys.find("b" * 12) is None


async def test_a_list_is_oldest_first_and_has_no_digest(keys: SqlAccessKeys) -> None:
    for hours, key_id in ((2, "c" * 12), (0, "b" * 12), (1, "a" * 12)):
        created_at = NOON + dt.timedelta(hours=hours)
        await keys.add(key_of(key_id=key_id, created_at=created_at))

    listed = await keys.list()

    assert [key.id[0] for key in listed] == ["b", "a", "c"]
    assert {type(key) for key in listed} == {AccessKey}


async def test_a_name_revokes_all_its_keys_and_an_id_one(keys: SqlAccessKeys) -> None:
    for name, key_id in (("ada", "a" * 12), ("ada", "b" * 12), ("bob", "c" * 12)):
        await keys.add(key_of(name, key_id))
    later = NOON + dt.timedelta(days=1)

    (one,) = await keys.revoke("b" * 12, NOON.astimezone(IN_TOKYO))
    both = await keys.revoke("ada", later)

    assert (one.id, one.revoked_at) == ("b" * 12, NOON)
    # What was revoked before stays as it is: it is known since when a key was worth nothing.
    assert [(key.id[0], key.revoked_at) for key in both] == [("a", later), ("b", NOON)]
    bob = await keys.find("c" * 12)
    assert bob is not None
    assert bob.revoked_at is None
    assert await keys.revoke("nobody", later) == []


async def test_a_key_that_another_process_revoked_is_revoked_at_once(
    keys: SqlAccessKeys, url: str
) -> None:
    await keys.add(key_of())
    assert (await keys.find("a" * 12)) == key_of()
    other = SqlRecords(url)
    await SqlAccessKeys(other).revoke("ada", NOON)
    await other.close()

    found = await keys.find("a" * 12)

    assert found is not None
    assert found.revoked_at == NOON


async def test_a_look_does_not_keep_others_from_writing_nor_miss_a_locked_row(
    tmp_path: Path,
) -> None:
    file = tmp_path / "expenses.db"
    records = SqlRecords(f"sqlite:///{file}")
    keys = SqlAccessKeys(records)
    await keys.add(key_of())
    assert await keys.find("a" * 12) == key_of()

    other = sqlite3.connect(file, isolation_level=None, timeout=0)
    other.execute("BEGIN EXCLUSIVE")
    other.execute("DELETE FROM access_keys")
    assert await keys.find("a" * 12) == key_of()
    other.execute("COMMIT")
    assert await keys.find("a" * 12) is None
    other.close()
    await records.close()


async def test_two_keys_of_one_id_are_refused(keys: SqlAccessKeys) -> None:
    await keys.add(key_of())
    with pytest.raises(ProviderUnavailable, match="could not add an access key: "):
        await keys.add(key_of("bob"))
    assert [key.name for key in await keys.list()] == ["ada"]


# --- log --------------------------------------------------------------------------------------


async def test_a_row_comes_back_as_it_was_added(log: SqlActionLog) -> None:
    asked = action(before={"total_cents": 1230, "merchant": 'Caf\u00e9 "\0"', "items": [None]})

    number = await log.add(asked)
    done = action(at=NOON.astimezone(IN_TOKYO), after=[], outcome="done", asked_id=number)
    await log.add(done)
    second, first = await log.list()

    assert first.model_dump(exclude={"id"}) == asked.model_dump()
    assert second.model_dump(exclude={"id"}) == done.model_dump()
    assert (first.id, second.asked_id, second.id > first.id) == (number, number, True)
    assert second.at.utcoffset() == dt.timedelta(0)


async def test_what_is_not_there_is_null_and_not_the_word(log: SqlActionLog, url: str) -> None:
    await log.add(action())
    engine = engine_of(url)
    async with engine.connect() as connection:
        query = "SELECT count(*) FROM action_log WHERE before IS NULL AND after IS NULL"
        assert (await connection.execute(text(query))).scalar_one() == 1
    await engine.dispose()


async def test_the_longest_texts_fit(log: SqlActionLog) -> None:
    longest = action(
        who="\u00e9" * 500,
        subject="s" * MAX_SUBJECT_CHARACTERS,
        outcome="\u20ac" * MAX_OUTCOME_CHARACTERS,
    )
    await log.add(longest)
    (row,) = await log.list()
    assert row.model_dump(exclude={"id"}) == longest.model_dump()


async def test_rows_are_read_newest_first_by_subject_and_page_by_page(log: SqlActionLog) -> None:
    for number in range(5):
        await log.add(action(subject=f"order-{number % 2}", who=f"w{number}"))

    async def who(**asked: Any) -> list[str]:
        return [row.who for row in await log.list(**asked)]

    assert await who() == ["w4", "w3", "w2", "w1", "w0"]
    assert await who(subject="order-0") == ["w4", "w2", "w0"]
    first = await log.list("order-0", limit=2)
    assert [row.who for row in first] == ["w4", "w2"]
    assert await who(subject="order-0", limit=2, before_id=first[-1].id) == ["w0"]


async def test_a_number_is_never_given_twice(log: SqlActionLog, url: str) -> None:
    numbers = [await log.add(action()) for _ in range(2)]
    engine = engine_of(url)
    async with engine.begin() as connection:
        await connection.execute(text("DELETE FROM action_log"))
    await engine.dispose()

    assert await log.add(action()) > max(numbers)


async def test_rows_of_several_processes_at_once_are_all_there(url: str) -> None:
    several = [SqlRecords(url) for _ in range(4)]

    numbers = await asyncio.gather(
        *(SqlActionLog(one).add(action()) for one in several for _ in range(3))
    )

    assert len(set(numbers)) == 12
    assert len(await SqlActionLog(several[0]).list()) == 12
    for one in several:
        await one.close()


@pytest.mark.parametrize("of", [ActionLog, SqlActionLog])
def test_a_row_cannot_be_changed(of: type) -> None:
    public = {name for name, _ in inspect.getmembers(of, callable) if not name.startswith("_")}
    assert public == {"add", "list"}


@pytest.mark.parametrize("url", ["postgresql"], indirect=True)
async def test_a_role_that_may_only_insert_and_read_can_log(log: SqlActionLog, url: str) -> None:
    await log.add(action())
    engine = engine_of(url)
    async with engine.begin() as connection:
        for statement in (
            "DROP ROLE IF EXISTS server",
            "CREATE ROLE server LOGIN",
            f"GRANT SELECT, INSERT ON {ACTION_LOG.name} TO server",
            "GRANT SELECT ON records_version TO server",
        ):
            await connection.execute(text(statement))
    as_server = engine.url.set(drivername="postgresql", username="server")
    await engine.dispose()
    server = SqlRecords(as_server.render_as_string(hide_password=False))

    await SqlActionLog(server).add(action())

    assert len(await SqlActionLog(server).list()) == 2
    await server.close()


async def test_a_file_that_cannot_be_opened_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "expenses.db").mkdir()
    records = SqlRecords(f"sqlite:///{tmp_path / 'expenses.db'}")
    with pytest.raises(ProviderUnavailable, match="could not look up an access key"):
        await SqlAccessKeys(records).find("a" * 12)
    with pytest.raises(ProviderUnavailable, match="could not log an action"):
        await SqlActionLog(records).add(action())
    await records.close()
