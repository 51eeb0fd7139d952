"""Access keys: shown once, stored as a digest, worth nothing once revoked."""

import datetime as dt
import hashlib
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bootstrap import AccessRecords
from config import Settings
from models import DecisionChannel, Principal, Role
from service.access.keys import (
    add_key,
    add_key_that_nobody_has,
    key_id_in,
    list_keys,
    new_key_id,
    principal_of_key,
    principal_of_key_id,
    revoke_key,
)
from service.access.records import opened_access
from service.errors import BadInput, DatabaseUnreachable, NotFound, Refused


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(state_dir=tmp_path)


@pytest.fixture
async def access(settings: Settings) -> AsyncIterator[AccessRecords]:
    async with opened_access(settings) as access:
        yield access


async def test_whoever_has_the_key_is_its_principal(access: AccessRecords) -> None:
    new = await add_key(access.keys, "ada", Role.APPROVE)
    text = new.text.get_secret_value()

    assert re.fullmatch(r"dpk_[a-z2-7]{12}_[A-Za-z0-9_-]{43}", text)
    assert await principal_of_key(access.keys, text) == Principal(
        name="ada", role=Role.APPROVE, channel=DecisionChannel.HTTP
    )
    assert text not in repr(new)


async def test_nothing_stored_is_of_use_to_who_reads_it(
    access: AccessRecords, settings: Settings
) -> None:
    new = await add_key(access.keys, "ada", Role.SUBMIT)
    secret = new.text.get_secret_value().partition(f"{new.key.id}_")[2]

    stored = await access.keys.find(new.key.id)
    files = b"".join(file.read_bytes() for file in settings.state_dir.glob("expenses.db*"))

    assert stored is not None
    assert stored.secret_digest == hashlib.sha256(secret.encode()).hexdigest()
    assert stored.secret_digest.encode() in files
    assert secret.encode() not in files
    as_key = f"dpk_{new.key.id}_{stored.secret_digest[:43]}"
    assert await principal_of_key(access.keys, as_key) is None


@pytest.mark.parametrize(
    "wrong",
    [
        lambda _: "",
        lambda _: "dpk_",
        lambda text: text[:-1],
        lambda text: text + "A",
        lambda text: text + "\n",
        lambda text: f" {text}",
        lambda text: text.upper(),
        lambda text: text.removeprefix("dpk_"),
        lambda text: f"dpk_{'a' * 12}_{text[17:]}",
        lambda text: text[:-1] + ("A" if text[-1] != "A" else "B"),
        lambda text: "dpk_\u00e4\0\ud800" + text[7:],
        lambda text: f"dpk_' OR 1=1 _{text[17:]}",
        lambda _: "dpk_" * 100_000,
    ],
)
async def test_another_text_is_nobody(access: AccessRecords, wrong: object) -> None:
    new = await add_key(access.keys, "ada", Role.OPERATE)
    assert callable(wrong)
    assert await principal_of_key(access.keys, wrong(new.text.get_secret_value())) is None


async def test_the_secret_of_one_key_does_not_open_another(access: AccessRecords) -> None:
    ada = await add_key(access.keys, "ada", Role.SUBMIT)
    bob = await add_key(access.keys, "bob", Role.OPERATE)
    mixed = f"dpk_{bob.key.id}{ada.text.get_secret_value()[16:]}"
    assert await principal_of_key(access.keys, mixed) is None


async def test_a_revoked_key_is_nobody_at_once_and_its_successor_is_not(
    access: AccessRecords,
) -> None:
    old = await add_key(access.keys, "ada", Role.SUBMIT)
    new = await add_key(access.keys, "ada", Role.APPROVE)
    before = dt.datetime.now(dt.UTC)

    (revoked,) = await revoke_key(access.keys, old.key.id)

    assert revoked.revoked_at is not None
    assert before <= revoked.revoked_at <= dt.datetime.now(dt.UTC)
    assert await principal_of_key(access.keys, old.text.get_secret_value()) is None
    principal = await principal_of_key(access.keys, new.text.get_secret_value())
    assert principal is not None
    assert principal.role is Role.APPROVE
    assert [key.revoked_at is None for key in await list_keys(access.keys)] == [False, True]


