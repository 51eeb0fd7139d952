"""Find a run, ask it where it stands, link to it."""

import datetime as dt
from typing import Any
from urllib.parse import quote

from temporalio.client import Client, WorkflowHandle
from temporalio.service import RPCError, RPCStatusCode

from config import Settings
from connection.causes import is_namespace_missing
from models import Action, MailState, OrderState, ReceiptState
from service.access.log import Doer, noted
from service.calls import CODE_FAILS, WAS_SENT, answered, reached, service_error
from service.errors import (
    Ambiguous,
    NothingCounts,
    NoWorker,
    PausedByServer,
    Refused,
    RunCodeFails,
    RunNotFound,
)
from service.runs.ends import did_nothing, is_foreign, run_that_counts
from service.runs.executions import PAUSED, Description, Execution, describe
from service.runs.listing import final_status
from service.runs.pending import (
    UNFINISHED,
    Pending,
    failing_workflow_task,
    pending_activities,
)
from workflows.identity import PREFIXES, order_workflow_id, receipt_workflow_id
from workflows.mail.workflow import MailWorkflow
from workflows.order.workflow import OrderWorkflow
from workflows.receipt.workflow import ReceiptWorkflow

State = OrderState | ReceiptState | MailState

_KINDS = {
    OrderWorkflow.__name__: "an order",
    ReceiptWorkflow.__name__: "a receipt",
    MailWorkflow.__name__: "a mail",
}

MAX_ID_CHARACTERS = 1_000
"""As many as the server takes in a workflow id."""


class WorkflowId(str):
    """A whole workflow id, which names no other run.

    Anybody may choose ``order-7`` as the id of an order, and it is the workflow id of order ``7``
    too. So what was found once is looked for by its workflow id alone from then on.
    """

    __slots__ = ()


class Run:
    """One workflow run that exists, and what kind it is.

    ``latest_run_id`` is the latest run of its id: another one, if that did nothing.
    """

    def __init__(
        self,
        client: Client,
        handle: WorkflowHandle[Any, Any],
        description: Description,
        latest_run_id: str | None = None,
    ) -> None:
        self.client = client
        self.handle = handle
        self.description = description
        self.latest_run_id = latest_run_id or description.execution.run_id

    @property
    def execution(self) -> Execution:
        """The run as the server knew it when it was found."""
        return self.description.execution

    @property
    def run_id(self) -> str:
        """The id of this one run among all of its workflow id."""
        return self.execution.run_id

    @property
    def workflow_id(self) -> WorkflowId:
        """The run's workflow id, such as ``order-7``."""
        return WorkflowId(self.handle.id)

    @property
    def is_order(self) -> bool:
        """Whether it runs the order pipeline."""
        return self.execution.workflow_type == OrderWorkflow.__name__

    @property
    def is_mail(self) -> bool:
        """Whether it is a mail that its run could not send."""
        return self.execution.workflow_type == MailWorkflow.__name__

    @property
    def kind(self) -> str:
        """What it is: an order, a receipt, a mail."""
        return _KINDS[self.execution.workflow_type]

    @property
    def task_queue(self) -> str:
        """The task queue that it runs on."""
        return self.description.raw.execution_config.task_queue.name

    @property
    def is_open(self) -> bool:
        """Whether it was still running when it was found."""
        return self.execution.is_open

    @property
    def elapsed(self) -> dt.timedelta:
        """How long it has run, or ran."""
        end = self.execution.closed_at or dt.datetime.now(dt.UTC)
        return end - self.execution.started_at

    @property
    def pending(self) -> list[Pending]:
        """The activities that it waited for when it was found."""
        return pending_activities(self.description)

    async def state(self, unanswered: str = "") -> State:
        """Ask the run itself; raise as ``answered`` does, and PausedByServer."""
        require_answers(self, unanswered)
        try:
            if self.is_mail:
                return await answered(self.handle.query(MailWorkflow.status), unanswered)
            query = OrderWorkflow.status if self.is_order else ReceiptWorkflow.status
            return await answered(self.handle.query(query), unanswered)
        except NoWorker:
            # A question waits from one try of code that fails to the next, which may be long.
            if not await self._code_fails():
                raise
            raise RunCodeFails(CODE_FAILS + unanswered) from None

    async def _code_fails(self) -> bool:
        described = await reached(describe(self.client, self.workflow_id, self.run_id))
        failing = await failing_workflow_task(self.client, described)
        return failing is not None and failing.last_error != UNFINISHED


def order_named(order_id: str) -> WorkflowId:
    """Return the workflow id of the order with exactly this id."""
    return WorkflowId(order_workflow_id(order_id))


async def find_run(client: Client, run_id: str) -> Run:
    """Find a run by its workflow id or by its order's or receipt's id alone; raise NotFound.

    A closed run of another type than the id names is passed over, and so is one of a receipt or a
    mail that did nothing; of an order it is the latest run, whether that did something or not.

    Raise Ambiguous if the id names several; a ``WorkflowId`` never does.
    """
    if not run_id.isprintable() or len(run_id) > MAX_ID_CHARACTERS:
        raise RunNotFound("there is no run of that id: ids are short, without control characters")
    named = await _run_at(client, run_id)
    if isinstance(run_id, WorkflowId) or (named and not run_id.startswith(PREFIXES)):
        others: list[Run | None] = []
    else:
        ids = (order_workflow_id(run_id), receipt_workflow_id(run_id))
        others = [await _run_at(client, one) for one in ids]
    found = [run for run in (named, *others) if run]
    if not found:
        raise RunNotFound(f"there is no run {run_id!r}")
    if len(found) > 1:
        raise Ambiguous.of(run_id, [run.workflow_id for run in found])
    return _ours(await _of_its_id(client, found[0]))


