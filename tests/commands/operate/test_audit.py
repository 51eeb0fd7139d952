"""``starter.py audit`` as an operator runs it: exit codes, and a charge without an order."""

import asyncio
from collections.abc import Iterator
from contextlib import AsyncExitStack
from typing import Any

import pytest
from temporalio.client import Client

from bootstrap import order_providers
from client import data_converter
from config import Settings
from models import ChargeRequest, Order, OrderItem
from providers.records.orders import SqlOrderArchive
from providers.records.sql import SqlRecords
from sandbox.stack import Stack
from service.audit import report
from service.orders.start import start_order
from tests.crash.with_stripe import paying_with_stripe
from tests.providers.records.test_sql_orders import ended_order
from tests.support.terminal import Terminal, order_document
from tests.support.whole_books import read_books


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with Stack.isolated(tmp_path_factory.mktemp("audited")) as stack:
        yield stack


def audit(stack: Stack) -> tuple[int, list[dict[str, Any]]]:
    """Run the command; return its exit code and its lines."""
    done = Terminal(stack).starter("audit", "--json")
    return done.code, done.objects


async def charge_without_an_order(settings: Settings) -> None:
    request = ChargeRequest.model_validate(
        {
            "idempotency_key": "order-nobody:charge",
            "order_id": "nobody",
            "amount_cents": 700,
            "currency": "USD",
            "payment_token": "tok_visa",
        }
    )
    async with AsyncExitStack() as closing:
        await order_providers(settings, closing).payments.charge(request)


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

    async def begin_while_ledgers_are_read(*_: object) -> None:
        await begin("during")

    monkeypatch.setattr(report, "copy_ledgers", begin_while_ledgers_are_read)
    await begin("before")
    books = await read_books(client, stack.settings)
    assert set(books.orders) == {"order-before", "order-during"}
    assert all(run.status is None for run in books.orders.values())


# --- settings -------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Terminal]:
    """A stack paid with Stripe, with an order that was shipped and one that was refunded."""
    isolated = Stack.isolated(tmp_path_factory.mktemp("with-stripe"))
    with Stack(paying_with_stripe(isolated.settings), isolated.temporal_address) as stack:
        stack.start_worker()
        shop = Terminal(stack)
        assert submit(shop, "kept", "mug")["status"] == "completed"
        assert submit(shop, "back", "sku-out-of-stock")["status"] == "out_of_stock"
        yield shop


def submit(shop: Terminal, order_id: str, sku: str) -> dict[str, Any]:
    """Run an order to its end; return its result."""
    items = [{"sku": sku, "quantity": 1, "unit_price_cents": 700}]
    assert shop.order(order_document(order_id, items=items)).code == 0
    shop.starter("expedite", order_id)
    return shop.result(f"order-{order_id}")


def test_stripe_is_compared_like_any_other(shop: Terminal) -> None:
    audited = shop.starter("audit", "--json")
    assert (audited.code, len(audited.objects)) == (0, 1), audited
    money = {"charged": 1_400, "refunded": 700, "due": 700, "with_open_runs": 0}
    assert audited.objects[0]["sums"] == {"USD": money}


@pytest.mark.parametrize("name", ["empty.db", "of-another-shop.db"])
async def test_with_another_database_it_says_so_and_nothing_is_lost(
    shop: Terminal, name: str
) -> None:
    url = f"sqlite:///{shop.stack.settings.state_dir / name}"
    assert shop.starter("migrate", DATABASE_URL=url).code == 0
    if "another" in name:
        database = SqlRecords(url)
        await SqlOrderArchive(database).archive(ended_order("theirs"))
        await database.close()
    audited = shop.starter("audit", "--json", DATABASE_URL=url)
    assert (audited.code, len(audited.objects)) == (2, 1), audited
    assert "without a row of any of the 2 orders and 0 receipts" in audited.object["error"]


def test_a_charge_at_stripe_without_an_order_is_found(shop: Terminal) -> None:
    asyncio.run(charge_without_an_order(shop.stack.settings))
    audited = shop.starter("audit", "--json")
    assert audited.code == 1
    assert [line.get("finding") for line in audited.objects] == ["orphan", "sums", None]
