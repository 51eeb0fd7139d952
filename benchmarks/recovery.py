"""Measure how soon all orders are done after a crash: ``python -m benchmarks.recovery``.

The providers answer after 400 ms. When all orders are in their first call, a part is killed and
restarted at once. Seconds count from the kill until the last order's last step was answered.
``repeated_calls`` counts the calls that a provider received again under the same key.
"""

import argparse
import asyncio
import itertools
import signal
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import aiohttp

from benchmarks.orders import Engines
from benchmarks.rig.comparison import Sample, in_turns, ratio, report, summary
from benchmarks.rig.stage import Stage, now, small_order

ANSWER_AFTER_SECONDS = 0.4
LOOK_SECONDS = 0.02
PATIENCE_SECONDS = 120.0


@dataclass(frozen=True)
class Case:
    """Which processes are ended, by which signal, and the target in seconds."""

    name: str
    signal: signal.Signals
    worker: bool
    server: bool
    target_seconds: float | None

    def parts(self, side: str) -> list[str]:
        """Return the names of the processes to end."""
        return [*([side] if self.worker else []), *(["temporal"] if self.server else [])]


CASES = (
    Case("undisturbed", signal.SIGTERM, worker=False, server=False, target_seconds=None),
    Case("worker_killed", signal.SIGKILL, worker=True, server=False, target_seconds=4),
    Case("server_killed", signal.SIGKILL, worker=False, server=True, target_seconds=2),
    Case("both_killed", signal.SIGKILL, worker=True, server=True, target_seconds=3),
    Case("worker_terminated", signal.SIGTERM, worker=True, server=False, target_seconds=3),
)


class Crashes:
    """Runs orders, ends processes in the middle, and measures until all orders are done."""

    def __init__(self, stage: Stage, engines: Engines, session: aiohttp.ClientSession) -> None:
        self._stage = stage
        self._engines = engines
        self._session = session

    async def measure(self, side: str, orders: int, cases: Sequence[Case]) -> Sample:
        """Return the seconds and repeated calls of one round of one side, for each case."""
        sample: Sample = {}
        for case in cases:
            seconds, repeated = await self._crash(side, orders, case)
            sample |= {f"{case.name}_seconds": seconds, f"{case.name}_repeated_calls": repeated}
        return sample

    async def _crash(self, side: str, count: int, case: Case) -> tuple[float, int]:
        run = uuid.uuid4().hex[:12]
        orders = [small_order(f"{run}-{number}") for number in range(count)]
        await asyncio.gather(*(self._engines.post(side, order) for order in orders))
        await self._all_in_flight(run, count)
        killed = now()
        await asyncio.gather(
            *(asyncio.to_thread(self._end_and_restart, part, case) for part in case.parts(side))
        )
        async with asyncio.timeout(PATIENCE_SECONDS):
            done = await self._stage.last_answers(self._session, run, count)
        calls = await self._stage.calls(self._session, run)
        times = itertools.chain.from_iterable(path.values() for path in calls.values())
        repeated = sum(len(seen) - 1 for seen in times)
        return round(max(done.values()) - killed, 2), repeated

    async def _all_in_flight(self, run: str, count: int) -> None:
        async with asyncio.timeout(PATIENCE_SECONDS):
            while True:
                calls = await self._stage.calls(self._session, run)
                if len(calls.get("/charges", ())) == count:
                    return
                await asyncio.sleep(LOOK_SECONDS)

    def _end_and_restart(self, part: str, case: Case) -> None:
        if case.signal is signal.SIGKILL:
            self._stage.stack.kill(part)
        else:
            self._stage.stack.terminate(part)
        self._stage.stack.restart(part)


async def _run(args: argparse.Namespace) -> None:
    sides = args.sides.split(",")
    cases = [case for case in CASES if case.name in args.cases.split(",")]
    with Stage.set_up(ANSWER_AFTER_SECONDS) as stage:
        for side in sides:
            stage.start_side(side, "benchmarks.order_worker", side)
        async with aiohttp.ClientSession() as session:
            engines = Engines(stage, await stage.connect(), session, urls={})
            crashes = Crashes(stage, engines, session)
            samples = await in_turns(
                sides, args.rounds, lambda side: crashes.measure(side, args.orders, cases)
            )
    result: dict[str, Any] = {side: summary(samples[side]) for side in sides}
    for reference in sides[1:]:
        result[f"pipeline_by_{reference}"] = {
            f"{case.name}_seconds": ratio(samples, sides[0], reference, f"{case.name}_seconds")
            for case in cases
        }
    result["targets"] = {f"{case.name}_seconds": case.target_seconds for case in cases}
    report("recovery", result)


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(
        description="Measure seconds from a crash until all orders are done."
    )
    parser.add_argument("--sides", default="pipeline,bare", help="sides to compare, ours first")
    parser.add_argument("--cases", default=",".join(case.name for case in CASES))
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--orders", type=int, default=50)
    asyncio.run(_run(parser.parse_args()))


if __name__ == "__main__":
    main()
