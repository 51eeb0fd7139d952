"""A plan is decided by its seed alone and has everything in it that happens on bad days."""

import json
from collections import Counter

from tests.simulation.minimal import Atom, atoms_of, plan_of
from tests.simulation.plan.make import (
    ORDER_OPERATIONS,
    REAPPLY_EXCLUDES,
    RECEIPT_OPERATIONS,
    SAMPLE_RECEIPTS,
    make_plan,
)
from tests.simulation.plan.steps import (
    Event,
    ForgetKeys,
    Kill,
    Operation,
    Part,
    Plan,
    Planned,
    PlannedOrder,
)


def test_a_seed_makes_the_same_plan_again() -> None:
    assert make_plan(7, 60, 6) == make_plan(7, 60, 6)
    assert make_plan(7, 60, 6) != make_plan(8, 60, 6)


def test_a_plan_has_so_many_orders_and_receipts_of_different_names() -> None:
    plan = make_plan(1, 300, 30)
    assert len({order.order.order_id for order in plan.orders}) == 300
    assert len({order.order.customer_email for order in plan.orders}) == 300
    assert len({receipt.name for receipt in plan.receipts}) == 30


def test_a_plan_has_every_operation_and_every_event() -> None:
    plan = make_plan(1, 300, 60)
    done = {planned.operation for order in plan.orders for planned in order.operations}
    assert done == set(ORDER_OPERATIONS)
    done = {planned.operation for receipt in plan.receipts for planned in receipt.operations}
    assert done == set(RECEIPT_OPERATIONS)
    resets = {
        planned.without
        for order in plan.orders
        for planned in order.operations
        if planned.operation is Operation.RESET
    }
    assert resets == set(REAPPLY_EXCLUDES)
    pictures = {receipt.picture for receipt in plan.receipts}
    assert {*SAMPLE_RECEIPTS, "drawn-nothing"} <= pictures


def test_seeds_kill_every_part_forget_keys_and_deploy_every_build() -> None:
    events = [
        step
        for seed in range(10)
        for step in make_plan(seed, 300, 30).steps
        if isinstance(step, Event)
    ]
    kills = Counter(event.part for event in events if isinstance(event, Kill))
    assert set(kills) == set(Part)
    assert any(isinstance(event, ForgetKeys) for event in events)
    builds = [event.build for event in events if isinstance(event, Kill) and event.build]
    assert any(build.has_other_key for build in builds)
    assert any(build.lacks_activity for build in builds)
    assert any(build.lacks_patch for build in builds)


def test_a_choice_picks_one_of_so_many() -> None:
    assert [Planned(Operation.RESET, choice=c).pick(4) for c in (0.0, 0.3, 0.5, 0.999)] == [
        *(0, 1, 2, 3)
    ]


def test_a_plan_can_be_played_again_under_other_names() -> None:
    plan = make_plan(3, 20, 5)
    again = plan.renamed("again-")
    names = {order.order.order_id for order in plan.orders}
    assert {order.order.order_id for order in again.orders} == {f"again-{name}" for name in names}
    assert again.orders[0].order.customer_email != plan.orders[0].order.customer_email
    assert [order.operations for order in again.orders] == [o.operations for o in plan.orders]
    assert {r.user_id for r in again.receipts}.isdisjoint({r.user_id for r in plan.receipts})


def test_a_plan_is_told_in_words_without_anything_left_out() -> None:
    plan = make_plan(3, 30, 5)
    lines = list(plan.lines())
    operations = [*(o.operations for o in plan.orders), *(r.operations for r in plan.receipts)]
    assert len(lines) == len(plan.steps) + sum(map(len, operations))
    assert any("order sim-" in line for line in lines)


# --- leaving things out -------------------------------------------------------------------------


def test_everything_of_a_plan_is_the_plan() -> None:
    plan = make_plan(3, 20, 5)
    assert plan_of(plan, atoms_of(plan)) == plan


def test_an_operation_goes_with_its_order() -> None:
    plan = Plan(tuple(step for step in make_plan(3, 20, 0).steps if isinstance(step, PlannedOrder)))
    number = next(n for n, step in enumerate(plan.orders) if len(step.operations) > 1)
    order = plan.orders[number]
    (left,) = plan_of(plan, [Atom(number), Atom(number, 1)]).orders
    assert left.order == order.order
    assert left.operations == order.operations[1:2]
    assert plan_of(plan, [Atom(number, 1)]).steps == ()


def test_orders_are_valid_documents() -> None:
    for planned in make_plan(5, 50, 0).orders:
        document = json.loads(planned.order.model_dump_json())
        assert planned.order.model_validate(document) == planned.order
