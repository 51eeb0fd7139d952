"""Measure what each part of a workflow costs the server: ``python -m benchmarks.parts``.

Shows where an order's CPU time goes: runs of an empty workflow, and of workflows with one part
more, in turns. Figures are milliseconds of CPU per run, of the server, and of worker and client
together; ``server_ms_more_than_empty`` is the difference of the medians.
"""

import argparse
import asyncio
import os
import tempfile
import uuid
from datetime import timedelta
from pathlib import Path

from temporalio import activity, workflow
from temporalio.client import Client
from temporalio.common import SearchAttributeKey

from benchmarks.rig.comparison import Sample, in_turns, report, summary
from benchmarks.rig.stage import cpu_seconds
from client import data_converter
from sandbox.stack import Stack
from worker import build_worker

QUEUE = "parts"
CONNECTIONS = 50
PIPELINE_STATUS = SearchAttributeKey.for_keyword("PipelineStatus")
PARTS = ("empty", "local", "activity", "timer", "upsert")
LIMIT = timedelta(seconds=30)


@activity.defn
async def nothing() -> None:
    """Do nothing."""


@workflow.defn
class Parts:
    """A workflow with one part, or with none."""

    @workflow.run
    async def run(self, part: str) -> None:
        """Run the part: empty, local, activity, timer or upsert."""
        if part == "local":
            await workflow.execute_local_activity(nothing, start_to_close_timeout=LIMIT)
        elif part == "activity":
            await workflow.execute_activity(nothing, start_to_close_timeout=LIMIT)
        elif part == "timer":
            await workflow.sleep(0.001)
        elif part == "upsert":
            workflow.upsert_search_attributes([PIPELINE_STATUS.value_set("running")])


async def _measure(stack: Stack, client: Client, part: str, runs: int) -> Sample:
    server, ours = cpu_seconds(stack.pid("temporal")), _own_cpu()
    left = iter(range(runs))

    async def connection() -> None:
        for _ in left:
            await client.execute_workflow(Parts.run, part, id=uuid.uuid4().hex, task_queue=QUEUE)

    await asyncio.gather(*(connection() for _ in range(CONNECTIONS)))
    return {
        "server_ms": round((cpu_seconds(stack.pid("temporal")) - server) / runs * 1000, 2),
        "worker_and_client_ms": round((_own_cpu() - ours) / runs * 1000, 2),
    }


def _own_cpu() -> float:
    times = os.times()
    return times.user + times.system


async def _run(args: argparse.Namespace, stack: Stack) -> None:
    client = await Client.connect(
        stack.temporal_address, data_converter=data_converter(stack.settings)
    )
    async with build_worker(client, QUEUE, activities=[nothing], workflows=[Parts]):
        await _measure(stack, client, "activity", CONNECTIONS)
        samples = await in_turns(
            PARTS, args.rounds, lambda part: _measure(stack, client, part, args.runs)
        )
    result = {part: summary(samples[part]) for part in PARTS}
    empty = result["empty"]["server_ms"]["median"]
    more = {part: round(result[part]["server_ms"]["median"] - empty, 2) for part in PARTS[1:]}
    report("parts", {**result, "server_ms_more_than_empty": more})


def main() -> None:
    """Run the measurement."""
    parser = argparse.ArgumentParser(
        description="Measure what each part of a workflow costs the server."
    )
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--runs", type=int, default=200, help="per part and round")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, Stack.isolated(Path(folder)) as stack:
        asyncio.run(_run(args, stack))


if __name__ == "__main__":
    main()
