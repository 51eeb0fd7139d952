"""What people do at a terminal is in the log, and done all the same if there is no database."""

from pathlib import Path

from PIL import Image

from sandbox.stack import free_ports
from tests.support.terminal import Terminal, order_document


def rows(shop: Terminal, named: str) -> list[tuple[str, str, str, str]]:
    """Return who did what and how it went, oldest first."""
    listed = shop.starter("log", named, "--json")
    assert listed.code == 0, listed
    return [
        (row["who"], row["channel"], row["action"], row["outcome"])
        for row in reversed(listed.objects)
    ]


def test_decisions_on_an_order_that_is_tried_again(shop: Terminal) -> None:
    shop.order(order_document("logged", cents=64_000))
    shop.until("order-logged", status="awaiting_approval")

    for arguments in (("reject", "logged", "--by", "ada"), ("approve", "logged", "--by", "bob")):
        shop.starter(*arguments)
    shop.result("order-logged")
    for command in ("approve", "pause"):  # it is over: nothing is asked of it
        assert shop.starter(command, "logged").code == 2
    assert shop.starter("retry", "logged", "--yes", "--json").object["started"]
    shop.until("order-logged", status="awaiting_approval")
    for command in ("pause", "resume", "cancel"):
        assert shop.starter(command, "logged", USER_ID="eve").code == 0
    assert shop.closed_as("order-logged") == "CANCELED"

    seen = rows(shop, "logged")
    assert [row[:3] for row in seen[:2]] == [("ada", "starter.py", "reject")] * 2
    assert seen[1][3] == "done"
    # Whether the late one was asked depends on how fast the run ended.
    others = [row for row in seen if row[0] != "bob"]
    assert [(who, action) for who, _, action, outcome in others if outcome == "done"] == [
        ("ada", "reject"),
        ("local", "retry"),
        ("eve", "pause"),
        ("eve", "resume"),
        ("eve", "cancel"),
    ]
    assert [outcome for *_, outcome in others] == ["asked", "done"] * 5


def test_a_receipt_is_corrected_and_another_discarded(shop: Terminal, tmp_path: Path) -> None:
    runs = []
    for shade in ("navy", "teal"):
        file = tmp_path / f"{shade}.png"
        Image.new("RGB", (90, 60), shade).save(file)
        submitted = shop.starter("receipt", str(file), "--user", "logger", "--json").object
        runs.append(submitted["workflow_id"])
        shop.until(runs[-1], status="needs_review")

    said = ("--total", "12.30", "--currency", "USD", "--by", "ada")
    assert shop.starter("correct", runs[0], *said).code == 0
    assert shop.starter("review", "--user", "logger", "--by", "bob", stdin="/cancel\n").code == 0

    newest, _ = shop.starter("log", runs[0], "--json").objects
    assert set(newest["before"].values()) == {None}, "nothing was read"
    assert newest["after"] == {
        "merchant": None,
        "total_cents": 1230,
        "currency": "USD",
        "date": None,
    }
    assert rows(shop, runs[0])[1] == ("ada", "starter.py", "correct", "done")
    assert rows(shop, runs[1])[1] == ("bob", "starter.py", "discard", "done")


def test_a_database_that_does_not_answer_keeps_nobody_from_deciding(shop: Terminal) -> None:
    shop.order(order_document("unlogged", cents=64_000))
    shop.until("order-unlogged", status="awaiting_approval")
    nowhere = f"postgresql://nobody@127.0.0.1:{free_ports(1)[0]}/records"

    approved = shop.starter("approve", "unlogged", "--by", "ada", "--json", DATABASE_URL=nowhere)

    assert approved.code == 0, approved
    assert approved.object["approval"]["decided_by"] == "ada"
    assert approved.err.startswith("warning: the action is not logged: could not log an action in ")
    assert approved.err.count("\n") == 1
    assert rows(shop, "unlogged") == []
    assert shop.starter("cancel", "unlogged").code == 0
