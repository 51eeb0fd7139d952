"""The review queue as a person works through it."""

from pathlib import Path

import pytest
from PIL import Image

from tests.support.terminal import Terminal, order_document, photo


def in_review(shop: Terminal, tmp_path: Path, user: str, *shades: str) -> list[str]:
    """Submit pictures without text; return their workflow ids, oldest first."""
    runs = []
    for shade in shades:
        file = tmp_path / f"{shade}.png"
        Image.new("RGB", (90, 60), shade).save(file)
        submitted = shop.starter("receipt", str(file), "--user", user, "--json").object
        runs.append(submitted["workflow_id"])
        shop.until(runs[-1], status="needs_review")
    return runs


@pytest.fixture
def stained(shop: Terminal) -> str:
    submitted = shop.starter("receipt", photo("cafe-coffee-stain"), "--user", "ines", "--json")
    workflow_id: str = submitted.object["workflow_id"]
    shop.until(workflow_id, status="needs_review")
    return workflow_id


def test_a_person_confirms_or_types_and_the_run_goes_on(
    shop: Terminal, stained: str, tmp_path: Path
) -> None:
    (waiting,) = shop.starter("review", "--user", "ines", "--json").objects
    assert waiting["workflow_id"] == stained
    assert waiting["reason"] == "no row of the receipt shows a total"

    who = ("--user", "ines", "--by", "ada", "--pictures", str(tmp_path))
    walked = shop.starter("review", *who, stdin="\n\n32.08\n\n\n")

    assert walked.code == 0, walked
    assert walked.out == f"{stained}: 32.08 USD, goes on\n"
    assert "1 receipt in review" in walked.err
    assert "reason   no row of the receipt shows a total" in walked.err
    assert "merchant | KETTLE & QUILL CAFE" in walked.err
    assert "a total is needed" in walked.err
    with Image.open(tmp_path / f"{stained}.png") as strip:
        assert strip.size == (1200, 1600)
    assert shop.closed_as(stained) == "COMPLETED"
    (expense,) = shop.expenses("ines")
    assert (expense["total_cents"], expense["corrected_by"]) == (3208, "ada")
    assert expense["date"] == "2026-05-22", "as read"

    nobody = shop.starter("review", "--user", "ines")
    assert (nobody.code, nobody.out) == (0, "")
    assert "0 receipts in review" in nobody.err


def test_receipts_are_skipped_cancelled_and_left_for_later(shop: Terminal, tmp_path: Path) -> None:
    first, second, third = in_review(shop, tmp_path, "hugo", "red", "green", "blue")
    user = ("--user", "hugo", "--pictures", str(tmp_path))

    walked = shop.starter("review", *user, stdin="/skip\n/cancel\n/quit\n")

    assert walked.code == 0, walked
    assert walked.out == f"{second}: cancelled, no expense\n"
    assert "1 of 3" in walked.err
    assert "3 of 3" in walked.err
    assert shop.closed_as(second) == "CANCELED"
    assert shop.state(first)["status"] == shop.state(third)["status"] == "needs_review"
    assert shop.expenses("hugo") == []

    unanswered = shop.starter("review", *user, stdin="")
    assert (unanswered.code, unanswered.out) == (0, "")
    assert "1 of 2" in unanswered.err
    assert "2 of 2" not in unanswered.err


def test_only_a_receipt_can_be_drawn(shop: Terminal) -> None:
    shop.ended_order(order_document("drawn", payment_token="tok_declined"))

    for wanted, complaint in {"order-drawn": "is an order", "nobody": "there is no run"}.items():
        answer = shop.starter("show", wanted)
        assert (answer.code, answer.out) == (2, "")
        assert complaint in answer.err
