"""What a receipt can say about itself at any time: state, search attributes, details."""

import datetime as dt

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
        self.review_until: dt.datetime | None = None

    def enter(self, step: ReceiptStep) -> None:
        """Begin a step."""
        self.step = step
        self.status = ReceiptStatus.RUNNING
        self.reason = None
        self.show()

    def review(self, reason: str, until: dt.datetime) -> None:
        """Begin to wait for a correction, until a time in UTC."""
        self.status = ReceiptStatus.NEEDS_REVIEW
        self.reason = reason
        self.review_until = until
        self.show()

    def finish(self, status: ReceiptStatus, reason: str | None = None) -> None:
        """Take a final status."""
        self._finished_at = workflow.now()
        self.status = status
        self.reason = reason
        self.show()

    def show(self) -> None:
        """Bring the Temporal UI up to date: details, and search attributes that changed."""
        workflow.set_current_details(wording.receipt_details(self.state()))
        search_attributes.show(
            search_attributes.of_receipt(self._receipt, self.status, self.fields)
        )

    def state(self, at: dt.datetime | None = None) -> ReceiptState:
        """Give everything there is to know, as of a time in UTC (default: the last event's)."""
        started_at = workflow.info().start_time
        as_of = self._finished_at or at or workflow.now()
        in_review = self.status == ReceiptStatus.NEEDS_REVIEW
        return ReceiptState(
            receipt_id=self._receipt.receipt_id,
            user_id=self._receipt.user_id,
            object_key=self._receipt.object_key,
            status=self.status,
            step=self.step,
            waiting_for="a correction" if in_review else None,
            waiting_until=self.review_until if in_review else None,
            reason=self.reason,
            fields=self.fields,
            expense_id=self.expense_id,
            started_at=started_at,
            elapsed_seconds=(as_of - started_at).total_seconds(),
        )
