"""``python -m tests.simulation``: orders and receipts of every kind, and everything that happens to
them on bad days, all decided by one seed; then an audit and oracles of its own.

The last line of output is JSON. Exit code 0 if nothing is wrong. A seed that fails prints the
shortest plan that was found in time and still fails.
"""

import argparse
import asyncio
import json
import logging
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from tests.simulation.minimal import minimal_plan
from tests.simulation.plan.make import make_plan
from tests.simulation.plan.steps import Plan
from tests.simulation.simulation import Report, simulate
from tests.simulation.world import World, open_world

ORDERS_A_RECEIPT = 10
SHRINK_SECONDS = 180.0


def main() -> int:
    """Run one simulation; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--orders", type=int, default=300)
    parser.add_argument("--receipts", type=int, help="default: one for ten orders")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--shrink", type=float, default=SHRINK_SECONDS, help="seconds for that")
    parser.add_argument("--plan", action="store_true", help="print the plan and do nothing else")
    wanted = parser.parse_args()
    receipts = wanted.orders // ORDERS_A_RECEIPT if wanted.receipts is None else wanted.receipts
    plan = make_plan(wanted.seed, wanted.orders, receipts)
    if wanted.plan:
        sys.stdout.writelines(f"{line}\n" for line in plan.lines())
        return 0
    # The plan says what was killed; do not log every broken connection as well.
    logging.disable(logging.CRITICAL)
    report = asyncio.run(_run(plan))
    if report.faults and wanted.shrink > 0:
        asyncio.run(_shrink(plan, report, wanted.shrink))
    sys.stdout.write(json.dumps({"seed": wanted.seed, **report.summary()}) + "\n")
    return 0 if report.is_clean else 1


async def _run(plan: Plan) -> Report:
    async with _world() as world:
        report = await simulate(world, plan, _tell)
    for fault in report.faults:
        _tell(f"{fault.kind}: {fault.about}: {fault.words}")
    return report


async def _shrink(plan: Plan, report: Report, seconds: float) -> None:
    _tell(f"looking for the shortest plan that still fails, for at most {seconds:g} s")
    # In a new world: what hundreds of orders left in the old one would have to be read each time.
    async with _world() as world:
        shortest = await minimal_plan(world, plan, report.faults, seconds)
    if shortest is None:
        _tell("it did not fail again")
        return
    _tell("the shortest plan that was found and still fails:")
    for line in shortest.lines():
        _tell(line)


@asynccontextmanager
async def _world() -> AsyncIterator[World]:
    with tempfile.TemporaryDirectory(prefix="simulate-", ignore_cleanup_errors=True) as folder:
        async with open_world(Path(folder)) as world:
            yield world


def _tell(line: str) -> None:
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()


if __name__ == "__main__":
    sys.exit(main())
