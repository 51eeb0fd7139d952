"""``starter.py audit`` as an operator runs it: exit codes, and a charge without an order."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from temporalio.client import Client

from client import data_converter
from config import Settings
from models import ChargeRequest, Order, OrderItem
from providers.payments.http import HttpPayments
from providers.transport.http_api import HttpApi
from sandbox.stack import Stack
from service.audit import books as audit_books
from service.orders.start import start_order
from tests.support.terminal import Terminal


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with Stack.isolated(tmp_path_factory.mktemp("audited")) as stack:
        yield stack


def audit(stack: Stack) -> tuple[int, list[dict[str, Any]]]:
    """Run the command; return its exit code and its lines."""
    done = Terminal(stack).starter("audit", "--json")
    return done.code, done.objects


async def charge_without_an_order(settings: Settings) -> None:
    api = HttpApi(settings.provider_api_url, settings.provider_api_key)
    request = ChargeRequest.model_validate(
        {
            "idempotency_key": "order-nobody:charge",
            "order_id": "nobody",
            "amount_cents": 700,
            "currency": "USD",
            "payment_token": "tok_visa",
        }
    )
    await HttpPayments(api).charge(request)
    await api.close()


def test_exit_codes_are_clean_findings_and_unreachable(stack: Stack) -> None:
    code, lines = audit(stack)
    assert (code, [line["findings"] for line in lines]) == (0, [0])

    asyncio.run(charge_without_an_order(stack.settings))
    code, lines = audit(stack)
    assert code == 1
    assert [line.get("finding") for line in lines] == ["orphan", "sums", None]
    assert lines[0]["about"] == "order-nobody"
    assert "7.00 USD" in lines[1]["words"]

    stack.kill("provider-api")
    code, lines = audit(stack)
    assert code == 3
    assert stack.settings.provider_api_url in lines[0]["error"]


async def test_an_order_that_begins_during_an_audit_is_known(
    stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = await Client.connect(
        stack.temporal_address, data_converter=data_converter(stack.settings)
    )

    async def begin(order_id: str) -> None:
        order = Order.model_validate(
            {
                "order_id": order_id,
                "customer_id": "ada",
                "customer_email": "ada@customer.example",
                "payment_token": "tok_visa",
                "items": (OrderItem(sku="mug", quantity=1, unit_price_cents=700),),
            }
        )
        await start_order(client, order, stack.settings.task_queue)
        async with asyncio.timeout(10):
            while True:
                if (await client.count_workflows(f"WorkflowId = 'order-{order_id}'")).count:
                    return

    async def begin_while_ledgers_are_read(_: Settings) -> audit_books.Ledgers:
        await begin("during")
        return audit_books.Ledgers()

    monkeypatch.setattr(audit_books, "_ledgers", begin_while_ledgers_are_read)
    await begin("before")
    books = await audit_books.read_books(client, stack.settings)
    assert set(books.orders) == {"order-before", "order-during"}
    assert all(run.status is None for run in books.orders.values())
