"""What an order can say about itself at any time: state, search attributes, details."""

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager

from temporalio import workflow

from models import Approval, Order, OrderIds, OrderResult, OrderState, OrderStatus, OrderStep
from workflows import search_attributes, wording
from workflows.pause_gate import PauseGate


class OrderProgress:
    """Where the order stands. Callers change the fields and then ``show`` them."""

    def __init__(self, order: Order, gate: PauseGate) -> None:
        self._order = order
        self._gate = gate
        self._finished_at: dt.datetime | None = None
        self._waiting_for: str | None = None
        self._waiting_until: dt.datetime | None = None
        self.status = search_attributes.first_status(order)
        self.step = OrderStep.VALIDATE
        self.ids = OrderIds()
        self.approval: Approval | None = None
        self.reason: str | None = None
        self.cancel_refused: str | None = None
        self.customer_told = False

    def enter(self, step: OrderStep, status: OrderStatus = OrderStatus.RUNNING) -> None:
        """Begin a step. One that lasts is then to be shown."""
        self.step = step
        self.status = status
        self.describe()

    def finish(self, status: OrderStatus, reason: str | None = None) -> None:
        """Take a final status."""
        self._finished_at = workflow.now()
        self.status = status
        self.reason = reason
        self.show()

    @property
    def finished(self) -> bool:
        """Whether the order has its final status."""
        return self._finished_at is not None

    @contextmanager
    def waiting(self, what: str, until: dt.datetime | None = None) -> Iterator[None]:
        """Show what the order waits for, and until when (UTC), while it does."""
        self._waiting_for, self._waiting_until = what, until
        self.show()
        try:
            yield
        finally:
            # No call of the workflow API in here: the garbage collector, outside of any workflow,
            # closes a run that its worker dropped while it waited.
            self._waiting_for = self._waiting_until = None
        self.describe()

    def describe(self) -> None:
        """Bring the run's details in the Temporal UI up to date, which costs nothing."""
        workflow.set_current_details(wording.order_details(self.state()))

    def show(self) -> None:
        """Bring searches up to date as well: a change of search attributes is an event."""
        self.describe()
        search_attributes.show(search_attributes.of_order(self._order, self.status))

    def state(self, at: dt.datetime | None = None) -> OrderState:
        """Give everything there is to know, as of a time in UTC (default: the last event's)."""
        started_at = workflow.info().start_time
        as_of = self._finished_at or at or workflow.now()
        return OrderState(
            order_id=self._order.order_id,
            status=self.status,
            step=self.step,
            paused=self._gate.paused,
            waiting_for=self._waiting_for,
            waiting_until=self._waiting_until,
            total_cents=self._order.total_cents,
            currency=self._order.currency,
            approval=self.approval,
            reason=self.reason,
            cancel_refused=self.cancel_refused,
            customer_told=self.customer_told,
            started_at=started_at,
            elapsed_seconds=(as_of - started_at).total_seconds(),
            **self.ids.model_dump(),
        )

    def result(self) -> OrderResult:
        """Give the result that the workflow ends with."""
        return OrderResult(
            order_id=self._order.order_id,
            status=self.status,
            total_cents=self._order.total_cents,
            currency=self._order.currency,
            reason=self.reason,
            approval=self.approval,
            customer_told=self.customer_told,
            **self.ids.model_dump(),
        )
