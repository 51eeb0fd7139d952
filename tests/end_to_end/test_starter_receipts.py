"""Receipts from the command line to the expense: real OCR, S3, SQLite, SMTP and Temporal."""

import csv
import json
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tests.support.pdf_files import cafe_receipt, printed_pdf
from tests.support.terminal import Terminal, eventually, photo


def stored_copies(shop: Terminal, content: bytes) -> int:
    """Return the number of objects in the bucket with these bytes."""
    folder = shop.stack.settings.state_dir / "s3" / shop.stack.settings.s3_bucket
    files = [file for file in folder.rglob("*") if file.is_file()]
    return sum(file.read_bytes() == content for file in files)


def blank(file: Path, shade: str) -> str:
    """Write a picture without text; return its path."""
    Image.new("L", (64, 64), shade).save(file)
    return str(file)


def test_a_photo_becomes_an_expense_and_its_user_is_told_once(
    shop: Terminal, tmp_path: Path
) -> None:
    submit = ("receipt", photo("grocery"), "--user", "anna", "--notify", "anna@users.example")

    answer = shop.starter(*submit, "--wait", "--json")

    assert answer.code == 0, answer
    started, ended = answer.objects
    assert started["joined"] is False
    assert started["ui"].startswith(shop.stack.settings.temporal_ui_url)
    assert ended["result"] | {"merchant": None} == {
        "receipt_id": started["workflow_id"].removeprefix("receipt-"),
        "status": "completed",
        "expense_id": ended["result"]["expense_id"],
        "merchant": None,
        "total_cents": 3085,
        "currency": "USD",
        "date": "2026-03-14",
        "parser": "rules",
        "corrected_by": None,
        "user_told": True,
        "not_told_because": None,
    }

    again = shop.starter(*submit, "--wait", "--json")

    assert again.code == 0, again
    assert again.objects[0]["joined"] is True
    assert again.objects[0]["run_id"] == started["run_id"]
    (expense,) = shop.expenses("anna")
    assert expense["expense_id"] == ended["result"]["expense_id"]
    assert (expense["total_cents"], expense["currency"]) == (3085, "USD")
    (mail,) = shop.mails("anna@users.example")
    assert mail.subject.startswith("Expense saved: 30.85 USD")

    file = tmp_path / "drawn.png"
    drawn = shop.starter("show", started["workflow_id"], "--output", str(file), "--json")
    assert drawn.code == 0, drawn
    assert drawn.object["file"] == str(file)
    with Image.open(file) as picture, Image.open(photo("grocery")) as photographed:
        assert picture.size == photographed.size
        colours = {colour for _, colour in picture.convert("RGB").getcolors(3_000_000) or []}
    assert {(200, 0, 30), (0, 90, 200), (0, 130, 60)} <= colours, "total, merchant, date"


def test_the_same_file_of_another_user_is_another_expense(shop: Terminal, tmp_path: Path) -> None:
    file = tmp_path / "receipt.pdf"
    file.write_bytes(cafe_receipt(3_085))
    for user in ("alba", "bert"):
        submitted = shop.starter("receipt", str(file), "--user", user, "--wait")
        assert submitted.code == 0, submitted

    assert "started receipt-bert-" in submitted.out
    assert ": completed\n" in submitted.out
    assert "total        30.85 EUR" in submitted.out
    table = shop.starter("expenses", "--user", "bert")
    assert "30.85 EUR" in table.out
    assert table.err == "1 expense\n"
    rows = shop.starter("expenses", "--csv")
    expenses = list(csv.DictReader(rows.out.splitlines()))
    assert {"alba", "bert"} <= {expense["user_id"] for expense in expenses}
    assert len({expense["expense_id"] for expense in expenses}) == len(expenses)
    assert stored_copies(shop, cafe_receipt(3_085)) == 1


def test_of_several_files_bad_ones_are_named_and_the_others_start(
    shop: Terminal, tmp_path: Path
) -> None:
    text = tmp_path / "notes.txt"
    text.write_text("no picture at all")
    empty = tmp_path / "empty.jpg"
    empty.touch()
    missing = tmp_path / "missing.jpg"
    good = [blank(tmp_path / "white.png", "white"), blank(tmp_path / "grey.jpg", "grey")]

    answer = shop.starter(
        "receipt", good[0], str(text), str(missing), str(empty), good[1], "--user", "dora", "--json"
    )

    assert answer.code == 2
    assert {said["file"] for said in answer.objects if "workflow_id" in said} == set(good)
    refused = {said["file"]: said["error"] for said in answer.objects if "error" in said}
    assert set(refused) == {str(text), str(missing), str(empty)}
    assert "No such file" in refused[str(missing)]
    assert answer.err.count("\n") == 3, "one line for each bad file"


