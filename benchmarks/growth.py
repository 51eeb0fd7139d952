"""Measure what changes when thousands of orders wait: ``python -m benchmarks.growth``.

Two stacks run the real worker. One keeps the smallest number of open orders, the other grows from
size to size. Half of the orders wait for the next business day, half for an approval. At each
size both stacks are measured in turns, so that the machine's drift favours neither:

- orders that run to their end beside those that wait (milliseconds of CPU, orders per second);
- the commands that look at all orders (seconds);
- a worker's start until it has finished a new order (seconds).

The providers are the sandbox's, not the stub, because an audit needs ledgers that know the orders;
their CPU is not counted. Orders wait as in production; those that run to their end are expedited.
"""

import argparse
import asyncio
import itertools
import subprocess
import sys
import tempfile
from collections.abc import Awaitable, Callable, Iterable
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Self

from temporalio.client import Client

from benchmarks.rig.comparison import Sample, in_turns, ratio, report, summary
from benchmarks.rig.stage import cpu_seconds, now, resident_mb, small_order
from client import data_converter
from config import ROOT
from models import Order, OrderStatus
from sandbox.stack import Stack
from service.orders.start import start_order
from workflows.limits import APPROVAL_THRESHOLD
from workflows.order.workflow import OrderWorkflow
from workflows.search_attributes import PIPELINE_STATUS

WINDOW = 200
"""Orders to start before waiting for all of them to wait, which keeps the server's queues short."""

CONNECTIONS = 50
LOOK_SECONDS = 0.1
PATIENCE_SECONDS = 120.0

WAITING = (OrderStatus.WAITING_FOR_BUSINESS_DAY, OrderStatus.AWAITING_APPROVAL)

COMMANDS = {
    "list": ("list",),
    "list_awaiting": ("list", "--status", OrderStatus.AWAITING_APPROVAL.value),
    "list_all": ("list", "--limit", "1000000"),
    "stuck": ("list", "--stuck"),
    "audit": ("audit",),
    # The order that has waited longest: a worker with many others no longer has it in memory.
    "status": ("status", "waits-0"),
}


class Crowd:
    """A stack with waiting orders, and measurements of it."""

    def __init__(self, stack: Stack, client: Client) -> None:
        self._stack = stack
        self._client = client
        self._calm_orders = (small_order(f"calm-{number}") for number in itertools.count())
        self.size = 0

    @classmethod
    async def on(cls, stack: Stack) -> Self:
        """Connect to a stack with production's data converter."""
        converter = data_converter(stack.settings)
        return cls(stack, await Client.connect(stack.temporal_address, data_converter=converter))

    async def grow(self, size: int) -> None:
        """Start orders until ``size`` of them wait."""
        while self.size < size:
            more = min(WINDOW, size - self.size)
            await at_once(self._start, map(order_that_waits, range(self.size, self.size + more)))
            self.size += more
            await self._all_wait()
            sys.stderr.write(f"{self.size} orders wait\n")

    def memory_mb(self) -> Sample:
        """Return the memory in MB of the worker, without its OCR process, and of the server."""
        return {
            part: round(resident_mb(self._stack.pid(part)), 1) for part in ("worker", "temporal")
        }

    async def calm(self, count: int) -> Sample:
        """Run ``count`` orders to their end, all at once; return their CPU and rate."""
        cpu, began = self._cpu_ms(), now()
        await at_once(self._run_through, itertools.islice(self._calm_orders, count))
        seconds = now() - began
        used = {part: ms - cpu[part] for part, ms in self._cpu_ms().items()}
        return {
            "worker_cpu_ms_per_order": round(used["worker"] / count, 1),
            "server_cpu_ms_per_order": round(used["temporal"] / count, 1),
            "orders_per_second": round(count / seconds, 1),
        }

    async def ask(self) -> Sample:
        """Run every command that looks at many orders, each in a process; return the seconds."""
        seconds: Sample = {}
        for name, command in COMMANDS.items():
            began = now()
            await asyncio.to_thread(self._starter, *command)
            seconds[f"{name}_seconds"] = round(now() - began, 2)
        return seconds

    async def restart_worker(self) -> Sample:
        """Stop the worker, restart it and run one new order; return seconds from the restart."""
        await asyncio.to_thread(self._stack.terminate, "worker")
        began = now()
        await asyncio.to_thread(self._stack.restart, "worker")
        ready = now()
        await self._run_through(next(self._calm_orders))
        return {
            "worker_ready_seconds": round(ready - began, 2),
            "first_order_seconds": round(now() - began, 2),
        }

    async def _start(self, order: Order) -> str:
        queue = self._stack.settings.task_queue
        return (await start_order(self._client, order, queue)).workflow_id

    async def _run_through(self, order: Order) -> None:
        handle = self._client.get_workflow_handle(await self._start(order))
        await handle.signal(OrderWorkflow.expedite)
        await handle.result()

    async def _all_wait(self) -> None:
        statuses = ", ".join(f"'{status}'" for status in WAITING)
        query = f"ExecutionStatus = 'Running' AND {PIPELINE_STATUS.name} IN ({statuses})"
        async with asyncio.timeout(PATIENCE_SECONDS):
            while True:
                if (await self._client.count_workflows(query)).count >= self.size:
                    return
                await asyncio.sleep(LOOK_SECONDS)

    def _cpu_ms(self) -> Sample:
        return {part: cpu_seconds(self._stack.pid(part)) * 1000 for part in ("worker", "temporal")}

    def _starter(self, *command: str) -> None:
        subprocess.run(  # noqa: S603 - our own command line
            [sys.executable, "starter.py", *command, "--json"],
            cwd=ROOT,
            env=self._stack.environment(),
            stdout=subprocess.DEVNULL,
            check=True,
        )


