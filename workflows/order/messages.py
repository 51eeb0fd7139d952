"""What people can say to an order, and ask it: its updates, signals and queries."""

from temporalio import workflow
from temporalio.exceptions import ApplicationError

with workflow.unsafe.imports_passed_through():
    from models import Approval, DecisionChannel, OrderState
    from workflows.order.progress import OrderProgress
    from workflows.shared.pause_gate import PauseGate
    from workflows.shared.query_time import time_of_query
    from workflows.shared.signals import message_of, update_of

APPROVAL_IN_JSON = '{"approved": true}'


class OrderMessages:
    """The handlers of ``OrderWorkflow``, which makes what they change."""

    _gate: PauseGate
    _progress: OrderProgress
    _expedited: bool

    @workflow.update(name="approval")
    def decide(self, *said: Approval) -> OrderState:
        """Approve or reject with one ``Approval``; refused at once, with the reason, if it cannot.

        It arrives as plain JSON, and as many of them as anybody cares to send.
        """
        approval = update_of(Approval, said, APPROVAL_IN_JSON)
        self._progress.decide(approval, DecisionChannel.UPDATE)
        return self._progress.state()

    @decide.validator
    def _check_decision(self, *said: Approval) -> None:
        update_of(Approval, said, APPROVAL_IN_JSON)
        if refusal := self._progress.refusal():
            raise ApplicationError(refusal, type="ApprovalRefused")

    @workflow.signal(name="approval")
    def on_approval(self, *said: object) -> None:
        """Take the same decision as a plain signal; one that cannot count is logged."""
        approval = message_of(Approval, said, self._progress.drop)
        if approval is None:
            return
        if refusal := self._progress.refusal():
            self._progress.drop(f"approval refused: {refusal}")
        else:
            self._progress.decide(approval, DecisionChannel.SIGNAL)

    @workflow.signal
    def pause(self, *_: object) -> None:
        """Stop before the next step; what is running finishes."""
        self._gate.paused = True
        self._progress.show()

    @workflow.signal
    def resume(self, *_: object) -> None:
        """Go on at exactly the step before which the order was paused."""
        self._gate.paused = False
        self._progress.show()

    @workflow.signal
    def expedite(self, *_: object) -> None:
        """Skip the wait for the business day, also if it has not begun."""
        self._expedited = True

    @workflow.query
    def status(self) -> OrderState:
        """Return where the order stands."""
        return self._progress.state(at=time_of_query())
