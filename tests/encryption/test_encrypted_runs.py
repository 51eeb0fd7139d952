"""Runs whose payloads are encrypted: they do all that others do, and nobody reads them without."""

from collections.abc import AsyncIterator

import pytest
from temporalio.client import Client
from temporalio.common import RawValue, TypedSearchAttributes
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.exceptions import ApplicationError
from temporalio.testing import WorkflowEnvironment

from models import OrderStatus, ReceiptStatus
from providers.errors import BadAddress, ProviderRateLimited
from service.erasure import find_person
from service.errors import Refused
from service.orders.start import start_order
from service.runs.find import WorkflowId, find_run
from service.runs.listing import list_runs, query_of
from service.runs.pending import failing_workflow_task
from service.runs.replaying import Outcome, replay_runs
from service.runs.story import story_of
from service.status import standing_of
from tests.encryption.conftest import FileServer
from tests.encryption.keys import NEW, OLD, converter_with, settings_with
from tests.support.fakes import FIELDS, World
from tests.support.pipelines import (
    QUEUE,
    OrderRun,
    Pipelines,
    a_receipt,
    large_order,
    own_namespace,
    small_order,
)
from tests.support.watching import failure_of, result_of, until, until_order, until_receipt
from tests.workflows.test_order_reset import reset_to_the_start
from workflows.order.workflow import OrderWorkflow


@pytest.fixture
async def encrypted(file_server: FileServer) -> WorkflowEnvironment:
    """Return a namespace of the test's own, and a client that encrypts."""
    return await own_namespace(file_server.address, converter_with(NEW, OLD))


@pytest.fixture
async def pipelines(encrypted: WorkflowEnvironment) -> AsyncIterator[Pipelines]:
    """Run a worker that encrypts."""
    served = Pipelines(encrypted, World())
    async with served.worker():
        yield served


async def beside(pipelines: Pipelines, *keys: str) -> Pipelines:
    """Return the same with other keys, on a connection of its own, as other workers have."""
    client = await Client.connect(
        pipelines.env.client.service_client.config.target_host,
        namespace=pipelines.env.client.namespace,
        data_converter=converter_with(*keys),
    )
    return Pipelines(WorkflowEnvironment.from_client(client), pipelines.world)


async def shipped(run: OrderRun) -> None:
    """Wait until an order is complete, without the wait for the business day."""
    await run.signal(OrderWorkflow.expedite)
    assert (await result_of(run)).status is OrderStatus.COMPLETED


async def read_by_a_person(client: Client, workflow_id: str) -> str:
    """Return what the doors say of a run."""
    run = await find_run(client, WorkflowId(workflow_id))
    story = [entry.words async for entry in story_of(client, run)]
    return "\n".join([*story, str(await standing_of(client, run))])


async def test_an_order_with_all_that_may_befall_it(
    pipelines: Pipelines, file_server: FileServer
) -> None:
    for step in ("charge_payment", "reserve_inventory"):
        pipelines.world.fail(step, ProviderRateLimited("Zanzibar is away", 0.1))
    pipelines.world.fail("send_confirmation", BadAddress("no ada.lovelace@customer.example"))
    run = await pipelines.order(large_order())
    await until_order(run, status=OrderStatus.AWAITING_APPROVAL)
    await run.execute_update("approval", {"approved": True, "decided_by": "Grace Hopper"})

    await shipped(run)

    client = pipelines.env.client
    said = await read_by_a_person(client, run.id)
    assert "approved by Grace Hopper" in said
    assert "Zanzibar is away" in said
    settings = settings_with(NEW, OLD)
    replayed = [
        one async for one in replay_runs(client, settings, f"WorkflowId = '{run.id}'", 1, 1)
    ]
    assert [(one.outcome, one.reason) for one in replayed] == [(Outcome.REPLAYS, None)]
    written = file_server.written()
    assert run.id.encode() in written
    for private in ("Zanzibar", "lovelace", "Grace", "Hopper", "tok_visa", "desk", "approved by"):
        assert private.encode() not in written, private


async def test_a_receipt_that_a_person_corrects(
    pipelines: Pipelines, file_server: FileServer
) -> None:
    pipelines.world.fields = FIELDS.model_copy(update={"doubts": ("two totals",)})
    run = await pipelines.receipt(a_receipt())
    await until_receipt(run, status=ReceiptStatus.NEEDS_REVIEW)

    correction = {"merchant": "Konditorei", "total_cents": 1230, "currency": "EUR"}
    await run.signal("correction", {**correction, "corrected_by": "Katherine"})

    assert (await result_of(run)).merchant == "Konditorei"
    assert "corrected by Katherine" in await read_by_a_person(pipelines.env.client, run.id)
    written = file_server.written()
    for private in ("TOTAL 12.30", "hopper@user", "Katherine"):
        assert private.encode() not in written, private


