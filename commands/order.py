"""Commands on orders: start one, decide on it, hold it up, hurry it, cancel it."""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

from commands import values
from commands.order_document import parse_order
from commands.outcome import CommandError, ExitCode
from commands.output import Output
from commands.runs import (
    KEPT,
    Run,
    State,
    answered,
    connect,
    find_open_order,
    find_run,
    require_open,
    run_link,
)
from commands.start import start_order
from commands.watch import watch
from config import Settings
from models import Approval, OrderState
from workflows import wording
from workflows.order import OrderWorkflow

MAX_ORDER_BYTES = 256 * 1024
"""An order of 200 items is a tenth of this; a payload of Temporal may have 2 MiB."""


async def order(args: argparse.Namespace, settings: Settings, output: Output) -> ExitCode:
    """Start an order from a JSON file or standard input."""
    parsed = parse_order(_read(args.file))
    client = await connect(settings)
    started = await start_order(client, parsed, settings.task_queue)
    link = run_link(settings, client, started.workflow_id, started.run_id)
    did = "joined" if started.joined else "started"
    amount = wording.money(parsed.total_cents, parsed.currency)
    output.result(
        {
            "workflow_id": started.workflow_id,
            "run_id": started.run_id,
            "joined": started.joined,
            "ui": link,
        },
        f"{did} {started.workflow_id} over {amount}\n  run {started.run_id}\n  {link}",
    )
    if args.wait:
        return await watch(client, [started.workflow_id], output)
    return ExitCode.DONE


def _read(file: str) -> bytes:
    try:
        with sys.stdin.buffer if file == "-" else Path(file).open("rb") as stream:
            text = stream.read(MAX_ORDER_BYTES + 1)
    except OSError as error:
        raise CommandError(f"cannot read {file!r}: {error.strerror}") from None
    if len(text) > MAX_ORDER_BYTES:
        raise CommandError(f"{file!r} has more than {MAX_ORDER_BYTES} bytes: that is no order")
    return text


async def approve(args: argparse.Namespace, settings: Settings, output: Output) -> ExitCode:
    """Approve an order that waits for it."""
    return await _decide(True, args, settings, output)


async def reject(args: argparse.Namespace, settings: Settings, output: Output) -> ExitCode:
    """Reject an order that waits for an approval."""
    return await _decide(False, args, settings, output)


async def _decide(
    approved: bool, args: argparse.Namespace, settings: Settings, output: Output
) -> ExitCode:
    decision = Approval(
        approved=approved,
        decided_by=values.short_text(args.by or settings.user_id, "--by"),
        reason=values.short_text(args.reason or "", "--reason"),
    )
    client = await connect(settings)
    verdict = "approved" if approved else "rejected"
    run = await find_open_order(client, args.id, verdict)
    state = await answered(run.handle.execute_update(OrderWorkflow.decide, decision), KEPT)
    link = run_link(settings, client, run.handle.id, run.description.run_id)
    output.result(_data(run, state, link), f"{run.handle.id}: {verdict}")
    return ExitCode.DONE


async def pause(args: argparse.Namespace, settings: Settings, output: Output) -> ExitCode:
    """Stop an order before its next step."""
    return await _signal(args.id, "paused", OrderWorkflow.pause, settings, output)


async def resume(args: argparse.Namespace, settings: Settings, output: Output) -> ExitCode:
    """Let a paused order go on."""
    return await _signal(args.id, "resumed", OrderWorkflow.resume, settings, output)


async def expedite(args: argparse.Namespace, settings: Settings, output: Output) -> ExitCode:
    """Let an order skip the wait for the business day."""
    return await _signal(args.id, "expedited", OrderWorkflow.expedite, settings, output)


async def _signal(
    order_id: str,
    verdict: str,
    signal: Callable[[OrderWorkflow], None],
    settings: Settings,
    output: Output,
) -> ExitCode:
    client = await connect(settings)
    run = await find_open_order(client, order_id, verdict)
    await answered(run.handle.signal(signal))
    # The answer to this query comes after the signal was handled.
    state = await run.state(unanswered=KEPT)
    link = run_link(settings, client, run.handle.id, run.description.run_id)
    output.result(_data(run, state, link), f"{run.handle.id}: {verdict}")
    return ExitCode.DONE


async def cancel(args: argparse.Namespace, settings: Settings, output: Output) -> ExitCode:
    """Cancel a run; what an order did is undone, unless it was shipped."""
    client = await connect(settings)
    run = await find_run(client, args.id)
    require_open(run, "cancelled")
    state = await run.state()
    if isinstance(state, OrderState) and state.shipment_id:
        raise CommandError(
            f"{run.handle.id} cannot be cancelled: it was shipped as {state.shipment_id}"
        )
    await answered(run.handle.cancel())
    link = run_link(settings, client, run.handle.id, run.description.run_id)
    output.result(
        {"workflow_id": run.handle.id, "cancel_requested": True, "ui": link},
        f"{run.handle.id}: cancel requested; 'starter.py status {args.id}' shows what is undone",
    )
    return ExitCode.DONE


def _data(run: Run, state: State, link: str) -> dict[str, object]:
    return {"workflow_id": run.handle.id, **state.model_dump(mode="json"), "ui": link}
