"""Follow runs step by step until they end; one that waits for a person holds up no other."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from temporalio.client import Client, WorkflowFailureError
from temporalio.exceptions import CancelledError, TerminatedError

from commands.describe import describe, pending
from commands.outcome import CommandError, ExitCode
from commands.output import Output
from commands.runs import Run, find_run, reached

LOOK_SECONDS = 0.5
LOOKS_AT_ONCE = 8
"""How many runs are looked at within LOOK_SECONDS; more are looked at less often."""

Show = Callable[[str, str], None]


async def watch(client: Client, workflow_ids: Sequence[str], output: Output) -> ExitCode:
    """Show each step as it begins, then each result; DONE if all runs ended with one."""
    every = LOOK_SECONDS * max(1.0, len(workflow_ids) / LOOKS_AT_ONCE)
    with _live(output) as show:
        codes = await asyncio.gather(
            *(_follow(client, workflow_id, every, show, output) for workflow_id in workflow_ids)
        )
    return max(codes, default=ExitCode.DONE)


async def _follow(
    client: Client, workflow_id: str, every: float, show: Show, output: Output
) -> ExitCode:
    handle = client.get_workflow_handle(workflow_id)
    ending = asyncio.create_task(reached(handle.result()))
    seen = ""
    while not ending.done():
        run = await find_run(client, workflow_id)
        now = await _where(run)
        if now and now != seen:
            output.note(f"{workflow_id}: {now}")
            seen = now
        show(workflow_id, "; ".join(pending(run)) or now)
        await asyncio.wait({ending}, timeout=every)
    show(workflow_id, "")
    return await _end(await find_run(client, workflow_id), ending, output)


async def _where(run: Run) -> str:
    """Say where the run stands; empty while no worker answers."""
    try:
        state = await run.state()
    except CommandError:
        return ""
    if state.waiting_for:
        return f"{state.step}, waits for {state.waiting_for}"
    return state.step.value


async def _end(run: Run, ending: asyncio.Task[Any], output: Output) -> ExitCode:
    try:
        result = ending.result()
    except WorkflowFailureError as failure:
        output.error(
            f"{_why(failure)}; 'starter.py status {run.handle.id}' shows what was done and undone",
            workflow_id=run.handle.id,
        )
        return ExitCode.RUN_FAILED
    state = await run.state()
    output.result(
        {"workflow_id": run.handle.id, "status": state.status, "result": result},
        describe(run.handle.id, state, run.elapsed),
    )
    return ExitCode.DONE


def _why(failure: WorkflowFailureError) -> str:
    cause = failure.cause
    message = getattr(cause, "message", str(cause))
    if isinstance(cause, CancelledError):
        return "cancelled"
    if isinstance(cause, TerminatedError):
        return f"terminated: {message}"
    return f"{getattr(cause, 'type', None) or type(cause).__name__}: {message}"


@contextmanager
def _live(output: Output) -> Iterator[Show]:
    """Show what runs just now on lines that are wiped in the end, if a person is looking."""
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
            lines = [f"{name}: {doing}" for name, doing in shown.items() if doing]
            # Text, because a string would be read as markup, and errors quote brackets.
            spinner.update(text=Text("\n".join(lines[:LOOKS_AT_ONCE])))

        yield show
