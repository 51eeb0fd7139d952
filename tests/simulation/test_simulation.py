"""A short simulation: a few orders, a wrong key, forgotten keys; days pass."""

import tempfile
from pathlib import Path

from tests.simulation.plan.builds import Build
from tests.simulation.plan.make import make_plan
from tests.simulation.plan.steps import ForgetKeys, Kill, Part, Plan
from tests.simulation.simulation import simulate
from tests.simulation.world import open_world

WITH_OTHER_KEY = Build(has_other_key=True)


async def test_a_short_simulation_ends_with_nothing_wrong() -> None:
    planned = make_plan(seed=4, orders=9, receipts=0)
    first, *orders = planned.orders
    events = (Kill(Part.WORKER_1, 0.0, WITH_OTHER_KEY), ForgetKeys())
    plan = Plan((first, *events, *orders))
    with tempfile.TemporaryDirectory(prefix="simulate-", ignore_cleanup_errors=True) as folder:
        async with open_world(Path(folder), (Part.WORKER_1,)) as world:
            report = await simulate(world, plan)
    assert report.faults == []
    assert report.submitted == sum(report.by_status.values()) == len(orders) + 1
    assert report.operations["kill worker-1"] == report.operations["forget keys"] == 1
