"""Follow runs step by step until they end; one that waits for a person holds up no other."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

from temporalio.client import Client, WorkflowFailureError, WorkflowHandle
from temporalio.exceptions import CancelledError, TerminatedError, TimeoutError

from commands.describe import describe
from commands.terminal.outcome import ExitCode, worst
from commands.terminal.output import Output, one_line
from models import ArchivedOrder, OrderStatus, ReceiptState, ReceiptStatus
from service.calls import reached
from service.errors import ServiceError, TemporalGone
from service.orders.archive import archived_state
from service.runs.find import Run, State, WorkflowId, find_run
from service.status import standing_of
from workflows import wording

LOOK_SECONDS = 0.5
LOOKS_AT_ONCE = 8
"""Runs that are looked at within LOOK_SECONDS; with more, each is looked at less often."""

LISTENS_AT_ONCE = 100
"""Runs whose end the server tells us at once; those of others are seen at the next look. A server
lets at most 1,200 such calls of a namespace wait (``frontend.namespaceCount``), and workers need
theirs."""

Show = Callable[[str, str], None]

_COMMANDS: dict[str, str] = {
    OrderStatus.AWAITING_APPROVAL: "approve",
    OrderStatus.WAITING_FOR_BUSINESS_DAY: "expedite",
}
"""What a person may do about a run that waits."""

_NO_RESULT = (
    OrderStatus.CANCELLED,
    OrderStatus.FAILED,
    OrderStatus.TERMINATED,
    OrderStatus.TIMED_OUT,
)
"""Ends of an order by which its run has no result in Temporal."""


async def watch(
    client: Client, workflow_ids: Sequence[str], output: Output, *, stay: bool = False
) -> ExitCode:
    """Show each step as it begins, then each result; DONE if all runs ended with one.

    A receipt in review is said at once. It is IN_REVIEW, and followed no further, unless we stay.
    """
    with _live(output) as show:
        watching = _Watch(client, len(workflow_ids), show, output, stay=stay)
        codes = await asyncio.gather(*map(watching.follow, workflow_ids))
    return worst(*codes)


class _Watch:
    """Follows runs with a bounded number of calls to the server at a time."""

    def __init__(
        self, client: Client, runs: int, show: Show, output: Output, *, stay: bool
    ) -> None:
        self._client = client
        self._stays = stay
        self._show = show
        self._output = output
        self._every = LOOK_SECONDS * max(1.0, runs / LOOKS_AT_ONCE)
        self._looks = asyncio.Semaphore(LOOKS_AT_ONCE)
        self._listens = asyncio.Semaphore(LISTENS_AT_ONCE)

    async def follow(self, workflow_id: str) -> ExitCode:
        """Show one run's steps and its result."""
        ending = asyncio.create_task(self._listen(self._client.get_workflow_handle(workflow_id)))
        try:
            in_review = await self._look_until(ending, workflow_id)
        finally:
            self._show(workflow_id, "")
            ending.cancel()
        if in_review is not None:
            self._output.result(*_review_of(workflow_id, in_review))
            return ExitCode.IN_REVIEW
        return await _end(
            self._client, await find_run(self._client, WorkflowId(workflow_id)), self._output
        )

    async def _look_until(
        self, ending: "asyncio.Task[None]", workflow_id: str
    ) -> ReceiptState | None:
        """Show where the run stands until it is over; return its state if it ends in review."""
        is_open, seen, waited = True, "", False
        while is_open and not ending.done():
            async with self._looks:
                run = await find_run(self._client, WorkflowId(workflow_id))
                state = await _state(run)
            is_open = run.is_open
            now = _where(run, state) if state else ""
            if now and now != seen:
                self._output.note(f"{workflow_id}: {now}")
                seen = now
            if is_open and isinstance(state, ReceiptState) and _is_in_review(state):
                if not self._stays:
                    return state
                if self._output.as_json and not waited:
                    self._output.result(*_review_of(workflow_id, state))
                waited = True
            elif state is not None:
                waited = False
            self._show(workflow_id, "; ".join(activity.words() for activity in run.pending) or now)
            await asyncio.wait({ending}, timeout=self._every if is_open else 0)
        return None

    async def _listen(self, handle: WorkflowHandle[Any, Any]) -> None:
        """Return when the run has ended; what came of it is asked for then."""
        async with self._listens:
            while True:
                with suppress(WorkflowFailureError):
                    try:
                        await reached(handle.result())
                    except TemporalGone:  # for good? that is for the looks to say
                        await asyncio.sleep(self._every)
                        continue
                return


