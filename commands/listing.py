"""Commands that only look: one run, many runs."""

import argparse
import datetime as dt
from collections import Counter
from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import asdict

from temporalio.client import Client

from commands.describe import FORGOTTEN, changed_since, describe
from commands.mails import as_json, list_untold
from commands.terminal.outcome import ExitCode
from commands.terminal.output import Output
from commands.terminal.progress import progress
from config import Settings
from models import ExpenseEdit, ReceiptState
from service.calls import connect
from service.errors import BadInput, DatabaseUnreachable
from service.orders.archive import opened_archive
from service.orders.ended_list import list_ended, query_of_ended
from service.receipts.edits import change_of
from service.runs.find import State, list_link, run_link
from service.runs.listing import WORKFLOW_OF_KIND, ListedRun, query_of
from service.runs.listing import list_runs as listed_runs
from service.runs.stuck import WAITING, Backlog, Stuck, among, backlogs, runs_to_ask
from service.status import standing
from workflows import wording
from workflows.search_attributes import PIPELINE_STATUS

LINE_WIDTH = 80
"""Characters of the narrowest terminal that people use."""

MOST_REPLAYED = 50
"""Runs that only wait, and are replayed by ``list --stuck``: somebody asks it every minute."""

SHORTEST_NAME = 10
"""Characters of customer and merchant that are shown even beside a very long id."""


async def status(args: argparse.Namespace, settings: Settings, output: Output) -> ExitCode:
    """Show where one run stands."""
    client = await connect(settings)
    at = await standing(client, args.id, settings)
    found, state = at.found, at.state
    link = None if at.is_forgotten else run_link(settings, client, found.workflow_id, found.run_id)
    doing = [activity.words() for activity in at.pending]
    change = await _change_of(state, settings, output)
    output.result(
        {
            "workflow_id": found.workflow_id,
            "run_id": found.run_id,
            **state.model_dump(mode="json"),
            "elapsed_seconds": at.elapsed.total_seconds(),
            "pending": doing,
            "owed": at.owed,
            "expense_change": change,
            "mails": [as_json(mail) for mail in at.mails],
            "refused": asdict(at.refused) if at.refused else None,
            "ui": link,
        },
        *describe(found.workflow_id, state, at.elapsed, at.mails),
        *([f"  expense now  {changed_since(change)}"] if change else []),
        *(f"  {line}" for line in doing),
        *(f"  still owed   {line}" for line in at.owed),
        *([f"  a later run  {at.refused.reason}"] if at.refused else []),
        f"  {link or FORGOTTEN}",
    )
    return ExitCode.DONE


async def _change_of(state: State, settings: Settings, output: Output) -> ExpenseEdit | None:
    """Return what somebody has made of a receipt's expense; where a run stands is said anyhow."""
    if not isinstance(state, ReceiptState):
        return None
    try:
        return await change_of(settings, state.expense_id)
    except DatabaseUnreachable as error:
        output.warning(f"whether its expense was edited cannot be told: {error}")
        return None


async def list_runs(args: argparse.Namespace, settings: Settings, output: Output) -> ExitCode:
    """List runs, newest first, and the same list as a link into the Temporal UI."""
    if args.ended and (args.stuck or args.untold):
        other = "--stuck" if args.stuck else "--untold"
        raise BadInput(f"--ended and {other} exclude each other: choose one")
    query = (query_of_ended if args.ended else query_of)(args.kind, args.status)
    client = await connect(settings)
    if args.stuck:
        everything = query_of(args.kind, args.status, of=tuple(WORKFLOW_OF_KIND))
        return await _list_stuck(client, everything, settings, output)
    if args.untold:
        await list_untold(client, args.kind, settings, output)
        return ExitCode.DONE
    if args.ended:
        async with opened_archive(settings) as archive:
            runs = await list_ended(client, archive, args.kind, args.status, args.limit)
    else:
        runs = await listed_runs(client, query, args.limit)
    if runs:
        table = _Table(runs, LINE_WIDTH if output.shares_terminal else None)
        if not output.as_json:
            output.result({}, table.header())
        for run in runs:
            _show_run(client, run, table.rows(run), settings, output)
    link = list_link(settings, client, query)
    forgotten = sum(run.is_forgotten for run in runs)
    alone = f", {forgotten} of them only archived" if forgotten else ""
    counted = f"{len(runs)} run{'' if len(runs) == 1 else 's'}{alone}"
    output.note(f"{counted}; in the Temporal UI: {link}")
    return ExitCode.DONE


