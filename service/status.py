"""Where a run stands: by its own word while it is open, by its history once it is over.

An order whose history is gone, too, stands where the archive says.
"""

import asyncio
import contextlib
import datetime as dt
from dataclasses import dataclass, field, replace

from temporalio.client import Client

from config import Settings
from models import ArchivedOrder, OrderState, OrderTry
from service.errors import Ambiguous, Failed, RunNotFound, ServiceError
from service.mails.standing import MailStanding, ended_mail, mails_of
from service.orders.archive import archived_state, find_archived
from service.orders.ended import ended_order, may_owe, owed_by
from service.orders.retry import seconds_of_last_calls
from service.orders.settled import Left, what_is_left
from service.receipts.ended import ended_receipt
from service.runs.ends import did_nothing, run_that_counts
from service.runs.find import Run, State, WorkflowId, find_run, run_of
from service.runs.history import RunHistory, decoded, read_history
from service.runs.pending import Pending, failing_workflow_task, unfinished_activities
from service.runs.reading import reader_of

ASKING_SECONDS = 10.0
"""How long the providers may take to say what is left of an order, before its history is told."""


@dataclass(frozen=True)
class RefusedRun:
    """A run that was started although its order had ended, and did nothing; ``reason`` says why."""

    run_id: str
    reason: str | None


@dataclass(frozen=True)
class Standing:
    """Where a run stands; ``owed`` is what a run that was ended from outside left undone.

    ``found`` is the run or, if Temporal has forgotten it, what the archive has of its order.
    ``mails`` are those that a run which is over could not send itself. ``refused`` is the latest
    run of an order if that did nothing: all else is then said of the order's own end.
    """

    found: Run | ArchivedOrder
    state: State
    owed: list[str] = field(default_factory=list)
    mails: list[MailStanding] = field(default_factory=list)
    refused: RefusedRun | None = None

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
        return Standing(archived, archived_state(archived), list(archived.owed))
    if run.is_open or not run.is_order or not await did_nothing(client, run.execution):
        return await standing_of(client, run, settings)
    return await _of_its_order(client, run, settings)


async def standings(client: Client, run_id: str, settings: Settings) -> list[Standing]:
    """Say where each of the runs stands that an id may mean; raise as ``standing``."""
    try:
        return [await standing(client, run_id, settings)]
    except Ambiguous as several:
        named = map(WorkflowId, several.workflow_ids)
        return [await standing(client, one, settings) for one in named]


async def _of_its_order(client: Client, latest: Run, settings: Settings) -> Standing:
    """Say how an order ended whose latest run did nothing; of the run itself if there is none."""
    end = await run_that_counts(client, latest.execution)
    if end is not None:
        order = await standing_of(client, await run_of(client, end), settings)
    elif row := await find_archived(settings, latest.workflow_id):
        order = Standing(row, archived_state(row), list(row.owed))
    else:
        return await standing_of(client, latest, settings)
    history = await read_history(client, latest.execution)
    refused, shipment_id = RefusedRun(latest.run_id, history.reason), None
    with contextlib.suppress(Failed):  # its input is no order: then it asked nobody
        at = await ended_order(reader_of(client, latest.workflow_id), latest.execution, history)
        shipment_id = at.shipment_id
    if shipment_id and isinstance(order.state, OrderState) and not order.state.shipment_id:
        # The later try learned from the carrier what the earlier one did not live to see.
        state = order.state.model_copy(update={"shipment_id": shipment_id})
        return replace(order, state=state, owed=[], refused=refused)
    return replace(order, refused=refused)


async def standing_of(client: Client, run: Run, settings: Settings | None = None) -> Standing:
    """Say where a run stands; raise NoWorker, PausedByServer, or Failed with the reason.

    The server's word on the end comes first, and a run that is over needs no worker. What an order
    that was ended from outside owes is asked of the providers that the settings name.
    """
    if not run.is_open:
        return await _ended(client, run, settings)
    try:
        return Standing(run, await run.state())
    except ServiceError:
        failing = await failing_workflow_task(client, run.description)
        if failing is None:
            raise
        raise Failed(f"{run.workflow_id} cannot answer: {failing.words()}") from None


async def _ended(client: Client, run: Run, settings: Settings | None) -> Standing:
    if run.is_mail:
        return Standing(run, await ended_mail(client, run.description))
    history = await read_history(client, run.execution)
    reader = reader_of(client, run.workflow_id)
    mails = await mails_of(client, run.execution, history)
    if not run.is_order:
        receipt = await ended_receipt(reader, run.execution, history)
        return Standing(run, receipt, mails=mails)
    state = await ended_order(reader, run.execution, history)
    if settings is not None and may_owe(state, run.execution, history):
        left = await _left(client, settings, run, state, history)
        if left is not None and left.shipment_id:
            state = state.model_copy(update={"shipment_id": left.shipment_id})
        owed = list(left.owed) if left is not None else owed_by(state, run.execution, history)
    else:
        owed = owed_by(state, run.execution, history)
    errors = [
        f"{one.task} failed last, at attempt {one.attempt}: {one.last_error}"
        for one in unfinished_activities(run.description)
        if one.last_error
    ]
    return Standing(run, state, [*owed, *errors] if owed else [], mails)


async def _left(
    client: Client, settings: Settings, run: Run, state: OrderState, history: RunHistory
) -> Left | None:
    """Ask the providers what an order left undone: a call may have come through after its end.

    None if they do not answer, or if they know of nothing while a call may still be on its way.
    """
    order = await decoded(reader_of(client, run.workflow_id), history.input, OrderTry)
    if order is None:
        return None
    try:
        async with asyncio.timeout(ASKING_SECONDS):
            left = await what_is_left(settings, order, state.transaction_id)
    except (ServiceError, TimeoutError):
        return None
    may_come = seconds_of_last_calls(run.execution, dt.datetime.now(dt.UTC)) > 0
    return left if left.shipment_id or left.owed or not may_come else None
