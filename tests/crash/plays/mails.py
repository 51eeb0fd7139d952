"""An order that cannot send its mail; the mail's own run is brought to the point."""

from tests.crash.arena import Arena
from tests.crash.cases import Case
from tests.crash.plays.orders import OrderPlay
from workflows.identity import mail_workflow_id, step_key
from workflows.order.steps import CONFIRM

GREYLISTED = "greylist-3"
"""The mailbox refuses this address three times for now: all attempts that the order itself has."""


class MailPlay(OrderPlay):
    """An order whose confirmation is left to a run of its own."""

    def __init__(self, case: Case, arena: Arena) -> None:
        super().__init__(case, arena)
        self.email = f"{GREYLISTED}@{case.slug}.crash.example"
        self.order = self.order.model_copy(update={"customer_email": self.email})

    @property
    def at(self) -> str:
        """The workflow id of the mail."""
        return mail_workflow_id(step_key(self.workflow_id, CONFIRM))
