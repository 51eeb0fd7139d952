"""A person is erased: nothing names them any more, and the books of orders stay whole."""

import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.pdf_files import cafe_receipt
from tests.support.terminal import Terminal, beside_a_stack, order_document

ADA = "ada.lovelace"
ADDRESS = "ada@lovelace.example"


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Terminal]:
    """Yield a terminal beside a stack of its own: everybody's data is looked at."""
    with beside_a_stack(tmp_path / "shop") as terminal:
        yield terminal


def receipt(shop: Terminal, folder: Path, cents: int, *options: str) -> dict[str, object]:
    """Submit a receipt that shows this total, and return its result."""
    file = folder / f"lunch-{cents}.pdf"
    file.write_bytes(cafe_receipt(cents))
    done = shop.starter("receipt", str(file), *options, "--wait", "--json").objects[-1]
    result: dict[str, object] = done["result"]
    return result


def order(shop: Terminal, folder: Path, order_id: str, **changes: object) -> None:
    """Submit an order; ``changes`` replace fields of its document."""
    file = folder / f"{order_id}.json"
    file.write_text(json.dumps({**order_document(order_id), **changes}))
    assert shop.starter("order", str(file)).code == 0


def everything_stored(shop: Terminal) -> bytes:
    """Return the bytes of the database of records, as a reader of the file would see them."""
    path = shop.stack.settings.state_dir / "expenses.db"
    with sqlite3.connect(path) as database:
        text = "\n".join(database.iterdump())
    database.close()
    return text.encode()


def test_a_person_is_erased_and_the_books_are_whole(shop: Terminal, tmp_path: Path) -> None:
    mine = receipt(shop, tmp_path, 1_111, "--user", ADA, "--notify", ADDRESS)
    shared = receipt(shop, tmp_path, 2_222, "--user", ADA)
    receipt(shop, tmp_path, 2_222, "--user", f"{ADA}-b")
    shop.starter(
        "expense", "edit", str(mine["expense_id"]), "--merchant", "Secret Spa", "--by", ADA
    )
    declined = {"payment_token": "tok_declined", "customer_id": ADA, "customer_email": ADDRESS}
    order(shop, tmp_path, "hers", **declined)
    shop.until("order-hers", status="payment_failed")
    order(shop, tmp_path, "shipped", customer_id=ADA, customer_email=ADDRESS)
    shop.until("order-shipped", status="waiting_for_business_day")

    refused = shop.starter("erase", "--user", ADA, "--yes", "--by", "privacy")
    assert refused.code == 2, refused
    assert f"nothing of {ADA} is erased while order-shipped is open" in refused.err

    assert shop.starter("expedite", "order-shipped").code == 0
    shop.until("order-shipped", status="completed")
    planned = shop.starter("erase", "--user", ADA, "--by", "privacy")
    assert planned.code == 0, planned
    assert "2 x expense: deleted" in planned.out
    assert "nothing was erased: add --yes" in planned.err
    assert ADA.encode() in everything_stored(shop)

    erased = shop.starter("erase", "--user", ADA, "--by", "privacy", "--yes", "--json")
    assert erased.code == 0, erased
    counts = erased.object
    assert (counts["erased"], counts["expenses"], counts["orders"]) == (True, 2, 2)
    assert (counts["pictures"], counts["shared_pictures"]) == (1, 1)

    stored = everything_stored(shop)
    for trace in (ADDRESS, "Secret Spa", str(mine["expense_id"]), str(shared["expense_id"])):
        assert trace.encode() not in stored, trace
    assert stored.replace(f"{ADA}-b".encode(), b"").count(ADA.encode()) == 0
    listed = shop.starter("list", "--json").objects
    assert {run["workflow_id"] for run in listed} == {f"receipt-{ADA}-b-{mine_hash(shared)}"}
    (kept,) = shop.expenses(f"{ADA}-b")
    assert kept["total_cents"] == 2_222
    drawn = ("--output", str(tmp_path / "kept.png"))
    assert shop.starter("show", f"receipt-{ADA}-b-{mine_hash(shared)}", *drawn).code == 0

    audit = shop.starter("audit", "--json")
    assert (audit.code, audit.objects[-1]["findings"]) == (0, 0), audit
    assert audit.objects[-1]["archived_orders"] == 2
    (row,) = [r for r in shop.starter("log", "--json").objects if r["outcome"] == "done"][:1]
    assert (row["who"], row["action"], row["after"]["expenses"]) == ("privacy", "erase", 2)

    again = shop.starter("erase", "--user", ADA, "--by", "privacy", "--yes")
    assert (again.code, again.out) == (0, f"{ADA}: nothing is stored of them\n")
    retried = shop.starter("retry", "hers", "--payment-token", "tok_visa", "--yes")
    assert "its customer was erased" in retried.err


def mine_hash(result: dict[str, object]) -> str:
    """Return the part of a receipt's id that says what it shows."""
    return str(result["receipt_id"])[-16:]


def test_whoever_erases_is_somebody_else(shop: Terminal) -> None:
    refused = shop.starter("erase", "--user", "local", "--yes")
    assert refused.code == 2
    assert "--by is local, who is to be erased" in refused.err
