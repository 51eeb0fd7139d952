"""Whoever acts at a terminal is logged, and acts all the same if that is not possible."""

from pathlib import Path

import pytest

from commands.doer import acting
from commands.terminal.output import Output
from config import Settings
from models import Action, DecisionChannel
from service.access.log import entries, noted
from service.access.records import opened_access
from service.errors import Refused

OUTPUT = Output(as_json=True)


async def test_what_is_done_at_a_terminal_is_logged_as_such(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = Settings(state_dir=tmp_path)
    async with acting("a" * 600, settings, OUTPUT) as doer, noted(doer, Action.PAUSE, "order-o1"):
        pass

    async with opened_access(settings) as access:
        done, asked = await entries(access.log)
    assert (done.who, done.channel) == ("a" * 500, DecisionChannel.TERMINAL)
    assert (asked.outcome, done.outcome) == ("asked", "done")
    said = capsys.readouterr()
    assert (said.out, said.err) == ("", "")


async def test_a_database_that_does_not_answer_is_a_warning_beside_the_objects(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "expenses.db").mkdir()
    done = False
    settings = Settings(state_dir=tmp_path)
    async with acting("ada", settings, OUTPUT) as doer, noted(doer, Action.PAUSE, "order-o1"):
        done = True

    said = capsys.readouterr()
    assert done
    assert said.out == ""
    assert said.err.startswith("warning: the action is not logged: could not log an action in ")
    assert said.err.count("\n") == 1


@pytest.mark.parametrize("is_file", [True, False], ids=["no folder", "bad URL"])
async def test_a_log_that_cannot_be_opened_is_a_warning(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], is_file: bool
) -> None:
    settings = Settings.model_validate({"state_dir": tmp_path, "database_url": "oracle://x"})
    if is_file:
        (tmp_path / "file").write_text("")
        settings = Settings(state_dir=tmp_path / "file")
    with pytest.raises(Refused):
        async with acting("ada", settings, OUTPUT) as doer, noted(doer, Action.PAUSE, "order-o1"):
            raise Refused("over")

    assert doer is None
    assert capsys.readouterr().err.startswith("warning: the action is not logged: ")
