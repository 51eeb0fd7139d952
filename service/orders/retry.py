"""Try an order again that ended without shipping: say what that would do, then do it.

A try has keys of its own, so that neither a stored decline nor a refunded charge answers for it.
It is refused while anything of the earlier ones is owed.
"""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, replace

from pydantic import JsonValue, SecretStr
from temporalio.client import Client
from temporalio.common import WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError, RPCStatusCode

from activities.policies import POLICIES
from config import Settings
from models import (
    ERASED,
    KEY_IS_MISSING,
    MAX_TRIES,
    Action,
    ArchivedOrder,
    OrderState,
    OrderTry,
    Payment,
    is_encrypted,
)
from providers.records import token_digest
from service.access.log import Doer, noted
from service.calls import reached
from service.errors import BadInput, Refused, RunNotFound
from service.mails.standing import MailStanding, mail_standing, mails_of
from service.orders.archive import archived_state, find_archived
from service.orders.content import as_submitted
from service.orders.effects import PlannedEffect, planned_effects
from service.orders.ended import ended_order
from service.orders.settled import refused, what_is_left
from service.orders.start import start_run
from service.runs.ends import is_refusal, is_unused, run_that_counts
from service.runs.executions import CANCELED, COMPLETED, FAILED, Execution, describe
from service.runs.find import Run, find_run, run_of
from service.runs.history import RunHistory, decoded, read_history
from service.runs.reading import reader_of
from service.submission import Started
from workflows.identity import mail_workflow_id, order_workflow_id
from workflows.order.steps import mail_keys

MAX_TOKEN_CHARACTERS = 255

LAST_CALLS = dt.timedelta(
    seconds=max(POLICIES[name].limit for name in ("charge_payment", "schedule_shipment"))
)
"""How long a call may still be on its way that a run had begun when it was ended from outside."""


@dataclass(frozen=True)
class OrderRetry:
    """A try that may start: where the earlier one stands, the next one, and what it would do.

    ``run_id`` is the run of the earlier one, which Temporal has forgotten if ``is_forgotten``.
    ``latest_run_id`` is the latest that Temporal knows, which may have done nothing.
    """

    workflow_id: str
    run_id: str
    is_forgotten: bool
    earlier: OrderState
    order: OrderTry
    effects: list[PlannedEffect]
    latest_run_id: str | None = None


def payment_token(text: str) -> SecretStr:
    """Return a payment token that a person gave; raise BadInput, which never repeats it."""
    token = SecretStr(text)
    if (
        not text
        or len(text) > MAX_TOKEN_CHARACTERS
        or not text.isprintable()
        or text != text.strip()
    ):
        raise BadInput(
            f"the payment token is not valid: it must be the payment provider's token, 1 to "
            f"{MAX_TOKEN_CHARACTERS} characters on one line"
        )
    if is_encrypted(token):
        raise BadInput("the payment token is not valid: it must not be an encrypted one")
    return token


async def plan_again(
    client: Client, settings: Settings, run_id: str, token: SecretStr | None
) -> OrderRetry:
    """Return what trying an order again would do, also one that Temporal has forgotten.

    Raise NotFound, and as ``plan_order`` and ``plan_archived``.
    """
    try:
        run = await find_run(client, run_id)
    except RunNotFound as missing:
        row = await find_archived(settings, run_id)
        if row is None:
            raise
        return await plan_archived(client, settings, row, token, missing.latest_run_id)
    if not run.is_order:
        raise Refused(f"{run.workflow_id} is {run.kind}: only an order can be tried again so")
    return await plan_order(client, settings, run, token)


