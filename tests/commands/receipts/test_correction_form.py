"""What a person can answer to the questions of a review, in ten seconds per receipt."""

import datetime as dt
import io
import sys

import pytest

from commands.receipts.correction_form import ask_correction
from commands.terminal.answers import Answers, Cancel, Quit, Skip
from models import Correction, FieldReading, ReceiptFields
from service.receipts.fields import choices_of
from workflows.receipt.progress import NOTHING_READ

READ = ReceiptFields(
    merchant="KETTLE CAFE",
    total_cents=3208,
    currency="USD",
    date=dt.date(2026, 5, 22),
    parser="rules",
    readings={"total": FieldReading(confidence=0.55)},
    candidates={"total": ("3.20", "32.08", "1200.00")},
)


async def answered(
    fields: ReceiptFields, *lines: str, monkeypatch: pytest.MonkeyPatch
) -> Correction:
    monkeypatch.setattr(sys, "stdin", io.StringIO("".join(f"{line}\n" for line in lines)))
    return await ask_correction(Answers(), fields, "ada")


async def test_enter_confirms_what_was_read(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    correction = await answered(READ, "", "", "", "", monkeypatch=monkeypatch)

    assert correction == Correction(
        total_cents=3208,
        currency="USD",
        date=dt.date(2026, 5, 22),
        merchant="KETTLE CAFE",
        corrected_by="ada",
    )
    asked = capsys.readouterr()
    assert "total    [32.08 (55% sure), #2 3.20, #3 1200.00]: " in asked.err
    assert "merchant [KETTLE CAFE]: " in asked.err
    assert asked.out == ""


async def test_what_is_typed_wins_and_a_number_takes_a_candidate(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    lines = ("eur", "#2", "2026-05-21", " Kettle & Quill ")
    correction = await answered(READ, *lines, monkeypatch=monkeypatch)

    assert correction == Correction(
        total_cents=320,
        currency="EUR",
        date=dt.date(2026, 5, 21),
        merchant="Kettle & Quill",
        corrected_by="ada",
    )


async def test_a_total_and_a_currency_are_needed_and_the_rest_is_not(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = ("", "GBP", "", "12.30", "", "")
    correction = await answered(NOTHING_READ, *lines, monkeypatch=monkeypatch)

    assert (correction.total_cents, correction.currency) == (1230, "GBP")
    assert (correction.merchant, correction.date) == (None, None)
    asked = capsys.readouterr().err
    assert "a total is needed" in asked
    assert "a currency is needed" in asked
    assert "total    [nothing read]: " in asked


async def test_what_may_be_the_total_is_offered_but_never_taken_by_enter(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    unsure = READ.model_copy(update={"total_cents": None, "readings": {}})

    correction = await answered(unsure, "", "", "#3", "", "", monkeypatch=monkeypatch)

    assert correction.total_cents == 120000
    asked = capsys.readouterr().err
    assert "total    [nothing read, #1 3.20, #2 32.08, #3 1200.00]: " in asked
    assert "a total is needed" in asked


@pytest.mark.parametrize(
    ("wrong", "complaint"),
    [
        ("thirty", "total is 'thirty': it must be an amount above 0"),
        ("0", "total is '0': it must be an amount above 0"),
        ("#4", "#4 is none of the 3 that were read"),
        ("#0", "#0 is none of the 3 that were read"),
        ("#x", "#x is none of the 3 that were read"),
    ],
)
async def test_an_invalid_value_is_asked_for_again(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    wrong: str,
    complaint: str,
) -> None:
    correction = await answered(READ, "", wrong, "", "", "", monkeypatch=monkeypatch)

    assert correction.total_cents == 3208
    assert complaint in capsys.readouterr().err


async def test_a_total_is_asked_for_in_the_decimals_of_the_currency(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    correction = await answered(READ, "jpy", "", "3208", "", "", monkeypatch=monkeypatch)

    assert (correction.total_cents, correction.currency) == (3208, "JPY")
    assert "total is '32.08': it must be an amount above 0" in capsys.readouterr().err


async def test_what_is_no_currency_is_asked_for_again(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    correction = await answered(READ, "XXX", "KWD", "1.250", "", "", monkeypatch=monkeypatch)

    assert (correction.total_cents, correction.currency) == (1250, "KWD")
    assert "currency is 'XXX': it must be the ISO 4217 code of" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("lines", "ending"),
    [(["/skip"], Skip), (["", "/cancel"], Cancel), (["", "", "/quit"], Quit), ([""], Quit)],
)
async def test_a_person_may_stop_at_any_question(
    monkeypatch: pytest.MonkeyPatch, lines: list[str], ending: type[Exception]
) -> None:
    with pytest.raises(ending):
        await answered(READ, *lines, monkeypatch=monkeypatch)


def test_each_choice_is_offered_once() -> None:
    assert choices_of("total", READ) == ["32.08", "3.20", "1200.00"]
    assert choices_of("date", NOTHING_READ) == []


async def test_a_date_or_a_merchant_that_is_wrong_is_cleared(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = ("", "-19.99", "/none", "/none")
    correction = await answered(READ, *lines, monkeypatch=monkeypatch)

    assert (correction.merchant, correction.date) == (None, None)
    assert (correction.clear, correction.total_cents) == (("date", "merchant"), -1999)
    assert correction.said()["merchant"] is None

    await answered(READ, "/none", "", "/none", "", "", "", monkeypatch=monkeypatch)
    asked = capsys.readouterr().err
    assert "currency is '/NONE': it must be the ISO 4217 code of" in asked
    assert "total is '/none': it must be an amount" in asked
