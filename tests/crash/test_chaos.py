"""A small fixed chaos run; and the same seed makes the same plan again."""

import dataclasses
import math
import tempfile
from pathlib import Path

from tests.crash.chaos import is_clean, run_chaos
from tests.crash.chaos_plan import TEXT, VICTIMS, Deed, PlannedKill, make_plan


async def test_random_orders_and_receipts_survive_the_kill_of_every_part() -> None:
    kills = tuple(PlannedKill(gap=0.5, victim=victim, down=0.0) for victim in VICTIMS)
    plan = make_plan(orders=7, receipts=1, seed=673)
    receipts = tuple(dataclasses.replace(receipt, sample=TEXT) for receipt in plan.receipts)
    plan = dataclasses.replace(plan, receipts=receipts, kills=kills, kill_seconds=math.inf)
    with tempfile.TemporaryDirectory(prefix="chaos-", ignore_cleanup_errors=True) as folder:
        report = await run_chaos(Path(folder), plan)
    assert is_clean(report), report
    assert report["submitted"] == sum(report["completed"].values()) == 8
    assert report["kills"] == dict.fromkeys(VICTIMS, 1)


def test_a_seed_gives_the_same_plan_again() -> None:
    assert make_plan(50, 5, seed=7, kills=9) == make_plan(50, 5, seed=7, kills=9)
    assert make_plan(50, 5, seed=7, kills=9) != make_plan(50, 5, seed=8, kills=9)


def test_no_order_of_a_plan_waits_for_ever() -> None:
    for planned in make_plan(200, 0, seed=1).orders:
        deeds = [deed for _, deed in planned.deeds]
        assert {Deed.APPROVE, Deed.REJECT} & set(deeds)
        assert Deed.EXPEDITE in deeds
        if Deed.PAUSE in deeds:
            assert deeds.index(Deed.PAUSE) < deeds.index(Deed.RESUME)
