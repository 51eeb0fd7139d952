"""The order pipeline: validate, approval, charge, reserve, wait, ship, confirm."""

import asyncio
import datetime as dt

from temporalio import workflow
from temporalio.common import VersioningBehavior
from temporalio.exceptions import ActivityError, ApplicationError, RetryState

with workflow.unsafe.imports_passed_through():
    from pydantic import ValidationError

    from models import (
        Charge,
        MailReceipt,
        OrderResult,
        OrderStatus,
        OrderStep,
        Shipment,
    )
    from workflows import limits, wording
    from workflows.identity import WRONG_WORKFLOW_ID, foreign_input, order_workflow_id
    from workflows.mail.hand_over import told
    from workflows.order import outcomes, rules
    from workflows.order.approval import decided_at_start
    from workflows.order.archiving import archived
    from workflows.order.input import order_of
    from workflows.order.messages import OrderMessages
    from workflows.order.outcomes import Ended, was_refused, why_not_paid
    from workflows.order.progress import OrderProgress
    from workflows.order.rules import Rule
    from workflows.order.shop_hours import ShopHours
    from workflows.order.steps import OrderSteps
    from workflows.order.tries import refuse_if_ended, settle_earlier_tries
    from workflows.shared.cancellation import (
        cancel_requested,
        heed_earlier_cancel,
        raise_if_cancelled,
        uncancellable,
    )
    from workflows.shared.compensation import Compensations
    from workflows.shared.failures import error_type, reason_of
    from workflows.shared.pause_gate import PauseGate
    from workflows.shared.step import Step


