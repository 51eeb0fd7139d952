"""``starter.py retry``: what cannot be meant, and that no mistake prints a payment token."""

import io
import sys

import pytest

import starter
from commands.retry import retry
from commands.terminal.output import Output
from config import Settings
from service.errors import BadInput
from starter import build_parser

TOKEN = "tok_of_a_card_4242"


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ([], "either an ID or --failed is needed"),
        (["7", "--failed"], "either an ID or --failed is needed"),
        (["--failed", "--payment-token", "-"], "--failed is about receipts"),
        (["7", "--payment-token", "-"], "the payment token is not valid"),
        (["7", "--payment-token", f" {TOKEN}"], "the payment token is not valid"),
        (["7", "--payment-token", "encrypted:x"], "it must not be an encrypted one"),
    ],
)
async def test_what_cannot_be_meant_is_refused_before_anybody_is_asked(
    arguments: list[str], complaint: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(""))
    args = build_parser().parse_args(["retry", *arguments])
    with pytest.raises(BadInput) as refused:
        await retry(args, Settings(), Output(as_json=False))
    assert complaint in str(refused.value)
    assert TOKEN not in str(refused.value)


@pytest.mark.parametrize(
    "arguments",
    [
        ("retry", "7", "--payment-tokn", TOKEN),
        ("retry", "7", f"--payment-tokn={TOKEN}"),
        ("retry", "7", "--paymenttoken", TOKEN, "--yes"),
        ("--payment-token", TOKEN, "retry", "7"),
        ("retry", "7", "--payment-token", TOKEN, f"{TOKEN}5"),
        ("retri", "7", "--payment-token", TOKEN),
        (TOKEN, "--payment-token", "retry"),
    ],
)
def test_no_mistake_prints_a_token(
    arguments: tuple[str, ...],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(sys, "argv", ["starter.py", *arguments])
    with pytest.raises(SystemExit) as usage:
        starter.main()
    shown = capsys.readouterr()
    assert usage.value.code == 2
    assert TOKEN not in shown.out + shown.err
    assert "error: " in shown.err


def test_other_mistakes_are_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["starter.py", "status", "order-7", "order-8"])
    with pytest.raises(SystemExit):
        starter.main()
    assert "unrecognized arguments: order-8" in capsys.readouterr().err