async def _state(run: Run) -> State | None:
    """Return where the run stands; None while no worker answers."""
    with suppress(ServiceError):
        return await run.state()
    return None


def _is_in_review(state: ReceiptState) -> bool:
    return state.status is ReceiptStatus.NEEDS_REVIEW


def _review_of(workflow_id: str, state: ReceiptState) -> tuple[dict[str, Any], str]:
    """Return a receipt that waits for a person as a result: for a program, and in words."""
    until = state.waiting_until and wording.moment(state.waiting_until)
    return (
        {"workflow_id": workflow_id, **state.model_dump(mode="json")},
        f"{workflow_id}: {state.status} until {until}: {state.reason}",
    )


def _where(run: Run, state: State) -> str:
    """Say where the run stands."""
    return f"{state.step}, {_waits(run, state)}" if state.waiting_for else str(state.step)


def _waits(run: Run, state: State) -> str:
    """Say what a run waits for, until when, and which command ends the wait."""
    until = f" until {wording.moment(state.waiting_until)}" if state.waiting_until else ""
    words = f"waits for {state.waiting_for}{until}"
    if command := _COMMANDS.get(state.status):
        words += f"; 'starter.py {command} {run.workflow_id}' ends the wait"
    if state.status is ReceiptStatus.NEEDS_REVIEW:
        words += "; 'starter.py review' asks for it"
    return words


def show_archived(order: ArchivedOrder, output: Output) -> ExitCode:
    """Show the end of an order that Temporal has forgotten; RUN_FAILED if its run failed."""
    state = archived_state(order)
    output.result(
        {"workflow_id": order.workflow_id, "status": state.status, "result": order.result},
        *describe(order.workflow_id, state, order.ended_at - order.started_at),
    )
    return ExitCode.RUN_FAILED if state.status in _NO_RESULT else ExitCode.DONE


async def _end(client: Client, run: Run, output: Output) -> ExitCode:
    try:
        result = await reached(run.handle.result())
    except WorkflowFailureError as failure:
        output.error(
            f"{_why(failure)}; 'starter.py status {run.workflow_id}' shows what was done",
            workflow_id=run.workflow_id,
        )
        return ExitCode.RUN_FAILED
    standing = await standing_of(client, run)
    state = standing.state
    output.result(
        {"workflow_id": run.workflow_id, "status": state.status, "result": result},
        *describe(run.workflow_id, state, run.elapsed, standing.mails),
    )
    return ExitCode.DONE


def _why(failure: WorkflowFailureError) -> str:
    cause = failure.cause
    message = getattr(cause, "message", str(cause))
    if isinstance(cause, CancelledError):
        return "cancelled"
    if isinstance(cause, TimeoutError):
        return "timed out on the Temporal server"
    if isinstance(cause, TerminatedError):
        return f"terminated: {message}"
    return f"{getattr(cause, 'type', None) or type(cause).__name__}: {message}"


@contextmanager
def _live(output: Output) -> Iterator[Show]:
    """Show what runs now on lines that are removed at the end, if a person is looking."""
    if not output.is_watched:
        yield lambda _workflow_id, _words: None
        return
    from rich.live import Live
    from rich.spinner import Spinner
    from rich.text import Text

    shown: dict[str, str] = {}
    spinner = Spinner("dots")
    with Live(
        spinner,
        console=output.console(),
        transient=True,
        redirect_stdout=output.shares_terminal,
    ):

        def show(workflow_id: str, words: str) -> None:
            shown[workflow_id] = words
            lines = [one_line(f"{name}: {doing}") for name, doing in shown.items() if doing]
            # Text, because a string would be read as markup, and errors quote brackets.
            spinner.update(text=Text("\n".join(lines[:LOOKS_AT_ONCE])))

        yield show
