"""Where a run stands: by its own word while it is open, by its history once it is over.

An order whose history is gone, too, stands where the archive says.
"""

import datetime as dt
from dataclasses import dataclass, field

from temporalio.client import Client

from config import Settings
from models import ArchivedOrder
from service.errors import Failed, RunNotFound, ServiceError
from service.history import read_history
from service.mails.standing import MailStanding, ended_mail, mails_of
from service.orders.archive import archived_state, find_archived
from service.orders.ended import ended_order, owed_by
from service.pending import Pending, failing_workflow_task
from service.receipts.ended import ended_receipt
from service.runs import Run, State, find_run


@dataclass(frozen=True)
class Standing:
    """Where a run stands; ``owed`` is what a run that was ended from outside left undone.

    ``found`` is the run or, if Temporal has forgotten it, what the archive has of its order.
    ``mails`` are those that a run which is over could not send itself.
    """

    found: Run | ArchivedOrder
    state: State
    owed: list[str] = field(default_factory=list)
    mails: list[MailStanding] = field(default_factory=list)

    @property
    def is_forgotten(self) -> bool:
        """Whether Temporal has forgotten the run."""
        return isinstance(self.found, ArchivedOrder)

    @property
    def elapsed(self) -> dt.timedelta:
        """How long it has run, or ran."""
        found = self.found
        return found.elapsed if isinstance(found, Run) else found.ended_at - found.started_at

    @property
    def pending(self) -> list[Pending]:
        """The activities that it waits for."""
        return self.found.pending if isinstance(self.found, Run) else []


async def standing(client: Client, run_id: str, settings: Settings) -> Standing:
    """Say where one run stands; raise as ``standing_of``, RunNotFound or DatabaseUnreachable."""
    try:
        run = await find_run(client, run_id)
    except RunNotFound:
        archived = await find_archived(settings, run_id)
        if archived is None:
            raise
        return Standing(archived, archived_state(archived))
    return await standing_of(client, run)


async def standing_of(client: Client, run: Run) -> Standing:
    """Say where a run stands; raise NoWorker, PausedByServer, or Failed with the reason.

    The server's word on the end comes first, and a run that is over needs no worker.
    """
    if not run.is_open:
        return await _ended(client, run)
    try:
        return Standing(run, await run.state())
    except ServiceError:
        failing = await failing_workflow_task(client, run.description)
        if failing is None:
            raise
        raise Failed(f"{run.workflow_id} cannot answer: {failing.words()}") from None


async def _ended(client: Client, run: Run) -> Standing:
    if run.is_mail:
        return Standing(run, await ended_mail(client, run.description))
    history = await read_history(client, run.execution)
    mails = await mails_of(client, history)
    if not run.is_order:
        receipt = await ended_receipt(client.data_converter, run.execution, history)
        return Standing(run, receipt, mails=mails)
    state = await ended_order(client.data_converter, run.execution, history)
    return Standing(run, state, owed_by(state, run.execution, history), mails)
