"""Whose work is done first where it waits; on the real dev server, which alone knows fairness."""

import pytest
from pydantic import SecretStr
from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest
from temporalio.client import Client, Interceptor
from temporalio.testing import WorkflowEnvironment

from activities.ocr import OcrActivities
from bootstrap import activities_of
from client import connect
from config import Settings
from connection.fairness import FairStart
from encryption.pseudonyms import Pseudonyms
from service.orders.start import start_order
from service.receipts.start import start_receipt
from tests.encryption.keys import NEW
from tests.support.fakes import World
from tests.support.pipelines import (
    DATA_CONVERTER,
    QUEUE,
    Pipelines,
    a_receipt,
    dev_server,
    own_namespace,
    small_order,
)
from tests.support.watching import until
from worker import build_worker
from workflows.identity import ocr_task_queue, receipt_id_of
from workflows.registered import WORKFLOWS

ONE_PARTITION = (
    "--dynamic-config-value=matching.numTaskqueueReadPartitions=1",
    "--dynamic-config-value=matching.numTaskqueueWritePartitions=1",
)
"""By default a queue is four, by chance, and turns are taken in each."""

FOLDER = 40
"""Receipts of one user that wait when another user comes with one."""


@pytest.mark.parametrize(
    ("interceptors", "is_first"), [([FairStart()], True), ([], False)], ids=["fair", "unfair"]
)
async def test_one_photo_does_not_wait_for_the_folder_of_somebody_else(
    interceptors: list[Interceptor], is_first: bool
) -> None:
    async with dev_server(server_options=ONE_PARTITION) as env:
        address = env.client.service_client.config.target_host
        client = await Client.connect(
            address, data_converter=DATA_CONVERTER, interceptors=interceptors
        )
        read = await _read_in_turns(env, client)

    assert (read.index(b"receipts/one.png") < FOLDER / 2) is is_first


async def _read_in_turns(env: WorkflowEnvironment, client: Client) -> list[object]:
    """Let a folder of one user wait, then a photo of another; return what is read, in order."""
    world = World(clock=env.get_current_time)
    steps = Pipelines(env, world).activities()
    photos = [("many", f"receipts/{number:016}.png") for number in range(FOLDER)]
    async with build_worker(client, QUEUE, activities=steps, workflows=WORKFLOWS, grace_seconds=0):
        for user, key in [*photos, ("one", "receipts/one.png")]:
            receipt = a_receipt(receipt_id=receipt_id_of(user, key), user_id=user, object_key=key)
            await start_receipt(client, receipt, QUEUE)
        await until(lambda: _waits(client))
        ocr = activities_of(OcrActivities(world, world))
        queue = ocr_task_queue(QUEUE)
        async with build_worker(client, queue, activities=ocr, max_activities=1, grace_seconds=0):
            await until(lambda: _is_read(world))

    return [call.request for call in world.calls_of("extract_text")]


async def _waits(client: Client) -> bool:
    answer = await client.workflow_service.describe_task_queue(
        DescribeTaskQueueRequest(
            namespace=client.namespace,
            task_queue=TaskQueue(name=ocr_task_queue(QUEUE)),
            task_queue_type=TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY,
            report_stats=True,
        )
    )
    return answer.stats.approximate_backlog_count == FOLDER + 1


async def _is_read(world: World) -> bool:
    return len(world.calls_of("extract_text")) == FOLDER + 1


@pytest.mark.parametrize("customer", ["c1", "c" * 64])
@pytest.mark.parametrize("keys", [None, SecretStr(NEW)], ids=["plain", "encrypted"])
@pytest.mark.parametrize("fair_share", [True, False])
async def test_an_order_is_told_to_be_its_customers_by_what_the_server_may_know(
    dev_server_address: str,
    monkeypatch: pytest.MonkeyPatch,
    fair_share: bool,
    keys: SecretStr | None,
    customer: str,
) -> None:
    env = await own_namespace(dev_server_address)
    monkeypatch.setenv("TEMPORAL_ADDRESS", dev_server_address)
    monkeypatch.setenv("TEMPORAL_NAMESPACE", env.client.namespace)
    client = await connect(Settings(fair_share=fair_share, payload_encryption_keys=keys))
    started = await start_order(client, small_order(customer_id=customer), QUEUE)

    description = await client.get_workflow_handle(started.workflow_id).describe()

    key = description.raw_description.workflow_execution_info.priority.fairness_key
    known = Pseudonyms.by(keys).of(customer) if keys else customer
    assert key == (known if fair_share else "")
