"""Who was not told: the mails that are still tried, and those that were given up."""

import asyncio

from temporalio.client import Client

from service.calls import reached
from service.mails.standing import MailStanding, mail_standing
from service.mails.superseded import later_try
from service.runs.executions import list_executions
from workflows.mail.workflow import MailWorkflow

QUERY = f"WorkflowType = '{MailWorkflow.__name__}' AND ExecutionStatus != 'Completed'"
"""Also finds runs of mails that were sent later, by another run: each mail is asked for once more.
"""

AT_ONCE = 32
"""Mails that are asked for at a time."""


async def untold(client: Client, most: int | None = None) -> list[MailStanding]:
    """Return all mails that were not sent and still should be, newest first; raise TemporalGone.

    One of an earlier try of an order should not, once there is a later one. ``most`` is how many
    runs are looked at.
    """

    async def listed() -> list[str]:
        return [run.workflow_id async for run in list_executions(client, QUERY, most)]

    free = asyncio.Semaphore(AT_ONCE)

    async def ask(workflow_id: str) -> MailStanding | None:
        async with free:
            mail = await mail_standing(client, workflow_id)
            if mail is None or mail.is_sent or await later_try(client, mail):
                return None
            return mail

    once_each = dict.fromkeys(await reached(listed()))
    found = await asyncio.gather(*map(ask, once_each))
    return [mail for mail in found if mail is not None]
