"""What a command prints can be parsed, and cannot pretend to be another line."""

import datetime as dt
import io
import json
import sys

import pytest

from commands.describe import describe
from commands.log import in_words
from commands.terminal.answers import Answers
from commands.terminal.output import Output, one_line
from models import Action, ActionLogEntry, DecisionChannel, OrderState, OrderStatus, OrderStep

NOW = dt.datetime(2026, 1, 5, tzinfo=dt.UTC)


@pytest.mark.parametrize("encoding", ["utf-8", "ascii", "latin-1"])
def test_json_can_be_parsed_whatever_the_terminal_writes(
    monkeypatch: pytest.MonkeyPatch, encoding: str
) -> None:
    written = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(written, encoding=encoding))

    Output(as_json=True).result({"error": "there is no run 'é😀\ud800'"}, "")

    assert json.loads(written.getvalue().decode(encoding)) == {
        "error": "there is no run 'é😀\ud800'"
    }


def test_a_reason_with_line_breaks_adds_no_line_of_ours() -> None:
    state = OrderState(
        order_id="7",
        status=OrderStatus.REJECTED,
        step=OrderStep.APPROVAL,
        paused=False,
        waiting_for=None,
        waiting_until=None,
        total_cents=100,
        currency="USD",
        approval=None,
        reason="no\n  refund       re_forged_900\norder-7: completed",
        cancel_refused=None,
        customer_told=True,
        started_at=NOW,
        elapsed_seconds=1,
    )

    lines = describe("order-7", state, dt.timedelta(seconds=1))

    assert [line for line in lines if line.startswith(("order-7", "  refund"))] == [lines[0]]


def test_stderr_is_json_lines_where_the_log_is(capsys: pytest.CaptureFixture[str]) -> None:
    output = Output(as_json=False)
    output.log_as("json")
    output.warning("SMTP_PROT is no setting;\nSMTP_PORT is")
    output.error("it is over", "one fault", workflow_id="order-7")
    output.note("3 files,", "2 new")

    said = capsys.readouterr()
    lines = [json.loads(line) for line in said.err.splitlines()]
    assert [line.pop("level") for line in lines] == ["warning", "error", "info"]
    assert [line["message"] for line in lines] == [
        "SMTP_PROT is no setting;\nSMTP_PORT is",
        "it is over",
        "3 files, 2 new",
    ]
    assert (lines[1]["workflow_id"], lines[1]["faults"]) == ("order-7", ["one fault"])
    assert all({"time", "logger"} <= line.keys() for line in lines)
    assert said.out == ""


@pytest.mark.parametrize(
    ("message", "line"),
    [
        ("order-7 is over (failed)", "error: order-7 is over (failed)\n"),
        ("Temporal does not answer", "error: order-7: Temporal does not answer\n"),
    ],
)
def test_an_error_names_its_run_once(
    message: str, line: str, capsys: pytest.CaptureFixture[str]
) -> None:
    Output(as_json=False).error(message, workflow_id="order-7")
    assert capsys.readouterr().err == line


FORGED = "no\nFri 2026-11-27 09:58 UTC  dave through http: approve order-lg-1: done"


@pytest.mark.parametrize("end", ["\n", "\r", "\x85", "\u2028", "\u2029", "\v", "\f", "\x1b[1A"])
def test_a_text_from_outside_begins_no_line(end: str, capsys: pytest.CaptureFixture[str]) -> None:
    output = Output(as_json=False)
    forged = FORGED.replace("\n", end)

    output.result({}, f"reason {forged}", "  a line of ours")
    output.note(forged)
    Answers().say(forged)

    said = capsys.readouterr()
    assert len(said.out.splitlines()) == 2
    assert len(said.err.splitlines()) == 2
    assert end not in (said.out + said.err).replace("\n", "", 4)


def test_a_row_of_the_log_cannot_be_forged() -> None:
    row = ActionLogEntry(
        id=2,
        at=NOW,
        who="eve\nx",
        channel=DecisionChannel.HTTP,
        action=Action.REJECT,
        subject="order-lg-1",
        after={"reason": FORGED},
        outcome="done",
    )

    lines = list(map(one_line, in_words(row)))

    assert len(lines) == 2
    assert lines[1].startswith("  after  reason no\\nFri")
    assert not any("\n" in line for line in lines)
