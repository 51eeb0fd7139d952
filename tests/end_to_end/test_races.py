"""Five processes that submit the same thing at once: one run, one charge, one expense."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from tests.support.pdf_files import cafe_receipt
from tests.support.terminal import Answer, Terminal, customer, order_document

RACERS = 5


def race(submit: Callable[[], Answer]) -> list[dict[str, Any]]:
    """Submit from all processes at once; return the answer of each."""
    with ThreadPoolExecutor(RACERS) as racers:
        answers = [started.result() for started in [racers.submit(submit) for _ in range(RACERS)]]
    assert [answer.code for answer in answers] == [0] * RACERS, answers
    return [answer.object for answer in answers]


def assert_one_started(told: list[dict[str, Any]]) -> None:
    assert sorted(said["joined"] for said in told) == [False] + [True] * (RACERS - 1)
    assert len({said["run_id"] for said in told}) == 1


def test_the_same_order_from_five_processes_is_one_order(shop: Terminal) -> None:
    document = order_document("raced")

    assert_one_started(race(lambda: shop.order(document)))

    shop.starter("expedite", "raced")
    assert shop.result("order-raced")["status"] == "completed"
    assert shop.keys("charges", "raced") == ["order-raced:charge"]
    assert shop.calls("order-raced:charge") == 1
    assert shop.keys("shipments", "raced") == ["order-raced:ship"]
    assert len(shop.mails(customer("raced"))) == 1


def test_the_same_receipt_from_five_processes_is_one_expense(
    shop: Terminal, tmp_path: Path
) -> None:
    file = tmp_path / "receipt.pdf"
    file.write_bytes(cafe_receipt())
    who = ("--user", "rosa", "--notify", "rosa@users.example")
    submit = ("receipt", str(file), *who, "--json")

    told = race(lambda: shop.starter(*submit))

    assert_one_started(told)
    assert shop.result(told[0]["workflow_id"])["total_cents"] == 1150
    assert len(shop.expenses("rosa")) == 1
    assert len(shop.mails("rosa@users.example")) == 1
