"""Measure how long a person waits for "started": ``python -m benchmarks.start``.

Compares, in turns on warm connections:

- the receipt command's store and start with one bare put and one bare start of the same bytes
  (milliseconds until the answer);
- the order command's parse, look into the archive and start with one bare start (milliseconds
  until the answer);
- the order command on a batch with bare starts, as many at a time (orders per second).

No worker runs, so only starting is measured. CPU is that of this process, the client, unless it is
named the server's.
"""

import argparse
import asyncio
import datetime as dt
import io
import os
import tempfile
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, closing, redirect_stdout
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config
from temporalio.client import Client

from benchmarks.rig.comparison import Sample, in_turns, percentile, ratio, report, summary
from benchmarks.rig.stage import cpu_seconds, now, resident_mb, small_order
from bootstrap import object_store
from client import connect
from commands.order import order
from commands.terminal.output import Output
from config import Settings
from models import EndedOrder, OrderResult, OrderStatus, OrderStep, OrderToArchive
from sandbox.samples import RECEIPTS
from sandbox.stack import Stack
from service.orders.archive import Archive, opened_archive
from service.orders.document import parse_order
from service.orders.start import STARTS_AT_ONCE, start_order
from service.receipts.start import Submission, stored_receipt, submit_receipt
from workflows.identity import order_workflow_id

PHOTO = RECEIPTS / "grocery.jpg"
LOOK_SECONDS = 0.005

Start = Callable[[], Awaitable[object]]


class Bare:
    """The reference: one bare call to Temporal and one to the bucket.

    Temporal is called through the same client, so that the requests have the same size.
    """

    def __init__(self, client: Client, settings: Settings) -> None:
        self._client = client
        self._bucket = settings.s3_bucket
        key_id, secret = settings.s3_access_key_id, settings.s3_secret_access_key
        self._s3 = boto3.client(
            "s3",
            endpoint_url=settings.s3_endpoint_url,
            region_name=settings.s3_region,
            aws_access_key_id=key_id.get_secret_value() if key_id else None,
            aws_secret_access_key=secret.get_secret_value() if secret else None,
            config=Config(
                s3={"addressing_style": "path"}, request_checksum_calculation="when_required"
            ),
        )

    async def start(self, argument: object) -> None:
        """Start a workflow with one argument on a task queue that has no worker."""
        await self._client.start_workflow(
            "Bare", argument, id=f"bare-{fresh_name()}", task_queue="bare"
        )

    async def put_and_start(self, data: bytes, argument: object) -> None:
        """Put the bytes under a new key, then start a workflow."""
        self._s3.put_object(Bucket=self._bucket, Key=f"bare/{fresh_name()}", Body=data)
        await self.start(argument)

    def close(self) -> None:
        """Close the connections to the bucket."""
        self._s3.close()


