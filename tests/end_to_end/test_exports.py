"""Expenses in the formats of other programs, and with their files, from the command line."""

import csv
import io
import zipfile
from pathlib import Path

from tests.support.pdf_files import cafe_receipt
from tests.support.terminal import Terminal


def test_expenses_are_exported(shop: Terminal, tmp_path: Path) -> None:
    receipts = [cafe_receipt(total) for total in (8_101, 8_102)]
    files = []
    for number, receipt in enumerate(receipts):
        files.append(tmp_path / f"{number}.pdf")
        files[-1].write_bytes(receipt)
    of = ("--user", "xena")
    assert shop.starter("receipt", *map(str, files), *of, "--wait").code == 0
    first, second = shop.expenses("xena")
    assert shop.starter("expense", "edit", second["expense_id"], "--total=-19.99").code == 0

    zipped = tmp_path / "expenses.zip"
    exported = shop.starter("expenses", *of, "--format", "zip", "--output", str(zipped), "--json")
    assert exported.object == {"file": str(zipped), "expenses": 2, "files_missing": 0}
    with zipfile.ZipFile(zipped) as content:
        assert content.testzip() is None
        rows = list(csv.DictReader(io.StringIO(content.read("expenses.csv").decode(), newline="")))
        assert [row["total"] for row in rows] == [str(first["total_cents"] / 100), "-19.99"]
        assert {content.read(row["file"]) for row in rows} == set(receipts)
        assert all("_corner-cafe_exp_" in row["file"] for row in rows)
    before = zipped.read_bytes()
    shop.starter("expenses", *of, "--format", "zip", "--output", str(zipped))
    assert zipped.read_bytes() == before
    assert not list(tmp_path.glob(".expenses*")), "nothing half-written is left"

    ledger = shop.starter("expenses", *of, "--format", "ledger")
    assert "    Expenses:Receipts  -19.99 EUR\n" in ledger.out
    written = tmp_path / "expenses.beancount"
    shop.starter("expenses", *of, "--format", "beancount", "--output", str(written))
    assert written.read_text().count('"Corner Cafe"') == 2
    firefly = shop.starter("expenses", *of, "--format", "firefly")
    assert [row["amount"] for row in csv.DictReader(firefly.out.splitlines())][1] == "19.99"

    rules = tmp_path / "categories.toml"
    rules.write_text('"Food:Coffee" = ["cafe"]', encoding="utf-8")
    listed = shop.starter("expenses", *of, "--categories", str(rules), "--json")
    assert {row["category"] for row in listed.objects} == {"Food:Coffee"}
    assert "  [Food:Coffee]\n" in shop.starter("expenses", *of, "--categories", str(rules)).out

    for arguments, complaint in (
        (("--format", "zip"), "--format zip needs --output FILE.zip"),
        (("--format", "zip", "--output", str(tmp_path / "none" / "x.zip")), "cannot be written"),
        (("--format", "ledger", "--json"), "--format ledger and --json exclude each other"),
        (("--output", "x"), "--output needs --format"),
        (("--csv", "--format", "ledger"), "--csv and --format ledger exclude each other"),
    ):
        answer = shop.starter("expenses", *of, *arguments)
        assert (answer.code, answer.out if "--json" not in arguments else "") == (2, "")
        assert complaint in answer.err
