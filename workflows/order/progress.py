"""What an order can say about itself at any time: state, search attributes, details."""

import datetime as dt

from temporalio import workflow
from temporalio.common import TypedSearchAttributes

from models import (
    Approval,
    DecisionChannel,
    OrderIds,
    OrderResult,
    OrderState,
    OrderStatus,
    OrderStep,
    OrderTry,
    RequestedItem,
)
from workflows import search_attributes, wording
from workflows.shared.pause_gate import PauseGate
from workflows.shared.progress import Progress


class OrderProgress(Progress[OrderStatus]):
    """Where the order stands. Callers change the fields and then ``show`` them."""

    def __init__(self, order: OrderTry, gate: PauseGate, needs_approval: bool) -> None:
        super().__init__(search_attributes.first_status(needs_approval))
        self.needs_approval = needs_approval
        self._order = order
        self._items = tuple(RequestedItem(sku=i.sku, quantity=i.quantity) for i in order.items)
        self._gate = gate
        self.step = OrderStep.VALIDATE
        self.ids = OrderIds()
        self.approval: Approval | None = order.approved_before
        self.approval_expired = False
        self.cancel_refused: str | None = None
        self.customer_told = False

    def enter(self, step: OrderStep, status: OrderStatus = OrderStatus.RUNNING) -> None:
        """Begin a step. One that lasts is then to be shown."""
        self.step = step
        self.status = status
        self.describe()

    def learn(self, **ids: str | None) -> None:
        """Add ids that a provider gave to what is known."""
        self.ids = self.ids.model_copy(update=ids)
        self.describe()

    def decide(self, approval: Approval, came_by: DecisionChannel) -> None:
        """Take a person's decision, which must not be one that ``refusal`` refuses."""
        self.approval = approval.come_by(came_by)
        self.show()

    def refusal(self) -> str | None:
        """Return why no decision counts now; None if one does."""
        order_id, amount = self._order.order_id, wording.amount_of(self._order)
        if self.approval is not None:
            verdict = "approved" if self.approval.approved else "rejected"
            return f"order {order_id} was already {verdict} by {wording.decider(self.approval)}"
        if not self.needs_approval:
            return (
                f"order {order_id} needs no approval: {amount} was not above the limit when the "
                "order started"
            )
        if self.approval_expired or self.finished:
            return f"order {order_id} no longer waits: it is {self.status}"
        return None

    def refuse_cancel(self) -> None:
        """Show that the order was shipped before it could be cancelled."""
        self.cancel_refused = wording.cancel_refused(self.ids.shipment_id)
        self.show()

    def details(self) -> str:
        """Return where the order stands, in Markdown."""
        return wording.order_details(self.state(), self._items)

    def attributes(self) -> TypedSearchAttributes:
        """Return what the order is found by."""
        return search_attributes.of_order(self._order, self.status)

    def state(self, at: dt.datetime | None = None) -> OrderState:
        """Return everything there is to know, as of a time in UTC (default: the last event's)."""
        return OrderState(
            order_id=self._order.order_id,
            try_number=self._order.try_number,
            submitted_by=self._order.submitted_by,
            status=self.status,
            step=self.step,
            paused=self._gate.paused,
            waiting_for=self.waiting_for,
            waiting_until=self.waiting_until,
            total_cents=self._order.total_cents,
            currency=self._order.currency,
            approval=self.approval,
            reason=self.reason,
            cancel_refused=self.cancel_refused,
            customer_told=self.customer_told,
            started_at=workflow.info().start_time,
            elapsed_seconds=self.elapsed_seconds(at),
            **self.ids.model_dump(),
        )

    def result(self) -> OrderResult:
        """Return the result that the workflow ends with."""
        return OrderResult(
            order_id=self._order.order_id,
            try_number=self._order.try_number,
            status=self.status,
            total_cents=self._order.total_cents,
            currency=self._order.currency,
            reason=self.reason,
            approval=self.approval,
            customer_told=self.customer_told,
            **self.ids.model_dump(),
        )
