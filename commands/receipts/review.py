"""The command ``review``: a person goes through the receipts that nobody could read for sure.

Ten seconds a receipt: why it is here, the rows in question, a picture of that strip of paper,
and one value after the other to confirm with Enter or to type anew.
"""

import argparse
from dataclasses import dataclass
from pathlib import Path

from temporalio.client import Client

from commands.doer import acting
from commands.receipts.correction_form import HOW, ask_correction
from commands.terminal.answers import Answers, Cancel, Quit, Skip
from commands.terminal.outcome import ExitCode, exit_code, sentence
from commands.terminal.output import Output
from config import Settings
from models import ReceiptFields, ReceiptState, ReceiptText
from service import values
from service.access.log import Doer
from service.calls import connect
from service.errors import NotFound, ServiceError
from service.receipts.evidence import file_of, text_of
from service.receipts.excerpt import excerpt
from service.receipts.review import correct_run, discard, review_queue, review_state
from service.runs.find import Run, run_link
from workflows import wording
from workflows.receipt.progress import NOTHING_READ

PICTURES = "review"
"""Folder below STATE_DIR for the pictures, unless an option names another."""


@dataclass(frozen=True)
class _Desk:
    """Who reviews, how they are asked, and where pictures are written."""

    client: Client
    settings: Settings
    output: Output
    answers: Answers
    reviewer: str
    doer: Doer | None
    pictures: Path


async def review(args: argparse.Namespace, settings: Settings, output: Output) -> ExitCode:
    """Walk the receipts in review, the one that waits longest first."""
    user = values.user_id(args.user, "--user") if args.user else None
    client = await connect(settings)
    queue = await review_queue(client, user)
    if output.as_json:
        for run, state in queue:
            link = run_link(settings, client, run.workflow_id, run.run_id)
            about = {"workflow_id": run.workflow_id, **state.model_dump(mode="json"), "ui": link}
            output.result(about)
        return ExitCode.DONE
    output.note(f"{len(queue)} receipt{'' if len(queue) == 1 else 's'} in review")
    output.note(*(HOW if queue else ["nothing to do"]))
    pictures = Path(args.pictures or settings.state_dir / PICTURES)
    reviewer = args.by or settings.user_id
    async with acting(reviewer, settings, output) as doer:
        desk = _Desk(client, settings, output, Answers(), reviewer, doer, pictures)
        return await _walk(desk, [run for run, _ in queue])


async def _walk(desk: _Desk, queue: list[Run]) -> ExitCode:
    """Review one after the other; one that went wrong does not stop the others."""
    code = ExitCode.DONE
    for number, run in enumerate(queue, start=1):
        desk.output.note("", f"{number} of {len(queue)}: {run.workflow_id}")
        try:
            await _review(desk, run)
        except Skip:
            continue
        except Quit:
            desk.output.note(f"{len(queue) - number + 1} left in review")
            break
        except ServiceError as error:
            desk.output.error(sentence(error, desk.settings), workflow_id=run.workflow_id)
            code = max(code, exit_code(error))
    return code


async def _review(desk: _Desk, run: Run) -> None:
    """Show one receipt, ask, and let its run go on."""
    state = await review_state(run)
    if state is None:
        desk.output.note("  somebody else has settled it")
        return
    await _show(desk, run, state)
    try:
        correction = await ask_correction(desk.answers, state.fields or NOTHING_READ, desk.reviewer)
    except Cancel:
        await discard(run, desk.doer)
        desk.output.result({}, f"{run.workflow_id}: cancelled, no expense")
        return
    await correct_run(run, correction, desk.doer)
    amount = wording.money(correction.total_cents, correction.currency)
    desk.output.result({}, f"{run.workflow_id}: {amount}, goes on")


async def _show(desk: _Desk, run: Run, state: ReceiptState) -> None:
    facts = [("reason", state.reason or "unknown"), ("user", state.user_id)]
    if state.waiting_until:
        facts.append(("until", wording.moment(state.waiting_until)))
    if state.fields and state.fields.items:
        facts.append(("items", _items(state.fields)))
    rows: list[str] = []
    text = await text_of(desk.client, run)
    if text is not None:
        facts.append(("picture", await _picture(desk, run, state, text)))
        rows = excerpt(text, state.fields or NOTHING_READ)
    desk.output.note(*(f"  {name:<8} {fact}" for name, fact in facts), *rows)


async def _picture(desk: _Desk, run: Run, state: ReceiptState, text: ReceiptText) -> str:
    """Write what is around the total; return its file, or say that there is no picture.

    Who has the paper can say what it shows also when the bucket has lost the picture.
    """
    from service.receipts.drawing import around_total, png_of, write_png

    try:
        file = await file_of(state.object_key, desk.settings)
    except NotFound as gone:
        return f"none: {gone}"
    picture = around_total(file, text, state.fields, desk.settings)
    return write_png(picture, png_of(desk.pictures, run.workflow_id))


def _items(fields: ReceiptFields) -> str:
    """Say what the items sum up to, which may differ from the total for good reasons."""
    together = sum(item.cents for item in fields.items)
    words = f"{len(fields.items)}, together {wording.money(together, fields.currency)}"
    if fields.total_cents is None or together == fields.total_cents:
        return words
    return f"{words}, which is not the total"
