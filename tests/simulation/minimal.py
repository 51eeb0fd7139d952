"""The shortest plan that still fails: steps and operations are left out for as long as it does.

All is played on one world, for orders of other names each time, so that a try costs seconds.
"""

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import count

from tests.simulation.oracles import Fault, FaultKind
from tests.simulation.plan.shrink import shrink
from tests.simulation.plan.steps import Event, Plan, PlannedOrder, Step
from tests.simulation.simulation import simulate
from tests.simulation.world import World
from workflows.identity import order_workflow_id


@dataclass(frozen=True)
class Atom:
    """What can be left out of a plan: a whole step, or one operation of it."""

    step: int
    operation: int | None = None


def atoms_of(plan: Plan) -> list[Atom]:
    """Return everything that can be left out of a plan."""
    return [atom for number, step in enumerate(plan.steps) for atom in _atoms(number, step)]


def _atoms(number: int, step: Step) -> Iterator[Atom]:
    yield Atom(number)
    if not isinstance(step, Event):
        yield from (Atom(number, operation) for operation in range(len(step.operations)))


def plan_of(plan: Plan, atoms: Sequence[Atom]) -> Plan:
    """Return what is left of a plan: an operation without its step is no operation."""
    kept = set(atoms)
    return Plan(
        tuple(
            step
            if isinstance(step, Event)
            else replace(
                step,
                operations=tuple(
                    planned
                    for index, planned in enumerate(step.operations)
                    if Atom(number, index) in kept
                ),
            )
            for number, step in enumerate(plan.steps)
            if Atom(number) in kept
        )
    )


async def minimal_plan(
    world: World, plan: Plan, faults: Sequence[Fault], seconds: float
) -> Plan | None:
    """Return the shortest plan that was found in time and has a fault of the same kind.

    Return None if nothing failed again.
    """
    kind = faults[0].kind
    names = (f"again{number}-" for number in count(1))
    shortest: list[Atom] | None = None

    async def fails(atoms: list[Atom]) -> bool:
        nonlocal shortest
        report = await simulate(world, plan_of(plan, atoms).renamed(next(names)))
        if any(fault.kind is kind for fault in report.faults):
            shortest = atoms
            return True
        return False

    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            for guess in _guesses(plan, faults, kind):
                if await fails(guess):
                    await shrink(guess, fails, seconds)
                    break
    return None if shortest is None else plan_of(plan, shortest)


def _guesses(plan: Plan, faults: Sequence[Fault], kind: FaultKind) -> Iterator[list[Atom]]:
    """Yield what to begin with: the first order that is wrong, all of them, everything."""
    everything = atoms_of(plan)
    wrong = [fault.about for fault in faults if fault.kind is kind]
    for about in (wrong[:1], wrong):
        of_orders = [
            atom
            for atom in everything
            if isinstance(step := plan.steps[atom.step], PlannedOrder)
            and order_workflow_id(step.order.order_id) in about
        ]
        events = [atom for atom in everything if isinstance(plan.steps[atom.step], Event)]
        if of_orders:
            yield of_orders
            yield sorted([*of_orders, *events], key=lambda atom: atom.step)
    yield everything
