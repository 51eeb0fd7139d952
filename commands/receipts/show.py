"""The command ``show``: a receipt as a picture, with what was read where on it."""

import argparse
from pathlib import Path

from commands.terminal.outcome import ExitCode
from commands.terminal.output import Output
from config import Settings
from models import ReceiptState
from service.calls import connect
from service.errors import Refused
from service.receipts.evidence import evidence_of
from service.runs.find import find_run


async def show(args: argparse.Namespace, settings: Settings, output: Output) -> ExitCode:
    """Write the receipt with its boxes and fields drawn on it as a PNG."""
    client = await connect(settings)
    run = await find_run(client, args.id)
    state = await run.state()
    if not isinstance(state, ReceiptState):
        raise Refused(f"{run.workflow_id} is {run.kind}: only a receipt can be shown")
    found = await evidence_of(client, run, state.object_key, settings)
    if found.text is None:
        raise Refused(f"{run.workflow_id} has not been read yet: it is at step {state.step}")
    from service.receipts.drawing import annotated, png_of, write_png

    picture = annotated(found.file, found.text, state.fields, settings)
    to = Path(args.output) if args.output else png_of(Path(), run.workflow_id)
    file = write_png(picture, to)
    output.result(
        {"workflow_id": run.workflow_id, "file": file, **state.model_dump(mode="json")},
        f"{run.workflow_id}: drawn in {file}",
    )
    return ExitCode.DONE
