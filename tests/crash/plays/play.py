"""What all plays have in common: they arm one point, and wait until a process is stopped there.

A play is what people do in one case: they start the run, bring it to its step, and continue
afterwards. The wave does the killing.
"""

import re
from abc import ABC, abstractmethod
from contextlib import suppress
from functools import partial
from typing import Any

from temporalio.api.enums.v1 import EventType, TimeoutType
from temporalio.client import WorkflowFailureError
from temporalio.service import RPCError, RPCStatusCode

from models import OrderState, ReceiptState
from sandbox.mailbox import StoredMail
from service.runs.history import recorded
from tests.crash.arena import Arena
from tests.crash.calls import Call
from tests.crash.cases import Case
from tests.crash.points import point, until
from tests.crash.proxy import Hold, Then
from tests.crash.steps import Moment, Victim

REACH_SECONDS = 300.0
END_SECONDS = 300.0

_BUSY = (RPCStatusCode.UNAVAILABLE, RPCStatusCode.DEADLINE_EXCEEDED, RPCStatusCode.CANCELLED)


MADE_AGAIN = (
    EventType.EVENT_TYPE_WORKFLOW_TASK_TIMED_OUT,
    EventType.EVENT_TYPE_WORKFLOW_TASK_FAILED,
)
"""After these the server has a workflow task made again."""

HEARTBEAT_TIMEOUT = TimeoutType.TIMEOUT_TYPE_HEARTBEAT


class Play(ABC):
    """One run, and what people do to it before and after the crash."""

    def __init__(self, case: Case, arena: Arena) -> None:
        self.case = case
        self.arena = arena
        self.email = f"{case.slug}@crash.example"
        self.workflow_id = ""
        self._held: Hold | None = None
        self._calls_before = 0
        self._told_before: set[str] = set()

    @property
    def at(self) -> str:
        """The workflow id of the run that is brought to the step."""
        return self.workflow_id

    @property
    def point(self) -> str:
        """The point where a process must be stopped when the victim is killed."""
        return point(self.case.moment, self.case.step.what, self.at)

    def calls(self) -> list[Call]:
        """Return the calls of the run, and then those of its mail if the step is one of that."""
        calls = self.arena.calls
        of_all = [
            call for run in dict.fromkeys((self.workflow_id, self.at)) for call in calls.of(run)
        ]
        return of_all[self._calls_before :]

    def mails(self) -> list[StoredMail]:
        """Return the mails that the run has sent."""
        sent = self.arena.mails_to(self.email)
        return [mail for mail in sent if mail.message_id not in self._told_before]

    def forget_the_past(self) -> None:
        """Have ``calls`` and ``mails`` begin now: an earlier run of the same id is over."""
        self._calls_before = len(self.calls())
        self._told_before = {mail.message_id for mail in self.mails()}

    @abstractmethod
    async def to_the_point(self) -> None:
        """Start the run and bring it to the moment of the crash."""

    async def at_the_kill(self) -> None:  # noqa: B027 - most plays need nothing then
        """Do what must happen at the moment of the kill, when all others are at their points."""

    async def while_down(self) -> None:  # noqa: B027 - most plays need nothing then
        """Do what people do while the victim is dead."""

    async def go_on(self) -> None:  # noqa: B027 - most plays need nothing then
        """Do what people do after everything is up again."""

    @abstractmethod
    async def end(self) -> OrderState | ReceiptState:
        """Wait for the end of the run; return its state."""

    def release(self) -> None:
        """Release the process that is stopped at the point, while the victim is dead."""
        self.arena.points.release(self.point)

    def is_answered_while_down(self) -> bool:
        """Return whether the released process has called the dead victim, if it has to."""
        case = self.case
        if case.step.is_wait:
            return True
        events = {call.event for call in self.calls() if call.what == case.step.what}
        if case.victim is case.step.server and case.moment is Moment.BEFORE:
            return "failed" in events
        if case.victim is Victim.TEMPORAL and case.moment is not Moment.BETWEEN:
            return bool(events & {"ended", "failed"})
        return True

    # --- for the plays ------------------------------------------------------------------------

    def _arm(self) -> None:
        if self.case.step.is_wait and self.case.moment is Moment.BEFORE:
            return
        self.arena.points.arm(self.point)
        self._held = self._hold()
        if self._held is not None:
            self._hold_back(self._held)

    def _hold_back(self, hold: Hold) -> None:
        if self.case.step.server is not None:
            self.arena.proxies[self.case.step.server].holds.append(hold)

    def _hold(self) -> Hold | None:
        """Return what a proxy holds back; None if somebody else stands still at the moment."""
        if self.case.moment is not Moment.EFFECT:
            return None
        request = self._request_on_the_wire()
        return None if request is None else Hold(self.point, request, then=self._then())

    def _then(self) -> Then:
        return Then.DELIVER if self.case.victim is Victim.TEMPORAL else Then.LOSE

    def _request_on_the_wire(self) -> re.Pattern[bytes] | None:
        """Return what has the effect; None if that is made inside the worker."""
        if self.case.step.server is not Victim.MAILBOX:
            return None
        to = f"\r\nTo: {self.email}\r\n".encode()
        return re.compile(re.escape(to) + rb".*\r\n\.\r\n", re.DOTALL)

    async def workflow_tasks_made_again(self) -> int:
        """Return how many workflow tasks of the run were too late or refused: with 24 runs at once.

        The local steps of such a task are made again, under their keys.
        """
        history = await self._handle().fetch_history()
        return len([event for event in history.events if event.event_type in MADE_AGAIN])

    async def attempts_taken_for_lost(self, activity: str) -> int:
        """Return how many attempts of an activity beat too late for the server, or no more at all.

        Their work may have ended all the same, and is then done again under its key.
        """
        lost, names = 0, {}
        for event in (await self._handle().fetch_history()).events:
            scheduled, started = (
                event.activity_task_scheduled_event_attributes,
                event.activity_task_started_event_attributes,
            )
            names[event.event_id] = scheduled.activity_type.name
            before = started.last_failure.timeout_failure_info.timeout_type
            if names.get(started.scheduled_event_id) == activity and before == HEARTBEAT_TIMEOUT:
                lost += started.attempt - 1
        return lost

    async def _is_reached(self, name: str | None = None) -> None:
        name = name or self.point
        reached = partial(self.arena.points.is_reached, name)
        await until(reached, REACH_SECONDS, f"somebody stands at {name}")

    def _handle(self) -> Any:
        return self.arena.client.get_workflow_handle(self.workflow_id)

    async def _until_state(self, query: Any, status: str) -> None:
        async def so() -> bool:
            return bool((await self._handle().query(query)).status == status)

        await until(so, REACH_SECONDS, f"{self.workflow_id} is {status}")

    async def _end(self, query: Any) -> Any:
        await self._until_over(self.workflow_id)
        history = await self._handle().fetch_history()
        for mail in recorded(history.events).mails:
            await self._until_over(mail)
        return await self._handle().query(query)

    async def _until_over(self, workflow_id: str) -> None:
        async def over() -> bool:
            try:
                with suppress(WorkflowFailureError):
                    await self.arena.client.get_workflow_handle(workflow_id).result()
            except RPCError as error:
                if error.status not in _BUSY:
                    raise
                return False  # a server that has just come back
            return True

        await until(over, END_SECONDS, f"{workflow_id} is over")
