"""What a receipt can say about itself at any time: state, search attributes, details."""

import datetime as dt

from temporalio import workflow
from temporalio.common import TypedSearchAttributes

from models import (
    Correction,
    Receipt,
    ReceiptFields,
    ReceiptState,
    ReceiptStatus,
    ReceiptStep,
    digits_of,
    outdated_details,
)
from workflows import search_attributes, wording
from workflows.shared.progress import Progress

NOTHING_READ = ReceiptFields(
    merchant=None, total_cents=None, currency=None, date=None, parser="nobody"
)


class ReceiptProgress(Progress[ReceiptStatus]):
    """Where the receipt stands. Callers change the fields and then ``show`` them."""

    def __init__(self, receipt: Receipt) -> None:
        super().__init__(ReceiptStatus.RUNNING)
        self._receipt = receipt
        self.step = ReceiptStep.TEXT
        self.fields: ReceiptFields | None = None
        self.corrected: ReceiptFields | None = None
        self.corrected_by: str | None = None
        self.is_merchant_confirmed = False
        self.expense_id: str | None = None
        self.user_told = False
        self.not_told_because: str | None = None

    def enter(self, step: ReceiptStep) -> None:
        """Begin a step. One that lasts is then to be shown."""
        self.step = step
        self.status = ReceiptStatus.RUNNING
        self.reason = None
        self.describe()

    def enter_review(self, reason: str) -> None:
        """Ask a person to look; a correction that was made in an earlier review is none of this."""
        self.status = ReceiptStatus.NEEDS_REVIEW
        self.reason = reason
        self.corrected = None

    def correct(self, correction: Correction) -> None:
        """Take what a person read, which must not be what ``refusal`` refuses."""
        self.corrected_by = correction.corrected_by
        if correction.merchant is not None:
            self.is_merchant_confirmed = True
        read = self.fields or NOTHING_READ
        said = correction.said() | {"unconfirmed": None}  # somebody has looked at it
        total, currency = correction.total_cents, correction.currency or read.currency
        said |= outdated_details(read.total_cents, read.currency, total, currency)
        if digits_of(currency) != digits_of(read.currency):
            said |= {"candidates": {}}
        self.fields = self.corrected = read.model_copy(update=said)

    def refusal(self, correction: Correction) -> str | None:
        """Return why a correction does not count now; None if it does."""
        receipt_id, read = self._receipt.receipt_id, self.fields or NOTHING_READ
        if self.status != ReceiptStatus.NEEDS_REVIEW:
            return f"receipt {receipt_id} waits for no correction: it is {self.status}"
        if correction.currency is None and read.currency is None:
            return f"receipt {receipt_id} shows no currency: the correction must give one"
        return None

    def details(self) -> str:
        """Return where the receipt stands, in Markdown."""
        return wording.receipt_details(self.state())

    def attributes(self) -> TypedSearchAttributes:
        """Return what the receipt is found by."""
        return search_attributes.of_receipt(self._receipt, self.status, self.fields)

    def state(self, at: dt.datetime | None = None) -> ReceiptState:
        """Return everything there is to know, as of a time in UTC (default: the last event's)."""
        return ReceiptState(
            receipt_id=self._receipt.receipt_id,
            user_id=self._receipt.user_id,
            object_key=self._receipt.object_key,
            status=self.status,
            step=self.step,
            waiting_for=self.waiting_for,
            waiting_until=self.waiting_until,
            reason=self.reason,
            fields=self.fields,
            corrected_by=self.corrected_by,
            expense_id=self.expense_id,
            user_told=self.user_told,
            not_told_because=self.not_told_because,
            started_at=workflow.info().start_time,
            elapsed_seconds=self.elapsed_seconds(at),
        )
