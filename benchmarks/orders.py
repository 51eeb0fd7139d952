"""Orders side by side with the same order on other engines: ``python -m benchmarks.orders``.

Throughput: orders posted by 50 connections, from the first post until the last order's last step
was answered. Latency: one order at a time, from the post until its last step was answered, and
until the engine had acknowledged it. Milliseconds and orders a second; CPU is that of the engine's
own processes.
"""

import argparse
import asyncio
import itertools
import uuid
from collections.abc import Awaitable, Callable
from typing import Any

import aiohttp
from temporalio.client import Client

from benchmarks.comparison import Sample, in_turns, percentile, ratio, report, summary
from benchmarks.stage import Stage, cpu_seconds, now, small_order
from commands.start import start_order
from models import Order
from workflows.policies import WORKFLOW_TASK_LIMIT

CONNECTIONS = 50

Post = Callable[[Order], Awaitable[Any]]


class Engines:
    """Posts orders to the sides and measures what becomes of them."""

    def __init__(self, stage: Stage, client: Client, session: aiohttp.ClientSession) -> None:
        self._stage = stage
        self._session = session
        self._client = client
        self._posts: dict[str, Post] = {"pipeline": self._pipeline, "bare": self._bare}
        self._processes = {"pipeline": ("temporal", "pipeline"), "bare": ("temporal", "bare")}

    async def _pipeline(self, order: Order) -> None:
        await start_order(self._client, order, "benchmark-pipeline")

    async def _bare(self, order: Order) -> None:
        await self._client.start_workflow(
            "BareOrder",
            order,
            id=f"order-{order.order_id}",
            task_queue="benchmark-bare",
            task_timeout=WORKFLOW_TASK_LIMIT,
        )

    async def measure(self, side: str, orders: int, single_orders: int) -> Sample:
        """Give one round's figures of one side."""
        cpu = self._cpu(side)
        rate = await self._orders_a_second(side, orders)
        cpu_ms = (self._cpu(side) - cpu) / orders * 1000
        latencies = await self._latencies(side, single_orders)
        return {
            "orders_per_second": round(rate, 1),
            "cpu_ms_per_order": round(cpu_ms, 1),
            **latencies,
        }

    async def _orders_a_second(self, side: str, count: int) -> float:
        run = _fresh_name()
        orders = (small_order(f"{run}-{number}") for number in range(count))
        began = now()

        async def connection() -> None:
            for order in orders:
                await self._posts[side](order)

        await asyncio.gather(*(connection() for _ in range(CONNECTIONS)))
        answers = await self._stage.last_answers(self._session, run, count)
        return count / (max(answers.values()) - began)

    async def _latencies(self, side: str, count: int) -> Sample:
        started: list[float] = []
        done: list[float] = []
        for _ in itertools.repeat(None, count):
            order = small_order(_fresh_name())
            began = now()
            await self._posts[side](order)
            started.append((now() - began) * 1000)
            answers = await self._stage.last_answers(self._session, order.order_id, 1)
            done.extend((at - began) * 1000 for at in answers.values())
        return {
            "start_ms_p50": round(percentile(started, 0.5), 2),
            "start_ms_p99": round(percentile(started, 0.99), 2),
            "end_ms_p50": round(percentile(done, 0.5), 1),
            "end_ms_p99": round(percentile(done, 0.99), 1),
        }

    def _cpu(self, side: str) -> float:
        return sum(cpu_seconds(self._stage.stack.pid(part)) for part in self._processes[side])


def _fresh_name() -> str:
    return uuid.uuid4().hex[:12]


async def _run(args: argparse.Namespace) -> None:
    sides = args.sides.split(",")
    with Stage.set_up() as stage:
        for side in sides:
            stage.start_side(side, "benchmarks.order_worker", side)
        async with aiohttp.ClientSession() as session:
            engines = Engines(stage, await stage.connect(), session)
            for side in sides:  # the first orders also pay for what is loaded once
                await engines.measure(side, CONNECTIONS, 5)
            samples = await in_turns(
                sides, args.rounds, lambda side: engines.measure(side, args.orders, args.single)
            )
    result: dict[str, Any] = {side: summary(samples[side]) for side in sides}
    for reference in sides[1:]:
        result[f"pipeline_by_{reference}"] = {
            figure: ratio(samples, "pipeline", reference, figure)
            for figure in samples[reference][0]
        }
    report("orders", result)


def main() -> None:
    """Run the comparison."""
    parser = argparse.ArgumentParser(description="Orders beside the same order on other engines.")
    parser.add_argument("--sides", default="pipeline,bare", help="ours first")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--orders", type=int, default=200, help="posted at once")
    parser.add_argument("--single", type=int, default=30, help="posted one by one")
    asyncio.run(_run(parser.parse_args()))


if __name__ == "__main__":
    main()
