"""What a prompt prints goes through the filter of all output."""

import io
import sys

import pytest

from commands.terminal.answers import Answers, Quit


async def test_a_question_cannot_move_the_cursor_or_begin_a_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(""))
    answers = Answers()
    with pytest.raises(Quit):
        await answers.ask("merchant [ACME\x1b[2J\x07\u202e\nerror: paid\x00]: ")
    answers.say("it was \x9b31m\rred")
    printed = capsys.readouterr().err
    assert printed.count("\n") == 2, "one of the end of the input, one of what is said"
    assert printed.replace("\n", "").isprintable()