async def test_a_name_revokes_all_its_keys_and_a_leaked_key_itself(access: AccessRecords) -> None:
    ada = [await add_key(access.keys, "ada", Role.SUBMIT) for _ in range(2)]
    bob = await add_key(access.keys, "bob", Role.SUBMIT)

    assert {key.id for key in await revoke_key(access.keys, "ada")} == {new.key.id for new in ada}
    assert [key.name for key in await revoke_key(access.keys, bob.text.get_secret_value())] == [
        "bob"
    ]
    again = await revoke_key(access.keys, "bob")
    assert [key.revoked_at for key in again] == [
        key.revoked_at for key in await list_keys(access.keys) if key.name == "bob"
    ]
    assert all(key.revoked_at for key in await list_keys(access.keys))


async def test_what_nobody_has_cannot_be_revoked(access: AccessRecords) -> None:
    new = await add_key(access.keys, "ada", Role.SUBMIT)
    with pytest.raises(NotFound, match="there is no access key with the name or id 'bob'"):
        await revoke_key(access.keys, "bob")
    with pytest.raises(BadInput, match="NAME_OR_ID is 'a b'"):
        await revoke_key(access.keys, "a b")
    with pytest.raises(BadInput, match="that is no whole key") as refused:
        await revoke_key(access.keys, new.text.get_secret_value()[:40])
    assert new.text.get_secret_value()[18:40] not in str(refused.value)
    assert (await list_keys(access.keys))[0].revoked_at is None


@pytest.mark.parametrize("name", ["", "a b", "-ada", "a" * 41, "dpk_ada", "\u00e4da"])
async def test_a_key_is_of_somebody_whose_name_is_a_user_id(
    access: AccessRecords, name: str
) -> None:
    with pytest.raises(BadInput, match="NAME "):
        await add_key(access.keys, name, Role.SUBMIT)
    assert await list_keys(access.keys) == []


async def test_a_database_that_does_not_answer_signs_nobody_in(tmp_path: Path) -> None:
    (tmp_path / "expenses.db").mkdir()
    text = f"dpk_{'a' * 12}_{'s' * 43}"
    async with opened_access(Settings(state_dir=tmp_path)) as access:
        for asked in (
            principal_of_key(access.keys, text),
            add_key(access.keys, "ada", Role.SUBMIT),
            list_keys(access.keys),
            revoke_key(access.keys, "ada"),
        ):
            with pytest.raises(DatabaseUnreachable):
                await asked


def test_a_role_includes_those_before_it() -> None:
    may = {role: [other for other in Role if role.includes(other)] for role in Role}
    assert may == {
        Role.SUBMIT: [Role.SUBMIT],
        Role.APPROVE: [Role.SUBMIT, Role.APPROVE],
        Role.OPERATE: [Role.SUBMIT, Role.APPROVE, Role.OPERATE],
    }


async def test_a_session_stands_for_a_key_by_its_id(access: AccessRecords) -> None:
    new = await add_key(access.keys, "ada", Role.APPROVE)

    assert key_id_in(new.text.get_secret_value()) == new.key.id
    assert key_id_in("no key") is None
    principal = await principal_of_key_id(access.keys, new.key.id)
    assert principal == await principal_of_key(access.keys, new.text.get_secret_value())
    assert await principal_of_key_id(access.keys, new_key_id()) is None

    await revoke_key(access.keys, new.key.id)
    assert await principal_of_key_id(access.keys, new.key.id) is None


async def test_a_key_that_nobody_has_is_made_once(access: AccessRecords) -> None:
    key_id = new_key_id()

    await add_key_that_nobody_has(access.keys, key_id, "local", Role.OPERATE)

    principal = await principal_of_key_id(access.keys, key_id)
    assert principal is not None
    assert (principal.name, principal.role) == ("local", Role.OPERATE)
    with pytest.raises(Refused, match="once"):
        await add_key_that_nobody_has(access.keys, key_id, "local", Role.OPERATE)
    assert [key.name for key in await revoke_key(access.keys, "local")] == ["local"]
    assert await principal_of_key_id(access.keys, key_id) is None
