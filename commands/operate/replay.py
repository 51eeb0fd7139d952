"""The gate before a deploy: which runs would this checkout break? Changes nothing."""

import argparse
from collections import Counter
from collections.abc import AsyncGenerator
from contextlib import aclosing
from pathlib import Path

from commands.terminal.outcome import ExitCode
from commands.terminal.output import Output
from commands.terminal.progress import progress
from config import Settings
from service.calls import connect
from service.errors import BadInput
from service.runs.replaying import (
    Outcome,
    Replayed,
    count,
    files_in,
    query_of_open,
    replay_files,
    replay_runs,
)


async def replay(args: argparse.Namespace, settings: Settings, output: Output) -> ExitCode:
    """Name each run that would break, and then the sums; RUN_FAILED if there is any."""
    if args.histories is not None:
        if args.sample is not None or args.query is not None:
            raise BadInput("--histories excludes --sample and --query: those are of runs")
        files = files_in(Path(args.histories))
        return await _show(replay_files(settings, files), len(files), output)
    if args.sample is not None and args.sample < 1:
        raise BadInput(f"--sample is {args.sample}: it must be 1 or more")
    client = await connect(settings)
    query = args.query or query_of_open(settings.task_queue)
    total = await count(client, query)
    sample = min(total, args.sample or total)
    if sample < total:
        output.note(f"{sample} of {total} runs, chosen evenly from the newest to the oldest")
    return await _show(replay_runs(client, settings, query, total, sample), sample, output)


async def _show(replays: AsyncGenerator[Replayed, None], total: int, output: Output) -> ExitCode:
    counted = Counter[Outcome]()
    with progress("replaying", total, output) as advance:
        async with aclosing(replays) as each:
            async for replayed in each:
                advance(1)
                counted[replayed.outcome] += 1
                if replayed.reason is not None:
                    _show_fault(replayed, output)
    output.result({outcome.value: counted[outcome] for outcome in Outcome}, _in_words(counted))
    is_unfit = counted[Outcome.BREAKS] or counted[Outcome.UNREADABLE]
    return ExitCode.RUN_FAILED if is_unfit else ExitCode.DONE


def _show_fault(replayed: Replayed, output: Output) -> None:
    named = replayed.workflow_id + (f" (run {replayed.run_id})" if replayed.run_id else "")
    unreadable = "cannot be read: " if replayed.outcome is Outcome.UNREADABLE else ""
    output.result(
        {
            "workflow_id": replayed.workflow_id,
            "run_id": replayed.run_id or None,
            "outcome": replayed.outcome,
            "reason": replayed.reason,
        },
        f"{named}: {unreadable}{replayed.reason}",
    )


def _in_words(counted: Counter[Outcome]) -> str:
    tried = counted[Outcome.REPLAYS] + counted[Outcome.BREAKS]
    words = (
        f"{tried} run{'' if tried == 1 else 's'} replayed: {counted[Outcome.BREAKS]} would break"
    )
    if counted[Outcome.UNREADABLE]:
        words += f", {counted[Outcome.UNREADABLE]} more could not be read"
    if counted[Outcome.ENDED]:
        words += f", {counted[Outcome.ENDED]} ended meanwhile"
    return words
