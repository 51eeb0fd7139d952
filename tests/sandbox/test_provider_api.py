"""The contract: keys, replays, refusals and listings."""

import asyncio
import json
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.support.provider_api_server import Caller, calling, sandbox_api

CHARGE = {
    "order_id": "ord-1",
    "amount_cents": 64_000,
    "currency": "USD",
    "payment_token": "tok_visa_4242",
}
OF_AN_EARLIER_VERSION = """
CREATE TABLE idempotency (
    key TEXT PRIMARY KEY, request_hash TEXT NOT NULL, status INTEGER NOT NULL, body TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE charges (
    transaction_id TEXT PRIMARY KEY, idempotency_key TEXT NOT NULL UNIQUE,
    order_id TEXT NOT NULL, amount_cents INTEGER NOT NULL CHECK (amount_cents > 0),
    currency TEXT NOT NULL, created_at TEXT NOT NULL,
    refund_fault TEXT, refund_fault_number INTEGER
) STRICT;
CREATE TABLE refunds (
    refund_id TEXT PRIMARY KEY, idempotency_key TEXT NOT NULL UNIQUE, order_id TEXT NOT NULL,
    transaction_id TEXT NOT NULL REFERENCES charges,
    amount_cents INTEGER NOT NULL CHECK (amount_cents > 0),
    currency TEXT NOT NULL, created_at TEXT NOT NULL
) STRICT;
CREATE TABLE reservations (
    reservation_id TEXT PRIMARY KEY, idempotency_key TEXT NOT NULL UNIQUE,
    order_id TEXT NOT NULL, items TEXT NOT NULL, created_at TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('held', 'released', 'shipped'))
) STRICT;
CREATE TABLE shipments (
    shipment_id TEXT PRIMARY KEY, idempotency_key TEXT NOT NULL UNIQUE, order_id TEXT NOT NULL,
    reservation_id TEXT NOT NULL UNIQUE REFERENCES reservations, created_at TEXT NOT NULL
) STRICT;
CREATE TABLE stock (
    sku TEXT PRIMARY KEY, total INTEGER NOT NULL,
    available INTEGER NOT NULL CHECK (available >= 0),
    reserved INTEGER NOT NULL DEFAULT 0 CHECK (reserved >= 0),
    shipped INTEGER NOT NULL DEFAULT 0 CHECK (shipped >= 0),
    CHECK (available + reserved + shipped = total)
) STRICT, WITHOUT ROWID;
CREATE INDEX charges_by_order ON charges (order_id);
CREATE INDEX shipments_by_order ON shipments (order_id);
INSERT INTO charges VALUES
    ('txn_0', 'k', 'ord-0', 5, 'USD', '2026-01-01T00:00:00.000+00:00', NULL, NULL);
INSERT INTO refunds VALUES
    ('ref_0', 'r', 'ord-0', 'txn_0', 5, 'USD', '2026-01-01T00:00:00.000+00:00');
INSERT INTO reservations VALUES
    ('res_0', 'h', 'ord-0', '[]', '2026-01-01T00:00:00.000+00:00', 'shipped');
INSERT INTO shipments VALUES ('shp_0', 's', 'ord-0', 'res_0', '2026-01-01T00:00:00.000+00:00');
INSERT INTO stock VALUES ('mug', 1000000, 999999, 0, 1);
"""
RESERVATION = {"order_id": "ord-1", "items": [{"sku": "rare-vinyl", "quantity": 2}]}


@pytest.fixture
async def api(tmp_path: Path) -> AsyncIterator[tuple[str, Caller]]:
    async with sandbox_api(tmp_path / "ledger.sqlite3") as served:
        yield served


