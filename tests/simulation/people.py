"""The people and programs of a simulation: they submit, decide, interfere and send nonsense.

They use the front doors' own service where there is one, and what anybody can reach without it:
signals, updates and the operator's calls of Temporal. What is refused stays undone, and nobody who
is not answered gives up at once.
"""

import asyncio
import time
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from temporalio.api.common.v1 import Payload
from temporalio.client import WorkflowHandle, WorkflowUpdateFailedError
from temporalio.common import RawValue
from temporalio.service import RPCError, RPCStatusCode

from bootstrap import object_store
from models import Approval, Correction, Order, OrderItem
from providers.errors import ProviderError
from service.errors import Refused, ServiceError, Unreachable
from service.orders import decisions
from service.orders.archive import opened_archive
from service.orders.start import start_order
from service.receipts.review import correct
from service.receipts.start import start_receipt, stored_receipt
from service.runs.find import cancel
from tests.simulation.operators import reset, retry
from tests.simulation.oracles import Fault, FaultKind
from tests.simulation.pictures import picture
from tests.simulation.plan.steps import Operation, Planned, PlannedOrder, PlannedReceipt
from tests.simulation.world import World
from workflows.identity import order_workflow_id

AGAIN_SECONDS = 0.3
"""How soon a person tries again what could not be reached."""

PATIENCE_SECONDS = 60.0
"""For how long; everything that is killed comes back much sooner."""

NONSENSE: tuple[tuple[str, tuple[Any, ...]], ...] = (
    ("approval", ("yes",)),
    ("approval", ({"approved": "yes"},)),
    ("approval", ({"approved": 1, "decided_by": "grace"},)),
    ("approval", ({"payment_token": "encrypted:x"},)),
    ("approval", ()),
    ("approval", ({"approved": True}, {"approved": False})),
    ("approval", (RawValue(Payload(metadata={"encoding": b"binary/other"}, data=b"\x00\xff")),)),
    ("correction", ('"payment_token"',)),
    ("correction", ({"total_cents": "12.30"},)),
    ("correction", ()),
    ("expedite", ({"payment_token": "encrypted:x"}, None)),
    ("cancel", (True,)),
    ("no-such-signal", (42,)),
)


@dataclass
class Happened:
    """What people did and saw, for the end: submissions that were acknowledged, by workflow id,
    when a run was reset or tried again (seconds since the epoch), and what was plainly wrong."""

    orders: dict[str, PlannedOrder] = field(default_factory=dict)
    receipts: dict[str, PlannedReceipt] = field(default_factory=dict)
    reopened: defaultdict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    retried: defaultdict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    terminated: set[str] = field(default_factory=set)
    operations: Counter[str] = field(default_factory=Counter)
    faults: list[Fault] = field(default_factory=list)


