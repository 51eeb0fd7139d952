"""The local stack with the stub in place of the providers, and workers on it."""

import socket
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Self

import aiohttp
from temporalio.client import Client

from client import data_converter
from connection.fairness import FairStart
from models import Order, OrderItem
from sandbox.processes import Part
from sandbox.stack import Stack, free_ports
from workflows.identity import order_workflow_id

READY = "worker ready"
TICKS_A_SECOND = 100


class Stage:
    """An isolated stack, and the stub."""

    def __init__(self, stack: Stack, stub_port: int) -> None:
        self.stack = stack
        self.stub_url = f"http://127.0.0.1:{stub_port}"

    @classmethod
    @contextmanager
    def set_up(cls, answer_after: float = 0.0) -> Iterator[Self]:
        """Start everything except workers; the stub answers after ``answer_after`` seconds."""
        with tempfile.TemporaryDirectory() as folder, Stack.isolated(Path(folder)) as stack:
            (port,) = free_ports(1)
            stack.start_part(
                Part(
                    name="stub",
                    command=(
                        *(sys.executable, "-m", "benchmarks.rig.stub", str(port)),
                        f"--answer-after={answer_after}",
                    ),
                    is_ready=lambda _: _listens(port),
                )
            )
            yield cls(stack, port)

    def start_side(self, name: str, *command: str, **environment: str) -> None:
        """Start a side of a comparison: a Python module that prints ``READY`` when it is ready."""
        self.stack.start_part(
            Part(
                name=name,
                command=(sys.executable, "-u", "-m", *command),
                is_ready=lambda output: READY in output,
                environment={"PROVIDER_API_URL": self.stub_url, **environment},
                grace_seconds=30,
            )
        )

    async def connect(self, is_fair: bool = True) -> Client:
        """Connect to the stack's server as production does; without fairness if so told."""
        return await Client.connect(
            self.stack.temporal_address,
            data_converter=data_converter(self.stack.settings),
            interceptors=[FairStart()] if is_fair else [],
        )

    async def last_answers(
        self, session: aiohttp.ClientSession, prefix: str, count: int
    ) -> dict[str, float]:
        """Wait until the last steps of ``count`` orders named ``prefix...`` were answered.

        Returns the time of each by idempotency key, in seconds of the monotonic clock.
        """
        wanted = {"prefix": order_workflow_id(prefix), "count": str(count)}
        async with session.get(f"{self.stub_url}/answered", params=wanted) as answer:
            times: dict[str, float] = await answer.json()
            return times

    async def calls(
        self, session: aiohttp.ClientSession, prefix: str
    ) -> dict[str, dict[str, list[float]]]:
        """Return the times of all calls of the orders named ``prefix...``, by path and key.

        Times are in seconds of the monotonic clock.
        """
        wanted = {"prefix": order_workflow_id(prefix)}
        async with session.get(f"{self.stub_url}/calls", params=wanted) as answer:
            times: dict[str, dict[str, list[float]]] = await answer.json()
            return times


def small_order(order_id: str) -> Order:
    """Return an order of 20.00 USD, which needs no approval."""
    return Order.model_validate(
        {
            "order_id": order_id,
            "customer_id": "benchmark",
            "customer_email": "benchmark@customer.example",
            "payment_token": "tok_visa",
            "items": (OrderItem(sku="mug", quantity=2, unit_price_cents=1_000),),
        }
    )


def cpu_seconds(pid: int) -> float:
    """Return the CPU seconds that a process has used so far (proc(5), Linux)."""
    user, system, *_ = _ticks(pid)
    return (user + system) / TICKS_A_SECOND


def cpu_seconds_with_children(pid: int) -> float:
    """Return the CPU seconds of a process and all its descendants, ended ones included."""
    total, waiting = 0, [pid]
    while waiting:
        process = waiting.pop()
        with suppress(FileNotFoundError, ProcessLookupError):  # it may end while we look
            total += sum(_ticks(process))
            for thread in Path(f"/proc/{process}/task").iterdir():
                waiting += map(int, (thread / "children").read_text(encoding="ascii").split())
    return total / TICKS_A_SECOND


def resident_mb(pid: int) -> float:
    """Return the resident memory of a process in MB (proc(5), Linux)."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    kib = next(line.split()[1] for line in status.splitlines() if line.startswith("VmRSS:"))
    return int(kib) / 1024


def now() -> float:
    """Return the seconds of the monotonic clock, which all processes of a machine share."""
    return time.monotonic()


def _ticks(pid: int) -> list[int]:
    """Return user and system CPU time, then both of the children waited for, in ticks."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return [int(field) for field in fields[11:15]]


def _listens(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1):
            return True
    except OSError:
        return False
