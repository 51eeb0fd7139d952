"""Where names are hidden, whoever is to be erased is found whole, or not at all."""

from collections.abc import AsyncIterator

import pytest

from models import ReceiptStatus
from providers.errors import ProviderUnavailable
from service.erasure import find_person
from service.errors import Refused
from service.mails.again import tell_again
from service.orders.start import start_order
from service.runs.attributes import hidden
from service.runs.executions import list_executions
from tests.encryption.conftest import FileServer
from tests.encryption.keys import NEW, converter_with, settings_with
from tests.encryption.test_encrypted_runs import beside
from tests.support.fakes import World
from tests.support.pipelines import QUEUE, Pipelines, a_receipt, own_namespace, small_order
from tests.support.watching import result_of, until, until_backoff
from workflows.order.workflow import OrderWorkflow
from workflows.receipt.workflow import ReceiptWorkflow
from workflows.search_attributes import of_receipt


@pytest.fixture
async def pipelines(file_server: FileServer) -> AsyncIterator[Pipelines]:
    """Run a worker that encrypts."""
    env = await own_namespace(file_server.address, converter_with(NEW))
    served = Pipelines(env, World())
    async with served.worker():
        yield served


async def until_listed(pipelines: Pipelines, query: str, *expected: str) -> None:
    """Wait until exactly these runs match a query."""

    async def are_listed() -> bool:
        found = list_executions(pipelines.env.client, query)
        return {run.workflow_id async for run in found} == set(expected)

    await until(are_listed)


async def test_nobody_is_erased_without_the_keys_by_which_names_are_hidden(
    pipelines: Pipelines,
) -> None:
    await start_order(pipelines.env.client, small_order(customer_id="archimedes"), QUEUE)
    await until_listed(pipelines, "CustomerId = 'archimedes'", "order-o1")
    keyless = (await beside(pipelines)).env.client

    with pytest.raises(Refused, match="PAYLOAD_ENCRYPTION_KEYS is not set"):
        await find_person(keyless, settings_with(), "archimedes")


async def test_a_receipt_that_was_started_by_hand_is_found(file_server: FileServer) -> None:
    client = (await own_namespace(file_server.address, converter_with(NEW))).client
    receipt = a_receipt()
    await client.start_workflow(
        ReceiptWorkflow.run,
        receipt,
        id="receipt-u1-by-hand",
        task_queue=QUEUE,
        search_attributes=hidden(client, of_receipt(receipt, ReceiptStatus.RUNNING)),
    )

    async def is_found() -> bool:
        return bool([run async for run in list_executions(client, "CustomerId = 'u1'")])

    await until(is_found)
    with pytest.raises(Refused, match="receipt-u1-by-hand is open"):
        await find_person(client, settings_with(NEW), "u1")


async def test_a_mail_that_is_sent_anew_is_its_customer_s(pipelines: Pipelines) -> None:
    client = pipelines.env.client
    pipelines.world.fail("send_confirmation", ProviderUnavailable("answered 421"))
    await start_order(client, small_order(customer_id="archimedes"), QUEUE)
    run = client.get_workflow_handle_for(OrderWorkflow.run, "order-o1")
    await run.signal(OrderWorkflow.expedite)
    await until_backoff(run, "send_confirmation")
    await run.terminate()

    (told,) = await tell_again(client, "order-o1")

    await result_of(client.get_workflow_handle(told.workflow_id))
    await until_listed(pipelines, "CustomerId = 'archimedes'", "order-o1", "mail-order-o1-confirm")
