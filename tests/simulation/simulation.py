"""Play a plan on a world, wait until nothing goes on any more, and look at what everybody holds."""

import asyncio
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from service.runs.executions import list_executions
from tests.simulation.facts import Facts
from tests.simulation.oracles import (
    Fault,
    FaultKind,
    faults_of_order,
    faults_of_receipt,
)
from tests.simulation.people import Happened, People
from tests.simulation.plan.steps import Event, ForgetKeys, Plan, PlannedOrder, PlannedReceipt
from tests.simulation.world import World

AT_ONCE = 24
"""Orders and receipts that somebody is busy with at a time."""

QUIET_SECONDS = 120.0
"""How long the last runs may take once everything works and time flies; then they count as lost."""

LOOK_SECONDS = 1.0
TELL_SECONDS = 5.0


@dataclass
class Report:
    """What was submitted and done, how it ended, and what is wrong."""

    submitted: int
    by_status: Counter[str]
    operations: Counter[str]
    faults: list[Fault] = field(default_factory=list)

    @property
    def is_clean(self) -> bool:
        """Whether nothing is wrong."""
        return not self.faults

    def summary(self) -> dict[str, Any]:
        """Return what the last line of output says, without the seed."""
        wrong = Counter(fault.kind for fault in self.faults)
        return {
            "submitted": self.submitted,
            "by_status": dict(sorted(self.by_status.items())),
            **{kind.value: wrong[kind] for kind in FaultKind},
            "operations": dict(sorted(self.operations.items())),
        }


async def simulate(world: World, plan: Plan, tell: Callable[[str], None] | None = None) -> Report:
    """Play a plan to its end; ``tell`` hears how far it has come."""
    play = _Play(world, plan, tell or (lambda _: None))
    async with asyncio.TaskGroup() as group:
        telling = group.create_task(play.tell_progress())
        await play.run()
        telling.cancel()
    return await play.report()


class _Play:
    def __init__(self, world: World, plan: Plan, tell: Callable[[str], None]) -> None:
        self._world = world
        self._plan = plan
        self._tell = tell
        self._happened = Happened()
        self._people = People(world, self._happened)
        self._began = time.monotonic()
        self._doing = "playing"

    async def run(self) -> None:
        """Begin step after step; then wait until nothing goes on."""
        # Of one: whatever is submitted next waits for its events, or all would come in the end.
        events: asyncio.Queue[Event | None] = asyncio.Queue(maxsize=1)
        places = asyncio.Semaphore(AT_ONCE)
        async with asyncio.TaskGroup() as group:
            happening = group.create_task(self._happen(events))
            playing: list[asyncio.Task[None]] = []
            for step in self._plan.steps:
                if isinstance(step, Event):
                    await events.put(step)
                    continue
                await places.acquire()
                task = group.create_task(self._play(step))
                task.add_done_callback(lambda _: places.release())
                playing.append(task)
            await events.put(None)
            await happening
            await self._world.repair()
            await asyncio.gather(*playing)
        self._doing = "waiting for the last runs"
        await self._quiet()
        self._doing = "reading the books"

    async def _play(self, step: PlannedOrder | PlannedReceipt) -> None:
        if isinstance(step, PlannedOrder):
            await self._people.play_order(step)
        else:
            await self._people.play_receipt(step)

    async def _happen(self, events: asyncio.Queue[Event | None]) -> None:
        """Let the events happen one after the other: of the workers only one is ever down."""
        while (event := await events.get()) is not None:
            name = "forget keys" if isinstance(event, ForgetKeys) else f"kill {event.part}"
            self._happened.operations[name] += 1
            await self._world.happen(event)

    async def _quiet(self) -> None:
        """Wait until no run is open: nobody pauses any more, and time flies."""
        deadline = time.monotonic() + QUIET_SECONDS
        while time.monotonic() < deadline:
            running = [
                run
                async for run in list_executions(self._world.client, "ExecutionStatus = 'Running'")
            ]
            if not running:
                return
            await asyncio.gather(*(self._let_go(run.workflow_id) for run in running))
            await asyncio.sleep(LOOK_SECONDS)

    async def _let_go(self, workflow_id: str) -> None:
        if workflow_id.startswith("order-"):
            await self._people.resume(workflow_id)
        await self._world.let_time_fly(workflow_id)

    async def report(self) -> Report:
        """Read what everybody holds, and say what is wrong."""
        facts = Facts(self._happened)
        await facts.read(self._world)
        faults = [
            *self._happened.faults,
            *(fault for order in facts.orders() for fault in faults_of_order(order)),
            *(fault for receipt in facts.receipts() for fault in faults_of_receipt(receipt)),
            *facts.unexplained(),
        ]
        submitted = len(self._happened.orders) + len(self._happened.receipts)
        return Report(submitted, Counter(facts.statuses()), self._happened.operations, faults)

    async def tell_progress(self) -> None:
        """Say every few seconds how far the play has come, until cancelled."""
        total = len(self._plan.orders) + len(self._plan.receipts)
        while True:
            await asyncio.sleep(TELL_SECONDS)
            submitted = len(self._happened.orders) + len(self._happened.receipts)
            seconds = time.monotonic() - self._began
            done = sum(self._happened.operations.values())
            self._tell(
                f"{seconds:4.0f} s: {submitted} of {total} submitted, {done} operations and "
                f"events, {self._doing}"
            )
