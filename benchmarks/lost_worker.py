"""Measure how soon every step of a crashed worker runs again.

    python -m benchmarks.lost_worker [--orders 50] [--receipts 4]

Checks the heartbeats of ``activities/policies.py``: starts a stack of its own, waits until every
order is in a charge and every receipt is in OCR, kills the worker with SIGKILL, restarts it at
once (the worst case, because the server has noticed nothing yet), and reads from the server when
each step began its next attempt. Prints one JSON object; seconds count from the restart. Exits
with 1 if a step took longer than its limit.
"""

import argparse
import asyncio
import datetime as dt
import json
import os
import statistics
import sys
import tempfile
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any

from temporalio.api.enums.v1 import PendingActivityState
from temporalio.client import Client

from bootstrap import object_store
from client import data_converter
from models import Order, OrderItem
from sandbox.samples import RECEIPTS
from sandbox.stack import Stack
from service.orders.start import start_order
from service.receipts.start import start_receipt, stored_receipt

PROVIDER_LIMIT_SECONDS = 10.0
OCR_LIMIT_SECONDS = 15.0
PATIENCE_SECONDS = 120.0
LOOK_SECONDS = 0.25
PHOTO = RECEIPTS / "grocery.jpg"

CHARGE, OCR = "charge_payment", "extract_text"


class Fleet:
    """The runs of the benchmark, and the interrupted step of each."""

    def __init__(self, client: Client, stack: Stack) -> None:
        self._client = client
        self._stack = stack
        self.steps: dict[str, str] = {}

    async def start_orders(self, count: int) -> None:
        """Start orders whose charge hangs twice, so that it does not end before the kill."""
        for number in range(count):
            order = Order.model_validate(
                {
                    "order_id": f"recovery-{number}",
                    "customer_id": "benchmark",
                    "customer_email": "benchmark@customer.example",
                    "payment_token": "tok_hang_2",
                    "items": (OrderItem(sku="mug", quantity=1, unit_price_cents=1_000),),
                }
            )
            started = await start_order(self._client, order, self._stack.settings.task_queue)
            self.steps[started.workflow_id] = CHARGE

    async def start_receipts(self, count: int) -> None:
        """Start receipts of different content: a photo with a different byte appended."""
        store = object_store(self._stack.settings)
        photo = PHOTO.read_bytes()
        keys = [
            await asyncio.to_thread(store.put_receipt, photo + bytes([number]))
            for number in range(count)
        ]
        for key in keys:
            receipt = stored_receipt(key, "benchmark", None)
            started = await start_receipt(self._client, receipt, self._stack.settings.task_queue)
            self.steps[started.workflow_id] = OCR

    async def running_since(self, workflow_id: str) -> tuple[int, dt.datetime] | None:
        """Return the last attempt of a run's step, and when it began (UTC), or None if none."""
        handle = self._client.get_workflow_handle(workflow_id)
        raw = (await handle.describe()).raw_description
        for pending in raw.pending_activities:
            if pending.activity_type.name == self.steps[workflow_id]:
                if pending.state != PendingActivityState.PENDING_ACTIVITY_STATE_STARTED:
                    return None
                return pending.attempt, pending.last_started_time.ToDatetime(dt.UTC)
        async for event in handle.fetch_history_events():  # it has ended since
            if event.HasField("activity_task_started_event_attributes"):
                attempt = event.activity_task_started_event_attributes.attempt
                return attempt, event.event_time.ToDatetime(dt.UTC)
        return None

    async def keep_interrupted(self) -> None:
        """Forget the runs whose step was over before the worker was killed."""
        for run in list(self.steps):
            raw = (await self._client.get_workflow_handle(run).describe()).raw_description
            if not raw.pending_activities:
                del self.steps[run]

    async def all_in_attempt(self, attempt: int) -> dict[str, dt.datetime]:
        """Wait until each step's attempt has begun; return its start (UTC) by workflow id."""
        began: dict[str, dt.datetime] = {}

        async def look() -> bool:
            missing = [run for run in self.steps if run not in began]
            for run, seen in zip(
                missing, await asyncio.gather(*map(self.running_since, missing)), strict=True
            ):
                if seen and seen[0] >= attempt:
                    began[run] = seen[1]
            return len(began) == len(self.steps)

        await _until(look)
        return began


async def _until(condition: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while True:
            if await condition():
                return
            await asyncio.sleep(LOOK_SECONDS)


async def measure(stack: Stack, orders: int, receipts: int) -> dict[str, Any]:
    """Kill the worker in the middle of all steps; return the result to print."""
    client = await Client.connect(
        stack.temporal_address, data_converter=data_converter(stack.settings)
    )
    fleet = Fleet(client, stack)
    await fleet.start_orders(orders)
    await fleet.all_in_attempt(1)
    await fleet.start_receipts(receipts)
    await fleet.all_in_attempt(1)
    await asyncio.to_thread(stack.kill, "worker")
    await fleet.keep_interrupted()
    restarted = dt.datetime.now(dt.UTC)
    await asyncio.to_thread(stack.restart, "worker")
    ready = dt.datetime.now(dt.UTC)
    began = await fleet.all_in_attempt(2)
    seconds = {
        step: sorted(
            (began[run] - restarted).total_seconds() for run in began if fleet.steps[run] == step
        )
        for step in (CHARGE, OCR)
    }
    return {
        "worker_ready_seconds": round((ready - restarted).total_seconds(), 2),
        "provider_calls": _summary(seconds[CHARGE], PROVIDER_LIMIT_SECONDS),
        "ocr": _summary(seconds[OCR], OCR_LIMIT_SECONDS),
        "cpus": os.cpu_count(),
    }


def _summary(seconds: Sequence[float], limit: float) -> dict[str, Any]:
    return {
        "interrupted": len(seconds),
        "median_seconds": round(statistics.median(seconds), 2),
        "max_seconds": round(seconds[-1], 2),
        "limit_seconds": limit,
        "within_limit": seconds[-1] <= limit,
    }


def main() -> int:
    """Run the benchmark; return the exit code."""
    parser = argparse.ArgumentParser(description="Measure recovery from a killed worker.")
    parser.add_argument("--orders", type=int, default=50)
    parser.add_argument("--receipts", type=int, default=4)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, Stack.isolated(Path(folder)) as stack:
        # Read all receipts at once, as with one OCR process for each.
        stack.settings = stack.settings.model_copy(update={"ocr_concurrency": args.receipts})
        stack.start_worker()
        result = asyncio.run(measure(stack, args.orders, args.receipts))
    sys.stdout.write(f"{json.dumps(result)}\n")
    return 0 if result["provider_calls"]["within_limit"] and result["ocr"]["within_limit"] else 1


if __name__ == "__main__":
    sys.exit(main())
