"""What each step of a receipt asks of its activity: request, idempotency key, summary.

A receipt is parsed and saved under no key of the run: reading changes nothing, and the row of an
expense is that of its receipt id.
"""

from temporalio import workflow

from activities.ocr import OcrActivities
from activities.receipts import ReceiptActivities
from models import (
    ExpenseToSave,
    MailReceipt,
    Receipt,
    ReceiptFields,
    ReceiptText,
    SavedExpense,
    StoredObject,
    TextToParse,
)
from workflows import wording
from workflows.identity import idempotency_key, ocr_task_queue
from workflows.shared.step import Step

TELL = "tell"
"""The mail's name in its idempotency key, never renamed: a retried mail would go out twice."""


class ReceiptSteps:
    """Makes the steps of one receipt."""

    def __init__(self, receipt: Receipt) -> None:
        self._receipt = receipt

    def extract_text(self) -> Step[ReceiptText]:
        """Read all text of the stored file."""
        return Step(
            OcrActivities.extract_text,
            StoredObject(object_key=self._receipt.object_key),
            summary=f"read the text of {self._receipt.object_key}",
            task_queue=ocr_task_queue(workflow.info().task_queue),
        )

    def parse(self, text: ReceiptText) -> Step[ReceiptFields]:
        """Find merchant, date, total and currency in the text."""
        return Step(
            ReceiptActivities.parse_receipt,
            TextToParse(**dict(text), user_id=self._receipt.user_id),
            summary=f"find the total in {len(text.lines)} lines",
        )

    def save(self, expense: ExpenseToSave) -> Step[SavedExpense]:
        """Save the expense."""
        amount = wording.money(expense.total_cents, expense.currency)
        return Step(
            ReceiptActivities.save_expense,
            expense,
            summary=f"save {amount} for {expense.user_id}, key {expense.receipt_id}",
        )

    def tell(self, to: str, expense: ExpenseToSave, expense_id: str) -> Step[MailReceipt]:
        """Mail the user that the expense was saved."""
        key = idempotency_key(TELL)
        return Step(
            ReceiptActivities.notify_user,
            wording.expense_mail(key, to, expense, expense_id),
            summary=f"mail {expense.user_id} that it was saved, key {key}",
        )
