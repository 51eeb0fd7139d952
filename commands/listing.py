"""Commands that only look: one run, many runs, the expenses."""

import argparse
import csv
import sys
from contextlib import AsyncExitStack
from dataclasses import asdict
from typing import TextIO

from temporalio.client import Client, WorkflowExecution

from bootstrap import expense_records
from commands import values
from commands.describe import describe, pending
from commands.outcome import CommandError, ExitCode
from commands.output import Output
from commands.pending import Pending, failing_workflow_task
from commands.runs import connect, find_run, list_link, reached, run_link
from commands.spreadsheet import safe_cell
from commands.stuck import among, list_stuck
from config import Settings
from models import OrderStatus, ReceiptStatus, StoredExpense
from providers.errors import ProviderError
from workflows import wording
from workflows.order.workflow import OrderWorkflow
from workflows.receipt.workflow import ReceiptWorkflow
from workflows.search_attributes import CUSTOMER_ID, MERCHANT, PIPELINE_STATUS, TOTAL_CENTS

WORKFLOW_OF_KIND = {"receipt": ReceiptWorkflow.__name__, "order": OrderWorkflow.__name__}
STATUSES = sorted({*OrderStatus, *ReceiptStatus})


async def status(args: argparse.Namespace, settings: Settings, output: Output) -> ExitCode:
    """Show where one run stands."""
    client = await connect(settings)
    run = await find_run(client, args.id)
    link = run_link(settings, client, run.handle.id, run.description.run_id)
    try:
        state = await run.state()
    except CommandError:
        code = await failing_workflow_task(client, run.description)
        if code is None:
            raise
        why = f"{run.handle.id} cannot answer: {code.words()}"
        raise CommandError(why, ExitCode.RUN_FAILED) from None
    doing = pending(run)
    output.result(
        {
            "workflow_id": run.handle.id,
            "run_id": run.description.run_id,
            **state.model_dump(mode="json"),
            "elapsed_seconds": run.elapsed.total_seconds(),
            "pending": doing,
            "ui": link,
        },
        "\n".join(
            [
                describe(run.handle.id, state, run.elapsed),
                *(f"  {line}" for line in doing),
                f"  {link}",
            ]
        ),
    )
    return ExitCode.DONE


async def list_runs(args: argparse.Namespace, settings: Settings, output: Output) -> ExitCode:
    """List runs, newest first, and the same list as a link into the Temporal UI."""
    query = _query(args.kind, args.status)
    if args.limit < 1:
        raise CommandError(f"--limit is {args.limit}: it must be 1 or more")
    client = await connect(settings)
    if args.stuck:
        await list_stuck(client, query, settings, output)
        return ExitCode.DONE
    runs = await reached(_listed(client, query, args.limit))
    failing = await _why_not_undone(client, runs)
    if runs and not output.as_json:
        output.result({}, _row("ID", "STATUS", "CUSTOMER", "TOTAL", "MERCHANT"))
    for run in runs:
        _show_run(client, run, failing.get(run.run_id, []), settings, output)
    shown = len(runs)
    link = list_link(settings, client, query)
    output.note(f"{shown} run{'' if shown == 1 else 's'}; in the Temporal UI: {link}")
    return ExitCode.DONE


def _query(kind: str | None, wanted_status: str | None) -> str:
    kinds = [WORKFLOW_OF_KIND[kind]] if kind else list(WORKFLOW_OF_KIND.values())
    if wanted_status and wanted_status not in STATUSES:
        raise CommandError(
            f"--status is {wanted_status!r}: it must be one of {', '.join(STATUSES)}"
        )
    names = ", ".join(f"'{name}'" for name in kinds)
    query = f"WorkflowType IN ({names})"
    return f"{query} AND {PIPELINE_STATUS.name} = '{wanted_status}'" if wanted_status else query


async def _listed(client: Client, query: str, limit: int) -> list[WorkflowExecution]:
    return [run async for run in client.list_workflows(query, limit=limit)]


async def _why_not_undone(
    client: Client, runs: list[WorkflowExecution]
) -> dict[str, list[Pending]]:
    """Say what keeps money or stock from going back, by run id."""
    undoing = [
        run
        for run in runs
        if run.typed_search_attributes.get(PIPELINE_STATUS) == OrderStatus.COMPENSATING
    ]
    return {found.run.run_id: found.failing async for found in among(client, undoing)}


def _show_run(
    client: Client,
    run: WorkflowExecution,
    failing: list[Pending],
    settings: Settings,
    output: Output,
) -> None:
    shown = run.typed_search_attributes
    state, customer = shown.get(PIPELINE_STATUS), shown.get(CUSTOMER_ID)
    cents, merchant = shown.get(TOTAL_CENTS), shown.get(MERCHANT)
    total = "" if cents is None else wording.money(cents, None)
    output.result(
        {
            "workflow_id": run.id,
            "run_id": run.run_id,
            "status": state,
            "customer_id": customer,
            "total_cents": cents,
            "merchant": merchant,
            "started_at": run.start_time,
            "closed_at": run.close_time,
            "failing": [asdict(problem) for problem in failing],
            "ui": run_link(settings, client, run.id, run.run_id),
        },
        "\n  ".join(
            [
                _row(run.id, state, customer, total, merchant),
                *(problem.words() for problem in failing),
            ]
        ),
    )


def _row(run_id: str, *cells: str | None) -> str:
    status, customer, total, merchant = (cell or "-" for cell in cells)
    return f"{run_id:<40} {status:<25} {customer:<16} {total:>12}  {merchant}"


async def expenses(args: argparse.Namespace, settings: Settings, output: Output) -> ExitCode:
    """Print the saved expenses, oldest first."""
    user = values.given(values.user_id, args.user)
    async with AsyncExitStack() as closing:
        try:
            saved = await expense_records(settings, closing).list(user)
        except ProviderError as error:
            raise CommandError(
                f"{error}; start that database or set DATABASE_URL", ExitCode.UNREACHABLE
            ) from None
    if args.csv:
        write_csv(saved, sys.stdout)
        return ExitCode.DONE
    for expense in saved:
        amount = wording.money(expense.total_cents, expense.currency)
        words = (
            f"{expense.expense_id}  {expense.date or 'no date'!s:<10}  {amount:>14}  "
            f"{expense.user_id:<12}  {expense.merchant or '-'}"
        )
        output.result(expense.model_dump(mode="json"), words)
    output.note(f"{len(saved)} expense{'' if len(saved) == 1 else 's'}")
    return ExitCode.DONE


def write_csv(saved: list[StoredExpense], file: TextIO) -> None:
    """Write all fields, with amounts in whole cents, safe to open in a spreadsheet."""
    writer = csv.writer(file, quoting=csv.QUOTE_NONNUMERIC)
    writer.writerow(StoredExpense.model_fields)
    for expense in saved:
        writer.writerow(map(safe_cell, expense.model_dump(mode="json").values()))
