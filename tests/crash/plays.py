"""The people in each case: they start the run, bring it to its step, and continue afterwards.

A play arms one point and waits until a process is stopped there; the wave does the killing.
"""

import asyncio
import re
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

from temporalio.client import WorkflowExecutionStatus

from bootstrap import object_store
from models import (
    Approval,
    Correction,
    Order,
    OrderItem,
    OrderState,
    OrderStatus,
    ReceiptState,
    ReceiptStatus,
)
from providers.errors import ProviderError
from providers.object_store import ObjectStore
from sandbox.samples import RECEIPTS
from service.errors import ServiceError
from service.orders.start import start_order
from service.receipts.start import start_receipt, stored_receipt
from tests.crash.arena import Arena
from tests.crash.cases import Case, Kind, Moment, Victim
from tests.crash.points import point
from tests.crash.proxy import Hold
from workflows.identity import order_workflow_id, receipt_workflow_id
from workflows.order.workflow import OrderWorkflow
from workflows.receipt.workflow import ReceiptWorkflow

LOOK_SECONDS = 0.05
REACH_SECONDS = 300.0
END_SECONDS = 300.0
CORRECTED_CENTS = 1140


async def until(condition: Callable[[], Awaitable[bool] | bool], seconds: float, what: str) -> None:
    """Wait until a condition holds; raises TimeoutError with ``what`` after ``seconds``."""
    try:
        async with asyncio.timeout(seconds):
            while True:
                holds = condition()
                if holds if isinstance(holds, bool) else await holds:
                    return
                await asyncio.sleep(LOOK_SECONDS)
    except TimeoutError:
        raise TimeoutError(f"{what}: not within {seconds:g} s") from None


class Play(ABC):
    """One run, and what people do to it before and after the crash."""

    def __init__(self, case: Case, arena: Arena) -> None:
        self.case = case
        self.arena = arena
        self.email = f"{case.slug}@crash.example"
        self.workflow_id = ""

    @property
    def point(self) -> str:
        """The point where a process must be stopped when the victim is killed."""
        return point(self.case.moment, self.case.step.what, self.workflow_id)

    @abstractmethod
    async def to_the_point(self) -> None:
        """Start the run and bring it to the moment of the crash."""

    async def go_on(self) -> None:  # noqa: B027 - most plays need nothing then
        """Do what people do after everything is up again."""

    @abstractmethod
    async def end(self) -> OrderState | ReceiptState:
        """Wait for the end of the run; return its state."""

    def release(self) -> None:
        """Release the process that is stopped at the point, while the victim is dead."""
        self.arena.points.release(self.point)

    def is_answered_while_down(self) -> bool:
        """Return whether the released process has called the dead victim, if it has to."""
        case = self.case
        if case.step.is_wait:
            return True
        calls = self.arena.calls.of(self.workflow_id)
        events = {call.event for call in calls if call.what == case.step.what}
        if case.victim is case.step.server and case.moment is Moment.BEFORE:
            return "failed" in events
        if case.victim is Victim.TEMPORAL and case.moment is not Moment.BETWEEN:
            return "ended" in events
        return True

    # --- for the plays ------------------------------------------------------------------------

    def _arm(self) -> None:
        if self.case.step.is_wait and self.case.moment is Moment.BEFORE:
            return
        self.arena.points.arm(self.point)
        if self.case.moment is Moment.EFFECT and self.case.step.server is not None:
            request = self._request_on_the_wire()
            if request is not None:
                hold = Hold(self.point, request, deliver=self.case.victim is Victim.TEMPORAL)
                self.arena.proxies[self.case.step.server].holds.append(hold)

    def _request_on_the_wire(self) -> re.Pattern[bytes] | None:
        """Return what the proxy matches; None if the effect is stopped inside the worker."""
        if self.case.step.server is Victim.MAILBOX:
            to = f"\r\nTo: {self.email}\r\n".encode()
            return re.compile(re.escape(to) + rb".*\r\n\.\r\n", re.DOTALL)
        key = f"Idempotency-Key: {self.workflow_id}:{self.case.step.name}\r\n".encode()
        return re.compile(re.escape(key), re.IGNORECASE)

    async def _is_reached(self) -> None:
        reached = partial(self.arena.points.is_reached, self.point)
        await until(reached, REACH_SECONDS, f"somebody stands at {self.point}")

    def _handle(self) -> Any:
        return self.arena.client.get_workflow_handle(self.workflow_id)

    async def _until_state(self, query: Any, status: str) -> None:
        async def so() -> bool:
            return bool((await self._handle().query(query)).status == status)

        await until(so, REACH_SECONDS, f"{self.workflow_id} is {status}")

    async def _end(self, query: Any) -> Any:
        async def over() -> bool:
            described = await self._handle().describe()
            return bool(described.status is not WorkflowExecutionStatus.RUNNING)

        await until(over, END_SECONDS, f"{self.workflow_id} is over")
        return await self._handle().query(query)