async def plan_order(
    client: Client, settings: Settings, run: Run, token: SecretStr | None
) -> OrderRetry:
    """Return what trying an order again would do, with another card if a token is given.

    Nothing is changed. Raise Refused with the reason why it cannot be tried again, Unreachable if
    a provider or the archive does not answer.
    """
    _require_over(run)
    history = await read_history(client, run.execution)
    if is_refusal(history):
        planned = await _plan_of_its_order(client, settings, run, token)
        if planned is not None:
            return planned
        if await is_unused(client, run.execution):
            raise refused(
                run.workflow_id, "it never was an order, as its run did nothing: submit it"
            )
    order = await _input(client, run, history)
    earlier = await ended_order(reader_of(client, run.workflow_id), run.execution, history)
    row = await find_archived(settings, order.order_id)
    if row is not None and row.result.try_number > order.try_number:
        raise refused(
            run.workflow_id,
            f"its run is one of try {order.try_number}, and a later one ended as "
            f"{row.result.status} (run {row.run_id})",
        )
    payments = await _require_settled(settings, order, earlier)
    mails = await mails_of(client, run.execution, history)
    following = next_try(order, earlier, token).model_copy(update={"unsent_mails": _open(mails)})
    is_another_card = following.payment_token != order.payment_token
    effects = planned_effects(
        earlier,
        following,
        payments,
        is_another_card,
        settings.approval_threshold,
        mails=mails,
    )
    return OrderRetry(
        run.workflow_id, run.run_id, False, earlier, following, effects, run.latest_run_id
    )


async def _plan_of_its_order(
    client: Client, settings: Settings, refused_run: Run, token: SecretStr | None
) -> OrderRetry | None:
    """Return the plan for an order whose latest run did nothing; None if there is no such order.

    That run's content need not be the order's, nor its end.
    """
    end = await run_that_counts(client, refused_run.execution)
    if end is not None:
        planned = await plan_order(client, settings, await run_of(client, end), token)
    elif row := await find_archived(settings, refused_run.workflow_id):
        planned = await plan_archived(client, settings, row, token)
    else:
        return None
    return replace(planned, latest_run_id=refused_run.latest_run_id)


async def plan_archived(
    client: Client,
    settings: Settings,
    row: ArchivedOrder,
    token: SecretStr | None,
    latest_run_id: str | None = None,
) -> OrderRetry:
    """Return what trying an order again would do whose run Temporal has forgotten.

    ``latest_run_id`` is the latest run of its id, which did nothing, if there is one.

    Raise as ``plan_order``, and Refused without a payment token: the archive has none.
    """
    if row.customer_id == ERASED:
        raise refused(row.workflow_id, "its customer was erased: nobody could be told")
    if token is None:
        raise refused(
            row.workflow_id,
            "Temporal has forgotten its run, and the archive has no payment token: give one",
        )
    paid = {**row.content, "payment_token": token}
    order = OrderTry.model_validate({**paid, "try_number": row.result.try_number})
    earlier = archived_state(row)
    payments = await _require_settled(settings, order, earlier)
    mails = await _mails_of_try(client, order)
    following = next_try(order, earlier, token).model_copy(update={"unsent_mails": _open(mails)})
    is_another_card = token_digest(order) not in row.token_digests
    effects = planned_effects(
        earlier, following, payments, is_another_card, settings.approval_threshold, mails=mails
    )
    return OrderRetry(row.workflow_id, row.run_id, True, earlier, following, effects, latest_run_id)


async def _mails_of_try(client: Client, order: OrderTry) -> list[MailStanding]:
    """Return the mails of a try that have runs of their own, which may outlive the order's."""
    keys = mail_keys(order_workflow_id(order.order_id), order.try_number)
    found = [await mail_standing(client, mail_workflow_id(key)) for key in keys]
    return [mail for mail in found if mail is not None]


def _open(mails: Iterable[MailStanding]) -> tuple[str, ...]:
    return tuple(mail.workflow_id for mail in mails if mail.is_open)


