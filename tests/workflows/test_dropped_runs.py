"""When a worker drops a waiting run from memory, the garbage collector closes its coroutines."""

import gc

from temporalio.worker import Worker

from activities.ocr import OcrActivities
from bootstrap import activities_of
from models import OrderStatus, ReceiptStatus
from providers.errors import TotalNotFound
from tests.support.fakes import FIELDS
from tests.support.pipelines import QUEUE, large_order, serving_pipelines
from tests.support.watching import until_order, until_receipt
from workflows.identity import ocr_task_queue
from workflows.registered import WORKFLOWS


async def test_a_waiting_run_that_is_garbage_collected_ends_quietly() -> None:
    async with serving_pipelines(worker=False) as pipelines:
        world = pipelines.world
        world.fail("parse_receipt", TotalNotFound("no total", FIELDS))
        client = pipelines.env.client
        ocr = activities_of(OcrActivities(world, world))
        async with (
            Worker(
                client,
                task_queue=QUEUE,
                workflows=WORKFLOWS,
                activities=pipelines.activities(),
                # By default, eviction ends each run inside its event loop.
                disable_safe_workflow_eviction=True,
            ),
            Worker(client, task_queue=ocr_task_queue(QUEUE), activities=ocr),
        ):
            order = await pipelines.order(large_order())
            await until_order(order, status=OrderStatus.AWAITING_APPROVAL)
            receipt = await pipelines.receipt()
            await until_receipt(receipt, status=ReceiptStatus.NEEDS_REVIEW)
    gc.collect()  # pytest fails the test on what is raised here