class OrderPlay(Play):
    """An order. A cancelled order is cancelled while it waits for the business day."""

    def __init__(self, case: Case, arena: Arena) -> None:
        super().__init__(case, arena)
        is_large = case.step.kind is Kind.LARGE_ORDER
        self.order = Order(
            order_id=case.slug,
            customer_id="cus_crash",
            customer_email=self.email,
            payment_token="tok_visa",
            items=(
                OrderItem(sku="mug", quantity=2, unit_price_cents=40_000 if is_large else 1_450),
            ),
        )
        self.workflow_id = order_workflow_id(case.slug)

    async def to_the_point(self) -> None:
        case, kind = self.case, self.case.step.kind
        self._arm()
        await start_order(self.arena.client, self.order, self.arena.settings.task_queue)
        if kind is Kind.LARGE_ORDER:
            await self._until_state(OrderWorkflow.status, OrderStatus.AWAITING_APPROVAL)
        elif kind in (Kind.WAITING_ORDER, Kind.CANCELLED_ORDER):
            waiting = OrderStatus.WAITING_FOR_BUSINESS_DAY
            await self._until_state(OrderWorkflow.status, waiting)
        else:
            await self._expedite()
        if kind is Kind.CANCELLED_ORDER:
            await self._handle().cancel()
        if not case.step.is_wait:
            await self._is_reached()
        elif case.moment is Moment.BETWEEN:
            await self._decide()
            await self._is_reached()

    async def go_on(self) -> None:
        if self.case.step.is_wait and self.case.moment is Moment.BEFORE:
            await self._decide()
        if self.case.step.kind is Kind.LARGE_ORDER:
            await self._expedite()

    async def end(self) -> OrderState:
        state: OrderState = await self._end(OrderWorkflow.status)
        return state

    async def _decide(self) -> None:
        if self.case.step.kind is Kind.LARGE_ORDER:
            await self._handle().signal("approval", Approval(approved=True, decided_by="ada"))
        else:
            await self._expedite()

    async def _expedite(self) -> None:
        await self._handle().signal(OrderWorkflow.expedite)


class ReceiptPlay(Play):
    """A receipt that is read, or one that waits for a correction."""

    def __init__(self, case: Case, arena: Arena) -> None:
        super().__init__(case, arena)
        sample = "cafe-coffee-stain" if case.step.kind is Kind.REVIEW else "grocery"
        photo = (RECEIPTS / f"{sample}.jpg").read_bytes()
        # Readers ignore what follows the end of a JPEG, so each case has a different file.
        self.photo = photo + case.slug.encode()
        self.user_id = case.slug
        self.object_key = ""

    async def to_the_point(self) -> None:
        self.object_key = await self._put(object_store(self.arena.settings))
        receipt = stored_receipt(self.object_key, self.user_id, self.email)
        self.workflow_id = receipt_workflow_id(receipt.receipt_id)
        self._arm()
        await start_receipt(self.arena.client, receipt, self.arena.settings.task_queue)
        if self.case.step.kind is Kind.REVIEW:
            await self._until_state(ReceiptWorkflow.status, ReceiptStatus.NEEDS_REVIEW)
            if self.case.moment is Moment.BETWEEN:
                await self._correct()
        if not self.case.step.is_wait or self.case.moment is Moment.BETWEEN:
            await self._is_reached()

    def _request_on_the_wire(self) -> re.Pattern[bytes] | None:
        if self.case.step.server is not Victim.S3:
            return super()._request_on_the_wire()
        if self.case.victim is not Victim.S3:
            return None  # its effect is the text, which is read inside the worker
        return re.compile(rb"GET [^ ]*" + re.escape(self.object_key.encode()))

    async def go_on(self) -> None:
        if self.case.step.kind is Kind.REVIEW and self.case.moment is Moment.BEFORE:
            await self._correct()

    async def end(self) -> ReceiptState:
        state: ReceiptState = await self._end(ReceiptWorkflow.status)
        return state

    async def _put(self, store: ObjectStore) -> str:
        return await asyncio.to_thread(store.put_receipt, self.photo)

    async def _correct(self) -> None:
        correction = Correction(total_cents=CORRECTED_CENTS, currency="EUR", corrected_by="ada")
        await self._handle().signal("correction", correction)


class FrontDoorPlay(ReceiptPlay):
    """A receipt whose submission fails; the person sees the error and submits it again."""

    def __init__(self, case: Case, arena: Arena) -> None:
        super().__init__(case, arena)
        self.workflow_id = receipt_workflow_id(case.slug)  # until the real one is known
        self._store = object_store(arena.proxied())
        self._submitting: asyncio.Task[str] | None = None
        self.refusal: Exception | None = None

    async def to_the_point(self) -> None:
        if self.case.moment is Moment.BETWEEN:
            self.object_key = await self._put(self._store)
        elif self.case.moment is Moment.EFFECT:
            self.arena.points.arm(self.point)
            request = re.compile(rb"PUT /.*" + re.escape(self.case.slug.encode()), re.DOTALL)
            proxy = self.arena.proxies[Victim.S3]
            proxy.holds.append(Hold(self.point, request))
            self._submitting = asyncio.create_task(self._put(self._store))
            await self._is_reached()

    def release(self) -> None:
        super().release()
        if self._submitting is None:
            self._submitting = asyncio.create_task(
                self._start() if self.case.moment is Moment.BETWEEN else self._put(self._store)
            )

    def is_answered_while_down(self) -> bool:
        return self._submitting is not None and self._submitting.done()

    async def go_on(self) -> None:
        try:
            await self._submitting if self._submitting else ""
        except (ProviderError, ServiceError) as refusal:
            self.refusal = refusal
        self.object_key = await self._put(self._store)
        await self._start()

    async def _start(self) -> str:
        receipt = stored_receipt(self.object_key, self.user_id, self.email)
        self.workflow_id = receipt_workflow_id(receipt.receipt_id)
        await start_receipt(self.arena.client, receipt, self.arena.settings.task_queue)
        return self.object_key


def play_of(case: Case, arena: Arena) -> Play:
    """Return the play of a case."""
    if case.step.kind is Kind.FRONT_DOOR:
        return FrontDoorPlay(case, arena)
    if case.step.kind in (Kind.RECEIPT, Kind.REVIEW):
        return ReceiptPlay(case, arena)
    return OrderPlay(case, arena)
