"""Measure how fast the local stack starts, and what it uses while idle.

    python -m benchmarks.footprint [--from-nothing]

The reference, measured in turns, is the minimum on Temporal: the dev server alone with its default
settings, and a worker with one empty workflow. ``--from-nothing`` also clones and installs the
repository, which needs the package index, and reports the seconds until the clone's first order.
Seconds count from the start of the servers. Memory is resident memory in MB.
"""

import argparse
import asyncio
import dataclasses
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

from temporalio.client import Client

from benchmarks.references import empty_temporal
from benchmarks.rig.comparison import Sample, in_turns, ratio, report, summary
from benchmarks.rig.stage import READY, now, resident_mb, small_order
from client import data_converter
from config import ROOT
from sandbox.parts import TEMPORAL_SETTINGS, local_parts
from sandbox.processes import Part, ProcessGroup, RunningPart
from sandbox.stack import START_SECONDS, Stack
from service.orders.start import start_order
from workflows.order.workflow import OrderWorkflow

SETTLE_SECONDS = 3.0
"""Pause between the end of loading and the time that counts as idle."""

LOOK_SECONDS = 0.1
SERVERS = ("temporal", "s3", "provider-api", "mailbox")


class Side(Protocol):
    """One side of the comparison: servers, and a worker on them."""

    def start_servers(self) -> None:
        """Start the servers and wait until they are ready."""

    def start_worker(self) -> None:
        """Start the worker and wait until it is ready."""

    async def first_run(self) -> None:
        """Run one workflow to its end."""

    def is_loaded(self) -> bool:
        """Return whether everything is loaded."""

    def processes(self) -> dict[str, int]:
        """Return the process ids by name."""

    def stop(self) -> None:
        """Stop everything."""


class LocalStack:
    """``make dev``: everything that both pipelines need."""

    def __init__(self, folder: Path) -> None:
        self._stack = Stack.isolated(folder)

    def start_servers(self) -> None:
        """Start the four servers."""
        self._stack.start()

    def start_worker(self) -> None:
        """Start ``worker.py``, which reports that it is ready before its OCR process is."""
        self._stack.start_worker()

    async def first_run(self) -> None:
        """Run one order, expedited as in the demo."""
        client = await Client.connect(
            self._stack.temporal_address, data_converter=data_converter(self._stack.settings)
        )
        queue = self._stack.settings.task_queue
        started = await start_order(client, small_order("first"), queue)
        handle = client.get_workflow_handle(started.workflow_id)
        await handle.signal(OrderWorkflow.expedite)
        await handle.result()

    def is_loaded(self) -> bool:
        """Return whether the OCR process has loaded its models, too."""
        log = self._stack.log("worker").read_text(encoding="utf-8")
        return log.count(READY) == 2

    def processes(self) -> dict[str, int]:
        """Return the process ids of the servers, the worker and the worker's children."""
        named = {name: self._stack.pid(name) for name in (*SERVERS, "worker")}
        return named | {_name(child): child for child in children(named["worker"])}

    def stop(self) -> None:
        """Stop everything."""
        self._stack.stop()


class EmptyTemporal:
    """The dev server with its default settings, and a worker with an empty workflow."""

    def __init__(self, folder: Path) -> None:
        stack = Stack.isolated(folder)
        self._address = stack.temporal_address
        server = local_parts(stack.settings, self._address, "default")[0]
        self._server = dataclasses.replace(
            server, command=tuple(w for w in server.command if w not in TEMPORAL_SETTINGS)
        )
        self._folder = folder
        self._group = ProcessGroup()
        self._running: list[RunningPart] = []

    def start_servers(self) -> None:
        """Start the dev server."""
        self._start(self._server)

    def start_worker(self) -> None:
        """Start the worker."""
        module = empty_temporal.__name__
        self._start(
            Part(
                name="worker",
                command=(sys.executable, "-m", module, self._address),
                is_ready=lambda output: READY in output,
            )
        )

    async def first_run(self) -> None:
        """Run the empty workflow."""
        client = await Client.connect(self._address)
        await client.execute_workflow(
            empty_temporal.Empty.run, id="first", task_queue=empty_temporal.TASK_QUEUE
        )

    def is_loaded(self) -> bool:
        """Return True: the worker loads nothing after it is ready."""
        return True

    def processes(self) -> dict[str, int]:
        """Return the process ids of the server and the worker."""
        return {running.part.name: running.process.pid for running in self._running}

    def stop(self) -> None:
        """Stop both."""
        for running in reversed(self._running):
            running.stop()
        self._group.close()

    def _start(self, part: Part) -> None:
        running = RunningPart(
            part, self._group, os.environ, ROOT, self._folder / f"{part.name}.log"
        )
        self._running.append(running)
        running.wait_until_ready(now() + START_SECONDS)


