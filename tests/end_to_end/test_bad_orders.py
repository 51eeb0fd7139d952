"""Invalid orders: one line that says what would be right, exit code 2, nothing started."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from sandbox.stack import Stack
from tests.support.terminal import Answer, Terminal, order_document

TOKEN = "tok_visa_4242"
ITEM = {"sku": "mug", "quantity": 1, "unit_price_cents": 2900}

WRONG_FIELDS: dict[str, tuple[dict[str, Any], str]] = {
    "id with a slash": ({"order_id": "../7"}, 'order_id is "../7": it must be 1 to 64 letters'),
    "no customer": ({"customer_id": ""}, 'customer_id is "": it must be'),
    "no mailbox": ({"customer_email": "ada"}, 'customer_email is "ada": it must be an e-mail'),
    "half a mailbox": ({"customer_email": "ada.lovelace@x"}, 'customer_email is "***@x": it must'),
    "empty token": ({"payment_token": ""}, "payment_token is not valid: it must be"),
    "token in a list": ({"payment_token": [TOKEN]}, "payment_token is not valid: it must be"),
    "currency in words": (
        {"currency": "dollars"},
        'currency is "dollars": it must be the ISO',
    ),
    "no currency": ({"currency": "XXX"}, 'currency is "XXX": it must be the ISO 4217 code of a'),
    "no items": ({"items": []}, "items is a list: it must be a list of 1 to 200"),
    "no SKU": ({"items": [ITEM | {"sku": ""}]}, 'items.0.sku is "": it must be'),
    "nothing of it": ({"items": [ITEM | {"quantity": 0}]}, "items.0.quantity is 0: it must be"),
    "money back": ({"items": [ITEM | {"unit_price_cents": -1}]}, "unit_price_cents is -1: it must"),
    "dollars": ({"items": [ITEM | {"unit_price_cents": "29.00"}]}, 'cents is "29.00": it must be'),
    "for free": ({"items": [ITEM | {"unit_price_cents": 0}]}, "total of the items must be above 0"),
    "a misspelt field": ({"custmer": 1}, '"custmer" is no field of an order'),
}


@pytest.fixture
def alone(tmp_path: Path) -> Iterator[Terminal]:
    """Yield a terminal without a stack: input refused before any call exits with 2, not 3."""
    yield Terminal(Stack.isolated(tmp_path))


def refused(answer: Answer) -> str:
    """Check that a command was refused in one line, without the token; return the line."""
    assert (answer.code, answer.out) == (2, ""), answer
    assert answer.err.startswith("error: ")
    assert answer.err.count("\n") == 1
    assert TOKEN not in answer.err
    return answer.err


def submit(terminal: Terminal, document: object) -> Answer:
    return terminal.starter("order", "-", stdin=json.dumps(document))


def test_each_wrong_field_is_named_with_what_would_be_right(alone: Terminal) -> None:
    good = order_document("7", payment_token=TOKEN)

    with ThreadPoolExecutor(2) as two_at_a_time:
        answers = two_at_a_time.map(
            lambda case: submit(alone, good | case[0]), WRONG_FIELDS.values()
        )
        for (name, (_, complaint)), answer in zip(WRONG_FIELDS.items(), answers, strict=True):
            assert complaint in refused(answer), name


def test_each_missing_field_is_named(alone: Terminal) -> None:
    line = refused(submit(alone, {"order_id": None}))

    assert "order_id is null: it must be" in line
    for field in ("customer_id", "customer_email", "payment_token", "items"):
        assert f"{field} is missing: it must be" in line


@pytest.mark.parametrize(
    ("document", "complaint"),
    [
        ("", "Invalid JSON"),
        ("[1, 2]", "not an order"),
        (f'{{"order_id": "7", "payment_token": "{TOKEN}"', "Invalid JSON"),
        ("x" * 300_000, "has more than 262144 bytes: that is no order"),
    ],
)
def test_what_is_no_json_object_is_no_order(alone: Terminal, document: str, complaint: str) -> None:
    assert complaint in refused(alone.starter("order", "-", stdin=document))


def test_a_file_that_cannot_be_read_is_named(alone: Terminal, tmp_path: Path) -> None:
    missing = tmp_path / "missing.json"

    line = refused(alone.starter("order", str(missing)))

    assert line == f"error: cannot read '{missing}': No such file or directory\n"
