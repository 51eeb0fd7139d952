"""The people with an order: they submit it, decide on it, and some cancel it."""

import asyncio
from contextlib import suppress

from pydantic import SecretStr
from temporalio.client import WorkflowFailureError
from temporalio.service import RPCError, RPCStatusCode

from activities.policies import POLICIES
from config import Settings
from models import Approval, Order, OrderItem, OrderState, OrderStatus
from service.orders.retry import plan_order, start_order_again
from service.orders.start import start_order
from service.runs.find import find_run
from tests.crash.arena import Arena
from tests.crash.cases import Case
from tests.crash.plays.play import REACH_SECONDS, Play
from tests.crash.points import point
from tests.crash.proxy import Hold, Side, Then
from tests.crash.steps import Group, Kind, Moment, Part, Victim
from workflows.identity import order_workflow_id
from workflows.order.workflow import OrderWorkflow

SLOW_MS = 6_000
"""How long a provider works on what its worker is killed inside of: longer than a worker is away,
so that the next one meets it."""

_WAITS = (Kind.WAITING_ORDER, Kind.CANCELLED_ORDER)
_CANCELLED = (Kind.CANCELLED_ORDER, Kind.CANCELLED_BEFORE, Kind.CANCELLED_MEANWHILE)


class OrderPlay(Play):
    """An order. A cancelled order is cancelled while it waits for the business day."""

    def __init__(self, case: Case, arena: Arena) -> None:
        super().__init__(case, arena)
        is_large = case.step.kind is Kind.LARGE_ORDER
        slow = case.step.slow if case.moment is Moment.INSIDE else None
        is_slow_card = slow is not None and slow.startswith("tok_")
        self.order = Order(
            order_id=case.slug,
            customer_id="cus_crash",
            customer_email=self.email,
            payment_token=f"{slow}_{SLOW_MS}" if is_slow_card else case.step.token,
            items=(
                OrderItem(
                    sku=f"{slow}-{SLOW_MS}" if slow and not is_slow_card else "mug",
                    quantity=2,
                    unit_price_cents=40_000 if is_large else 1_450,
                ),
            ),
        )
        self.workflow_id = order_workflow_id(case.slug)
        self.try_number = 1

    async def to_the_point(self) -> None:
        case, kind = self.case, self.case.step.kind
        self._arm()
        lost = self._arm_lost()
        settings = self.arena.settings_of(case.step.group is Group.STRIPE)
        await start_order(self.arena.client, self.order, settings.task_queue)
        if kind is Kind.TRIED_AGAIN:
            await self._try_again(settings)
        if kind is Kind.LARGE_ORDER:
            await self._until_state(OrderWorkflow.status, OrderStatus.AWAITING_APPROVAL)
        elif kind in _WAITS:
            waiting = OrderStatus.WAITING_FOR_BUSINESS_DAY
            await self._until_state(OrderWorkflow.status, waiting)
        elif kind not in _CANCELLED or case.step.what == "schedule_shipment":
            await self._expedite()
        if kind is Kind.CANCELLED_BEFORE:
            await self._is_reached(lost)
        if kind in (Kind.CANCELLED_ORDER, Kind.CANCELLED_BEFORE):
            await self._handle().cancel()
        if lost is not None:
            self.arena.points.release(lost)
        if not case.step.is_wait:
            await self._is_reached()
        elif case.moment is Moment.BETWEEN:
            await self._decide()
            await self._is_reached()

    async def at_the_kill(self) -> None:
        if self.case.moment is Moment.INSIDE and self._held is not None:
            self.release()
            async with asyncio.timeout(REACH_SECONDS):
                await self._held.forwarded.wait()

    async def while_down(self) -> None:
        if self.case.victim is not Victim.TEMPORAL:
            await self._cancel_meanwhile()

    async def go_on(self) -> None:
        if self.case.victim is Victim.TEMPORAL:
            await self._cancel_meanwhile()
        if self.case.step.is_wait and self.case.moment is Moment.BEFORE:
            await self._decide()
        looks_up_hours = self.case.step.kind is Kind.WAITING_ORDER and not self.case.step.is_wait
        if looks_up_hours or self.case.step.kind is Kind.LARGE_ORDER:
            await self._expedite()

    async def end(self) -> OrderState:
        state: OrderState = await self._end(OrderWorkflow.status)
        if self.case.moment is Moment.LATE and self._held is not None:
            if self.case.victim is Victim.KEYS:
                await self.arena.forget_keys()
            await self.arena.proxies[Victim.PROVIDER_API].send_kept(self._held)
        return state

    # --- what is held back ----------------------------------------------------------------------

    def _hold(self) -> Hold | None:
        case, step = self.case, self.case.step
        if step.call is None:
            return super()._hold()
        request = step.call.pattern(self.workflow_id, step.what)
        if case.moment is Moment.EFFECT:
            return Hold(self.point, request, Side.ANSWER, self._then())
        if case.moment is Moment.INSIDE:
            return Hold(self.point, request, Side.REQUEST, Then.DELIVER)
        if case.moment is Moment.LATE:
            return Hold(self.point, request, Side.REQUEST, Then.KEEP)
        if case.moment is Moment.BEFORE and step.part is not Part.ALL:
            return Hold(self.point, request, Side.REQUEST, self._then())
        return None

    def _arm_lost(self) -> str | None:
        """Have the request of ``Step.lost`` get lost; return the point where it stands first."""
        kind, lost = self.case.step.kind, self.case.step.lost
        if lost is None:
            return None
        name = point("lost", lost.what, self.workflow_id)
        self.arena.points.arm(name)
        if kind is Kind.CANCELLED_BEFORE:
            request = lost.call.pattern(self.workflow_id, lost.what)
            self._hold_back(Hold(name, request, Side.REQUEST, is_over=False))
        else:
            last = POLICIES["charge_payment"].attempts
            request = lost.call.pattern(self.workflow_id, lost.what, last)
            self._hold_back(Hold(name, request, Side.ANSWER))
        return name

    # --- what people do -------------------------------------------------------------------------

    async def _try_again(self, settings: Settings) -> None:
        """Try the order again after its card was declined."""
        client = self.arena.client
        with suppress(WorkflowFailureError):
            await self._handle().result()
        self.forget_the_past()
        self.try_number = 2
        run = await find_run(client, self.workflow_id)
        retry = await plan_order(client, settings, run, SecretStr("tok_visa"))
        await start_order_again(client, settings, retry)

    async def _cancel_meanwhile(self) -> None:
        if self.case.step.kind is not Kind.CANCELLED_MEANWHILE:
            return
        try:
            await self._handle().cancel()
        except RPCError as error:
            if error.status is not RPCStatusCode.NOT_FOUND:
                raise
            # It is over already, as the server was back before the cancel.

    async def _decide(self) -> None:
        if self.case.step.kind is Kind.LARGE_ORDER:
            await self._handle().signal("approval", Approval(approved=True, decided_by="ada"))
        else:
            await self._expedite()

    async def _expedite(self) -> None:
        await self._handle().signal(OrderWorkflow.expedite)
