"""The command that writes what the archive lacks, while Temporal still remembers it."""

import argparse

from commands.terminal.outcome import ExitCode, exit_code, sentence
from commands.terminal.output import Output
from commands.terminal.progress import progress
from config import Settings
from service.calls import connect
from service.errors import ServiceError
from service.orders.archive import opened_archive
from service.orders.missing import archive_missing, ended_orders, without_row


async def archive(_: argparse.Namespace, settings: Settings, output: Output) -> ExitCode:
    """Archive every ended order that is not; one that cannot be archived stops no other."""
    client = await connect(settings)
    code, written = ExitCode.DONE, 0
    async with opened_archive(settings) as rows:
        ended = await ended_orders(client)
        missing = await without_row(rows, ended)
        with progress("archiving", len(missing), output) as advance:
            async for done in archive_missing(client, rows, missing):
                advance(1)
                if done is None:
                    continue
                if isinstance(done.outcome, ServiceError):
                    code = max(code, exit_code(done.outcome))
                    output.error(sentence(done.outcome, settings))
                    continue
                written += 1
                output.result(
                    {"workflow_id": done.workflow_id, "result": done.outcome},
                    f"{done.workflow_id}: archived as {done.outcome.status}",
                )
    output.note(f"{written} of {len(ended)} ended orders were not archived, and are now")
    return code
