"""The parts that all sides of a comparison share, and the smallest of the references."""

import os
import sys
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from benchmarks.rig.stage import READY, small_order
from benchmarks.rig.steps import (
    Providers,
    charge_request,
    confirmation,
    reservation_request,
    shipment_request,
)
from benchmarks.rig.stub import Stub
from config import ROOT, Settings
from sandbox.processes import Part, ProcessGroup, RunningPart
from sandbox.stack import free_ports

STEPS = {
    "/charges": "order-1:charge",
    "/reservations": "order-1:reserve",
    "/shipments": "order-1:ship",
    "/mails": "order-1:confirm",
}
"""Idempotency keys of the calls of order 1, in the order of the steps."""


@pytest.fixture
async def stub() -> AsyncIterator[str]:
    app = web.Application()
    app.add_routes(Stub(answer_after=0.0).routes())
    async with TestServer(app) as server:
        yield str(server.make_url("")).rstrip("/")


@pytest.fixture
def plain(stub: str, tmp_path: Path) -> Iterator[str]:
    (port,) = free_ports(1)
    part = Part(
        name="plain",
        command=(sys.executable, "-m", "benchmarks.references.plain", str(port)),
        is_ready=lambda output: READY in output,
        environment={"PROVIDER_API_URL": stub},
    )
    group = ProcessGroup()
    try:
        running = RunningPart(part, group, os.environ, ROOT, tmp_path / "plain.log")
        running.wait_until_ready(time.monotonic() + 120)
        yield f"http://127.0.0.1:{port}/orders"
        assert running.stop() == 0
    finally:
        group.close()


async def calls(stub: str) -> dict[str, dict[str, list[float]]]:
    async with aiohttp.ClientSession() as session, session.get(f"{stub}/calls") as answer:
        seen: dict[str, dict[str, list[float]]] = await answer.json()
        return seen


async def test_the_stub_answers_as_the_providers_expect(stub: str) -> None:
    order, key = small_order("1"), "order-1"
    providers = Providers(Settings(provider_api_url=stub))

    charge = await providers.payments.charge(charge_request(order, key))
    reservation = await providers.inventory.reserve(reservation_request(order, key))
    shipment = await providers.shipping.schedule(
        shipment_request(order, key, reservation.reservation_id)
    )
    mail = await providers.mail.send(confirmation(order, key, shipment.shipment_id))
    await providers.api.close()

    assert key in charge.transaction_id
    assert key in mail.message_id
    seen = await calls(stub)
    assert {path: list(keys) for path, keys in seen.items()} == {
        path: [key] for path, key in STEPS.items()
    }


async def test_the_stub_says_when_the_last_step_of_an_order_was_answered(stub: str) -> None:
    providers = Providers(Settings(provider_api_url=stub))
    before = time.monotonic()
    await providers.mail.send(confirmation(small_order("1"), "order-1", "shipment"))
    await providers.api.close()

    wanted = {"prefix": "order-1", "count": "1"}
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"{stub}/answered", params=wanted) as answer,
    ):
        answered = await answer.json()
    assert list(answered) == ["order-1:confirm"]
    assert before < answered["order-1:confirm"] < time.monotonic()


async def test_the_plain_handler_has_made_every_call_once_when_it_answers(
    stub: str, plain: str
) -> None:
    async with (
        aiohttp.ClientSession() as session,
        session.post(plain, data=small_order("1").model_dump_json()) as answer,
    ):
        assert answer.status == 200

    seen = await calls(stub)
    assert {path: list(keys) for path, keys in seen.items()} == {
        path: [key] for path, key in STEPS.items()
    }
    times = [seen[path][key] for path, key in STEPS.items()]
    assert [len(once) for once in times] == [1, 1, 1, 1]
    assert times == sorted(times)
