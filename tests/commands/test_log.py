"""``starter.py log``: who did what, for a person and for a program."""

import datetime as dt
import json
from pathlib import Path

import pytest
from pydantic import JsonValue

import starter
from commands.terminal.outcome import ExitCode
from config import Settings
from models import Action, DecisionChannel
from service.access.log import Doer
from service.access.records import opened_access
from service.errors import Refused


@pytest.fixture
async def _acted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let Ada correct a receipt, and Bob approve an order too late."""
    monkeypatch.setenv("STATE_DIR", str(tmp_path))
    async with opened_access(Settings(state_dir=tmp_path)) as access:
        ada = Doer("ada", DecisionChannel.HTTP, access.log)
        before: dict[str, JsonValue] = {"total_cents": 100, "merchant": None}
        async with ada.doing(Action.CORRECT, "receipt-u1-abc", before) as change:
            change.after = {"total_cents": 1000, "merchant": "Caf\u00e9, total_cents 5"}
        with pytest.raises(Refused):
            async with Doer("bob", DecisionChannel.TERMINAL, access.log).doing(
                Action.APPROVE, "order-o1"
            ):
                raise Refused("order o1 was already\napproved by ada")


async def run(*arguments: str) -> int:
    return await starter.run(starter.build_parser().parse_args(["log", *arguments]))


@pytest.mark.usefixtures("_acted")
async def test_a_person_reads_who_did_what(capsys: pytest.CaptureFixture[str]) -> None:
    assert await run() == ExitCode.DONE

    said = capsys.readouterr()
    today = f"{dt.datetime.now(dt.UTC):%Y-%m-%d}"
    assert [line.partition(" UTC  ")[2] or line for line in said.out.splitlines()] == [
        "bob through starter.py: approve order-o1: refused: order o1 was already approved by ada",
        "bob through starter.py: approve order-o1: asked",
        "ada through http: correct receipt-u1-abc: done",
        "  before total_cents 100",
        '  after  total_cents 1000, merchant "Caf\u00e9, total_cents 5"',
        "ada through http: correct receipt-u1-abc: asked",
        "  before total_cents 100",
    ]
    assert today in said.out
    assert said.err == "4 rows\n"


@pytest.mark.usefixtures("_acted")
@pytest.mark.parametrize("named", ["receipt-u1-abc", "u1-abc"])
async def test_a_program_reads_the_rows_of_one_run(
    named: str, capsys: pytest.CaptureFixture[str]
) -> None:
    await run(named, "--json", "--limit", "1")

    (row,) = (json.loads(line) for line in capsys.readouterr().out.splitlines())
    assert (row["who"], row["channel"], row["action"]) == ("ada", "http", "correct")
    assert row["after"] == {"total_cents": 1000, "merchant": "Caf\u00e9, total_cents 5"}
    assert (row["outcome"], row["asked_id"]) == ("done", row["id"] - 1)


@pytest.mark.usefixtures("_acted")
async def test_of_what_nobody_touched_there_are_no_rows(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert await run("o2") == ExitCode.DONE
    assert capsys.readouterr().err == "0 rows about o2\n"
