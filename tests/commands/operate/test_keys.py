"""``starter.py keys``: a key is printed once and alone, listed without it, and revoked."""

import json
from pathlib import Path

import pytest

import starter
from commands.terminal.outcome import ExitCode
from models import Role


class Keys:
    """Runs ``starter.py keys`` in this process, on a database of its own."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys

    async def run(self, *arguments: str) -> tuple[int, str, str]:
        code = await starter.run(starter.build_parser().parse_args(["keys", *arguments]))
        said = self._capsys.readouterr()
        return code, said.out, said.err

    async def objects(self, *arguments: str) -> list[dict[str, str | None]]:
        code, out, err = await self.run(*arguments, "--json")
        assert (code, err) == (ExitCode.DONE, "")
        return [json.loads(line) for line in out.splitlines()]


@pytest.fixture
def keys(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Keys:
    monkeypatch.setenv("STATE_DIR", str(tmp_path))
    return Keys(capsys)


async def test_a_key_is_alone_on_stdout_and_explained_beside_it(keys: Keys) -> None:
    code, out, err = await keys.run("add", "ada", "--role", "approve")

    assert code == ExitCode.DONE
    key = out.removesuffix("\n")
    assert key.startswith("dpk_")
    assert len(key) == 60
    assert err == (
        "this is the key of ada, who may approve; it is shown only now, so keep it; "
        f"'starter.py keys revoke {key[4:16]}' ends it\n"
    )


async def test_programs_get_objects_and_no_list_has_a_key(keys: Keys) -> None:
    (added,) = await keys.objects("add", "ada", "--role", "submit")
    (listed,) = await keys.objects("list")
    (revoked,) = await keys.objects("revoke", "ada")

    assert set(added) == {"name", "role", "key", "id"}
    assert (added["name"], added["role"]) == ("ada", "submit")
    assert set(listed) == {"id", "name", "role", "created_at", "revoked_at"}
    assert (listed["id"], listed["revoked_at"]) == (added["id"], None)
    assert revoked == {**listed, "revoked_at": revoked["revoked_at"]}
    assert revoked["revoked_at"]
    assert await keys.objects("list") == [revoked]


async def test_a_person_reads_a_line_for_each_key(keys: Keys) -> None:
    ids = [(await keys.objects("add", "ada", "--role", role))[0]["id"] for role in Role]
    code, revoked, _ = await keys.run("revoke", f"{ids[0]}")

    _, out, err = await keys.run("list")

    assert code == ExitCode.DONE
    first, second, third = out.splitlines()
    assert revoked == f"{first}\n"
    assert first.startswith(f"{ids[0]}  submit   ada           since ")
    assert "  revoked " in first
    assert second.startswith(f"{ids[1]}  approve  ada           since ")
    assert third.endswith("UTC  in use")
    assert err == "3 keys, 1 of them revoked\n"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["revoke", "bob"], "error: there is no access key with the name or id 'bob'\n"),
        (["add", "a b", "--role", "submit"], "error: NAME is 'a b': it must be 1 to 40 letters"),
    ],
)
async def test_what_cannot_be_done_is_one_sentence(
    keys: Keys, arguments: list[str], words: str
) -> None:
    code, out, err = await keys.run(*arguments)
    assert (code, out, err.count("\n")) == (ExitCode.BAD_INPUT, "", 1)
    assert err.startswith(words)


async def test_a_database_that_does_not_answer_has_an_exit_code(keys: Keys, tmp_path: Path) -> None:
    (tmp_path / "expenses.db").mkdir()
    code, out, err = await keys.run("list")
    assert (code, out) == (ExitCode.UNREACHABLE, "")
    assert err.endswith("; start that database or set DATABASE_URL\n")


@pytest.mark.parametrize(
    "arguments",
    [["keys"], ["keys", "ad"], ["keys", "add", "ada"], ["keys", "add", "ada", "--role", "root"]],
)
def test_bad_usage(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        starter.build_parser().parse_args(arguments)
    assert ended.value.code == ExitCode.BAD_INPUT
    assert capsys.readouterr().err.startswith("usage: starter.py keys")


@pytest.mark.parametrize("role", Role)
def test_every_role_can_be_given(role: Role) -> None:
    parsed = starter.build_parser().parse_args(["keys", "add", "ada", "--role", role.value])
    assert parsed.role == role
