"""Commands on orders: start one, decide on it, hold it up, hurry it, cancel it."""

import argparse
from collections.abc import Callable, Iterator
from itertools import chain

from temporalio.client import Client

from commands import values
from commands.order_document import parse_order
from commands.order_files import OrderDocument, read_orders, total_bytes
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
from commands.start import Started, start_order
from commands.submission import progress, submit_each
from commands.watch import watch
from config import Settings
from models import Approval, Order, OrderState
from workflows import wording
from workflows.order.workflow import OrderWorkflow

AT_ONCE = 32
"""Orders that are started at a time. Eight keep the local server as busy as 64 do; of a server
that answers after 50 ms, 32 get 640 a second."""


async def order(args: argparse.Namespace, settings: Settings, output: Output) -> ExitCode:
    """Start the order of a file, or each of many; one that is none does not stop the others."""
    documents = read_orders(args.files)
    first, second = next(documents, None), next(documents, None)
    if first is None:
        raise CommandError(f"there is no order in {', '.join(args.files)}")
    if second is None:
        return await _start_one(_parsed(first), args, settings, output)
    return await _start_each(chain((first, second), documents), args, settings, output)


async def _start_one(
    order: Order, args: argparse.Namespace, settings: Settings, output: Output
) -> ExitCode:
    client = await connect(settings)
    started = await start_order(client, order, settings.task_queue)
    said = _started(started, settings, client)
    did = "joined" if started.joined else "started"
    amount = wording.money(order.total_cents, order.currency)
    output.result(
        said,
        f"{did} {started.workflow_id} over {amount}\n  run {started.run_id}\n  {said['ui']}",
    )
    if args.wait:
        return await watch(client, [started.workflow_id], output)
    return ExitCode.DONE


async def _start_each(
    documents: Iterator[OrderDocument | CommandError],
    args: argparse.Namespace,
    settings: Settings,
    output: Output,
) -> ExitCode:
    """Start a batch; a person gets the sum of it, a program an object for each order."""
    client = await connect(settings)
    to_watch: dict[str, None] = {}  # keeps the order, and each but once

    async def submit(document: OrderDocument | CommandError) -> Started:
        return await start_order(client, _parsed(document), settings.task_queue)

    with progress("starting", total_bytes(args.files), output) as advance:

        def tell(document: OrderDocument | CommandError, outcome: Started | CommandError) -> None:
            found = {} if isinstance(document, CommandError) else {"source": document.source}
            advance(0 if isinstance(document, CommandError) else len(document.text))
            if isinstance(outcome, CommandError):
                output.error(str(outcome), **found)
                return
            if output.as_json:
                output.result({**found, **_started(outcome, settings, client)}, "")
            if args.wait:
                to_watch[outcome.workflow_id] = None

        tally = await submit_each(documents, submit, tell, AT_ONCE)
    tally.require_all("orders")
    if not output.as_json:
        output.result({}, tally.in_words("orders"))
    if args.wait:
        return max(tally.exit_code, await watch(client, list(to_watch), output))
    return tally.exit_code


def _parsed(document: OrderDocument | CommandError) -> Order:
    if isinstance(document, CommandError):
        raise document
    return parse_order(document.text)


def _started(run: Started, settings: Settings, client: Client) -> dict[str, object]:
    return {
        "workflow_id": run.workflow_id,
        "run_id": run.run_id,
        "joined": run.joined,
        "ui": run_link(settings, client, run.workflow_id, run.run_id),
    }


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
