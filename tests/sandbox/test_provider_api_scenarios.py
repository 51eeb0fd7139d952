"""Every row of the table of magic tokens and SKUs has the effect that it describes."""

import asyncio
import json
import logging
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from yarl import URL

from providers.errors import ProviderUnavailable
from providers.transport.http_session import HttpSession
from sandbox.provider_api.scenarios import MAGIC, Call, Fault, FaultKind, sku_fault, token_fault
from tests.support.provider_api_server import API_KEY, Caller, sandbox_api

CARD = "tok_visa"


class Order:
    """One order at the API: prepares what a call needs, then calls."""

    def __init__(self, url: str, caller: Caller) -> None:
        self.url = url
        self.caller = caller

    async def request(
        self, call: Call, *, token: str = CARD, sku: str = "mug"
    ) -> tuple[str, str, Any]:
        """Prepare what the call needs; return its method, path and body."""
        money = {"amount_cents": 1_000, "currency": "USD"}
        charge = {"order_id": "ord-1", "payment_token": token} | money
        items = {"order_id": "ord-1", "items": [{"sku": sku, "quantity": 2}]}
        if call is Call.CHARGE:
            return "POST", "/charges", charge
        if call is Call.RESERVE:
            return "POST", "/reservations", items
        if call is Call.REFUND:
            _, made, _ = await self.caller.call("POST", "/charges", charge, "charge-first")
            return "POST", "/refunds", {"transaction_id": made["transaction_id"]} | money
        _, made, _ = await self.caller.call("POST", "/reservations", items, "reserve-first")
        held = made["reservation_id"]
        if call is Call.RELEASE:
            return "DELETE", f"/reservations/{held}", None
        return "POST", "/shipments", {"order_id": "ord-1", "reservation_id": held}

    async def send_once(self, method: str, path: str, body: Any, key: str) -> None:
        """Send a request over a connection of its own, and ignore errors."""
        session = HttpSession()
        headers = {"Authorization": f"Bearer {API_KEY}", "Idempotency-Key": key}
        try:
            await session.exchange(
                method, URL(f"{self.url}{path}"), headers=headers, body=json.dumps(body)
            )
        finally:
            await session.close()

    async def effects(self, call: Call) -> int:
        """Return the number of the call's effects, according to the listings."""
        table = {
            Call.CHARGE: "charges",
            Call.REFUND: "refunds",
            Call.RESERVE: "reservations",
            Call.RELEASE: "reservations?status=released",
            Call.SHIP: "shipments",
        }[call]
        return len(await self.caller.data(f"/{table}"))


@pytest.fixture
async def order(tmp_path: Path) -> AsyncIterator[Order]:
    async with sandbox_api(tmp_path / "ledger.sqlite3") as (url, caller):
        yield Order(url, caller)


PREFIXES = {
    Call.CHARGE: ("token", "tok_"),
    Call.REFUND: ("token", "tok_refund_"),
    Call.RESERVE: ("sku", "sku-"),
    Call.RELEASE: ("sku", "sku-release-"),
    Call.SHIP: ("sku", "sku-ship-"),
}


def magic(call: Call, fault: str) -> dict[str, str]:
    """Return the token or SKU, by argument name, that causes a fault at a call."""
    argument, prefix = PREFIXES[call]
    return {argument: prefix + (fault.replace("-", "_") if argument == "token" else fault)}


@pytest.mark.parametrize("call", PREFIXES)
async def test_fails_n_times_with_503_then_works(order: Order, call: Call) -> None:
    method, path, body = await order.request(call, **magic(call, "fail-503-2"))
    for _ in range(2):
        status, answer, _ = await order.caller.call(method, path, body, "k")
        assert (status, answer["error"]["code"]) == (503, "unavailable")
        assert await order.effects(call) == 0
    status, _, response = await order.caller.call(method, path, body, "k")
    assert status in (200, 201)
    assert "Idempotent-Replayed" not in response.headers
    assert await order.effects(call) == 1


@pytest.mark.parametrize("call", PREFIXES)
async def test_is_rate_limited_n_times_and_says_how_long(order: Order, call: Call) -> None:
    method, path, body = await order.request(call, **magic(call, "rate-limited-2"))
    for _ in range(2):
        status, _, response = await order.caller.call(method, path, body, "k")
        assert (status, response.headers["Retry-After"]) == (429, "2")
    assert (await order.caller.call(method, path, body, "k"))[0] in (200, 201)
    assert await order.effects(call) == 1


@pytest.mark.parametrize("call", PREFIXES)
async def test_commits_and_drops_the_connection_n_times(order: Order, call: Call) -> None:
    method, path, body = await order.request(call, **magic(call, "drop-2"))
    for _ in range(2):
        with pytest.raises(ProviderUnavailable):
            # Not with aiohttp, which would send a DELETE a second time.
            await order.send_once(method, path, body, "k")
        assert await order.effects(call) == 1
    status, _, response = await order.caller.call(method, path, body, "k")
    assert status in (200, 201)
    assert response.headers["Idempotent-Replayed"] == "true"
    assert await order.effects(call) == 1