async def test_no_search_attribute_names_anybody_and_everybody_is_found(
    pipelines: Pipelines, file_server: FileServer
) -> None:
    client = pipelines.env.client
    theirs = small_order(customer_id="archimedes")
    await start_order(client, theirs, QUEUE, submitted_by="euclid")
    await shipped(client.get_workflow_handle_for(OrderWorkflow.run, "order-o1"))
    bare = theirs.model_copy(update={"order_id": "o2"})
    await shipped(await pipelines.order(bare, search_attributes=TypedSearchAttributes.empty))
    await result_of(await pipelines.receipt(search_attributes=TypedSearchAttributes.empty))

    async def are_found(query: str, *expected: str) -> bool:
        return {run.workflow_id for run in await list_runs(client, query, 9)} == set(expected)

    of_customer = query_of("order", customer_id="archimedes")
    await until(lambda: are_found(of_customer, "order-o1", "order-o2"))
    assert await are_found(query_of("order", submitted_by="euclid"), "order-o1")
    assert await are_found(query_of("order", customer_id="euclid"))
    settings = settings_with(NEW, OLD)
    replayed = [one async for one in replay_runs(client, settings, of_customer, 2, 2)]
    assert [(one.outcome, one.reason) for one in replayed] == [(Outcome.REPLAYS, None)] * 2
    (shown, *_) = await list_runs(client, of_customer, 9)
    assert shown.customer_id is None
    assert shown.total_cents == theirs.total_cents
    written = file_server.written()
    for private in ("archimedes", "euclid", "Corner Cafe"):
        assert private.encode() not in written, private


async def test_whoever_is_to_be_erased_is_found_by_the_pseudonym(pipelines: Pipelines) -> None:
    client = pipelines.env.client
    theirs = large_order().model_copy(update={"customer_id": "archimedes"})
    await start_order(client, theirs, QUEUE)

    async def is_found() -> bool:
        return bool(await list_runs(client, query_of("order", customer_id="archimedes"), 9))

    await until(is_found)
    with pytest.raises(Refused, match="order-o1"):
        await find_person(client, settings_with(NEW, OLD), "archimedes")


async def test_plain_signals_of_stock_clients_still_count(pipelines: Pipelines) -> None:
    run = await pipelines.order(large_order())
    stock = with_plain_json(pipelines.env.client)

    await stock.get_workflow_handle(run.id).signal("approval", {"approved": True})

    await shipped(run)


def with_plain_json(client: Client) -> Client:
    """Return a client such as the stock command line: it encrypts nothing."""
    config = client.config()
    config["data_converter"] = pydantic_data_converter
    return Client(**config)


async def test_an_order_goes_on_after_encryption_was_switched_on(
    encrypted: WorkflowEnvironment,
) -> None:
    after = Pipelines(encrypted, World())
    before = await beside(after)
    async with before.worker():
        run = await before.order()
        await until_order(run, status=OrderStatus.WAITING_FOR_BUSINESS_DAY)

    async with after.worker():
        await shipped(encrypted.client.get_workflow_handle_for(OrderWorkflow.run, run.id))


async def test_a_reset_run_reads_what_it_was_given(pipelines: Pipelines) -> None:
    run = await pipelines.order()
    await shipped(run)

    again = await reset_to_the_start(pipelines, run)

    await shipped(again)


# --- what was copied --------------------------------------------------------------------------


async def input_of(run: OrderRun) -> RawValue:
    """Return the input of a run as its history has it."""
    first = (await run.fetch_history()).events[0]
    return RawValue(first.workflow_execution_started_event_attributes.input.payloads[0])


async def test_what_was_copied_from_another_run_starts_none_and_says_nothing(
    pipelines: Pipelines,
) -> None:
    copied = await input_of(await pipelines.order())
    stock = with_plain_json(pipelines.env.client)

    run = await stock.start_workflow("OrderWorkflow", copied, id="order-o2", task_queue=QUEUE)

    assert isinstance(await failure_of(run), ApplicationError)
    assert "order-o2" not in str([call.request for call in pipelines.world.calls])


async def test_a_copied_payment_token_is_charged_to_nobody_else(
    pipelines: Pipelines,
) -> None:
    """Without encryption of payloads the rest of the copied order may be changed at will."""
    plain = await beside(pipelines)
    stock = with_plain_json(pipelines.env.client)
    sent = (await input_of(await plain.order())).payload
    sent.data = sent.data.replace(b'"order_id": "o1"', b'"order_id": "o2"')
    assert b'"o2"' in sent.data

    run = await stock.start_workflow(
        "OrderWorkflow", RawValue(sent), id="order-o2", task_queue=QUEUE
    )

    async def waits() -> bool:
        described = await find_run(pipelines.env.client, WorkflowId(run.id))
        return any("copied from another run" in (one.last_error or "") for one in described.pending)

    await until(waits)
    assert "charge-o2" not in str(pipelines.world.charges)
    await run.terminate()


# --- keys -------------------------------------------------------------------------------------


async def test_a_run_waits_for_a_key_that_is_missing_and_says_which(
    encrypted: WorkflowEnvironment,
) -> None:
    whole = Pipelines(encrypted, World())
    run = await whole.order()
    async with (await beside(whole, OLD)).worker():

        async def fails() -> bool:
            found = await find_run(encrypted.client, WorkflowId(run.id))
            failing = await failing_workflow_task(encrypted.client, found.description)
            return failing is not None and "the key '2026', which is not in" in failing.words()

        await until(fails)
    async with whole.worker():
        await shipped(run)


async def test_a_key_change_with_two_workers(encrypted: WorkflowEnvironment) -> None:
    """First all get the new key as second, then each gets it first, then the old one goes."""
    shop = Pipelines(encrypted, World())
    for number, (ours, theirs) in enumerate(
        [((OLD,), (OLD, NEW)), ((OLD, NEW), (NEW, OLD)), ((NEW, OLD), (NEW, OLD)), ((NEW,), (NEW,))]
    ):
        one, other = await beside(shop, *ours), await beside(shop, *theirs)
        async with one.worker(), other.worker():
            for of, keys in (("ours", one), ("theirs", other)):
                await shipped(await keys.order(small_order(order_id=f"{of}-{number}")))
    assert len(shop.world.charges) == 8