async def _run_at(client: Client, workflow_id: str) -> Run | None:
    try:
        described = await reached(describe(client, workflow_id))
        return Run(client, client.get_workflow_handle(workflow_id), described)
    except RPCError as error:
        if is_namespace_missing(error):
            raise service_error(error) from None
        if error.status not in (RPCStatusCode.NOT_FOUND, RPCStatusCode.INVALID_ARGUMENT):
            raise
        return None


async def _of_its_id(client: Client, latest: Run) -> Run:
    """Return the run that counts of what an id names; raise RunNotFound if that has none."""
    run, another_type = latest.execution, is_foreign(latest.execution)
    if latest.is_order and not another_type:
        return latest
    if not await did_nothing(client, run):
        return latest
    end = await run_that_counts(client, run)
    if end is not None:
        return await run_of(client, end, latest.run_id)
    if another_type:
        raise RunNotFound(
            f"there is no run {run.workflow_id!r} but one of {run.workflow_type}, which is over",
            latest.run_id,
        )
    return latest


async def run_of(client: Client, execution: Execution, latest_run_id: str | None = None) -> Run:
    """Return one run of an id that may have several; raise RPCError or TemporalGone."""
    workflow_id, run_id = execution.workflow_id, execution.run_id
    handle = client.get_workflow_handle(workflow_id, run_id=run_id)
    described = await reached(describe(client, workflow_id, run_id))
    return Run(client, handle, described, latest_run_id)


def _ours(run: Run) -> Run:
    kind = run.execution.workflow_type
    if kind not in _KINDS:
        raise Refused(f"{run.workflow_id} is a run of {kind}: neither an order nor a receipt")
    return run


async def find_open_order(client: Client, run_id: str, to_do: str) -> Run:
    """Find an order that is not over; raise NotFound, Refused or as ``_require_not_over``."""
    run = await find_run(client, run_id)
    if not run.is_order:
        raise Refused(f"{run.workflow_id} is {run.kind}: only an order can be {to_do}")
    await _require_not_over(client, run, to_do)
    return run


async def _require_not_over(client: Client, run: Run, to_do: str) -> None:
    """Raise Refused if the run is over, with the end of the order if it did nothing itself.

    That is NothingCounts if no run that Temporal knows has that end.
    """
    if run.is_open or not run.is_order:
        require_open(run, to_do)
        return
    end = await run_that_counts(client, run.execution)
    how = cannot_be(run.workflow_id, to_do, final_status(end or run.execution))
    raise NothingCounts(how) if end is None else Refused(how)


async def find_receipt(client: Client, run_id: str, to_do: str) -> Run:
    """Find a receipt, open or not; raise NotFound or Refused for anything else."""
    run = await find_run(client, run_id)
    if run.is_order or run.is_mail:
        raise Refused(f"{run.workflow_id} is {run.kind}: only a receipt can be {to_do}")
    return run


def require_open(run: Run, to_do: str) -> None:
    """Raise Refused if the run is over."""
    if not run.is_open:
        raise Refused(cannot_be(run.workflow_id, to_do, final_status(run.execution)))


def cannot_be(workflow_id: str, to_do: str, ended: str | None) -> str:
    """Say that something cannot be done with what is over, and how that ended."""
    return f"{workflow_id} cannot be {to_do}: it is over ({ended})"


def require_answers(run: Run, unanswered: str = "") -> None:
    """Raise PausedByServer for a run that somebody paused with Temporal's own pause.

    Such a run answers no query and no update until it is unpaused; the server keeps signals.
    """
    if run.execution.status == PAUSED:
        raise PausedByServer(
            f"{run.workflow_id} cannot answer: it was paused on the Temporal server itself, not by "
            f"'pause'; 'temporal workflow unpause --workflow-id {run.workflow_id}' lets it go on"
            f"{unanswered}"
        )


async def cancel(client: Client, run_id: str, doer: Doer | None = None) -> Run:
    """Ask a run to cancel itself: what an order did is undone, unless it was shipped.

    A mail that its run could not send is tried no more.

    The cancel is sent before the run is asked anything: a run that cannot answer now must not go
    on uncancelled later. Raise NotFound, or Refused if the run is over or its order was shipped;
    NoWorker, RunCodeFails or PausedByServer if the cancel was sent and the run cannot answer yet;
    DatabaseUnreachable, with nothing sent, as ``doer`` wants it.
    """
    run = await find_run(client, run_id)
    await _require_not_over(client, run, "cancelled")
    async with noted(doer, Action.CANCEL, run.workflow_id) as change:
        await answered(run.handle.cancel())
        state = await run.state(unanswered=WAS_SENT)
        if isinstance(state, OrderState) and state.shipment_id:
            raise Refused(
                f"{run.workflow_id} cannot be cancelled: it was shipped as {state.shipment_id}"
            )
        change.after = {"status": state.status, "step": state.step}
    return run


def run_link(settings: Settings, client: Client, workflow_id: str, run_id: str | None) -> str:
    """Return the address of a run in the Temporal UI."""
    path = f"{quote(workflow_id, safe='')}/{run_id}/history" if run_id else quote(workflow_id, "")
    return f"{settings.temporal_ui_url}/namespaces/{client.namespace}/workflows/{path}"


def list_link(settings: Settings, client: Client, query: str) -> str:
    """Return the address of a filtered list in the Temporal UI."""
    return (
        f"{settings.temporal_ui_url}/namespaces/{client.namespace}/workflows"
        f"?query={quote(query, safe='')}"
    )
