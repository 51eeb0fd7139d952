"""The log of actions: who did what through which door, before it is done and after.

A row that says ``asked`` comes first, so that nothing is done that no row speaks of; a second says
how it went. Rows are never changed.
"""

import datetime as dt
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from pydantic import JsonValue

from models import (
    MAX_OUTCOME_CHARACTERS,
    MAX_SUBJECT_CHARACTERS,
    MAX_WHO_CHARACTERS,
    Action,
    ActionLogEntry,
    ActionToLog,
    DecisionChannel,
    Principal,
)
from providers.records import ActionLog
from service import values
from service.access.records import recorded
from service.errors import BadInput, DatabaseUnreachable, Failed, ServiceError, Unreachable
from workflows.identity import order_workflow_id, receipt_workflow_id

ASKED, DONE = "asked", "done"

MAX_ENTRIES = 1_000
"""Rows that are read at a time."""

_LOGGER = logging.getLogger(__name__)


@dataclass
class Change:
    """What an action has changed, for the row about its outcome."""

    after: JsonValue = None


@dataclass(frozen=True)
class Doer:
    """Somebody who does something, and the log that keeps it.

    Without ``goes_on`` nothing is done that cannot be logged first. With it, the action goes on,
    and ``goes_on`` hears in a sentence that the log does not answer.
    """

    who: str
    channel: DecisionChannel
    log: ActionLog
    goes_on: Callable[[str], None] | None = None

    @classmethod
    def signed_in(cls, principal: Principal, log: ActionLog) -> "Doer":
        """Return whoever is signed in, of whom nothing is done that is not logged."""
        return cls(principal.name, principal.channel, log)

    @asynccontextmanager
    async def doing(
        self, action: Action, subject: str, before: JsonValue = None
    ) -> AsyncIterator[Change]:
        """Log that this is asked for, let the block do it, and log how it went.

        Raise DatabaseUnreachable before the block if it cannot be logged and must be. Of a block
        that is interrupted nobody knows how it went: then the first row stands alone.
        """
        asked = self._row(action, subject, ASKED, before)
        number = await self._ask(asked)
        change = Change()
        try:
            yield change
        except Exception as error:
            await self._tell(asked, number, outcome_of(error))
            raise
        await self._tell(asked, number, DONE, change.after)

    def _row(self, action: Action, subject: str, outcome: str, before: JsonValue) -> ActionToLog:
        return ActionToLog(
            at=dt.datetime.now(dt.UTC),
            who=values.storable(self.who)[:MAX_WHO_CHARACTERS],
            channel=self.channel,
            action=action,
            subject=values.storable(subject)[:MAX_SUBJECT_CHARACTERS],
            before=before,
            outcome=outcome,
        )

    async def _ask(self, asked: ActionToLog) -> int | None:
        try:
            return await recorded(self.log.add(asked))
        except DatabaseUnreachable as error:
            if self.goes_on is None:
                raise
            self.goes_on(f"the action is not logged: {error}")
            return None

    async def _tell(
        self, asked: ActionToLog, number: int | None, outcome: str, after: JsonValue = None
    ) -> None:
        if number is None:
            return
        told = {
            "at": dt.datetime.now(dt.UTC),
            "after": after,
            "outcome": outcome,
            "asked_id": number,
        }
        try:
            await recorded(self.log.add(asked.model_copy(update=told)))
        except DatabaseUnreachable as error:  # too late to refuse: it is done
            warn = self.goes_on or _LOGGER.warning
            warn(f"it is not logged how {asked.action} {asked.subject} went ({outcome}): {error}")


@asynccontextmanager
async def noted(
    doer: Doer | None, action: Action, subject: str, before: JsonValue = None
) -> AsyncIterator[Change]:
    """Do as ``Doer.doing``, or log nothing where nobody says who does it."""
    if doer is None:
        yield Change()
        return
    async with doer.doing(action, subject, before) as change:
        yield change


async def entries(
    log: ActionLog, subject: str | None = None, limit: int = 100, before_id: int | None = None
) -> list[ActionLogEntry]:
    """Return the newest rows, of one subject or all; ``before_id`` asks for older ones.

    Raise BadInput for a limit below 1 or above ``MAX_ENTRIES``, DatabaseUnreachable.
    """
    if not 1 <= limit <= MAX_ENTRIES:
        raise BadInput(f"the limit is {limit}: it must be from 1 to {MAX_ENTRIES}")
    return await recorded(log.list(subject, limit, before_id))


async def entries_about(
    log: ActionLog, named: str | None, limit: int = 100
) -> list[ActionLogEntry]:
    """Return the newest rows about a workflow id, an order's, a receipt's or an expense's own id.

    Of everything if nothing is named. Raise as ``entries``.
    """
    if named is None:
        return await entries(log, limit=limit)
    if not named.isprintable():  # nothing has such an id, and PostgreSQL cannot be asked for it
        return []
    for subject in (named, order_workflow_id(named), receipt_workflow_id(named)):
        if rows := await entries(log, subject, limit):
            return rows
    return []


def outcome_of(error: Exception) -> str:
    """Say how an action went that was not done, or of which that is not known."""
    if not isinstance(error, ServiceError):
        return f"failed: {type(error).__name__}"  # whatever its words may contain
    if isinstance(error, Unreachable):
        how = "not answered"
    else:
        how = "failed" if isinstance(error, Failed) else "refused"
    return values.storable(f"{how}: {error}")[:MAX_OUTCOME_CHARACTERS]
