"""The steps of a receipt after OCR, each one call to a provider."""

from temporalio import activity

from activities.attempts import attempt, not_locally
from activities.metrics import count_reading, counted_mail
from models import (
    ExpenseToSave,
    Mail,
    MailReceipt,
    ReceiptFields,
    SavedExpense,
    TextToParse,
    is_currency,
    not_a_currency,
)
from providers.errors import TotalNotFound
from providers.mail import MailProvider
from providers.receipt_parser import ReceiptParser
from providers.records import ExpenseRecords


class ReceiptActivities:
    """Activities of ``ReceiptWorkflow`` except OCR, which runs in a process of its own.

    All raise ApplicationError, typed by provider error.
    """

    def __init__(self, parser: ReceiptParser, expenses: ExpenseRecords, mail: MailProvider) -> None:
        self._parser = parser
        self._expenses = expenses
        self._mail = mail

    @activity.defn
    async def parse_receipt(self, text: TextToParse) -> ReceiptFields:
        """Find merchant, date, total and currency in the text."""
        if activity.info().is_local and self._parser.is_metered:
            raise not_locally("a model's answer costs money and may differ next time")
        fields = _in_a_currency(await attempt(self._parse(text)))
        count_reading(fields)
        return fields

    async def _parse(self, text: TextToParse) -> ReceiptFields:
        # Asked first: a model's answer would be paid for again if the database were away.
        user = text.user_id
        known = await self._expenses.confirmed_merchants(user) if user is not None else ()
        try:
            return await self._parser.parse(text, known)
        except TotalNotFound:
            count_reading(None)
            raise

    @activity.defn
    async def save_expense(self, expense: ExpenseToSave) -> SavedExpense:
        """Write the expense; however often it is written, there is one row and one id.

        An expense that looks like another is not written, and the result says so.
        """
        return await attempt(self._expenses.save(expense))

    @activity.defn
    async def notify_user(self, mail: Mail) -> MailReceipt:
        """Mail a user what became of a file."""
        return await attempt(counted_mail(self._mail.send(mail)))


def _in_a_currency(fields: ReceiptFields) -> ReceiptFields:
    """Return the fields without a currency that is none, which is a doubt."""
    if fields.currency is None or is_currency(fields.currency):
        return fields
    doubt = f"the parser read a currency that is none: {not_a_currency(fields.currency)}"
    return fields.model_copy(update={"currency": None, "doubts": (*fields.doubts, doubt)})