def test_a_total_that_cannot_be_read_waits_for_a_person(shop: Terminal, tmp_path: Path) -> None:
    file = tmp_path / "stained.pdf"
    file.write_bytes(printed_pdf([("Corner Cafe", ""), ("04.03.2026", ""), ("Coffee USD", "7.00")]))
    submit = ("receipt", str(file), "--user", "emil", "--json")
    workflow_id = shop.starter(*submit).object["workflow_id"]
    receipt_id = workflow_id.removeprefix("receipt-")
    reason = shop.until(workflow_id, status="needs_review")["reason"]

    shown = shop.starter("status", receipt_id)
    assert shown.code == 0
    assert f"{workflow_id}: needs_review" in shown.out
    assert reason in shown.out
    assert "waits for    a correction until" in shown.out
    assert shop.expenses("emil") == []

    nothing = shop.starter("correct", receipt_id, "--total", "0.00")
    assert (nothing.code, nothing.out) == (2, "")
    assert "--total is '0.00': it must be an amount above 0" in nothing.err

    correction = ("correct", receipt_id, "--total", "32.08", "--merchant", "Luna", "--by", "ada")
    corrected = shop.starter(*correction, "--json")
    assert corrected.code == 0, corrected
    ended = shop.starter(*submit, "--wait").objects[-1]["result"]
    assert (ended["status"], ended["corrected_by"]) == ("completed", "ada")
    assert ended["user_told"] is False
    assert ended["not_told_because"] == "no address was given"
    (expense,) = shop.expenses("emil")
    assert (expense["total_cents"], expense["currency"]) == (3208, "USD"), "currency as read"
    assert expense["merchant"] == "Luna"

    too_late = shop.starter(*correction)
    assert too_late.code == 2
    assert "is over (completed)" in too_late.err


def test_a_receipt_in_review_holds_up_the_result_of_no_other(
    shop: Terminal, tmp_path: Path
) -> None:
    files = [blank(tmp_path / "first.png", "black"), blank(tmp_path / "second.png", "silver")]
    submit = ("receipt", *files, "--user", "gero", "--wait", "--json")
    following = shop.begin(*submit, "--stay")

    def lines(status: str, count: int) -> list[dict[str, Any]]:
        """Wait for so many results with this status."""

        def look() -> list[dict[str, Any]]:
            results = map(json.loads, following.printed())
            return [result for result in results if result.get("status", "") == status]

        return eventually(look, lambda found: len(found) >= count)

    started = lines("", len(files))
    first, second = (
        next(run["workflow_id"] for run in started if run["file"] == file) for file in files
    )
    correction = ("--total", "5", "--currency", "eur", "--merchant", "Kiosk")

    told = lines("needs_review", len(files))
    assert {run["workflow_id"] for run in told} == {first, second}
    left = shop.starter(*submit)
    assert left.code == 4, left
    waiting = [run for run in left.objects if run.get("status") == "needs_review"]
    assert {run["workflow_id"] for run in waiting} == {first, second}
    assert all(run["reason"] and run["waiting_until"] for run in waiting)
    for count, workflow_id in enumerate((second, first), 1):
        shop.until(workflow_id, status="needs_review")
        no_currency = shop.starter("correct", workflow_id, "--total", "5")
        assert no_currency.code == 2
        assert "shows no currency: the correction must give one" in no_currency.err
        assert shop.starter("correct", workflow_id, *correction).code == 0
        assert lines("completed", count)[-1]["workflow_id"] == workflow_id

    assert len(lines("needs_review", len(files))) == len(files), "each is said once"
    assert shop.finish(following).code == 0
    assert [expense["total_cents"] for expense in shop.expenses("gero")] == [500, 500]


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["--user", "a b"], "--user is 'a b': it must be 1 to 40 letters"),
        (["--notify", "nobody"], "--notify is 'nobody': it must be an e-mail address"),
    ],
)
def test_bad_options_start_nothing(shop: Terminal, arguments: list[str], complaint: str) -> None:
    answer = shop.starter("receipt", photo("grocery"), *arguments)

    assert (answer.code, answer.out) == (2, "")
    assert complaint in answer.err
    assert answer.err.count("\n") == 1
