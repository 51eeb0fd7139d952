"""Follow a run step by step until it ends."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from temporalio.client import Client, WorkflowFailureError

from commands.describe import describe, pending
from commands.outcome import CommandError, ExitCode
from commands.output import Output
from commands.runs import Run, find_run, reached

LOOK_SECONDS = 0.5


async def watch(client: Client, workflow_id: str, output: Output) -> ExitCode:
    """Show each step as it begins, then the result; DONE if the run ended with one."""
    handle = client.get_workflow_handle(workflow_id)
    ending = asyncio.create_task(reached(handle.result()))
    seen = ""
    with _live(output) as show:
        while not ending.done():
            run = await find_run(client, workflow_id)
            now = await _where(run)
            if now and now != seen:
                output.note(f"{workflow_id}: {now}")
                seen = now
            show("; ".join(pending(run)) or now)
            await asyncio.wait({ending}, timeout=LOOK_SECONDS)
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
        cause = failure.cause
        kind = getattr(cause, "type", None) or type(cause).__name__
        message = getattr(cause, "message", str(cause))
        output.error(f"{kind}: {message}", workflow_id=run.handle.id)
        return ExitCode.RUN_FAILED
    state = await run.state()
    output.result(
        {"workflow_id": run.handle.id, "status": state.status, "result": result},
        describe(run.handle.id, state, run.elapsed),
    )
    return ExitCode.DONE


@contextmanager
def _live(output: Output) -> Iterator[Callable[[str], None]]:
    """Show what runs just now on one line that is wiped in the end, if a person is looking."""
    if not output.is_watched:
        yield lambda _words: None
        return
    with output.console().status("") as spinner:
        yield spinner.update