async def test_health_needs_no_key_and_everything_else_does(api: tuple[str, Caller]) -> None:
    url, _ = api
    async with aiohttp.ClientSession() as anonymous:
        async with anonymous.get(f"{url}/health") as response:
            assert response.status == 200
        async with anonymous.get(f"{url}/charges") as response:
            assert response.status == 401
            assert (await response.json())["error"]["code"] == "unauthorized"
    async with calling(url, api_key="wrong") as stranger:
        status, body, _ = await stranger.call("POST", "/charges", CHARGE, "k")
        assert (status, body["error"]["code"]) == (401, "unauthorized")


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/charges", CHARGE),
        ("POST", "/refunds", {"transaction_id": "t", "amount_cents": 1, "currency": "USD"}),
        ("POST", "/reservations", RESERVATION),
        ("DELETE", "/reservations/res_1", None),
        ("POST", "/shipments", {"order_id": "ord-1", "reservation_id": "res_1"}),
    ],
)
async def test_a_call_without_idempotency_key_is_refused(
    api: tuple[str, Caller], method: str, path: str, body: Any
) -> None:
    for key in (None, "", "k" * 256):
        status, answer, _ = await api[1].call(method, path, body, key)
        assert (status, answer["error"]["code"]) == (400, "idempotency_key_missing")


async def test_the_same_call_is_replayed_and_marked_so(api: tuple[str, Caller]) -> None:
    caller = api[1]
    status, first, response = await caller.call("POST", "/charges", CHARGE, "ord-1:charge")
    assert status == 201
    assert "Idempotent-Replayed" not in response.headers
    reordered = dict(reversed(CHARGE.items()))
    status, second, response = await caller.call("POST", "/charges", reordered, "ord-1:charge")
    assert (status, second) == (201, first)
    assert response.headers["Idempotent-Replayed"] == "true"
    assert await caller.data("/charges") == [first]


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/charges", CHARGE | {"amount_cents": 1}),
        ("POST", "/charges", CHARGE | {"payment_token": "tok_other"}),
        ("POST", "/reservations", RESERVATION),
    ],
)
async def test_a_key_stands_for_one_content(
    api: tuple[str, Caller], method: str, path: str, body: Any
) -> None:
    caller = api[1]
    await caller.call("POST", "/charges", CHARGE, "k")
    status, answer, _ = await caller.call(method, path, body, "k")
    assert (status, answer["error"]["code"]) == (422, "idempotency_key_reused")
    assert len(await caller.data("/charges")) == 1
    assert await caller.data("/reservations") == []


async def test_a_refusal_is_replayed_even_when_it_would_work_now(api: tuple[str, Caller]) -> None:
    caller = api[1]
    taken = {"order_id": "ord-1", "items": [{"sku": "last-one", "quantity": 1}]}
    _, held, _ = await caller.call("POST", "/reservations", taken, "first")
    late = taken | {"order_id": "ord-2"}
    status, refused, _ = await caller.call("POST", "/reservations", late, "second")
    assert (status, refused["error"]["code"]) == (422, "out_of_stock")
    await caller.call("DELETE", f"/reservations/{held['reservation_id']}", key="release")
    status, again, response = await caller.call("POST", "/reservations", late, "second")
    assert (status, again) == (422, refused)
    assert response.headers["Idempotent-Replayed"] == "true"


async def test_while_a_key_is_worked_on_neither_call_nor_listing_answers_for_it(
    api: tuple[str, Caller],
) -> None:
    caller = api[1]
    body = CHARGE | {"payment_token": "tok_slow_400"}
    working = asyncio.create_task(caller.call("POST", "/charges", body, "slow"))
    codes = set()
    async with asyncio.timeout(10):
        while not working.done():
            status, answer, _ = await caller.call("GET", "/charges?idempotency_key=slow")
            if status == 409:
                codes.add(answer["error"]["code"])
                status, answer, _ = await caller.call("POST", "/charges", body, "slow")
                codes.add(answer["error"]["code"] if status == 409 else "done")
            else:
                # Empty only before the call arrived; after it began, never "none".
                assert not codes or answer["data"]
            assert await caller.data("/charges?idempotency_key=other") == []
    assert (await working)[0] == 201
    assert "idempotency_key_in_use" in codes
    assert len(await caller.data("/charges?idempotency_key=slow")) == 1