def order_that_waits(number: int) -> Order:
    """Return an order that waits for the business day, or for odd numbers for an approval."""
    order = small_order(f"waits-{number}")
    if number % 2 == 0:
        return order
    (item,) = order.items
    dear = item.model_copy(update={"quantity": 1, "unit_price_cents": 100 * APPROVAL_THRESHOLD + 1})
    return order.model_copy(update={"items": (dear,)})


async def at_once(begin: Callable[[Order], Awaitable[Any]], orders: Iterable[Order]) -> None:
    """Call ``begin`` for all orders, over ``CONNECTIONS`` connections at a time."""
    waiting = iter(orders)

    async def connection() -> None:
        for order in waiting:
            await begin(order)

    await asyncio.gather(*(connection() for _ in range(CONNECTIONS)))


async def measure(crowds: dict[str, Crowd], size: int, rounds: int, orders: int) -> dict[str, Any]:
    """Let the second crowd grow to ``size`` and measure it in turns with the first."""
    (small, grown), grows = crowds, list(crowds.values())[1]
    await grows.grow(size)
    memory = grows.memory_mb()
    for crowd in crowds.values():  # warm-up: the first orders also load modules
        await crowd.calm(CONNECTIONS)
    figures = [
        await in_turns((small, grown), rounds, lambda side: crowds[side].calm(orders)),
        await in_turns((small, grown), rounds, lambda side: crowds[side].ask()),
        await in_turns((small, grown), rounds, lambda side: crowds[side].restart_worker()),
    ]
    return {
        "memory_mb": memory,
        **{name: value for samples in figures for name, value in summary(samples[grown]).items()},
        "ratio": {
            name: ratio(samples, grown, small, name)
            for samples in figures
            for name in samples[grown][0]
        },
    }


async def _run(stacks: dict[str, Stack], sizes: list[int], rounds: int, orders: int) -> None:
    crowds = {side: await Crowd.on(stack) for side, stack in stacks.items()}
    await next(iter(crowds.values())).grow(sizes[0])
    by_size = {str(size): await measure(crowds, size, rounds, orders) for size in sizes}
    report("growth", {"open_orders": by_size, "ratio_to": f"{sizes[0]} open orders"})


def main() -> None:
    """Run the comparison."""
    parser = argparse.ArgumentParser(description="Measure the cost of many waiting orders.")
    parser.add_argument("--sizes", default="100,1000", help="numbers of open orders, ascending")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--orders", type=int, default=50, help="orders to run at once")
    args = parser.parse_args()
    with ExitStack() as running:
        stacks = {}
        for side in ("small", "grown"):
            folder = Path(running.enter_context(tempfile.TemporaryDirectory()))
            stacks[side] = running.enter_context(Stack.isolated(folder))
            stacks[side].start_worker()
        sizes = sorted(map(int, args.sizes.split(",")))
        asyncio.run(_run(stacks, sizes, args.rounds, args.orders))


if __name__ == "__main__":
    main()
