"""``python -m sandbox.demo``, which everybody sees first, and short commands run beside it."""

from concurrent.futures import Future, ThreadPoolExecutor

import pytest

from tests.support.terminal import Answer, Terminal, meanwhile, order_document

COMMANDS: list[tuple[tuple[str, ...], int]] = [
    (("--help",), 0),
    (("list",), 0),
    (("approve",), 2),
    (("status", "looked-at"), 0),
    (("order", "--help"), 0),
    (("approve", "looked-at"), 2),
    (("--nonsense",), 2),
    (("list", "--kind", "invoice"), 2),
    ((), 2),
    (("status", "--help"), 0),
]
"""Short commands and their exit codes."""


@pytest.fixture(scope="module")
def demo(shop: Terminal) -> Future[Answer]:
    """Start the demo, which mostly waits; the other tests of this file run meanwhile."""
    return meanwhile(lambda: shop.python("-m", "sandbox.demo", "--json"))


@pytest.mark.usefixtures("demo")
def test_short_commands_all_give_the_right_code(shop: Terminal) -> None:
    shop.order(order_document("looked-at"))

    with ThreadPoolExecutor(3) as some_at_a_time:
        answers = list(some_at_a_time.map(lambda typed: shop.starter(*typed[0]), COMMANDS))

    wrong = [
        (command, answer)
        for (command, code), answer in zip(COMMANDS, answers, strict=True)
        if answer.code != code
    ]
    assert wrong == []


def test_every_case_of_the_demo_ends_as_expected(
    demo: Future[Answer],
) -> None:
    ended = demo.result()

    assert ended.code == 0, ended
    assert ended.err == ""
    assert [case for case in ended.objects if case["outcome"] != case["expected"]] == []
    outcomes = " ".join(case["outcome"] for case in ended.objects)
    for ending in ("completed", "rejected", "payment_failed", "out_of_stock", "cancelled"):
        assert ending in outcomes
