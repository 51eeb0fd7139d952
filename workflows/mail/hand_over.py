"""How both pipelines mail somebody: a few attempts of their own, then a run of its own tries on.

A mail holds up nothing: not the end of its run, not whoever waits for that.
"""

import asyncio
import contextlib
from collections.abc import Callable, Iterable

from temporalio import workflow
from temporalio.common import WorkflowIDReusePolicy
from temporalio.exceptions import ActivityError, FailureError, WorkflowAlreadyStartedError
from temporalio.workflow import ChildWorkflowCancellationType, ParentClosePolicy

from activities.mails import MailActivities
from activities.policies import POLICIES
from models import HandedOverMail, Mail, MailReceipt, MailStatus, SentMail
from providers.errors import OrderHasEnded, RunWasReset
from workflows import search_attributes, wording
from workflows.identity import mail_named, mail_workflow_id
from workflows.limits import WORKFLOW_TASK_LIMIT
from workflows.mail.workflow import MailWorkflow
from workflows.shared.cancellation import uncancellable
from workflows.shared.failures import error_type, reason_of
from workflows.shared.step import Step, wait_after, waits_for_repair

MAIL_HANDED_OVER = "mail-handed-over"
"""Patch. Before, a mail was given up after the attempts of its run, and one that failed by a fault
of ours held its run up until that was repaired."""

_NOT_OPEN_OR_SENT = WorkflowIDReusePolicy.ALLOW_DUPLICATE_FAILED_ONLY


_NOT_TRUE = {error.__name__ for error in (RunWasReset, OrderHasEnded)}
"""Errors of a mail that would tell what is not so."""


def _never() -> bool:
    return False


async def told(
    step: Step[MailReceipt],
    customer_id: str | None,
    unless: Callable[[], bool] = _never,
    instead_of: Iterable[str] = (),
) -> str | None:
    """Send a mail; return why not if that is left to a ``MailWorkflow``, which tries for days.

    ``customer_id`` is what that is found by, and no address. ``instead_of`` are the keys of
    mails that tell of an end which a reset took back. Raise ActivityError if the mail failed and
    ``unless`` says that it shall not be sent any more, or if it was refused as RunWasReset or
    OrderHasEnded.
    """
    await drop(map(mail_workflow_id, instead_of))
    try:
        await step.run(waits_for_repair=_waits_here)
    except ActivityError as failure:
        if unless() or error_type(failure) in _NOT_TRUE:
            raise
        if workflow.patched(MAIL_HANDED_OVER):
            await uncancellable(_hand_over(_handed_over(step, customer_id, failure)))
        reason = reason_of(failure)
        workflow.logger.warning("a mail could not be sent: %s", reason)
        return reason
    return None


async def drop(workflow_ids: Iterable[str]) -> None:
    """Cancel the mails that have these runs and are not sent: what they tell is outdated."""
    for workflow_id in workflow_ids:
        with contextlib.suppress(FailureError):  # there is none, or it was sent
            await workflow.get_external_workflow_handle(workflow_id).cancel()


def _waits_here() -> bool:
    return not workflow.patched(MAIL_HANDED_OVER) and waits_for_repair()


def _handed_over(
    step: Step[MailReceipt], customer_id: str | None, failure: ActivityError
) -> HandedOverMail:
    kind = error_type(failure)
    is_refused = POLICIES[MailActivities.send_mail.__name__].never_retries(kind)
    return HandedOverMail(
        mail=Mail.model_validate(step.request),
        of=workflow.info().workflow_id,
        customer_id=customer_id,
        reason=reason_of(failure),
        refused=kind if is_refused else None,
        wait_seconds=wait_after(failure).total_seconds(),
    )


async def _hand_over(handed_over: HandedOverMail) -> None:
    """Start the mail's own run, which this one leaves behind.

    After a reset it may be there already: it tries on, or has sent the mail.
    """
    workflow_id = mail_workflow_id(handed_over.mail.idempotency_key)
    _, step = mail_named(workflow_id) or (None, "")
    try:
        mail = await workflow.start_child_workflow(
            MailWorkflow.run,
            handed_over,
            id=workflow_id,
            id_reuse_policy=_NOT_OPEN_OR_SENT,
            parent_close_policy=ParentClosePolicy.ABANDON,
            cancellation_type=ChildWorkflowCancellationType.ABANDON,
            task_timeout=WORKFLOW_TASK_LIMIT,
            search_attributes=search_attributes.of_mail(
                handed_over.customer_id, MailStatus.RUNNING
            ),
            static_summary=wording.mail_summary(handed_over.of, step),
        )
    except WorkflowAlreadyStartedError:
        workflow.logger.info("%s was there already", workflow_id)
    else:
        mail.add_done_callback(_left_alone)


def _left_alone(mail: asyncio.Future[SentMail]) -> None:
    """Take note of how a mail ended while its run is open: else asyncio warns on the terminal."""
    if not mail.cancelled():
        mail.exception()