class People:
    """Everybody who does something to the runs of a world."""

    def __init__(self, world: World, happened: Happened) -> None:
        self._world = world
        self._happened = happened
        self._store = object_store(world.settings)

    async def play_order(self, planned: PlannedOrder) -> None:
        """Submit an order and do to it what is planned."""
        workflow_id = order_workflow_id(planned.order.order_id)
        await _insist(lambda: self._submit_order(planned.order))
        self._happened.orders[workflow_id] = planned
        for operation in planned.operations:
            await self._world.pass_time(workflow_id, operation.after)
            await self._do(workflow_id, operation, planned)
        await self._world.let_time_fly(workflow_id)

    async def play_receipt(self, planned: PlannedReceipt) -> None:
        """Submit a receipt and do to it what is planned."""
        workflow_id: str = await _insist(lambda: self._submit_receipt(planned))
        self._happened.receipts[workflow_id] = planned
        for operation in planned.operations:
            await self._world.pass_time(workflow_id, operation.after)
            await self._do(workflow_id, operation, planned)
        await self._world.let_time_fly(workflow_id)

    async def resume(self, workflow_id: str) -> None:
        """Resume an order, whether it is paused or not; nothing if it is over."""
        with suppress(RPCError):
            await self._world.client.get_workflow_handle(workflow_id).signal("resume")

    # --- submissions ----------------------------------------------------------------------------

    async def _submit_order(self, order: Order) -> None:
        async with opened_archive(self._world.settings) as archive:
            known = await archive.of(order.order_id)
        await start_order(self._world.client, order, self._world.queue, archived=known)

    async def _submit_receipt(self, planned: PlannedReceipt) -> str:
        data = await asyncio.to_thread(picture, planned.picture, planned.name)
        key = await asyncio.to_thread(self._store.put_receipt, data)
        receipt = stored_receipt(key, planned.user_id, planned.notify_email)
        return (await start_receipt(self._world.client, receipt, self._world.queue)).workflow_id

    async def _submit_again(self, workflow_id: str, planned: PlannedOrder | PlannedReceipt) -> None:
        try:
            if isinstance(planned, PlannedReceipt):
                await _insist(lambda: self._submit_receipt(planned))
            else:
                await _insist(lambda: self._submit_order(planned.order))
        except Refused as refused:
            self._blame(FaultKind.LOST, workflow_id, f"the same content was refused: {refused}")

    async def _submit_other(self, workflow_id: str, planned: PlannedOrder) -> None:
        first, *rest = planned.order.items
        more = first.model_copy(update={"quantity": first.quantity + 1})
        items: tuple[OrderItem, ...] = (more, *rest)
        other = planned.order.model_copy(update={"items": items})
        try:
            await _insist(lambda: self._submit_order(other))
        except Refused:
            return
        self._blame(FaultKind.DOUBLED, workflow_id, "other content was taken under its id")

    # --- what is done to a run ------------------------------------------------------------------

    async def _do(
        self, workflow_id: str, planned: Planned, subject: PlannedOrder | PlannedReceipt
    ) -> None:
        self._happened.operations[planned.operation] += 1
        run = self._world.client.get_workflow_handle(workflow_id)
        try:
            match planned.operation:
                case Operation.SUBMIT_AGAIN:
                    await self._submit_again(workflow_id, subject)
                case Operation.SUBMIT_OTHER if isinstance(subject, PlannedOrder):
                    await self._submit_other(workflow_id, subject)
                case Operation.CORRECT:
                    await self._correct(run, planned)
                case Operation.APPROVE | Operation.REJECT:
                    await self._decide(run, planned)
                case Operation.PAUSE | Operation.RESUME | Operation.EXPEDITE:
                    await self._signal(run, planned)
                case _:
                    await self._interfere(run, planned)
        except (ServiceError, WorkflowUpdateFailedError):
            pass  # refused, or nobody answered now: a person reads why
        except RPCError as error:
            if error.status not in _EXPECTED:
                raise

    async def _interfere(self, run: WorkflowHandle[Any, Any], planned: Planned) -> None:
        """Do what needs no understanding of the run."""
        match planned.operation:
            case Operation.RESET:
                if await reset(self._world, run.id, planned):
                    self._reopened(run.id)
            case Operation.RETRY:
                began = time.time()
                await retry(self._world, run.id, planned)
                self._happened.retried[run.id].append(began)
                self._reopened(run.id)
            case Operation.TERMINATE:
                await run.terminate("simulated operator")
                self._happened.terminated.add(run.id)
            case Operation.NONSENSE:
                name, sent = NONSENSE[planned.pick(len(NONSENSE))]
                await run.signal(name, args=sent)
            case Operation.CANCEL if _at_door(planned):
                await cancel(self._world.client, run.id)
            case Operation.CANCEL:
                await run.cancel()

    async def _decide(self, run: WorkflowHandle[Any, Any], planned: Planned) -> None:
        is_approved = planned.operation is Operation.APPROVE
        if _at_door(planned):
            approval = Approval(approved=is_approved, decided_by="grace")
            order_id = run.id.removeprefix("order-")
            await decisions.decide(self._world.client, order_id, approval)
        else:
            await run.signal("approval", {"approved": is_approved, "decided_by": "grace"})

    async def _signal(self, run: WorkflowHandle[Any, Any], planned: Planned) -> None:
        """Pause, resume or expedite."""
        if _at_door(planned):
            door = {
                Operation.PAUSE: decisions.pause,
                Operation.RESUME: decisions.resume,
                Operation.EXPEDITE: decisions.expedite,
            }[planned.operation]
            await door(self._world.client, run.id.removeprefix("order-"))
        else:
            await run.signal(planned.operation.value)

    async def _correct(self, run: WorkflowHandle[Any, Any], planned: Planned) -> None:
        cents = 1 + planned.pick(9_999)
        correction = Correction(total_cents=cents, currency="EUR", corrected_by="ada")
        if _at_door(planned):
            await correct(self._world.client, run.id, correction)
        else:
            await run.signal("correction", correction)

    def _reopened(self, workflow_id: str) -> None:
        self._happened.reopened[workflow_id].append(time.time())
        self._happened.terminated.discard(workflow_id)

    def _blame(self, kind: FaultKind, about: str, words: str) -> None:
        self._happened.faults.append(Fault(kind, about, words))


_EXPECTED = (
    RPCStatusCode.NOT_FOUND,  # it is over already
    RPCStatusCode.INVALID_ARGUMENT,  # the server does not allow a reset to there
    RPCStatusCode.FAILED_PRECONDITION,
)


def _at_door(planned: Planned) -> bool:
    """Tell whether it is done through a front door of ours, or past all of them.

    By a digit of the choice that picks nothing else.
    """
    return int(planned.choice * 1_000) % 2 == 0


async def _insist(do: Callable[[], Awaitable[Any]]) -> Any:
    """Call ``do`` until it is answered; raise what it raises after ``PATIENCE_SECONDS``."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        with suppress(ProviderError, Unreachable):
            return await do()
        if time.monotonic() > deadline:
            return await do()
        await asyncio.sleep(AGAIN_SECONDS)