async def test_a_key_that_is_forgotten_stands_for_a_new_call(api: tuple[str, Caller]) -> None:
    caller = api[1]
    _, first, _ = await caller.call("POST", "/charges", CHARGE, "k")
    _, answer, _ = await caller.call("POST", "/forget-keys", {"older_than_seconds": 60})
    assert answer == {"forgotten": 0}
    assert (await caller.call("POST", "/charges", CHARGE, "k"))[1] == first
    _, answer, _ = await caller.call("POST", "/forget-keys", {})
    assert answer == {"forgotten": 1}
    # As a provider does that has pruned its keys: the look-up is of charges, and finds both.
    _, second, response = await caller.call("POST", "/charges", CHARGE, "k")
    assert "Idempotent-Replayed" not in response.headers
    assert await caller.data("/charges?idempotency_key=k") == [first, second]


@pytest.mark.parametrize(
    ("path", "body", "code"),
    [
        ("/charges", CHARGE, "payment_cancelled"),
        ("/reservations", RESERVATION, "reservation_cancelled"),
    ],
)
async def test_a_key_under_which_nothing_was_done_is_closed_for_good(
    api: tuple[str, Caller], path: str, body: Any, code: str
) -> None:
    caller = api[1]
    for _ in range(2):
        status, answer, _ = await caller.call("DELETE", f"{path}?idempotency_key=k")
        assert (status, answer) == (200, {"data": []})
    await caller.call("POST", "/forget-keys", {})
    status, answer, _ = await caller.call("POST", path, body, "k")
    assert (status, answer["error"]["code"]) == (422, code)
    _, done, _ = await caller.call("POST", path, body, "another")
    status, answer, _ = await caller.call("DELETE", f"{path}?idempotency_key=another")
    assert (status, answer) == (200, {"data": [done]})
    for query in ("", "?idempotency_key=", "?order_id=ord-1"):
        assert (await caller.call("DELETE", f"{path}{query}"))[0] == 400


async def test_a_ledger_of_an_earlier_version_is_brought_up_to_date(tmp_path: Path) -> None:
    database = tmp_path / "ledger.sqlite3"
    with sqlite3.connect(database) as db:
        db.executescript(OF_AN_EARLIER_VERSION)
    db.close()
    for _ in range(2):
        async with sandbox_api(database) as (_, caller):
            (charged,) = await caller.data("/charges")
            (refunded,) = await caller.data("/refunds")
            assert (charged["order_id"], refunded["status"]) == ("ord-0", "succeeded")
            assert len(await caller.data("/reservations")) == 1
            assert len(await caller.data("/shipments")) == 1
            (shelf,) = await caller.data("/stock?sku=mug")
            assert shelf["shipped"] == 1
            assert (await caller.call("POST", "/forget-keys", {}))[0] == 200


async def test_twenty_at_once_with_one_key_have_one_effect(api: tuple[str, Caller]) -> None:
    caller = api[1]
    answers = await asyncio.gather(
        *(caller.call("POST", "/charges", CHARGE, "same") for _ in range(20))
    )
    assert {status for status, _, _ in answers} <= {201, 409}
    assert len({body["transaction_id"] for status, body, _ in answers if status == 201}) == 1
    assert len(await caller.data("/charges")) == 1


async def test_listings_are_filtered(api: tuple[str, Caller]) -> None:
    caller = api[1]
    for order in ("ord-1", "ord-2"):
        body = CHARGE | {"order_id": order}
        await caller.call("POST", "/charges", body, f"{order}:charge")
    (row,) = await caller.data("/charges?idempotency_key=ord-2:charge")
    assert row["order_id"] == "ord-2"
    assert await caller.data("/charges?order_id=ord-2") == [row]
    assert await caller.data("/charges?order_id=ord-2&idempotency_key=ord-1:charge") == []
    status, body, _ = await caller.call("GET", "/charges?refund_fault=x")
    assert (status, body["error"]["code"]) == (400, "invalid_request")


async def test_the_payment_token_is_nowhere(tmp_path: Path) -> None:
    database = tmp_path / "ledger.sqlite3"
    async with sandbox_api(database) as (_, caller):
        _, answer, _ = await caller.call("POST", "/charges", CHARGE, "k")
        assert "tok_visa_4242" not in json.dumps([answer, await caller.data("/charges")])
    with sqlite3.connect(database) as db:
        assert not any("tok_visa_4242" in line for line in db.iterdump())
    db.close()


