"""What a receipt can say about itself at any time: state, search attributes, details."""

import datetime as dt
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager

from temporalio import workflow

from models import Receipt, ReceiptFields, ReceiptState, ReceiptStatus, ReceiptStep
from workflows import search_attributes, wording


class ReceiptProgress:
    """Where the receipt stands. Callers change the fields and then ``show`` them."""

    def __init__(self, receipt: Receipt) -> None:
        self._receipt = receipt
        self._finished_at: dt.datetime | None = None
        self.status = ReceiptStatus.RUNNING
        self.step = ReceiptStep.TEXT
        self.fields: ReceiptFields | None = None
        self.expense_id: str | None = None
        self.reason: str | None = None
        self._waiting_for: str | None = None
        self._waiting_until: dt.datetime | None = None

    def enter(self, step: ReceiptStep) -> None:
        """Begin a step. One that lasts is then to be shown."""
        self.step = step
        self.status = ReceiptStatus.RUNNING
        self.reason = None
        self.describe()

    @contextmanager
    def waiting(self, what: str, until: dt.datetime) -> Iterator[None]:
        """Show what the receipt waits for, and until when (UTC), while it does."""
        self._waiting_for, self._waiting_until = what, until
        self.show()
        try:
            yield
        finally:
            # No call of the workflow API in here: the garbage collector, outside of any workflow,
            # closes a run that its worker dropped while it waited.
            self._waiting_for = self._waiting_until = None
        self.describe()

    def in_review(self, reason: str, until: dt.datetime) -> AbstractContextManager[None]:
        """Show that a person has to look, and why, until a time in UTC."""
        self.status = ReceiptStatus.NEEDS_REVIEW
        self.reason = reason
        return self.waiting("a correction", until)

    def finish(self, status: ReceiptStatus, reason: str | None = None) -> None:
        """Take a final status."""
        self._finished_at = workflow.now()
        self.status = status
        self.reason = reason
        self.show()

    def describe(self) -> None:
        """Bring the run's details in the Temporal UI up to date, which costs nothing."""
        workflow.set_current_details(wording.receipt_details(self.state()))

    def show(self) -> None:
        """Bring searches up to date as well: a change of search attributes is an event."""
        self.describe()
        search_attributes.show(
            search_attributes.of_receipt(self._receipt, self.status, self.fields)
        )

    def state(self, at: dt.datetime | None = None) -> ReceiptState:
        """Give everything there is to know, as of a time in UTC (default: the last event's)."""
        started_at = workflow.info().start_time
        as_of = self._finished_at or at or workflow.now()
        return ReceiptState(
            receipt_id=self._receipt.receipt_id,
            user_id=self._receipt.user_id,
            object_key=self._receipt.object_key,
            status=self.status,
            step=self.step,
            waiting_for=self._waiting_for,
            waiting_until=self._waiting_until,
            reason=self.reason,
            fields=self.fields,
            expense_id=self.expense_id,
            started_at=started_at,
            elapsed_seconds=(as_of - started_at).total_seconds(),
        )
