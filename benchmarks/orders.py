"""Compare our order with the same order on other engines: ``python -m benchmarks.orders``.

Throughput (orders per second): orders posted by 50 connections, from the first post until the last
order's last step was answered. Latency (milliseconds): one order at a time, from the post until the
engine acknowledged it, and until its last step was answered. CPU is that of the engine's own
processes. Temporal is called through its client, the other engines over HTTP.
"""

import argparse
import asyncio
import importlib.util
import itertools
import sys
import uuid
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from typing import Any

import aiohttp
from temporalio.client import Client

from benchmarks.rig.comparison import Sample, in_turns, percentile, ratio, report, summary
from benchmarks.rig.stage import Stage, cpu_seconds_with_children, now, small_order
from models import Order
from sandbox.stack import free_ports
from service.orders.start import start_order
from workflows.identity import order_workflow_id
from workflows.limits import WORKFLOW_TASK_LIMIT

CONNECTIONS = 50
OVER_HTTP = {
    "dbos": "benchmarks.references.dbos_on_postgres",
    "plain": "benchmarks.references.plain",
}
"""Modules of the sides that accept an order's JSON at ``POST /orders``, on the port given."""

Post = Callable[[Order], Awaitable[Any]]


class Engines:
    """Posts orders to the sides and measures them."""

    def __init__(
        self,
        stage: Stage,
        client: Client,
        session: aiohttp.ClientSession,
        urls: Mapping[str, str],
    ) -> None:
        self._stage = stage
        self._session = session
        self._client = client
        self._posts: dict[str, Post] = {
            "pipeline": self._pipeline,
            "bare": self._bare,
            **{side: partial(self._over_http, url) for side, url in urls.items()},
        }

    async def post(self, side: str, order: Order) -> None:
        """Post an order, and return when the engine has acknowledged it."""
        await self._posts[side](order)

    async def _pipeline(self, order: Order) -> None:
        await start_order(self._client, order, "benchmark-pipeline")

    async def _bare(self, order: Order) -> None:
        await self._client.start_workflow(
            "BareOrder",
            order,
            id=order_workflow_id(order.order_id),
            task_queue="benchmark-bare",
            task_timeout=WORKFLOW_TASK_LIMIT,
        )

    async def _over_http(self, url: str, order: Order) -> None:
        async with self._session.post(url, data=order.model_dump_json()) as answer:
            answer.raise_for_status()

    async def measure(self, side: str, orders: int, single_orders: int) -> Sample:
        """Return the figures of one round of one side."""
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
                await self.post(side, order)

        await asyncio.gather(*(connection() for _ in range(CONNECTIONS)))
        answers = await self._stage.last_answers(self._session, run, count)
        return count / (max(answers.values()) - began)

    async def _latencies(self, side: str, count: int) -> Sample:
        started: list[float] = []
        done: list[float] = []
        for _ in itertools.repeat(None, count):
            order = small_order(_fresh_name())
            began = now()
            await self.post(side, order)
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
        parts = (side,) if side in OVER_HTTP else ("temporal", side)
        return sum(cpu_seconds_with_children(self._stage.stack.pid(part)) for part in parts)


def _fresh_name() -> str:
    return uuid.uuid4().hex[:12]


def _default_sides() -> list[str]:
    if importlib.util.find_spec("dbos"):
        return ["pipeline", "bare", "dbos", "plain"]
    sys.stderr.write("DBOS is left out: only `make bench` installs it\n")
    return ["pipeline", "bare", "plain"]


def _start(stage: Stage, sides: Sequence[str]) -> dict[str, str]:
    """Start the sides; return the URLs of those that accept orders over HTTP."""
    urls = {}
    for side in sides:
        if side in OVER_HTTP:
            (port,) = free_ports(1)
            stage.start_side(side, OVER_HTTP[side], str(port))
            urls[side] = f"http://127.0.0.1:{port}/orders"
        else:
            stage.start_side(side, "benchmarks.order_worker", side)
    return urls


async def _run(args: argparse.Namespace) -> None:
    sides = args.sides.split(",") if args.sides else _default_sides()
    with Stage.set_up() as stage:
        urls = _start(stage, sides)
        async with aiohttp.ClientSession() as session:
            engines = Engines(stage, await stage.connect(), session, urls)
            for side in sides:  # warm-up: the first orders also load modules
                await engines.measure(side, CONNECTIONS, 5)
            samples = await in_turns(
                sides, args.rounds, lambda side: engines.measure(side, args.orders, args.single)
            )
    result: dict[str, Any] = {side: summary(samples[side]) for side in sides}
    ours, *references = sides
    for reference in references:
        result[f"{ours}_by_{reference}"] = {
            figure: ratio(samples, ours, reference, figure) for figure in samples[reference][0]
        }
    report("orders", result)


def main() -> None:
    """Run the comparison."""
    parser = argparse.ArgumentParser(
        description="Compare orders with the same order on other engines."
    )
    parser.add_argument("--sides", help="sides to compare, ours first: pipeline,bare,dbos,plain")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--orders", type=int, default=200, help="orders posted at once")
    parser.add_argument("--single", type=int, default=30, help="orders posted one by one")
    asyncio.run(_run(parser.parse_args()))


if __name__ == "__main__":
    main()