async def _require_settled(
    settings: Settings, order: OrderTry, earlier: OrderState
) -> tuple[Payment, ...]:
    """Return what was paid in the earlier try; raise Refused if anything of any try is left."""
    workflow_id = order_workflow_id(order.order_id)
    if shipment_id := earlier.shipment_id:
        raise refused(workflow_id, f"it was shipped as {shipment_id}")
    if order.try_number >= MAX_TRIES:
        raise refused(workflow_id, f"it was tried {MAX_TRIES} times")
    left = await what_is_left(settings, order, earlier.transaction_id)
    if left.shipment_id is not None:
        raise refused(workflow_id, f"the carrier has it as {left.shipment_id}")
    if left.owed:
        raise refused(workflow_id, "; ".join(left.owed))
    return left.payments


def next_try(order: OrderTry, earlier: OrderState, token: SecretStr | None) -> OrderTry:
    """Return the input of the try after this one, which ended as ``earlier`` says."""
    is_another = token is not None and token != order.payment_token
    approval = earlier.approval
    return OrderTry(
        **as_submitted(order).model_dump(exclude={"payment_token"}),
        payment_token=token or order.payment_token,
        try_number=order.try_number + 1,
        submitted_by=order.submitted_by,
        approved_before=approval if approval is not None and approval.approved else None,
        first_token_digest=order.first_token_digest
        or (token_digest(order) if is_another else None),
    )


async def start_order_again(
    client: Client, settings: Settings, retry: OrderRetry, doer: Doer | None = None
) -> Started:
    """Start a try that was planned; raise Refused if somebody else was faster.

    Raise DatabaseUnreachable, with nothing done, as ``doer`` wants it.
    """
    before: JsonValue = {"status": retry.earlier.status, "try_number": retry.earlier.try_number}
    async with noted(doer, Action.RETRY, retry.workflow_id, before) as change:
        started = await _start_again(client, settings, retry)
        change.after = {"try_number": retry.order.try_number, "run_id": started.run_id}
    return started


async def _start_again(client: Client, settings: Settings, retry: OrderRetry) -> Started:
    latest = await _latest_run_id(client, retry.workflow_id)
    if latest != retry.latest_run_id:
        raise refused(retry.workflow_id, f"somebody has just done so (run {latest})")
    try:
        run_id = await start_run(
            client,
            retry.order,
            settings.task_queue,
            WorkflowIDReusePolicy.ALLOW_DUPLICATE,
            settings.approval_threshold,
        )
    except WorkflowAlreadyStartedError as existing:
        faster = f"somebody has just done so (run {existing.run_id})"
        raise refused(retry.workflow_id, faster) from None
    return Started(retry.workflow_id, run_id, joined=False)


async def _latest_run_id(client: Client, workflow_id: str) -> str | None:
    try:
        return (await reached(describe(client, workflow_id))).execution.run_id
    except RPCError as error:
        if error.status is not RPCStatusCode.NOT_FOUND:
            raise
        return None


def _require_over(run: Run) -> None:
    execution = run.execution
    if execution.closed_at is None:
        raise refused(run.workflow_id, "it is not over")
    if wait := seconds_of_last_calls(execution, dt.datetime.now(dt.UTC)):
        raise refused(
            run.workflow_id,
            f"it was ended from outside, and a call of it may still be on its way for {wait:.0f} s",
        )


def seconds_of_last_calls(run: Execution, now: dt.datetime) -> float:
    """Return for how many seconds a call of a closed run may still be under way; mostly 0.

    A run that ends by itself first waits for its calls.
    """
    if run.closed_at is None or run.status in (COMPLETED, CANCELED, FAILED):
        return 0.0
    return max(0.0, (run.closed_at + LAST_CALLS - now).total_seconds())


async def _input(client: Client, run: Run, history: RunHistory) -> OrderTry:
    order = await decoded(reader_of(client, run.workflow_id), history.input, OrderTry)
    if order is None:
        raise refused(run.workflow_id, "its input is no order")
    if (own := order_workflow_id(order.order_id)) != run.workflow_id:
        raise refused(run.workflow_id, f"its input belongs to {own}")
    if is_encrypted(order.payment_token):
        raise refused(run.workflow_id, KEY_IS_MISSING)
    return order
