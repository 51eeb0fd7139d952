"""What all of this left behind where people look: no payment token, no key, no whole address.

Last in these tests, so that it reads what every command of theirs printed and every part logged.
"""

import asyncio
import base64
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from config import Settings
from tests.end_to_end.terminal import Terminal, order_document

CARD = re.compile(r"tok_\w+")
ADDRESS = re.compile(r"[\w.+-]+@(?:customers|users)\.example")
"""The addresses that these tests and the samples mail to."""

DOCUMENTS = frozenset({"input", "result", "outcome"})
"""Parts of a history in which a person may read an address, and even there never a token."""


RISKS: dict[str, dict[str, Any]] = {
    "no-money": {"payment_token": "tok_insufficient_funds"},
    "no-card": {"payment_token": "tok_invalid"},
    "no-such-sku": {"items": [{"sku": "nothing", "quantity": 1, "unit_price_cents": 100}]},
}


@pytest.fixture(scope="module")
def tried(shop: Terminal) -> Terminal:
    """Give the shop after every way in which a secret has a chance to get out."""
    for order_id, changes in RISKS.items():
        document = order_document(order_id, **changes)
        shop.starter("order", "-", "--wait", stdin=json.dumps(document))
    shop.order(order_document("bad-mail", customer_email="bounce@customers.example"))
    shop.starter("expedite", "bad-mail")
    assert shop.result("order-bad-mail")["customer_told"] is False
    for broken in ({"payment_token": ["tok_visa"]}, {"customer_email": "ada@customers.example "}):
        shop.starter("order", "-", stdin=json.dumps(order_document("broken") | broken))
    return shop


def secrets() -> list[str]:
    settings = Settings()
    keys = (
        settings.provider_api_key,
        settings.s3_secret_access_key,
        settings.token_encryption_keys,
    )
    return [key.get_secret_value() for key in keys if key]


def found_in(text: str) -> list[str]:
    """Give what must not be in a text but is."""
    keys = [key for key in secrets() if key in text]
    return sorted({*CARD.findall(text), *ADDRESS.findall(text), *keys})


def test_no_command_printed_a_secret(tried: Terminal) -> None:
    assert len(tried.transcript) > 10
    assert found_in("\n".join(tried.transcript)) == []


@pytest.mark.usefixtures("tried")
def test_no_part_logged_a_secret(tmp_path_factory: pytest.TempPathFactory) -> None:
    logs = sorted(tmp_path_factory.getbasetemp().glob("*/logs/*.log"))
    assert {log.stem for log in logs} >= {"worker", "provider-api", "temporal", "s3", "mailbox"}

    leaks = {str(log): found_in(log.read_text(errors="replace")) for log in logs}

    assert {log: found for log, found in leaks.items() if found} == {}


def test_no_summary_failure_or_search_attribute_holds_a_secret(tried: Terminal) -> None:
    histories = asyncio.run(all_histories(tried))
    assert len(histories) > len(RISKS)

    for run, history in histories:
        assert found_in("\n".join(texts(history, without=DOCUMENTS))) == [], run
        everywhere = found_in("\n".join(texts(history, without=frozenset())))
        assert [word for word in everywhere if "@" not in word] == [], run


async def all_histories(shop: Terminal) -> list[tuple[str, Any]]:
    """Give every run that the shop's Temporal lists, with its history."""
    client = await shop.connect()
    found = []
    async for run in client.list_workflows():
        history = await client.get_workflow_handle(run.id, run_id=run.run_id).fetch_history()
        found.append((run.id, json.loads(history.to_json())))
    return found


def texts(part: Any, without: frozenset[str]) -> Iterator[str]:
    """Give every text in a history, payloads decoded; nothing below the names in ``without``."""
    if isinstance(part, dict):
        for name, value in part.items():
            if name == "data" and isinstance(value, str):
                yield base64.b64decode(value).decode(errors="replace")
            elif name not in without:
                yield from texts(value, without)
    elif isinstance(part, list):
        for value in part:
            yield from texts(value, without)
    elif isinstance(part, str):
        yield part