class Singles:
    """Measures one start at a time, each of something new; ``ms`` has all durations by side."""

    def __init__(self, desk: Submission, archive: Archive, bare: Bare, folder: Path) -> None:
        self._desk = desk
        self._archive = archive
        self._bare = bare
        self._file = folder / "receipt.jpg"
        self._photo = PHOTO.read_bytes()
        self.ms: dict[str, list[float]] = {
            side: [] for side in ("receipt", "bare_receipt", "order", "bare_order")
        }

    def _next(self, side: str) -> Start:
        """Return one prepared start of a side."""
        photo = self._photo + os.urandom(16)  # appended after the picture's end
        new = small_order(fresh_name())
        document = new.model_dump_json().encode()
        receipt = stored_receipt(f"receipts/{'0' * 64}.jpg", self._desk.user_id, None)

        async def parse_and_start() -> None:
            desk, order = self._desk, parse_order(document)
            archived = await self._archive.of(order.order_id)
            await start_order(desk.client, order, desk.settings.task_queue, archived=archived)

        if side == "receipt":
            self._file.write_bytes(photo)
        starts: dict[str, Start] = {
            "receipt": lambda: submit_receipt(self._desk, self._file.read_bytes()),
            "bare_receipt": lambda: self._bare.put_and_start(photo, receipt),
            "order": parse_and_start,
            "bare_order": lambda: self._bare.start(new),
        }
        return starts[side]

    async def measure(self, side: str, count: int) -> Sample:
        """Return the figures of one round of one side."""
        taken: list[float] = []
        cpu = 0.0
        for _ in range(count):
            start = self._next(side)
            began, cpu_began = now(), time.process_time()
            await start()
            taken.append((now() - began) * 1000)
            cpu += time.process_time() - cpu_began
        self.ms[side] += taken
        return {
            "ms": round(percentile(taken, 0.5), 2),
            "cpu_ms": round(cpu / count * 1000, 2),
        }

    def all_rounds(self, side: str) -> Sample:
        """Return the percentiles over all rounds, because one round has too few starts."""
        return {
            "ms_p50": round(percentile(self.ms[side], 0.5), 2),
            "ms_p99": round(percentile(self.ms[side], 0.99), 2),
        }

    def forget(self, sides: Sequence[str]) -> None:
        """Discard the durations so far, which were a warm-up."""
        for side in sides:
            self.ms[side].clear()


class Batches:
    """Measures many starts, as many at a time as the order command makes."""

    def __init__(self, stack: Stack, bare: Bare, folder: Path) -> None:
        self._stack = stack
        self._bare = bare
        self._file = folder / "orders.jsonl"

    async def measure(self, side: str, count: int) -> Sample:
        """Return the figures of one round of one side."""
        orders = (small_order(fresh_name()) for _ in range(count))
        if side == "batch":
            with self._file.open("w", encoding="utf-8") as file:
                file.writelines(f"{new.model_dump_json()}\n" for new in orders)
        figures: Sample = {}
        before, server_cpu = resident_mb(os.getpid()), self._server_cpu()
        async with _watched(figures):
            began, cpu_began = now(), time.process_time()
            if side == "batch":
                await self._by_command(count)
            else:
                await asyncio.gather(*(self._one_by_one(orders) for _ in range(STARTS_AT_ONCE)))
            seconds, cpu = now() - began, time.process_time() - cpu_began
        return {
            "orders_per_second": round(count / seconds, 1),
            "cpu_ms_per_order": round(cpu / count * 1000, 2),
            "server_cpu_ms_per_order": round((self._server_cpu() - server_cpu) / count * 1000, 2),
            "most_tasks": figures["most_tasks"],
            "memory_growth_mb": round(figures["most_mb"] - before, 1),
        }

    async def _by_command(self, count: int) -> None:
        """Run ``starter.py order FILE`` in this process."""
        args = argparse.Namespace(files=[str(self._file)], wait=False)
        with redirect_stdout(io.StringIO()) as said:
            await order(args, self._stack.settings, Output(as_json=False))
        if said.getvalue() != f"{count} orders: {count} started\n":
            raise RuntimeError(f"the batch was not started: {said.getvalue()}")

    def _server_cpu(self) -> float:
        return cpu_seconds(self._stack.pid("temporal"))

    async def _one_by_one(self, orders: Iterator[object]) -> None:
        for argument in orders:
            await self._bare.start(argument)


@asynccontextmanager
async def _watched(most: Sample) -> AsyncIterator[None]:
    """Record the most memory and asyncio tasks during the block, every few milliseconds."""
    most |= {"most_mb": 0.0, "most_tasks": 0.0}

    async def look() -> None:
        while True:
            most["most_mb"] = max(most["most_mb"], resident_mb(os.getpid()))
            most["most_tasks"] = max(most["most_tasks"], len(asyncio.all_tasks()) - 1)
            await asyncio.sleep(LOOK_SECONDS)

    looking = asyncio.create_task(look())
    try:
        yield
    finally:
        looking.cancel()