@workflow.defn(
    failure_exception_types=[ValidationError], versioning_behavior=VersioningBehavior.PINNED
)
class OrderWorkflow(OrderMessages):
    """Fulfils one order, or undoes what it did of it.

    - Workflow id ``order-<order_id>``: the order id is the run's identity. It is used again only
      by a later try of an order that ended without shipping, which first sees to it that nothing
      of the earlier ones is left. An order under another id fails with type WrongWorkflowId, and
      one that the archive knows to have ended with OrderHasEnded instead of a charge or mail.
    - Input ``Order`` or ``OrderTry``, result ``OrderResult`` with one of the final statuses. An
      input that is no valid order fails the run with type ValidationError; a reservation or
      shipment that fails for good without a business reason fails it with ReserveFailed or
      ShipFailed, after everything was undone; an undo that fails for good with
      CompensationFailed. Whatever the end of an order, its last step archives it.
    - Update and signal ``approval`` (``Approval``); signals ``pause``, ``resume``, ``expedite``.
    - Query ``status`` (``OrderState``). Cancel it with Temporal's own cancellation.
    - Idempotency keys are ``order-<order_id>:<step>``, and those of a later try ``...:<try>``.
    - Pinned to the build it began on: what has charged also undoes, and an order is over in days.
    """

    @workflow.init
    def __init__(self, *given: object) -> None:
        rules.follow_newest()
        self._input = order_of(given)
        self._order = order = self._input.value
        self._steps = OrderSteps(order)
        self._gate = PauseGate()
        self._progress = OrderProgress(order, self._gate, decided_at_start(order))
        self._hours = ShopHours(self._steps, self._progress.waiting)
        self._compensations = Compensations()
        self._payment_id: str | None = None
        self._charge_began = False
        # No patch: a step that refuses the run says that it was reset.
        self._run_id = workflow.info().original_execution_run_id
        self._drops_mails = False
        self._opening: dt.datetime | None = None
        self._expedited = False
        self._let_go_on = False
        self._amount = wording.amount_of(order)

    # --- what happens ------------------------------------------------------------------------

    @workflow.run
    async def run(self, *given: object) -> OrderResult:
        """Run all steps, or undo those that were begun; see the class for the contract."""
        self._input.require()
        if foreign := foreign_input(order_workflow_id(self._order.order_id)):
            self._progress.finish(OrderStatus.FAILED, foreign)
            raise ApplicationError(foreign, type=WRONG_WORKFLOW_ID)
        return await archived(self._fulfil_or_undo(), self._steps, self._progress)

    async def _fulfil_or_undo(self) -> OrderResult:
        goes_on_despite: str | None = None
        try:
            await self._fulfil()
        except Ended as ended:
            is_shipped = await uncancellable(self._find_shipment(ended))
            if not is_shipped and await self._undo_and_tell(ended.status, ended.reason):
                return self._progress.result()
            goes_on_despite = f"it is with the carrier already, although: {ended.reason}"
        except (ActivityError, asyncio.CancelledError) as stopped:
            if not await uncancellable(self._find_shipment(stopped)):
                await self._give_up(stopped)
        if cancel_requested():
            self._progress.refuse_cancel()
        await uncancellable(self._confirm(goes_on_despite), self._progress.refuse_cancel)
        return self._progress.result()

    async def _fulfil(self) -> None:
        await settle_earlier_tries(self._order, self._progress)
        await self._get_approval()
        await self._charge()
        await self._reserve()
        await self._wait_for_business_day()
        await self._ship()

    async def _get_approval(self) -> None:
        if not self._progress.needs_approval:
            return
        self._progress.enter(OrderStep.APPROVAL, OrderStatus.AWAITING_APPROVAL)
        deadline = workflow.now() + limits.APPROVAL_LIMIT
        self._progress.approval_expired = not await self._progress.wait(
            "an approval",
            lambda: self._progress.approval is not None,
            deadline,
            summary=f"approval of {self._amount}, until {wording.moment(deadline)}",
        )
        await self._pass_gate()
        approval = self._progress.approval
        if approval is None:
            hours = limits.APPROVAL_LIMIT // dt.timedelta(hours=1)
            raise Ended(OrderStatus.APPROVAL_EXPIRED, f"nobody decided within {hours} hours")
        if not approval.approved:
            why = f": {approval.reason}" if approval.reason else ""
            raise Ended(OrderStatus.REJECTED, f"rejected by {wording.decider(approval)}{why}")

    async def _charge(self) -> None:
        await self._begin(OrderStep.CHARGE)
        self._progress.show()
        self._charge_began = True
        self._compensations.register(self._refund)
        if rules.in_force(Rule.EARLIER_RUNS_UNDONE):
            # A run of this order that somebody terminated may have reserved already.
            self._compensations.register(self._release)
        charge: Charge | None = None
        try:
            charge = await self._pay()
        except ActivityError as failure:
            refuse_if_ended(failure, self._progress)
            if was_refused(failure):
                self._compensations = Compensations()
            elif not cancel_requested() and failure.retry_state in outcomes.ANSWER_MAY_BE_LOST:
                charge = (await self._steps.find_charge(self._payment_id).run()).charge
            if charge is None and cancel_requested():
                raise
            if charge is None:
                raise Ended(OrderStatus.PAYMENT_FAILED, why_not_paid(failure)) from failure
        self._progress.learn(transaction_id=charge.transaction_id)
        asked = (self._order.total_cents, self._order.currency)
        if (charge.amount_cents, charge.currency) != asked and not cancel_requested():
            charged = wording.money(charge.amount_cents, charge.currency)
            reason = f"{charged} were charged instead of {self._amount}"
            raise Ended(OrderStatus.PAYMENT_FAILED, reason)

    async def _pay(self) -> Charge:
        """Charge the card; a payment that the provider only opened is confirmed by its id.

        With the id in the history, whatever comes later confirms, or cancels, that very payment.
        """
        charge = await self._steps.charge().run()
        if charge.is_confirmed:
            return charge
        self._payment_id = charge.transaction_id
        raise_if_cancelled()
        return await self._steps.charge(self._payment_id).run()

    async def _reserve(self) -> None:
        if not rules.in_force(Rule.EARLIER_RUNS_UNDONE):
            # Before a cancel is looked for: a worker may have been lost after it had reserved and
            # before that was recorded, and then a cancel is all that the run knows of.
            self._compensations.register(self._release)
        await self._begin(OrderStep.RESERVE)
        try:
            reservation = await self._steps.reserve().local_first(self._progress.waiting)
        except ActivityError as failure:
            if error_type(failure) not in outcomes.NOT_IN_STOCK:
                raise
            self._compensations.forget_last()
            raise Ended(OrderStatus.OUT_OF_STOCK, reason_of(failure)) from failure
        self._progress.learn(reservation_id=reservation.reservation_id)

    async def _wait_for_business_day(self) -> None:
        await self._begin(OrderStep.WAIT)
        if self._expedited:
            return
        self._opening = await self._hours.next_opening(not_today=True)
        await self._wait_until(self._opening)

    async def _wait_until(self, opening: dt.datetime) -> None:
        self._progress.enter(OrderStep.WAIT, OrderStatus.WAITING_FOR_BUSINESS_DAY)
        self._let_go_on |= await self._progress.wait(
            "the next business day",
            lambda: self._expedited,
            opening,
            summary=f"next business day, {wording.moment(opening)}",
        )

    async def _ship(self) -> None:
        while (shipment := await self._hand_over()) is None:
            if (await self._steps.find_charge(self._payment_id).run()).charge is None:
                raise Ended(OrderStatus.PAYMENT_FAILED, outcomes.PAID_NO_MORE)
            self._run_id = workflow.info().run_id
            self._drops_mails = rules.in_force(Rule.EARLIER_MAIL_DROPPED)
        self._progress.learn(shipment_id=shipment.shipment_id)

    async def _hand_over(self) -> Shipment | None:
        """Ship; None if the run was reset: what was charged may have been refunded."""
        await self._begin(OrderStep.SHIP)
        while await self._must_wait_longer():
            await self._begin(OrderStep.SHIP)
        step = self._steps.ship(self._progress.ids.reservation_id or "", self._run_id)
        try:
            return await step.local_first(self._progress.waiting)
        except ActivityError as failure:
            if error_type(failure) != outcomes.RESET_SINCE:
                raise
            return None

    async def _must_wait_longer(self) -> bool:
        """Wait if it is not time to ship; return whether it was waited."""
        # The wait may have been over for days: of a pause, or for want of a worker.
        if not self._expedited and not self._hours.is_open():
            opening = await self._hours.next_opening()
            if not self._hours.is_open():
                await self._wait_until(opening)
            return True
        if not self._let_go_on or not rules.in_force(Rule.EARLIER_CANCEL_COUNTS):
            return False
        self._let_go_on = False
        await heed_earlier_cancel()
        return True

    async def _confirm(self, goes_on_despite: str | None) -> None:
        self._progress.enter(OrderStep.CONFIRM)
        await self._pass_gate()
        await self._tell(self._steps.confirm(self._progress.ids.shipment_id or ""))
        self._progress.finish(OrderStatus.COMPLETED, goes_on_despite)

    async def _tell(self, mail: Step[MailReceipt]) -> bool:
        """Mail the customer; a mail that fails undoes nothing, and is left to a run of its own.

        Return False if the run was reset: what the mail says may not be true.
        """
        others = self._steps.other_mails(mail) if self._drops_mails else ()
        try:
            why_not = await told(mail, self._order.customer_id, instead_of=others)
        except ActivityError as failure:
            refuse_if_ended(failure, self._progress)
            return False
        self._progress.customer_told = why_not is None
        return True

    # --- what is undone ----------------------------------------------------------------------

    async def _find_shipment(self, stopped: BaseException | None) -> bool:
        """Ask the carrier before anything is undone, and tell whether the goods are with it.

        Whatever this run remembers: it may have been reset to before it shipped, or its worker
        was lost in between, or the carrier's answer was not one that ``ship`` could take.
        """
        try:
            shipment_id = await self._shipment_id(stopped)
            if shipment_id is None:
                return False
            self._progress.learn(shipment_id=shipment_id)
            if self._progress.ids.transaction_id is None:
                charge = (await self._steps.find_charge(self._payment_id).run()).charge
                self._progress.learn(transaction_id=charge.transaction_id if charge else None)
        except ActivityError as failure:
            refuse_if_ended(failure, self._progress)
            reason = f"{failure.activity_type}: {reason_of(failure)}"
            self._progress.finish(OrderStatus.FAILED, reason)
            raise ApplicationError(
                f"nothing was undone, for want of knowing what was shipped: {reason}",
                type="CompensationFailed",
            ) from failure
        return True

    async def _shipment_id(self, stopped: BaseException | None) -> str | None:
        """Return the id of a shipment with the carrier; None also if nobody has to be asked."""
        if stopped and not self._charge_began and rules.in_force(Rule.EARLIER_RUNS_UNDONE):
            return await self._settle()
        if stopped and not (self._compensations and self._asks_carrier(stopped)):
            return None
        shipment = (await self._steps.find_shipment().run()).shipment
        return shipment.shipment_id if shipment else None

    async def _settle(self) -> str | None:
        """Undo what a run of this order may have begun that was terminated, and is forgotten.

        Return the id of its shipment if the carrier has the goods; then nothing was undone.
        """
        settled = await self._steps.settle_own().run()
        if settled.refund_id is not None:
            self._progress.learn(refund_id=settled.refund_id)
        return settled.shipment_id

    def _asks_carrier(self, stopped: BaseException) -> bool:
        if rules.in_force(Rule.CARRIER_ASKED_BEFORE_UNDO):
            return True
        if isinstance(stopped, ActivityError) and self._progress.step == OrderStep.SHIP:
            return stopped.retry_state != RetryState.NON_RETRYABLE_FAILURE
        if not cancel_requested() or self._progress.ids.transaction_id is None:
            return False
        return self._expedited or (self._opening is not None and workflow.now() >= self._opening)

    async def _give_up(self, stopped: BaseException) -> None:
        """Undo everything, then end as cancelled or failed; return if it was shipped."""
        if cancel_requested():
            if await self._undo_and_tell(OrderStatus.CANCELLED, "cancelled"):
                raise asyncio.CancelledError from stopped
            return
        reason = reason_of(stopped)
        if not await self._undo_and_tell(OrderStatus.FAILED, reason):
            return
        step = self._progress.step
        raise ApplicationError(
            f"{step} failed for good: {reason}", type=f"{step.capitalize()}Failed"
        ) from stopped

    async def _undo_and_tell(self, status: OrderStatus, reason: str) -> bool:
        """Undo what was begun; if the run was reset, also what it does not remember.

        Return False, with nothing undone, if the carrier has the goods of a run that was reset.
        """
        while not await uncancellable(self._undo_once_and_tell(status, reason)):
            self._run_id = workflow.info().run_id
            self._drops_mails = rules.in_force(Rule.EARLIER_MAIL_DROPPED)
            self._compensations = Compensations(self._refund, self._release)
            if await uncancellable(self._find_shipment(None)):
                return False
        self._progress.finish(status, reason)
        return True

    async def _undo_once_and_tell(self, status: OrderStatus, reason: str) -> bool:
        self._progress.reason = reason
        undoes = bool(self._compensations)
        # What was waited for until now is waited for no more, however long the mail takes.
        self._progress.enter(
            self._progress.step, OrderStatus.COMPENSATING if undoes else OrderStatus.RUNNING
        )
        if undoes:
            self._progress.show()
        if undoes and (failures := await self._compensations.run()):
            self._progress.finish(OrderStatus.FAILED, "; ".join(failures))
            raise ApplicationError(
                f"could not undo everything: {'; '.join(failures)}", type="CompensationFailed"
            )
        refund_id = self._progress.ids.refund_id
        return await self._tell(self._steps.tell_the_end(status, refund_id, self._run_id))

    async def _release(self) -> None:
        await self._steps.release().run()

    async def _refund(self) -> None:
        refund = await self._steps.refund(self._payment_id).run()
        self._progress.learn(transaction_id=refund.transaction_id, refund_id=refund.refund_id)

    # --- how ---------------------------------------------------------------------------------

    async def _begin(self, step: OrderStep) -> None:
        self._progress.enter(step)
        raise_if_cancelled()
        await self._pass_gate()
        raise_if_cancelled()

    async def _pass_gate(self) -> None:
        if self._gate.paused:
            self._progress.status = OrderStatus.RUNNING
            with self._progress.waiting("resume"):
                await self._gate.passed()
            self._let_go_on = True
            self._progress.show()
