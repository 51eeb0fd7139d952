"""The command ``review``: a person goes through the receipts that nobody could read for sure.

Ten seconds a receipt: why it is here, the rows in question, a picture of that strip of paper,
and one value after the other to confirm with Enter or to type anew.
"""

import argparse
import asyncio
from dataclasses import dataclass
from pathlib import Path

from temporalio.client import Client

from commands import values
from commands.answers import Answers, Cancel, Quit, Skip
from commands.correction_form import HOW, ask_correction
from commands.evidence import evidence_of
from commands.excerpt import excerpt
from commands.outcome import CommandError, ExitCode
from commands.output import Output
from commands.runs import KEPT, Run, answered, connect, find_run, reached, run_link
from config import Settings
from models import ReceiptFields, ReceiptState, ReceiptStatus
from workflows import wording
from workflows.receipt.workflow import NOTHING_READ, ReceiptWorkflow
from workflows.search_attributes import CUSTOMER_ID, PIPELINE_STATUS

PICTURES = "review"
"""Folder below STATE_DIR for the pictures, unless an option names another."""
ASKED_AT_ONCE = 8
"""Runs that are asked where they stand at a time."""


@dataclass(frozen=True)
class _Desk:
    """Where a person sits: how to ask, what to call them, where pictures go."""

    client: Client
    settings: Settings
    output: Output
    answers: Answers
    reviewer: str
    pictures: Path


async def review(args: argparse.Namespace, settings: Settings, output: Output) -> ExitCode:
    """Walk the receipts in review, the one that waits longest first."""
    user = values.user_id(args.user) if args.user else None
    client = await connect(settings)
    queue = await _queue(client, user)
    if output.as_json:
        for run, state in queue:
            link = run_link(settings, client, run.handle.id, run.description.run_id)
            about = {"workflow_id": run.handle.id, **state.model_dump(mode="json"), "ui": link}
            output.result(about, "")
        return ExitCode.DONE
    output.note(f"{len(queue)} receipt{'' if len(queue) == 1 else 's'} in review")
    output.note(HOW if queue else "nothing to do")
    pictures = Path(args.pictures or settings.state_dir / PICTURES)
    desk = _Desk(client, settings, output, Answers(), args.by or settings.user_id, pictures)
    return await _walk(desk, [run for run, _ in queue])


async def _queue(client: Client, user: str | None) -> list[tuple[Run, ReceiptState]]:
    """Give the runs in review, by what they say themselves: the server's list lags behind."""
    query = (
        f"WorkflowType = '{ReceiptWorkflow.__name__}' AND ExecutionStatus = 'Running' "
        f"AND {PIPELINE_STATUS.name} = '{ReceiptStatus.NEEDS_REVIEW}'"
    )
    if user:
        query += f" AND {CUSTOMER_ID.name} = '{user}'"

    async def listed() -> list[str]:
        return [found.id async for found in client.list_workflows(query)]

    at_once = asyncio.Semaphore(ASKED_AT_ONCE)

    async def asked(workflow_id: str) -> tuple[Run, ReceiptState | None]:
        async with at_once:
            run = await find_run(client, workflow_id)
            return run, await _review_state(run)

    oldest_first = reversed(await reached(listed()))
    answers = await asyncio.gather(*(asked(found) for found in oldest_first))
    return [(run, state) for run, state in answers if state is not None]


async def _review_state(run: Run) -> ReceiptState | None:
    """Give where the run stands, if that is in review."""
    state = await run.state()
    in_review = isinstance(state, ReceiptState) and state.status is ReceiptStatus.NEEDS_REVIEW
    return state if isinstance(state, ReceiptState) and in_review else None


async def _walk(desk: _Desk, queue: list[Run]) -> ExitCode:
    """Review one after the other; one that went wrong does not stop the others."""
    code = ExitCode.DONE
    for number, run in enumerate(queue, start=1):
        desk.output.note(f"\n{number} of {len(queue)}: {run.handle.id}")
        try:
            await _review(desk, run)
        except Skip:
            continue
        except Quit:
            break
        except CommandError as error:
            desk.output.error(str(error), workflow_id=run.handle.id)
            code = max(code, error.exit_code)
    return code


async def _review(desk: _Desk, run: Run) -> None:
    """Show one receipt, ask, and let its run go on."""
    state = await _review_state(run)
    if state is None:
        desk.output.note("  somebody else has settled it")
        return
    await _show(desk, run, state)
    try:
        correction = await ask_correction(desk.answers, state.fields or NOTHING_READ, desk.reviewer)
    except Cancel:
        await reached(run.handle.cancel())
        desk.output.result({}, f"{run.handle.id}: cancelled, no expense")
        return
    await answered(run.handle.execute_update(ReceiptWorkflow.correct, correction), KEPT)
    amount = wording.money(correction.total_cents, correction.currency)
    desk.output.result({}, f"{run.handle.id}: {amount}, goes on")


async def _show(desk: _Desk, run: Run, state: ReceiptState) -> None:
    facts = [("reason", state.reason or "unknown"), ("user", state.user_id)]
    if state.waiting_until:
        facts.append(("until", wording.moment(state.waiting_until)))
    if state.fields and state.fields.items:
        facts.append(("items", _items(state.fields)))
    rows: list[str] = []
    evidence = await evidence_of(desk.client, run, state.object_key, desk.settings)
    if evidence.text is not None:
        from commands.drawing import around_total, write_png

        picture = around_total(evidence.file, evidence.text, state.fields, desk.settings)
        facts.append(("picture", write_png(picture, desk.pictures / f"{run.handle.id}.png")))
        rows = excerpt(evidence.text, state.fields or NOTHING_READ)
    desk.output.note("\n".join([*(f"  {name:<8} {fact}" for name, fact in facts), *rows]))


def _items(fields: ReceiptFields) -> str:
    """Say what the articles come to, which may differ from the total for good reasons."""
    together = sum(item.cents for item in fields.items)
    words = f"{len(fields.items)}, together {wording.money(together, fields.currency)}"
    if fields.total_cents is None or together == fields.total_cents:
        return words
    return f"{words}, which is not the total"