def fresh_name() -> str:
    """Return a name that nothing has yet."""
    return uuid.uuid4().hex[:12]


async def _fill(archive: Archive, count: int) -> None:
    """Archive orders, so that each start looks into an archive that is not empty."""
    when = dt.datetime.now(dt.UTC)
    for _ in range(count):
        order = small_order(fresh_name())
        workflow_id = order_workflow_id(order.order_id)
        result = OrderResult(
            order_id=order.order_id,
            status=OrderStatus.COMPLETED,
            total_cents=order.total_cents,
            currency=order.currency,
        )
        ended = EndedOrder(
            workflow_id=workflow_id,
            run_id=workflow_id,
            first_run_id=workflow_id,
            step=OrderStep.CONFIRM,
            result=result,
            started_at=when,
            ended_at=when,
        )
        await archive.add(OrderToArchive.model_validate({**dict(order), **dict(ended)}))


async def _run(args: argparse.Namespace, stack: Stack, folder: Path) -> None:
    settings = stack.settings
    client = await connect(settings)
    async with AsyncExitStack() as closing_all:
        archive = await closing_all.enter_async_context(opened_archive(settings))
        await _fill(archive, args.archived)
        store = closing_all.enter_context(closing(object_store(settings)))
        bare = closing_all.enter_context(closing(Bare(client, settings)))
        desk = Submission(client, store, settings, "benchmark", notify_email=None)
        singles = Singles(desk, archive, bare, folder)
        batches = Batches(stack, bare, folder)
        samples: dict[str, list[Sample]] = {}
        # Measured separately, because the bucket is still busy with its last puts.
        for sides in (("receipt", "bare_receipt"), ("order", "bare_order")):
            await in_turns(sides, 1, lambda side: singles.measure(side, args.warm_up))
            singles.forget(sides)
            samples |= await in_turns(
                sides, args.rounds, lambda side: singles.measure(side, args.singles)
            )
        both = ["batch", "bare_batch"]
        await in_turns(both, 1, lambda side: batches.measure(side, STARTS_AT_ONCE))
        samples |= await in_turns(
            both, args.batches, lambda side: batches.measure(side, args.orders)
        )
    result: dict[str, Any] = {side: summary(taken) for side, taken in samples.items()}
    for side in singles.ms:
        result[side] |= singles.all_rounds(side)
    for side in ("receipt", "order"):
        result[f"{side}_by_bare"] = {
            **{
                figure: round(ours / result[f"bare_{side}"][figure], 3)
                for figure, ours in singles.all_rounds(side).items()
            },
            "cpu_ms": ratio(samples, side, f"bare_{side}", "cpu_ms"),
        }
    result["batch_by_bare"] = {
        figure: ratio(samples, "batch", "bare_batch", figure)
        for figure in ("orders_per_second", "cpu_ms_per_order", "server_cpu_ms_per_order")
    }
    report("start", {**result, "at_once": STARTS_AT_ONCE})


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the comparison."""
    parser = argparse.ArgumentParser(
        description="Compare our starts with bare puts and bare starts."
    )
    parser.add_argument("--rounds", type=int, default=50, help="rounds of single starts")
    parser.add_argument("--warm-up", type=int, default=20, help="single starts per side before")
    parser.add_argument("--singles", type=int, default=20, help="single starts per side and round")
    parser.add_argument("--batches", type=int, default=3, help="rounds of batches")
    parser.add_argument("--orders", type=int, default=1000, help="orders per batch")
    parser.add_argument("--archived", type=int, default=2000, help="orders archived before")
    args = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as name, Stack.isolated(Path(name)) as stack:
        os.environ["TEMPORAL_ADDRESS"] = stack.temporal_address  # how commands find the server
        asyncio.run(_run(args, stack, Path(name)))


if __name__ == "__main__":
    main()
