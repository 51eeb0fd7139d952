"""Commands on receipts: store files and start their runs, correct what could not be read."""

import argparse
import asyncio
import os
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from temporalio.client import Client

from bootstrap import object_store
from commands import values
from commands.outcome import CommandError, ExitCode
from commands.output import Output
from commands.runs import KEPT, answered, connect, find_run, require_open, run_link
from commands.start import Started, start_receipt, stored_receipt
from commands.submission import progress, submit_each
from commands.watch import watch
from config import Settings
from models import Correction
from providers.object_store import ObjectStore
from workflows.receipt.workflow import ReceiptWorkflow

PUT_ATTEMPTS = 3
"""How often a file is put before its run is started, when nobody else would try again."""

AT_ONCE = 8
"""Files that are stored and started at a time; more would only wait for the same bucket."""


@dataclass(frozen=True)
class Submission:
    """Whose files are stored where."""

    client: Client
    store: ObjectStore
    settings: Settings
    user_id: str
    notify_email: str | None


async def receipt(args: argparse.Namespace, settings: Settings, output: Output) -> ExitCode:
    """Store each file and start its run; one bad file does not stop the others."""
    user_id = values.user_id(settings.user_id if args.user is None else args.user)
    notify = values.given(values.email, args.notify)
    client = await connect(settings)
    store = object_store(settings, attempts=PUT_ATTEMPTS)
    submission = Submission(client, store, settings, user_id, notify)
    workflow_ids: dict[str, None] = {}  # keeps the order, and each but once
    with progress("storing and starting", len(args.files), output) as advance:

        def tell(file: str, outcome: Started | CommandError) -> None:
            advance(1)
            if isinstance(outcome, CommandError):
                output.error(str(outcome), file=file)
            else:
                workflow_ids[outcome.workflow_id] = None
                _show_started(file, outcome, submission, output)

        tally = await submit_each(args.files, partial(submit_file, submission), tell, AT_ONCE)
    if len(args.files) > 1:
        tally.require_all("files")
    if args.wait:
        return max(tally.exit_code, await watch(client, list(workflow_ids), output))
    return tally.exit_code


async def submit_file(submission: Submission, file: str) -> Started:
    """Store a file and start its run; raises CommandError that says what is wrong."""
    object_key = await asyncio.to_thread(_store, submission, file)
    receipt = stored_receipt(object_key, submission.user_id, submission.notify_email)
    return await start_receipt(submission.client, receipt, submission.settings.task_queue)


def _store(submission: Submission, file: str) -> str:
    """Check the file and put it into the bucket; raises CommandError that says what is wrong."""
    from providers.errors import ImageTooLarge, NotAnImage, ProviderError

    limit = submission.settings.receipt_max_bytes
    try:
        with Path(file).open("rb") as stream:
            # Room for what is there and not for the limit, which costs more than the reading;
            # a pipe does not say how much that is.
            size = os.fstat(stream.fileno()).st_size or limit
            data = stream.read(min(size, limit) + 1)
        return submission.store.put_receipt(data)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise CommandError(f"cannot be read: {reason}") from None
    except (NotAnImage, ImageTooLarge) as error:
        raise CommandError(str(error)) from None
    except ProviderError as error:
        raise CommandError(
            f"{error}; start the local stack with 'make dev' or set S3_ENDPOINT_URL",
            ExitCode.UNREACHABLE,
        ) from None


def _show_started(file: str, run: Started, submission: Submission, output: Output) -> None:
    link = run_link(submission.settings, submission.client, run.workflow_id, run.run_id)
    output.result(
        {
            "file": file,
            "workflow_id": run.workflow_id,
            "run_id": run.run_id,
            "joined": run.joined,
            "ui": link,
        },
        f"{file}: {'joined' if run.joined else 'started'} {run.workflow_id}\n"
        f"  run {run.run_id}\n  {link}",
    )


async def correct(args: argparse.Namespace, settings: Settings, output: Output) -> ExitCode:
    """Give a receipt in review what a person read from it."""
    correction = Correction(
        total_cents=values.total_cents(args.total),
        merchant=values.given(values.merchant, args.merchant),
        date=values.given(values.date, args.date),
        currency=values.given(values.currency, args.currency),
        corrected_by=values.short_text(args.by or settings.user_id, "--by"),
    )
    client = await connect(settings)
    run = await find_run(client, args.id)
    if run.is_order:
        raise CommandError(f"{run.handle.id} is an order: only a receipt can be corrected")
    require_open(run, "corrected")
    state = await answered(run.handle.execute_update(ReceiptWorkflow.correct, correction), KEPT)
    link = run_link(settings, client, run.handle.id, run.description.run_id)
    output.result(
        {"workflow_id": run.handle.id, **state.model_dump(mode="json"), "ui": link},
        f"{run.handle.id}: corrected, goes on",
    )
    return ExitCode.DONE
