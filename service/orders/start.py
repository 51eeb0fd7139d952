"""Start orders: the same order joins the run that exists instead of starting a second.

The server accepts one start per workflow id, however many submit at once, for as long as it
remembers the id; what it has forgotten, the archive knows. An order is compared with the one that
its id was first used for, so that other content under it is refused.
"""

from temporalio.client import Client
from temporalio.common import WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError, RPCStatusCode

from connection.causes import is_namespace_missing
from encryption.keyring import PayloadKeyMissing
from models import KEY_IS_MISSING, ArchivedOrder, Order, OrderTry, is_encrypted
from service.calls import reached, service_error
from service.errors import Failed, Refused
from service.orders.content import OtherContent, differing, differing_from_archived
from service.runs.attributes import hidden
from service.runs.ends import is_foreign, is_unused, run_that_counts
from service.runs.executions import COMPLETED, Execution, describe
from service.runs.listing import final_status
from service.runs.reading import reader_of
from service.submission import Started
from workflows import limits, search_attributes, wording
from workflows.identity import order_workflow_id
from workflows.limits import WORKFLOW_TASK_LIMIT
from workflows.order.workflow import OrderWorkflow

_AFTER_ANY = WorkflowIDReusePolicy.ALLOW_DUPLICATE
_AFTER_FAILED = WorkflowIDReusePolicy.ALLOW_DUPLICATE_FAILED_ONLY

STARTS_AT_ONCE = 32
"""Orders that are started at a time. Eight keep the local server as busy as 64 do; of a server
that answers after 50 ms, 32 get 640 a second."""


async def start_order(
    client: Client,
    order: Order,
    task_queue: str,
    approval_threshold: int = limits.APPROVAL_THRESHOLD,
    archived: ArchivedOrder | None = None,
    *,
    submitted_by: str | None = None,
) -> Started:
    """Start an order, or join the one that has the same content, also if it has long ended.

    ``archived`` is what the archive says of this order id, which is looked up before.
    ``submitted_by`` is who is signed in; whoever submits the same order later joins it, and changes
    nothing about that.

    A total above ``approval_threshold``, in units of the order's currency, needs an approval.

    Runs under its id that did nothing, as anybody can start them by hand, are not it.

    Raise Refused if the order id was used for other content, TemporalGone if nobody answers.
    """
    if archived is not None:
        return await _join_ended(client, order, archived)
    workflow_id = order_workflow_id(order.order_id)
    submitted, reuse = _submitted(order, submitted_by), WorkflowIDReusePolicy.REJECT_DUPLICATE
    while True:
        try:
            run_id = await start_run(client, submitted, task_queue, reuse, approval_threshold)
        except WorkflowAlreadyStartedError as existing:
            found = await reached(describe(client, workflow_id, existing.run_id or ""))
        else:
            return Started(workflow_id, run_id, joined=False)
        if not await is_unused(client, found.execution):
            run = await run_that_counts(client, found.execution)
            return await _join(client, order, run or found.execution)
        # Whoever else submits it meanwhile finds an open run, or one that is completed already.
        is_completed = found.execution.status == COMPLETED
        reuse = _AFTER_ANY if is_completed else _AFTER_FAILED


def _submitted(order: Order, by: str | None) -> Order:
    """Return the input of a first try: the order alone if nobody was signed in."""
    return OrderTry.model_validate({**dict(order), "submitted_by": by}) if by else order


async def start_run(
    client: Client,
    order: Order,
    task_queue: str,
    reuse: WorkflowIDReusePolicy,
    approval_threshold: int,
) -> str:
    """Start the run of an order, or of a later try of one, and return its run id.

    A total above ``approval_threshold``, in units of the order's currency, needs an approval.

    Raise WorkflowAlreadyStartedError, TemporalGone if nobody answers.
    """
    of, needed = "", search_attributes.needs_approval(order, approval_threshold)
    if isinstance(order, OrderTry):
        of = wording.of_try(order.try_number)
        needed = needed and order.approved_before is None
    handle = await reached(
        client.start_workflow(
            OrderWorkflow.run,
            order,
            id=order_workflow_id(order.order_id),
            task_queue=task_queue,
            id_reuse_policy=reuse,
            task_timeout=WORKFLOW_TASK_LIMIT,
            search_attributes=hidden(
                client,
                search_attributes.of_order(order, search_attributes.first_status(needed)),
            ),
            static_summary=f"Order {order.order_id}: {of}{wording.amount_of(order)} "
            f"for {order.customer_id}",
        )
    )
    return handle.result_run_id or ""


async def _join_ended(client: Client, order: Order, archived: ArchivedOrder) -> Started:
    """Join an order that has ended: its latest run or, if that is forgotten, its row.

    A run that did nothing is passed over: it has an end of its own, and maybe another content.
    """
    try:
        found = await reached(describe(client, archived.workflow_id))
    except RPCError as error:
        if error.status is not RPCStatusCode.NOT_FOUND or is_namespace_missing(error):
            raise service_error(error) from None
    else:
        if (run := await run_that_counts(client, found.execution)) is not None:
            return await _join(client, order, run, archived)
    if names := differing_from_archived(order, archived):
        raise OtherContent(order.order_id, names)
    return Started(
        archived.workflow_id,
        archived.run_id,
        joined=True,
        ended=archived.result.status,
        archived=archived,
    )


async def _join(
    client: Client, order: Order, run: Execution, archived: ArchivedOrder | None = None
) -> Started:
    """Join a run that has the same content, or whose order once had the same payment token."""
    workflow_id = order_workflow_id(order.order_id)
    if run.is_open and is_foreign(run):
        raise Refused(
            f"{workflow_id} is taken by an open run of type {run.workflow_type} that is no order: "
            "terminate that run, or give the order a new id"
        )
    started = await _started_with(client, workflow_id, run.run_id)
    if started is None:
        raise OtherContent(order.order_id, [])
    if names := differing(order, started, archived):
        raise OtherContent(order.order_id, names)
    return Started(workflow_id, run.run_id, joined=True, ended=final_status(run))


async def _started_with(client: Client, workflow_id: str, run_id: str) -> OrderTry | None:
    """Return the order that a run was started with; None if it was started with anything else.

    As the run's own history has it: a hash beside the run would cost every start, and would not
    be that of the same order any more once orders get one more field.
    """
    handle = client.get_workflow_handle(workflow_id, run_id=run_id)
    event = await reached(anext(handle.fetch_history_events(page_size=1)))
    started_with = event.workflow_execution_started_event_attributes.input.payloads
    if not started_with:
        return None
    try:
        (order,) = await reader_of(client, workflow_id).decode(started_with[:1], [OrderTry])
    except PayloadKeyMissing as error:
        raise Failed(f"{workflow_id} cannot be compared: {error}") from None
    except Exception:  # whatever any converter raises: anybody may have started it
        return None
    if not isinstance(order, OrderTry):
        return None
    if is_encrypted(order.payment_token):
        raise Refused(f"{workflow_id} cannot be compared: {KEY_IS_MISSING}")
    return order
