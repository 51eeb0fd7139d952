"""Compare the pipeline with bare OCR, and orders with and without OCR beside them.

    python -m benchmarks.receipts

The same photos are read in turns by the OCR engine in a loop, and by the whole pipeline, from the
first start until the last run is closed (receipts per second). Then orders run one by one, on an
idle machine and while OCR is busy (milliseconds).
"""

import argparse
import asyncio
import itertools
import subprocess
import sys
import uuid
from pathlib import Path
from typing import Any

import aiohttp
from temporalio.client import Client

from benchmarks.orders import Engines
from benchmarks.rig.comparison import Sample, in_turns, percentile, ratio, report, summary
from benchmarks.rig.stage import Stage, now, small_order
from bootstrap import object_store
from config import ROOT
from sandbox.samples import RECEIPTS
from service.receipts.start import start_receipt, stored_receipt

PHOTOS = [RECEIPTS / f"{name}.jpg" for name in ("grocery", "hardware-cash", "pub-pounds")]
"""Samples that are read without a doubt: a run in review would not close."""


PATIENCE_SECONDS = 180.0


class BareOcr:
    """The reference, in a process of its own."""

    def __init__(self, receipts: int, photos: list[Path]) -> None:
        self._process = subprocess.Popen(  # noqa: S603 - our own module
            [
                sys.executable,
                "-m",
                "benchmarks.references.bare_ocr",
                str(receipts),
                *map(str, photos),
            ],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._line()

    def lap(self) -> float:
        """Read all receipts once; return the seconds."""
        assert self._process.stdin
        self._process.stdin.write("go\n")
        self._process.stdin.flush()
        return float(self._line())

    def close(self) -> None:
        """End the process."""
        self._process.communicate()

    def _line(self) -> str:
        assert self._process.stdout
        return self._process.stdout.readline()


class Receipts:
    """Runs the same photos through the pipeline, each as a new file of a new user."""

    def __init__(self, stage: Stage, client: Client, photos: list[Path]) -> None:
        self._client = client
        self._queue = stage.stack.settings.task_queue
        self._store = object_store(stage.stack.settings)
        self._photos = [photo.read_bytes() for photo in photos]

    async def read(self, count: int) -> float:
        """Read ``count`` photos; return the seconds from the first start to the last run's end."""
        photos = itertools.islice(itertools.cycle(self._photos), count)
        keys = [
            await asyncio.to_thread(self._store.put_receipt, photo + uuid.uuid4().bytes)
            for photo in photos
        ]
        began = now()
        started = [
            # For one user these would be likely duplicates, which go to review.
            await start_receipt(
                self._client, stored_receipt(key, uuid.uuid4().hex, None), self._queue
            )
            for key in keys
        ]
        handles = [self._client.get_workflow_handle(run.workflow_id) for run in started]
        async with asyncio.timeout(PATIENCE_SECONDS):
            await asyncio.gather(*(handle.result() for handle in handles))
        return now() - began


class Orders:
    """Measures orders one by one, from the start until the last step was answered."""

    def __init__(self, stage: Stage, engines: Engines, session: aiohttp.ClientSession) -> None:
        self._stage, self._engines, self._session = stage, engines, session

    async def milliseconds(self, count: int) -> list[float]:
        """Run ``count`` orders; return the latency of each in milliseconds."""
        return [await self._one() for _ in range(count)]

    async def milliseconds_until(self, done: asyncio.Task[Any]) -> list[float]:
        """Run a few orders per second until ``done`` ends; return the latencies in milliseconds."""
        latencies = []
        while not done.done():
            latencies.append(await self._one())
            await asyncio.wait({done}, timeout=0.2)
        return latencies

    async def _one(self) -> float:
        order = small_order(uuid.uuid4().hex[:12])
        began = now()
        await self._engines.post("pipeline", order)
        (answered,) = (await self._stage.last_answers(self._session, order.order_id, 1)).values()
        return (answered - began) * 1000


async def _run(args: argparse.Namespace) -> None:
    bare = BareOcr(args.receipts, PHOTOS)
    with Stage.set_up() as stage:
        stage.stack.start_worker()
        stage.start_side("pipeline", "benchmarks.order_worker", "pipeline")
        async with aiohttp.ClientSession() as session:
            client = await stage.connect()
            receipts = Receipts(stage, client, PHOTOS)
            orders = Orders(stage, Engines(stage, client, session, urls={}), session)
            await receipts.read(len(PHOTOS))  # warm-up: the engine builds its plans

            async def measure(side: str) -> Sample:
                if side == "bare":
                    seconds = await asyncio.to_thread(bare.lap)
                    return {"receipts_per_second": round(args.receipts / seconds, 3)}
                idle = await orders.milliseconds(20)
                seconds = await receipts.read(args.receipts)
                reading = asyncio.create_task(receipts.read(args.receipts))
                beside = await orders.milliseconds_until(reading)
                return {
                    "receipts_per_second": round(args.receipts / seconds, 3),
                    "receipts_per_second_beside_orders": round(args.receipts / await reading, 3),
                    "order_ms_idle_p50": round(percentile(idle, 0.5), 1),
                    "order_ms_during_ocr_p50": round(percentile(beside, 0.5), 1),
                    "order_ms_during_ocr_p95": round(percentile(beside, 0.95), 1),
                }

            samples = await in_turns(("pipeline", "bare"), args.rounds, measure)
    bare.close()
    ours = summary(samples["pipeline"])
    report(
        "receipts",
        {
            "pipeline": ours,
            "bare": summary(samples["bare"]),
            "pipeline_by_bare": ratio(samples, "pipeline", "bare", "receipts_per_second"),
            "order_during_ocr_by_idle": round(
                ours["order_ms_during_ocr_p50"]["median"] / ours["order_ms_idle_p50"]["median"], 2
            ),
        },
    )


def main() -> None:
    """Run the comparison."""
    parser = argparse.ArgumentParser(description="Compare receipts with the bare OCR engine.")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--receipts", type=int, default=24, help="per round")
    asyncio.run(_run(parser.parse_args()))


if __name__ == "__main__":
    main()
