"""Commands on receipts: store files and start their runs, correct what could not be read."""

import argparse
import asyncio
import os
from pathlib import Path

from commands.doer import acting
from commands.receipts.folder import files_in
from commands.terminal.outcome import ExitCode, exit_code, sentence, worst
from commands.terminal.output import Output
from commands.terminal.progress import progress
from commands.watch import watch
from config import Settings
from models import ClearableField, Correction
from service import values
from service.calls import connect
from service.errors import BadInput, ServiceError
from service.receipts import review
from service.receipts.start import SUBMISSIONS_AT_ONCE, Submission, submit_receipt, submitting
from service.runs.find import run_link
from service.submission import Started, submit_each


async def receipt(args: argparse.Namespace, settings: Settings, output: Output) -> ExitCode:
    """Store each file and start its run; one bad file does not stop the others."""
    user_id = values.user_id(settings.user_id if args.user is None else args.user, "--user")
    notify = values.given(values.email, args.notify, "--notify")
    code, files = ExitCode.DONE, []
    for given in args.files:
        try:
            files += _files_of(given)
        except BadInput as error:
            code = exit_code(error)
            output.error(sentence(error, settings), file=given)
    client = await connect(settings)
    workflow_ids: dict[str, None] = {}  # keeps the order, and each but once
    with (
        submitting(client, settings, user_id, notify) as submission,
        progress("storing and starting", len(files), output) as advance,
    ):

        async def submit(file: str) -> Started:
            data = await asyncio.to_thread(read_file, file, settings.receipt_max_bytes)
            return await submit_receipt(submission, data)

        def tell(file: str, outcome: Started | ServiceError) -> None:
            nonlocal code
            advance(1)
            if isinstance(outcome, ServiceError):
                code = max(code, exit_code(outcome))
                output.error(sentence(outcome, settings), file=file)
            else:
                workflow_ids[outcome.workflow_id] = None
                show_started(file, outcome, submission, output)

        tally = await submit_each(files, submit, tell, SUBMISSIONS_AT_ONCE)
    if len(files) > 1:
        tally.require_all("files")
    if args.wait:
        return worst(code, await watch(client, list(workflow_ids), output, stay=args.stay))
    return code


def _files_of(given: str) -> list[str]:
    """Return a file, or the files of a folder."""
    if not Path(given).is_dir():
        return [given]
    files = files_in(Path(given))
    if not files:
        raise BadInput("it is a folder without a file in it")
    return [str(file) for file in files]


def read_file(file: str | Path, limit: int) -> bytes:
    """Read the file, or one byte more than the limit if it is too large; raise BadInput."""
    try:
        with Path(file).open("rb") as stream:
            # Memory for the file's size and not for the limit, which would cost more than to read.
            # A pipe does not tell its size.
            size = os.fstat(stream.fileno()).st_size or limit
            return stream.read(min(size, limit) + 1)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise BadInput(f"cannot be read: {reason}") from None


def show_started(file: str, run: Started, submission: Submission, output: Output) -> None:
    """Show the run of a file."""
    link = run_link(submission.settings, submission.client, run.workflow_id, run.run_id)
    output.result(
        {
            "file": file,
            "workflow_id": run.workflow_id,
            "run_id": run.run_id,
            "joined": run.joined,
            "ui": link,
        },
        f"{file}: {'joined' if run.joined else 'started'} {run.workflow_id}",
        f"  run {run.run_id}",
        f"  {link}",
    )


def cleared(args: argparse.Namespace) -> tuple[ClearableField, ...]:
    """Return the fields that are wrong without anybody knowing what is right."""
    fields: tuple[ClearableField, ...] = ("merchant", "date")
    return tuple(name for name in fields if getattr(args, f"no_{name}"))


async def correct(args: argparse.Namespace, settings: Settings, output: Output) -> ExitCode:
    """Tell a receipt in review what a person read from it."""
    merchant = values.given(values.merchant, args.merchant, "--merchant")
    date = values.given(values.date, args.date, "--date")
    currency = values.given(values.currency, args.currency, "--currency")
    corrected_by = values.short_text(args.by or settings.user_id, "--by")
    values.total_in_any_currency(args.total, "--total")
    client = await connect(settings)
    known = currency or await review.currency_read(client, args.id)
    correction = Correction(
        total_cents=values.total_cents(args.total, "--total", known),
        merchant=merchant,
        date=date,
        currency=currency,
        clear=cleared(args),
        corrected_by=corrected_by,
    )
    async with acting(corrected_by, settings, output) as doer:
        run, state = await review.correct(client, args.id, correction, doer)
    link = run_link(settings, client, run.workflow_id, run.run_id)
    output.result(
        {"workflow_id": run.workflow_id, **state.model_dump(mode="json"), "ui": link},
        f"{run.workflow_id}: corrected, goes on",
    )
    return ExitCode.DONE