class _Table:
    """Runs as lines of so many characters, if there is a limit; only ids are never cut.

    Runs that share their id, as the tries of an order do, have a second line with their start.
    """

    def __init__(self, runs: Sequence[ListedRun], width: int | None = None) -> None:
        self._width = width
        self._runs_of = Counter(run.workflow_id for run in runs)
        self._id = max(len(run.workflow_id) for run in runs)
        self._status = max(len(run.status or "-") for run in runs)

    def header(self) -> str:
        return self._row("ID", "STATUS", "TOTAL", "CUSTOMER, MERCHANT")

    def rows(self, run: ListedRun) -> list[str]:
        total = "" if run.total_cents is None else wording.money(run.total_cents, run.currency)
        who = ", ".join(name for name in (run.customer_id, run.merchant) if name)
        row = self._row(run.workflow_id, run.status or "-", total, who)
        if self._runs_of[run.workflow_id] == 1:
            return [row]
        return [row, f"  started {run.started_at.astimezone(dt.UTC):%Y-%m-%d %H:%M:%S} UTC"]

    def _row(self, workflow_id: str, status: str, total: str, who: str) -> str:
        row = f"{workflow_id:<{self._id}} {status:<{self._status}} {total:>14}  "
        if self._width is None:
            return row + who
        room = max(self._width - len(row), SHORTEST_NAME)
        return row + (who if len(who) <= room else f"{who[: room - 1]}…")


def _show_run(
    client: Client, run: ListedRun, rows: list[str], settings: Settings, output: Output
) -> None:
    link = run_link(settings, client, run.workflow_id, run.run_id)
    output.result(
        {**asdict(run), "ui": None if run.is_forgotten else link},
        *rows,
        *(f"  {problem.words()}" for problem in run.failing),
    )


async def _list_stuck(client: Client, query: str, settings: Settings, output: Output) -> ExitCode:
    """Show which of the open runs wait on something failing; if any does, the exit code is 1."""
    runs = await runs_to_ask(client, query)
    stuck = 0
    with progress("asking each run", len(runs), output) as advance:
        async for found in among(client, runs):
            advance(1)
            if found.failing:
                stuck += 1
                _show_stuck(client, found, settings, output)
    behind = await backlogs(client, settings)
    for backlog in behind:
        output.result(asdict(backlog), _in_words(backlog))
    output.note(
        f"{stuck} stuck of {len(runs)} run{'' if len(runs) == 1 else 's'} at work; runs that wait "
        "for a person or a date are not counted"
    )
    failing_later = await _show_failing_later(client, query, settings, output)
    return ExitCode.RUN_FAILED if stuck or behind or failing_later else ExitCode.DONE


async def _show_failing_later(
    client: Client, query: str, settings: Settings, output: Output
) -> int:
    """Show which runs that only wait would fail as soon as they wake, and return how many.

    They are replayed against this checkout; where there are many, some of them.
    """
    from service.runs.replaying import Outcome, count, query_of_waiting, replay_runs

    query = query_of_waiting(query, settings.task_queue, WAITING)
    total = await count(client, query)
    sample, failing = min(total, MOST_REPLAYED), 0
    if not total:
        return 0
    async with aclosing(replay_runs(client, settings, query, total, sample)) as replayed:
        async for one in replayed:
            if one.outcome is not Outcome.BREAKS:
                continue
            failing += 1
            said = {"workflow_id": one.workflow_id, "run_id": one.run_id, "would_fail": one.reason}
            link = run_link(settings, client, one.workflow_id, one.run_id)
            output.result(
                {**said, "ui": link},
                f"{one.workflow_id}: waits, and its code would fail when it wakes",
                f"  {one.reason}",
                f"  {link}",
            )
    rest = "" if sample == total else "; 'starter.py replay' replays all"
    output.note(
        f"{failing} of {sample} runs that wait would fail with this code, of {total} in all{rest}"
    )
    return failing


def _show_stuck(client: Client, stuck: Stuck, settings: Settings, output: Output) -> None:
    run = stuck.run
    status = run.search_attributes.get(PIPELINE_STATUS)
    link = run_link(settings, client, run.workflow_id, run.run_id)
    failing = [f"  {problem.words()}" for problem in stuck.failing]
    output.result(
        {
            "workflow_id": run.workflow_id,
            "run_id": run.run_id,
            "status": status,
            "failing": [asdict(problem) for problem in stuck.failing],
            "ui": link,
        },
        f"{run.workflow_id}: {status or '-'}",
        *failing,
        f"  {link}",
    )


def _in_words(backlog: Backlog) -> str:
    return (
        f"task queue {backlog.task_queue}: about {backlog.waiting} tasks wait for a worker, the "
        f"oldest for {backlog.seconds:.0f} s"
    )
