"""A name that a person has confirmed is known on that user's next receipt, and on nobody else's."""

from pathlib import Path

from tests.support.drawn_receipts import drawn_receipt, drawn_tea
from tests.support.terminal import Terminal


def submit(shop: Terminal, file: Path, user: str, picture: bytes) -> str:
    """Submit a picture; return its workflow id."""
    file.write_bytes(picture)
    submitted = shop.starter("receipt", str(file), "--user", user, "--json").object
    workflow_id: str = submitted["workflow_id"]
    return workflow_id


def merchant_of(shop: Terminal, file: Path, user: str, name: str, cents: int) -> str:
    """Return the merchant of a receipt that prints this name, which nobody has to look at."""
    merchant: str = shop.result(submit(shop, file, user, drawn_tea(cents, name)))["merchant"]
    return merchant


def test_a_name_that_was_edited_is_known_until_its_expense_is_deleted(
    shop: Terminal, tmp_path: Path
) -> None:
    file = tmp_path / "receipt.png"
    first = shop.result(submit(shop, file, "nora", drawn_tea(1001, "REWF MARKT GMBH")))
    assert first["merchant"] == "REWF MARKT GMBH"
    named = ("expense", "edit", first["expense_id"], "--merchant", "REWE Markt GmbH")
    assert shop.starter(*named).code == 0

    assert merchant_of(shop, file, "nora", "REWF MARKT GMBH", 1002) == "REWE Markt GmbH"
    assert merchant_of(shop, file, "nora", "Rewe Markt", 1003) == "REWE Markt GmbH"
    assert merchant_of(shop, file, "nora", "REAL MARKT GMBH", 1004) == "REAL MARKT GMBH"
    assert merchant_of(shop, file, "otto", "REWF MARKT GMBH", 1005) == "REWF MARKT GMBH"

    assert shop.starter("expense", "delete", first["expense_id"]).code == 0
    assert merchant_of(shop, file, "nora", "REWF MARKT GMBH", 1006) == "REWF MARKT GMBH"


def test_a_name_that_was_given_in_a_review_is_known(shop: Terminal, tmp_path: Path) -> None:
    file = tmp_path / "receipt.png"
    no_total = drawn_receipt([("Blaue Blumc", ""), ("Date", "2026-03-14"), ("Tea", "20.01")])
    waiting = submit(shop, file, "paul", no_total)
    shop.until(waiting, status="needs_review")
    given = ("--total", "20.01", "--currency", "EUR", "--merchant", "Blaue Blume")
    assert shop.starter("correct", waiting, *given).code == 0
    assert shop.result(waiting)["merchant"] == "Blaue Blume"

    assert merchant_of(shop, file, "paul", "BLAUE BLUME", 2002) == "Blaue Blume"
    assert merchant_of(shop, file, "rita", "BLAUE BLUME", 2003) == "BLAUE BLUME"
