"""The minimum that runs on Temporal: a worker with the SDK's defaults and one empty workflow.

python -m benchmarks.references.empty_temporal ADDRESS
"""

import asyncio
import sys

from temporalio import workflow
from temporalio.client import Client
from temporalio.worker import Worker

TASK_QUEUE = "empty"


@workflow.defn
class Empty:
    """A workflow that ends at once."""

    @workflow.run
    async def run(self) -> None:
        """Do nothing."""


async def _serve(address: str) -> None:
    async with Worker(await Client.connect(address), task_queue=TASK_QUEUE, workflows=[Empty]):
        sys.stdout.write("worker ready\n")
        sys.stdout.flush()
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(_serve(sys.argv[1]))