SIDES: dict[str, Callable[[Path], Side]] = {"stack": LocalStack, "reference": EmptyTemporal}


async def measure(side: str, idle_seconds: float) -> Sample:
    """Start one side, run its first workflow, then measure it idle for ``idle_seconds``."""
    with tempfile.TemporaryDirectory() as folder:
        running = SIDES[side](Path(folder))
        try:
            began = now()
            marks: Sample = {}
            await asyncio.to_thread(running.start_servers)
            marks["servers_ready_seconds"] = round(now() - began, 2)
            await asyncio.to_thread(running.start_worker)
            marks["worker_ready_seconds"] = round(now() - began, 2)
            await running.first_run()
            marks["first_run_seconds"] = round(now() - began, 2)
            return {**marks, **(await _idle(running, idle_seconds) if idle_seconds else {})}
        finally:
            await asyncio.to_thread(running.stop)


async def _idle(running: Side, seconds: float) -> Sample:
    while True:
        if running.is_loaded():
            break
        await asyncio.sleep(LOOK_SECONDS)
    await asyncio.sleep(SETTLE_SECONDS)
    processes = running.processes()
    before, began = {name: running_seconds(pid) for name, pid in processes.items()}, now()
    await asyncio.sleep(seconds)
    minutes = (now() - began) / 60
    cpu = {name: (running_seconds(pid) - before[name]) / minutes for name, pid in processes.items()}
    memory = {name: resident_mb(pid) for name, pid in processes.items()}
    return {
        **{f"{name}_cpu_s_per_minute": round(value, 3) for name, value in cpu.items()},
        **{f"{name}_mb": round(value, 1) for name, value in memory.items()},
        "all_cpu_s_per_minute": round(sum(cpu.values()), 3),
        "all_mb": round(sum(memory.values()), 1),
    }


def running_seconds(pid: int) -> float:
    """Return the CPU seconds of a process from its own clock, which counts nanoseconds.

    An idle process uses less than a tick of proc(5). The clock's id is made as
    clock_getcpuclockid(3) makes it on Linux, which Python lacks.
    """
    of_all_threads = 2
    return time.clock_gettime((~pid << 3) | of_all_threads)


def children(pid: int) -> list[int]:
    """Return the ids of a process's children (proc(5), Linux)."""
    tasks = Path(f"/proc/{pid}/task").iterdir()
    return [int(child) for task in tasks for child in (task / "children").read_text().split()]


def _name(pid: int) -> str:
    command = Path(f"/proc/{pid}/cmdline").read_text(encoding="utf-8")
    return "ocr" if "spawn_main" in command else "resource-tracker"


def from_nothing() -> Sample:
    """Clone the repository as committed, install it, and run the clone's first order."""
    with tempfile.TemporaryDirectory() as folder:
        began = now()
        _run("git", "clone", "--quiet", str(ROOT), folder)
        cloned = now()
        _run("make", "--silent", ".venv/installed", cwd=folder)
        installed = now()
        words = ("--sides", "stack", "--rounds", "1", "--idle-seconds", "0")
        first = _run(".venv/bin/python", "-m", "benchmarks.footprint", *words, cwd=folder)
        seconds = json.loads(first)["stack"]["first_run_seconds"]["median"]
    return {
        "clone_seconds": round(cloned - began, 1),
        "install_seconds": round(installed - cloned, 1),
        "first_order_seconds": round(installed - began + seconds, 1),
    }


def _run(*command: str, cwd: str | None = None) -> str:
    done = subprocess.run(  # noqa: S603 - our own commands
        command, cwd=cwd, stdout=subprocess.PIPE, text=True, check=True
    )
    return done.stdout


async def _compare(sides: list[str], rounds: int, idle_seconds: float) -> dict[str, Any]:
    samples = await in_turns(sides, rounds, lambda side: measure(side, idle_seconds))
    result: dict[str, Any] = {side: summary(samples[side]) for side in sides}
    for reference in sides[1:]:
        result[f"{sides[0]}_by_{reference}"] = {
            figure: ratio(samples, sides[0], reference, figure)
            for figure in samples[reference][0]
            if all(sample[figure] for sample in samples[reference])  # no ratio to 0
        }
    return result


def main() -> None:
    """Run the comparison."""
    parser = argparse.ArgumentParser(description="Measure start and idle cost of the local stack.")
    parser.add_argument("--sides", default="stack,reference", help="sides to compare, ours first")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument(
        "--idle-seconds", type=float, default=20.0, help="0: measure the start only"
    )
    parser.add_argument("--from-nothing", action="store_true", help="also clone and install")
    args = parser.parse_args()
    new = {"from_nothing": from_nothing()} if args.from_nothing else {}
    compared = asyncio.run(_compare(args.sides.split(","), args.rounds, args.idle_seconds))
    report("footprint", {**new, **compared})


if __name__ == "__main__":
    main()
