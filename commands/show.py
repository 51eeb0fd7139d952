"""The command ``show``: a receipt as a picture, with what was read where on it."""

import argparse
from pathlib import Path

from commands.evidence import evidence_of
from commands.outcome import CommandError, ExitCode
from commands.output import Output
from commands.runs import connect, find_run
from config import Settings
from models import ReceiptState


async def show(args: argparse.Namespace, settings: Settings, output: Output) -> ExitCode:
    """Write the receipt with its boxes and fields drawn on it as a PNG."""
    client = await connect(settings)
    run = await find_run(client, args.id)
    state = await run.state()
    if not isinstance(state, ReceiptState):
        raise CommandError(f"{run.handle.id} is an order: only a receipt can be shown")
    found = await evidence_of(client, run, state.object_key, settings)
    if found.text is None:
        raise CommandError(f"{run.handle.id} has not been read yet: it is at step {state.step}")
    from commands.drawing import annotated, write_png

    picture = annotated(found.file, found.text, state.fields, settings)
    file = write_png(picture, Path(args.output or f"{run.handle.id}.png"))
    output.result(
        {"workflow_id": run.handle.id, "file": file, **state.model_dump(mode="json")},
        f"{run.handle.id}: drawn in {file}",
    )
    return ExitCode.DONE