async def test_money_goes_back_once_and_never_more_than_was_charged(
    api: tuple[str, Caller],
) -> None:
    caller = api[1]
    _, charge, _ = await caller.call("POST", "/charges", CHARGE, "charge")
    part = {
        "transaction_id": charge["transaction_id"],
        "amount_cents": 60_000,
        "currency": "USD",
    }
    for body, code in (
        (part | {"amount_cents": 64_001}, "refund_exceeds_charge"),
        (part | {"currency": "EUR"}, "currency_mismatch"),
        (part | {"transaction_id": "txn_0"}, "unknown_charge"),
    ):
        _, answer, _ = await caller.call("POST", "/refunds", body, f"wrong-{code}")
        assert answer["error"]["code"] == code
    assert (await caller.call("POST", "/refunds", part, "part"))[0] == 201
    _, answer, _ = await caller.call("POST", "/refunds", part, "too-much")
    assert answer["error"]["code"] == "refund_exceeds_charge"
    _, last, _ = await caller.call("POST", "/refunds", part | {"amount_cents": 4_000}, "rest")
    status, answer, _ = await caller.call("POST", "/refunds", part, "twice")
    assert (status, answer["error"]["code"]) == (422, "already_refunded")
    assert answer["error"]["refund"] == last
    refunds = await caller.data("/refunds?order_id=ord-1")
    assert [row["amount_cents"] for row in refunds] == [60_000, 4_000]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "invalid_json"),
        (b"{", "invalid_json"),
        (b"[" * 100_000, "invalid_json"),
        (b"\xff\xfe", "invalid_json"),
        (b"[]", "invalid_request"),
        (b'{"order_id": "ord-1"}', "invalid_request"),
        (json.dumps(CHARGE | {"amount_cents": 0}).encode(), "invalid_request"),
        (json.dumps(CHARGE | {"amount_cents": 1.5}).encode(), "invalid_request"),
        (json.dumps(CHARGE | {"amount_cents": "100"}).encode(), "invalid_request"),
        (json.dumps(CHARGE | {"amount_cents": 10**30}).encode(), "invalid_request"),
        (json.dumps(CHARGE | {"currency": "usd"}).encode(), "invalid_request"),
        (json.dumps(CHARGE | {"order_id": "a b"}).encode(), "invalid_request"),
        (json.dumps(CHARGE | {"payment_token": "\ud800"}).encode(), "invalid_request"),
    ],
)
async def test_a_body_that_is_no_charge_is_refused_and_leaves_nothing(
    api: tuple[str, Caller], content: bytes, code: str
) -> None:
    url, caller = api
    headers = {"Authorization": "Bearer test-provider-key", "Idempotency-Key": "k"}
    async with (
        aiohttp.ClientSession(headers=headers) as session,
        session.post(f"{url}/charges", data=content) as response,
    ):
        assert response.status == 400
        answer = await response.json()
    assert answer["error"]["code"] == code
    assert "tok_visa_4242" not in answer["error"]["message"]
    assert (await caller.call("POST", "/charges", CHARGE, "k"))[0] == 201


@pytest.mark.parametrize("code", ["XXX", "ZZZ", "XAU", "usd"])
async def test_what_is_no_currency_is_refused(api: tuple[str, Caller], code: str) -> None:
    _, caller = api
    status, body, _ = await caller.call("POST", "/charges", {**CHARGE, "currency": code}, key="k")
    assert (status, body["error"]["code"]) == (400, "invalid_request")
    assert await caller.data("/charges") == []


async def test_an_unknown_path_is_a_json_error_too(api: tuple[str, Caller]) -> None:
    status, body, _ = await api[1].call("GET", "/nothing-here")
    assert (status, body["error"]["code"]) == (404, "not_found")
    status, body, _ = await api[1].call("PUT", "/charges")
    assert (status, body["error"]["code"]) == (405, "method_not_allowed")