@pytest.mark.parametrize("call", PREFIXES)
async def test_never_answers_n_times_and_does_nothing(
    order: Order, call: Call, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    method, path, body = await order.request(call, **magic(call, "hang"))
    asked = asyncio.create_task(order.caller.call(method, path, body, "k"))
    async with asyncio.timeout(60):
        while ", hang" not in caplog.text:
            assert await order.effects(call) == 0
    assert not asked.done()
    asked.cancel()
    assert (await order.caller.call(method, path, body, "k"))[0] in (200, 201)
    assert await order.effects(call) == 1


@pytest.mark.parametrize("call", PREFIXES)
async def test_is_slow(order: Order, call: Call) -> None:
    method, path, body = await order.request(call, **magic(call, "slow-150"))
    before = time.monotonic()
    assert (await order.caller.call(method, path, body, "k"))[0] in (200, 201)
    assert time.monotonic() - before >= 0.15


@pytest.mark.parametrize(
    ("token", "status", "code"),
    [
        ("tok_declined", 402, "card_declined"),
        ("tok_insufficient_funds", 402, "insufficient_funds"),
        ("tok_invalid", 400, "invalid_request"),
    ],
)
async def test_a_refused_token_is_refused_for_good(
    order: Order, token: str, status: int, code: str
) -> None:
    method, path, body = await order.request(Call.CHARGE, token=token)
    for _ in range(2):
        got, answer, _ = await order.caller.call(method, path, body, "k")
        assert (got, answer["error"]["code"]) == (status, code)
    assert await order.effects(Call.CHARGE) == 0


@pytest.mark.parametrize(
    ("sku", "status", "code"),
    [("sku-out-of-stock", 422, "out_of_stock"), ("sku-unknown", 404, "unknown_sku")],
)
async def test_one_sku_that_cannot_be_had_leaves_the_others_on_the_shelf(
    order: Order, sku: str, status: int, code: str
) -> None:
    items = [{"sku": "rare-vinyl", "quantity": 5}, {"sku": sku, "quantity": 1}]
    body = {"order_id": "ord-1", "items": items}
    got, answer, _ = await order.caller.call("POST", "/reservations", body, "k")
    assert (got, answer["error"]["code"]) == (status, code)
    (shelf,) = await order.caller.data("/stock?sku=rare-vinyl")
    assert (shelf["available"], shelf["reserved"]) == (5, 0)


async def test_faults_are_counted_for_each_key_and_survive_a_restart(tmp_path: Path) -> None:
    body = {
        "order_id": "ord-1",
        "amount_cents": 100,
        "currency": "USD",
        "payment_token": "tok_fail_503_2",
    }
    statuses = []
    for _ in range(3):
        async with sandbox_api(tmp_path / "ledger.sqlite3") as (_, caller):
            statuses.append((await caller.call("POST", "/charges", body, "k"))[0])
    assert statuses == [503, 503, 201]
    async with sandbox_api(tmp_path / "ledger.sqlite3") as (_, caller):
        assert (await caller.call("POST", "/charges", body, "another"))[0] == 503


@pytest.mark.parametrize(
    ("word", "call", "fault"),
    [
        ("tok_fail_3", Call.CHARGE, Fault(FaultKind.FAIL, 3)),
        ("tok_fail_503", Call.CHARGE, Fault(FaultKind.FAIL, 1)),
        ("tok_drop", Call.CHARGE, Fault(FaultKind.DROP, 1)),
        ("tok_slow", Call.CHARGE, Fault(FaultKind.SLOW, 1_000)),
        ("tok_refund_fail_3", Call.REFUND, Fault(FaultKind.FAIL, 3)),
        ("tok_refund_fail_3", Call.CHARGE, None),
        ("tok_processing", Call.CHARGE, Fault(FaultKind.PROCESSING, 1_000)),
        ("tok_refund_pending_50", Call.REFUND, Fault(FaultKind.PENDING, 50)),
        ("tok_refund_bounce_2", Call.REFUND, Fault(FaultKind.BOUNCE, 2)),
        ("tok_refund_processing", Call.REFUND, None),
        ("tok_pending", Call.CHARGE, None),
        ("sku-processing", Call.RESERVE, None),
        ("tok_visa", Call.CHARGE, None),
        ("tok_drop_3_times", Call.CHARGE, None),
        ("tok_drop_503_1", Call.CHARGE, None),
        ("sku-ship-fail-2", Call.SHIP, Fault(FaultKind.FAIL, 2)),
        ("sku-ship-fail-2", Call.RESERVE, None),
        ("sku-release-drop", Call.RELEASE, Fault(FaultKind.DROP, 1)),
        ("sku-out-of-stock", Call.RESERVE, None),
    ],
)
def test_words_mean_what_the_table_says(word: str, call: Call, fault: Fault | None) -> None:
    found = token_fault(word, call) if word.startswith("tok_") else sku_fault(word, call)
    assert found == fault


async def test_the_table_is_served(order: Order) -> None:
    rows = await order.caller.data("/magic")
    assert [row["word"] for row in rows] == [row.word for row in MAGIC]
