"""Backups taken while everything runs, restored to another place: nothing is lost or done twice."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from sandbox.stack import Stack
from tests.support.backups import attempt, back_up, hand_over_the_world, pictures_in, restore
from tests.support.pdf_files import cafe_receipt, printed_pdf
from tests.support.terminal import Terminal, customer, eventually, order_document

if TYPE_CHECKING:
    from tests.support.postgres import RealPostgres

PARTS = ("temporal", "records", "bucket")
EUROS = ("--currency", "EUR", "--by", "ines")


@pytest.fixture
def database(postgres: "RealPostgres") -> Iterator[str]:
    """Yield the URL of the database that is backed up."""
    with postgres.database() as url:
        yield url


@pytest.fixture
def other_database(postgres: "RealPostgres") -> Iterator[str]:
    """Yield the URL of an empty database to restore to."""
    with postgres.database(empty=True) as url:
        yield url


def stack_with(folder: Path, database_url: str) -> Stack:
    """Return a stack on ports of its own, with its records in this database."""
    folder.mkdir()
    stack = Stack.isolated(folder)
    stack.settings = stack.settings.model_copy(
        update={"database_url": database_url, "ocr_niceness": 0}
    )
    return stack


def receipt(shop: Terminal, folder: Path, name: str, data: bytes) -> str:
    """Submit a receipt of anna's; return its workflow id."""
    file = folder / f"{name}.pdf"
    file.write_bytes(data)
    submitted = shop.starter("receipt", str(file), "--user", "anna", "--json")
    workflow_id: str = submitted.object["workflow_id"]
    return workflow_id


def without_total() -> bytes:
    """Return a receipt that a person must look at."""
    return printed_pdf([("Corner Cafe", ""), ("Main Street 1", ""), ("04.03.2026", "")])


def finish(shop: Terminal, name: str) -> str:
    """Let an order go on whatever it waits for; return how it ended."""
    assert shop.starter("expedite", name).code == 0
    status: str = shop.result(f"order-{name}")["status"]
    return status


def begin(
    shop: Terminal, name: str, status: str = "waiting_for_business_day", **given: Any
) -> None:
    """Submit an order and wait until it has come so far."""
    assert shop.order(order_document(name, **given)).code == 0
    shop.until(f"order-{name}", status=status)


def found_by_audit(shop: Terminal) -> set[tuple[str, str]]:
    """Return the kind of each finding, and what it is about."""
    answer = shop.starter("audit", "--json")
    assert answer.code in (0, 1), answer
    return {(one["finding"], one["about"]) for one in answer.objects if "about" in one}


def assert_done_once(shop: Terminal, name: str) -> None:
    """Assert that an order was charged, reserved, shipped and told once."""
    for ledger, step in (("charges", "charge"), ("reservations", "reserve"), ("shipments", "ship")):
        assert shop.keys(ledger, name) == [f"order-{name}:{step}"]
    assert shop.keys("refunds", name) == []
    # A mail whose record was lost leaves again, under the id by which mailboxes show it once.
    assert len({mail.message_id for mail in shop.mails(customer(name))}) == 1


def test_a_backup_restored_to_another_place_has_clean_books(tmp_path: Path) -> None:
    with stack_with(tmp_path / "gone", f"sqlite:///{tmp_path}/gone/records.db") as gone:
        gone.start_worker()
        shop = Terminal(gone)
        begin(shop, "done")
        assert finish(shop, "done") == "completed"
        begin(shop, "waiting")
        read = receipt(shop, tmp_path, "read", cafe_receipt(3_085))
        saved = shop.result(read)
        assert back_up(gone, tmp_path / "backup") == [f"{part}: done" for part in PARTS]
        pictures = pictures_in(gone)

    other = stack_with(tmp_path / "other", f"sqlite:///{tmp_path}/other/records.db")
    hand_over_the_world(gone, other)
    restore(other, tmp_path / "backup", "temporal", "records")
    with other:
        restore(other, tmp_path / "backup", "bucket")
        shop = Terminal(other)
        assert pictures_in(other) == pictures
        assert found_by_audit(shop) == set()
        (expense,) = shop.expenses("anna")
        assert expense["expense_id"] == saved["expense_id"]
        other.start_worker()
        assert finish(shop, "waiting") == "completed"
        for name in ("done", "waiting"):
            assert_done_once(shop, name)
        assert found_by_audit(shop) == set()

        again = attempt(other, "restore.sh", tmp_path / "backup", "records")
        assert again.returncode == 1
        assert again.stderr.endswith("records.db is there already, and is not written over\n")


