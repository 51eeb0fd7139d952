"""A saved expense is corrected and deleted; who did that, and what it was, is in the log."""

from pathlib import Path

from tests.support.pdf_files import cafe_receipt
from tests.support.terminal import Terminal


def test_an_expense_is_corrected_and_deleted_and_does_not_come_back(
    shop: Terminal, tmp_path: Path
) -> None:
    file = tmp_path / "lunch.pdf"
    file.write_bytes(cafe_receipt(4_321))
    submit = ("receipt", str(file), "--user", "edith", "--wait", "--json")
    result = shop.starter(*submit).objects[-1]["result"]
    expense_id = result["expense_id"]

    changes = ("--total=-19.99", "--no-merchant", "--date", "2026-01-02", "--by", "ada")
    edited = shop.starter("expense", "edit", expense_id, *changes, "--json").object
    assert (edited["total_cents"], edited["merchant"], edited["date"]) == (
        -1999,
        None,
        "2026-01-02",
    )
    assert edited["before"]["total_cents"] == 4_321
    again = shop.starter("expense", "edit", expense_id, "--merchant", "Corner Cafe")
    assert again.out == (
        f"{expense_id}: -19.99 {result['currency']}, Corner Cafe, 2026-01-02\n"
        f"  was -19.99 {result['currency']}, no merchant, 2026-01-02\n"
    )
    receipt_id = result["receipt_id"]
    said = shop.starter("status", receipt_id).out
    assert f"expense now  -19.99 {result['currency']}, Corner Cafe, 2026-01-02: edited by " in said
    deleted = shop.starter("expense", "delete", expense_id, "--by", "bob")
    assert "expense now  deleted by bob, " in shop.starter("status", receipt_id).out
    change = shop.starter("status", receipt_id, "--json").object["expense_change"]
    assert (change["is_deleted"], change["edited_by"]) == (True, "bob")
    assert deleted.out.startswith(f"{expense_id}: deleted; it was -19.99 ")

    rows = [row for row in shop.starter("log", expense_id, "--json").objects if row["after"]]
    assert [(row["who"], row["action"], row["channel"]) for row in rows] == [
        ("local", "edit_expense", "starter.py"),
        ("ada", "edit_expense", "starter.py"),
    ]
    was, became = rows[1]["before"], rows[1]["after"]
    assert (was["total_cents"], became["total_cents"]) == (4_321, -1999)
    assert shop.starter(*submit).objects[0]["joined"]
    assert shop.expenses("edith") == []
    audit = shop.starter("audit", "--json")
    assert (audit.code, audit.objects[-1]["deleted_expenses"]) == (0, 1), audit


def test_what_cannot_be_changed_is_refused(shop: Terminal, tmp_path: Path) -> None:
    file = tmp_path / "lunch.pdf"
    file.write_bytes(cafe_receipt(4_322))
    submitted = shop.starter("receipt", str(file), "--user", "edna", "--wait", "--json")
    expense_id = submitted.objects[-1]["result"]["expense_id"]
    for arguments, complaint in (
        (("edit", expense_id), "nothing would change: give --total"),
        (("edit", expense_id, "--total", "much"), "--total is 'much'"),
        (("edit", expense_id, "--currency", "JPY"), "JPY has other decimals"),
        (("edit", expense_id, "--no-date", "--date", "2026-01-01"), "not allowed with"),
        (("edit", "exp_none", "--total", "1"), "there is no expense 'exp_none'"),
        (("delete", "exp_none"), "there is no expense 'exp_none'"),
    ):
        answer = shop.starter("expense", *arguments)
        assert (answer.code, answer.out) == (2, "")
        assert complaint in answer.err
    assert len(shop.expenses("edna")) == 1
