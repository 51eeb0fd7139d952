"""Tell somebody again: a mail that is being tried is tried now, one that was given up anew.

Nobody is told twice: a mail keeps its key, and one that was sent is refused.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from pydantic import JsonValue
from temporalio.client import Client
from temporalio.common import WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError

from models import Action, HandedOverMail, Mail, MailStatus, TellAgain
from providers.mail import mask_addresses
from service.access.log import Doer, noted
from service.calls import answered, reached
from service.errors import Failed, NothingCounts, Refused
from service.mails.standing import (
    MAIL_STEPS,
    MailStanding,
    mails_of,
    standing_of_mail,
    unsent_mail,
)
from service.mails.superseded import later_try
from service.runs.attributes import customer_as_known, hidden
from service.runs.ends import run_that_counts
from service.runs.find import Run, WorkflowId, find_run, run_of
from service.runs.history import RunHistory, decoded, read_history
from service.runs.reading import reader_of
from workflows import search_attributes, wording
from workflows.identity import mail_named, mail_workflow_id
from workflows.limits import WORKFLOW_TASK_LIMIT
from workflows.mail.workflow import MailWorkflow


@dataclass(frozen=True)
class ToldAgain:
    """What was done about a mail: ``verdict`` in a word, ``reason`` why it was not sent so far."""

    workflow_id: str
    of: str
    verdict: str
    reason: str | None


async def tell_again(
    client: Client, run_id: str, to: str | None = None, doer: Doer | None = None
) -> list[ToldAgain]:
    """Send the mails now that a run could not send, at the address ``to`` if one is given.

    Each is logged as done by ``doer`` if somebody is named, and whether it goes to another address.

    ``run_id`` is the run's id, or that of one of its mails. Raise RunNotFound, or Refused where
    there is nobody who was not told, or the order had a later try than the mail is of.
    """
    run = await _whose_end_counts(client, await find_run(client, run_id))
    history = await read_history(client, run.execution)
    if run.is_mail:
        mails = [await standing_of_mail(client, run.description)]
        if not mails[0].is_sent and (later := await later_try(client, mails[0])):
            raise Refused(f"{run.workflow_id} is sent no more: {later.words()}")
    else:
        mails = await mails_of(client, run.execution, history)
        unsent = None if mails or run.is_open else await unsent_mail(client, run.execution, history)
        if (mail := unsent) is not None:
            async with _logged(doer, run.workflow_id, mail_workflow_id(mail.idempotency_key), to):
                return [await _first_run(client, run, mail, to)]
    told = []
    for one in mails:
        if not one.is_sent:
            async with _logged(doer, one.of, one.workflow_id, to):
                told.append(await _again(client, one, to))
    if not told:
        raise Refused(_nobody(run, bool(mails) or _has_told(history)))
    return told


@asynccontextmanager
async def _logged(doer: Doer | None, of: str, mail_id: str, to: str | None) -> AsyncIterator[None]:
    """Log that a mail is sent again, and where to if that is not where it was addressed."""
    where: JsonValue = (
        "the same address" if to is None else f"another address, {mask_addresses(to)}"
    )
    async with noted(doer, Action.TELL, of, {"mail": mail_id, "asked_for": where}) as change:
        yield
        change.after = {"mail": mail_id, "goes_to": where}


async def _whose_end_counts(client: Client, run: Run) -> Run:
    """Return the run whose mails are an order's, if this one did nothing; else this one.

    Raise NothingCounts if Temporal knows no such run of an order.
    """
    end = await run_that_counts(client, run.execution)
    if end is None and run.is_order:
        raise NothingCounts(_nobody(run, was_told=False))
    return run if end is None or end.run_id == run.run_id else await run_of(client, end)


def _nobody(run: Run, was_told: bool) -> str:
    if was_told:
        return f"{run.workflow_id}: everybody was told, so there is nothing to tell again"
    if run.is_open:
        return f"{run.workflow_id} is not over: whom it concerns is told at its end"
    return f"{run.workflow_id} had nobody to tell"


def _has_told(history: RunHistory) -> bool:
    return any(step in history.results for step in MAIL_STEPS)


async def _again(client: Client, mail: MailStanding, to: str | None) -> ToldAgain:
    if mail.is_open:
        handle = client.get_workflow_handle(mail.workflow_id, run_id=mail.run_id)
        await answered(handle.signal(MailWorkflow.on_tell, TellAgain(to=to)))
        return ToldAgain(mail.workflow_id, mail.of, "tried now", mail.reason)
    run = await find_run(client, WorkflowId(mail.workflow_id))
    handed_over = await _as_told_last(client, run)
    anew = handed_over.model_copy(
        update={"reason": mail.reason, "refused": None, "wait_seconds": 0.0}
    )
    await _start(client, _addressed(anew, to), run.task_queue)
    return ToldAgain(mail.workflow_id, mail.of, "tried anew", mail.reason)


async def _as_told_last(client: Client, run: Run) -> HandedOverMail:
    """Return the input of a mail's run, at the address that somebody gave to it last."""
    history = await read_history(client, run.execution)
    reader = reader_of(client, run.workflow_id)
    handed_over = await decoded(reader, history.input, HandedOverMail)
    if handed_over is None:
        raise Failed(f"{run.workflow_id} cannot be sent: its input is no mail")
    for said in history.said:
        if said.name == "tell":
            again = await decoded(reader, [said.payload], TellAgain)
            handed_over = _addressed(handed_over, again.to if again else None)
    return handed_over


def _addressed(handed_over: HandedOverMail, to: str | None) -> HandedOverMail:
    if to is None:
        return handed_over
    mail = handed_over.mail.model_copy(update={"to": to})
    return handed_over.model_copy(update={"mail": mail})


async def _first_run(client: Client, run: Run, mail: Mail, to: str | None) -> ToldAgain:
    """Send the mail of a run that handed nothing over.

    It was ended from outside, or by code that gave up a mail with its last attempt.
    """
    handed_over = HandedOverMail(
        mail=mail,
        of=run.workflow_id,
        customer_id=customer_as_known(run.description.raw.workflow_execution_info),
    )
    await _start(client, _addressed(handed_over, to), run.task_queue)
    workflow_id = mail_workflow_id(mail.idempotency_key)
    return ToldAgain(workflow_id, run.workflow_id, "tried anew", None)


async def _start(client: Client, handed_over: HandedOverMail, task_queue: str) -> None:
    workflow_id = mail_workflow_id(handed_over.mail.idempotency_key)
    _, step = mail_named(workflow_id) or (None, "")
    try:
        await reached(
            client.start_workflow(
                MailWorkflow.run,
                handed_over,
                id=workflow_id,
                task_queue=task_queue,
                id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE_FAILED_ONLY,
                task_timeout=WORKFLOW_TASK_LIMIT,
                search_attributes=hidden(
                    client,
                    search_attributes.of_mail(handed_over.customer_id, MailStatus.RUNNING),
                ),
                static_summary=wording.mail_summary(handed_over.of, step),
            )
        )
    except WorkflowAlreadyStartedError:
        raise Refused(f"{workflow_id} was begun anew by somebody else just now") from None
