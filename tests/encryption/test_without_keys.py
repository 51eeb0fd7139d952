"""Processes without the keys of payloads: nothing is lost by them, and they say what they lack."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from temporalio.client import Client

from activities.ocr import OcrActivities
from bootstrap import activities_of
from models import OrderStatus, ReceiptStatus
from service.runs.find import WorkflowId, find_run
from service.runs.pending import failing_workflow_task
from tests.encryption.conftest import FileServer
from tests.encryption.keys import NEW, converter_with
from tests.encryption.test_encrypted_runs import beside, shipped
from tests.support.fakes import World
from tests.support.pipelines import QUEUE, Pipelines, large_order, own_namespace
from tests.support.watching import result_of, until, until_order
from worker import build_worker
from workflows.identity import ocr_task_queue
from workflows.order.workflow import OrderWorkflow
from workflows.registered import WORKFLOWS

NOT_SET = "under the key '2026', and PAYLOAD_ENCRYPTION_KEYS is not set"


@pytest.fixture
async def keyed(file_server: FileServer) -> Pipelines:
    """Return pipelines that encrypt, without a worker."""
    return Pipelines(await own_namespace(file_server.address, converter_with(NEW)), World())


@asynccontextmanager
async def ocr_worker(client: Client, world: World) -> AsyncIterator[None]:
    """Run a worker of OCR alone until the end of the block."""
    steps = activities_of(OcrActivities(world, world))
    async with build_worker(client, ocr_task_queue(QUEUE), activities=steps, grace_seconds=0):
        yield


async def test_a_step_waits_for_the_keys_of_its_worker(keyed: Pipelines) -> None:
    client = keyed.env.client
    keyless = (await beside(keyed)).env.client
    steps = keyed.activities()
    async with build_worker(client, QUEUE, activities=steps, workflows=WORKFLOWS, grace_seconds=0):
        run = await keyed.receipt()

        async def says_what_is_missing() -> bool:
            found = await find_run(client, WorkflowId(run.id))
            return any(NOT_SET in (step.last_error or "") for step in found.pending)

        async with ocr_worker(keyless, keyed.world):
            await until(says_what_is_missing)
        async with ocr_worker(client, keyed.world):
            assert (await result_of(run)).status is ReceiptStatus.COMPLETED


async def test_a_decision_is_not_lost_on_a_worker_without_keys(keyed: Pipelines) -> None:
    """Such as one that was not yet started anew when the door was told to encrypt."""
    keyless = await beside(keyed)
    async with keyless.worker():
        run = await keyless.order(large_order())
        await until_order(run, status=OrderStatus.AWAITING_APPROVAL)
        same = keyed.env.client.get_workflow_handle_for(OrderWorkflow.run, run.id)

        await same.signal("approval", {"approved": True})

        async def waits_for_the_keys() -> bool:
            found = await find_run(keyed.env.client, WorkflowId(run.id))
            failing = await failing_workflow_task(keyed.env.client, found.description)
            return failing is not None and NOT_SET in failing.words()

        await until(waits_for_the_keys)
    async with keyed.worker():
        await shipped(same)
