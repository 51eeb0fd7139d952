"""What risky orders leave where people can see it: no payment token, no key, no whole address.

``Terminal`` checks the output of every command that it runs.
"""

import asyncio
import base64
import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.leaks import found_in
from tests.support.terminal import Terminal, order_document

DOCUMENTS = frozenset({"input", "result", "outcome"})
"""Parts of a history that may contain an e-mail address, but never a token."""


RISKS: dict[str, dict[str, Any]] = {
    "no-money": {"payment_token": "tok_insufficient_funds"},
    "no-card": {"payment_token": "tok_invalid"},
    "no-such-sku": {"items": [{"sku": "nothing", "quantity": 1, "unit_price_cents": 100}]},
}


@pytest.fixture(scope="module")
def tried(shop: Terminal) -> Terminal:
    """Return the shop after orders that could leak a secret in every known way."""
    for order_id, changes in RISKS.items():
        document = order_document(order_id, **changes)
        shop.starter("order", "-", "--wait", stdin=json.dumps(document))
    shop.order(order_document("bad-mail", customer_email="bounce@customers.example"))
    shop.starter("expedite", "bad-mail")
    assert shop.result("order-bad-mail")["customer_told"] is False
    for broken in ({"payment_token": ["tok_visa"]}, {"customer_email": "ada@customers.example "}):
        shop.starter("order", "-", stdin=json.dumps(order_document("broken") | broken))
    return shop


@pytest.mark.usefixtures("tried")
def test_no_part_logged_a_secret(shop: Terminal) -> None:
    logs = {log.stem: log for log in shop.stack.log("worker").parent.glob("*.log")}
    assert logs.keys() >= {"worker", "provider-api", "temporal", "s3", "mailbox"}

    leaks = {name: found_in(log.read_text(errors="replace")) for name, log in logs.items()}

    assert {name: found for name, found in leaks.items() if found} == {}


def test_no_summary_failure_or_search_attribute_holds_a_secret(tried: Terminal) -> None:
    histories = asyncio.run(all_histories(tried))
    assert len(histories) > len(RISKS)

    for run, history in histories:
        assert found_in("\n".join(texts(history, without=DOCUMENTS))) == [], run
        everywhere = found_in("\n".join(texts(history, without=frozenset())))
        assert [word for word in everywhere if "@" not in word] == [], run


async def all_histories(shop: Terminal) -> list[tuple[str, Any]]:
    """Return every run that the shop's Temporal lists, with its history."""
    client = await shop.connect()
    found = []
    async for run in client.list_workflows():
        history = await client.get_workflow_handle(run.id, run_id=run.run_id).fetch_history()
        found.append((run.id, json.loads(history.to_json())))
    return found


def texts(part: Any, without: frozenset[str]) -> Iterator[str]:
    """Yield every text in a history, payloads decoded, except below the names in ``without``."""
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
