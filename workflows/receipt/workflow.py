"""The receipt pipeline: text, fields, record, tell."""

import asyncio

from temporalio import workflow
from temporalio.common import VersioningBehavior
from temporalio.exceptions import ActivityError, ApplicationError

with workflow.unsafe.imports_passed_through():
    from pydantic import ValidationError

    from models import (
        Correction,
        ExpenseToSave,
        ReceiptFields,
        ReceiptResult,
        ReceiptState,
        ReceiptStatus,
        ReceiptStep,
        ReceiptText,
        ReceiptTry,
        SavedExpense,
        is_currency,
        not_a_currency,
    )
    from providers.errors import InvalidExpense
    from workflows import limits, wording
    from workflows.identity import (
        WRONG_WORKFLOW_ID,
        foreign_input,
        receipt_id_of,
        receipt_workflow_id,
    )
    from workflows.mail.hand_over import told
    from workflows.receipt.progress import NOTHING_READ, ReceiptProgress
    from workflows.receipt.steps import ReceiptSteps
    from workflows.shared.cancellation import (
        cancel_requested,
        heed_earlier_cancel,
        raise_if_cancelled,
    )
    from workflows.shared.currencies import CurrencyCheck
    from workflows.shared.failures import error_type, reason_of
    from workflows.shared.query_time import time_of_query
    from workflows.shared.signals import input_of, message_of, update_of

DOUBTFUL_READING = "DoubtfulReading"
NO_CURRENCY = "no currency was found"
"""Type of the failure of a receipt that was read with doubts that nobody settled in time."""

EARLIER_CANCEL_COUNTS = "earlier-cancel-counts"
"""Patch. Before, a receipt that was discarded and then corrected, both while no worker was up, was
saved as an expense."""

LIKELY_DUPLICATE = "LikelyDuplicate"
"""Type of the failure of a receipt that looked like another and that nobody confirmed in time."""

CORRECTION_IN_JSON = '{"total_cents": 1230}'

NO_ADDRESS = "no address was given"
"""Why nobody is told of a receipt that came without an address."""

NO_RECEIPT = ReceiptTry.model_construct(
    receipt_id="none", user_id="none", object_key="none", notify_email=None
)
"""Stands in for an input that is no receipt, until the run has failed with the reason."""