def test_what_happened_after_the_backup_is_found_by_its_key_and_named_by_the_audit(
    tmp_path: Path, database: str, other_database: str
) -> None:
    saved = tmp_path / "backup"
    with stack_with(tmp_path / "gone", database) as gone:
        gone.start_worker()
        shop = Terminal(gone)
        begin(shop, "declined", "payment_failed", payment_token="tok_declined")
        begin(shop, "asked", "awaiting_approval", cents=64_000)
        for name in ("waiting", "goes-on", "cancelled"):
            begin(shop, name)
        asked = receipt(shop, tmp_path, "asked", without_total())
        shop.until(asked, status="needs_review")
        assert shop.order(order_document("slow", payment_token="tok_slow_5000")).code == 0
        eventually(lambda: shop.in_flight("order-slow:charge"), bool)
        back_up(gone, saved, "temporal")

        # The records will know ends that Temporal's copy does not, and a run that it never saw.
        assert finish(shop, "goes-on") == "completed"
        assert shop.starter("cancel", "cancelled").code == 0
        assert shop.closed_as("order-cancelled") == "CANCELED"
        assert shop.starter("correct", asked, "--total", "12.30", *EUROS).code == 0
        assert shop.result(asked)["total_cents"] == 1_230
        begin(shop, "between")
        assert finish(shop, "between") == "completed"
        late = receipt(shop, tmp_path, "late", cafe_receipt(3_085))
        assert shop.result(late)["total_cents"] == 3_085
        back_up(gone, saved, "records", "bucket")

        # Of this neither will know anything.
        assert finish(shop, "waiting") == "completed"
        begin(shop, "lost")

    other = stack_with(tmp_path / "other", other_database)
    hand_over_the_world(gone, other)
    restore(other, saved, "temporal", "records")
    with other:
        restore(other, saved, "bucket")
        other.start_worker()
        shop = Terminal(other)
        # Nobody knows any more of the charge, for which sums do not agree either.
        lost = {("orphan", "order-lost"), ("orphan", late), ("sums", "USD")}
        assert found_by_audit(shop) == lost

        # Asked once more, people say the same or something else; what is lost is submitted again.
        assert shop.starter("approve", "asked").code == 0
        for name in ("asked", "waiting", "goes-on", "slow"):
            assert finish(shop, name) == "completed"
        assert shop.starter("expedite", "cancelled").code == 0
        assert shop.closed_as("order-cancelled") == "FAILED"
        shop.until(asked, status="needs_review")
        assert shop.starter("correct", asked, "--total", "13.30", *EUROS).code == 0
        assert shop.result(asked)["total_cents"] == 1_330
        begin(shop, "lost")
        assert finish(shop, "lost") == "completed"
        assert receipt(shop, tmp_path, "late", cafe_receipt(3_085)) == late
        assert shop.result(late)["total_cents"] == 3_085

        for name in ("asked", "waiting", "goes-on", "slow", "between", "lost"):
            assert_done_once(shop, name)
        assert shop.effects("shipments", "cancelled") == []
        assert shop.keys("refunds", "cancelled") == ["order-cancelled:refund"]
        assert {row["total_cents"] for row in shop.expenses("anna")} == {1_330, 3_085}
        assert found_by_audit(shop) == set()