@workflow.defn(
    failure_exception_types=[ValidationError], versioning_behavior=VersioningBehavior.AUTO_UPGRADE
)
class ReceiptWorkflow:
    """Turns one stored receipt into one expense and tells its user.

    - Workflow id ``receipt-<user>-<start of the content's SHA-256>``: the same file of the same
      user is the same run. It is used again only after a run that failed or was cancelled. A
      receipt under another id than its user's and content's fails with type WrongWorkflowId.
    - Input ``Receipt`` or ``ReceiptTry``, result ``ReceiptResult``. Text that cannot be read, or
      a record that cannot be saved, fails the run with the type of the provider's error.
    - A total that cannot be read, a reading with doubts, or an expense that looks like another
      of the same user sends the run to ``needs_review``, where it waits 7 days for the update
      or signal ``correction`` (``Correction``); none in time fails it with the reason of the
      review.
    - Query ``status`` (``ReceiptState``). Cancel it with Temporal's own cancellation: what runs
      finishes, and no further step begins. An expense that was saved before stays.
    - Auto-upgrade: it may be in review for 7 days, and no old build shall be kept that long.
    """

    @workflow.init
    def __init__(self, *given: object) -> None:
        self._input = input_of(NO_RECEIPT, given)
        self._receipt = receipt = self._input.value
        self._steps = ReceiptSteps(receipt)
        self._progress = ReceiptProgress(receipt)
        self._currencies = CurrencyCheck()

    # --- what happens ------------------------------------------------------------------------

    @workflow.run
    async def run(self, *given: object) -> ReceiptResult:
        """Run all steps; see the class for the contract."""
        self._input.require()
        own_id = receipt_id_of(self._receipt.user_id, self._receipt.object_key)
        foreign = foreign_input(receipt_workflow_id(own_id)) or foreign_input(
            receipt_workflow_id(self._receipt.receipt_id)
        )
        if foreign:
            self._progress.finish(ReceiptStatus.FAILED, foreign)
            raise ApplicationError(foreign, type=WRONG_WORKFLOW_ID)
        try:
            fields = await self._read_fields(await self._extract_text())
            expense, saved = await self._record(fields)
            await self._tell(expense, saved)
        except (ActivityError, asyncio.CancelledError) as stopped:
            if cancel_requested():
                self._progress.finish(ReceiptStatus.CANCELLED, "cancelled")
                raise asyncio.CancelledError from stopped
            self._progress.finish(ReceiptStatus.FAILED, reason_of(stopped))
            raise ApplicationError(
                f"{self._progress.step}: {reason_of(stopped)}", type=error_type(stopped)
            ) from stopped
        self._progress.finish(ReceiptStatus.COMPLETED)
        return ReceiptResult(
            status=self._progress.status,
            expense_id=saved.expense_id,
            user_told=self._progress.user_told,
            not_told_because=self._progress.not_told_because,
            **expense.model_dump(include=set(ReceiptResult.model_fields)),
        )

    async def _extract_text(self) -> ReceiptText:
        self._begin(ReceiptStep.TEXT)
        if self._receipt.text is not None:
            return self._receipt.text
        return await self._steps.extract_text().run()

    async def _read_fields(self, text: ReceiptText) -> ReceiptFields:
        """Find the fields; whatever keeps a parser from it, a person can still read them."""
        self._begin(ReceiptStep.FIELDS)
        try:
            fields = await self._steps.parse(text).local_first(self._progress.waiting)
        except ActivityError as failure:
            if cancel_requested():
                raise
            self._progress.fields = _partial_reading(failure)
            return await self._review(error_type(failure), reason_of(failure))
        self._progress.fields = fields
        doubts = fields.doubts if fields.currency else (*fields.doubts, NO_CURRENCY)
        if doubts:
            return await self._review(DOUBTFUL_READING, "; ".join(dict.fromkeys(doubts)))
        return fields

    async def _review(self, kind: str | None, reason: str) -> ReceiptFields:
        """Wait for a person's correction; raise ApplicationError of this type if none comes."""
        raise_if_cancelled()
        self._progress.enter_review(reason)
        deadline = workflow.now() + limits.REVIEW_LIMIT
        if not await self._progress.wait(
            "a correction",
            lambda: self._progress.corrected is not None,
            deadline,
            summary=f"correction, until {wording.moment(deadline)}: {reason}",
        ):
            late = f"{reason} (nobody corrected it within {limits.REVIEW_LIMIT.days} days)"
            self._progress.finish(ReceiptStatus.FAILED, late)
            raise ApplicationError(late, type=kind)
        if workflow.patched(EARLIER_CANCEL_COUNTS):
            await heed_earlier_cancel()
        return self._progress.corrected or NOTHING_READ

    async def _record(self, fields: ReceiptFields) -> tuple[ExpenseToSave, SavedExpense]:
        """Save the expense; one that looks like another waits until a person confirms it."""
        expense = self._expense(fields)
        saved = await self._save(expense)
        if saved.duplicate_of is not None:
            reason = wording.likely_duplicate(saved.duplicate_of, saved.expense_id)
            confirmed = await self._review(LIKELY_DUPLICATE, reason)
            expense = self._expense(confirmed, is_distinct=True)
            saved = await self._save(expense)
        self._progress.expense_id = saved.expense_id
        return expense, saved

    def _expense(self, fields: ReceiptFields, is_distinct: bool = False) -> ExpenseToSave:
        """Return the record; raise ApplicationError (InvalidExpense) if it cannot be one."""
        try:
            return ExpenseToSave.model_validate(
                {
                    "receipt_id": self._receipt.receipt_id,
                    "user_id": self._receipt.user_id,
                    "object_key": self._receipt.object_key,
                    "corrected_by": self._progress.corrected_by,
                    "is_distinct": is_distinct,
                    "is_merchant_confirmed": self._progress.is_merchant_confirmed,
                    **fields.model_dump(include=set(ExpenseToSave.model_fields)),
                }
            )
        except ValidationError as unfit:
            problems = [f"{problem['loc'][0]}: {problem['msg']}" for problem in unfit.errors()]
            reason = f"what was read is no expense: {'; '.join(problems)}"
            self._progress.finish(ReceiptStatus.FAILED, reason)
            raise ApplicationError(reason, type=InvalidExpense.__name__) from None

    async def _save(self, expense: ExpenseToSave) -> SavedExpense:
        self._begin(ReceiptStep.RECORD)
        return await self._steps.save(expense).local_first(self._progress.waiting)

    async def _tell(self, expense: ExpenseToSave, saved: SavedExpense) -> None:
        """Mail the user; a mail that fails is left to a run of its own: the expense is saved."""
        not_told_because: str | None = NO_ADDRESS
        if to := self._receipt.notify_email:
            self._begin(ReceiptStep.TELL)
            mail = self._steps.tell(to, expense, saved.expense_id)
            not_told_because = await told(mail, self._receipt.user_id, unless=cancel_requested)
        self._progress.user_told = not_told_because is None
        self._progress.not_told_because = not_told_because

    # --- what people can say and ask ---------------------------------------------------------

    @workflow.update(name="correction")
    def correct(self, *said: Correction) -> ReceiptState:
        """Take one ``Correction``; refused at once, with the reason, where it cannot count.

        It arrives as plain JSON, and as many of them as anybody cares to send.
        """
        self._progress.correct(update_of(Correction, said, CORRECTION_IN_JSON))
        return self._progress.state()

    @correct.validator
    def _check_correction(self, *said: Correction) -> None:
        correction = update_of(Correction, said, CORRECTION_IN_JSON)
        refusal = self._progress.refusal(correction)
        # What a validator refuses is in no history: it need not be kept for a replay.
        if refusal is None and correction.currency and not is_currency(correction.currency):
            refusal = not_a_currency(correction.currency)
        if refusal is not None:
            raise ApplicationError(refusal, type="CorrectionRefused")

    @workflow.signal(name="correction")
    def on_correction(self, *said: object) -> None:
        """Take the same as a plain signal; one that cannot count is logged."""
        correction = message_of(Correction, said, self._progress.drop)
        if correction is None:
            return
        refusal = self._progress.refusal(correction)
        if refusal is None and correction.currency:
            refusal = self._currencies.refusal(correction.currency)
        if refusal is not None:
            self._progress.drop(f"correction refused: {refusal}")
        else:
            self._progress.correct(correction)

    @workflow.query
    def status(self) -> ReceiptState:
        """Return where the receipt stands."""
        return self._progress.state(at=time_of_query())

    # --- how ---------------------------------------------------------------------------------

    def _begin(self, step: ReceiptStep) -> None:
        raise_if_cancelled()
        self._progress.enter(step)


def _partial_reading(failure: ActivityError) -> ReceiptFields:
    """Return what was read beside the total, which a TotalNotFound carries."""
    cause = failure.cause
    if isinstance(cause, ApplicationError) and cause.details:
        return ReceiptFields.model_validate(cause.details[0])
    return NOTHING_READ
