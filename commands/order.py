"""Commands on orders: start them, decide on one, hold it up, hurry it, cancel it."""

import argparse
from collections.abc import Awaitable, Callable, Iterator
from itertools import chain

from temporalio.client import Client

from commands.describe import FORGOTTEN
from commands.doer import acting
from commands.order_files import OrderDocument, read_orders, total_bytes
from commands.terminal.outcome import ExitCode, exit_code, sentence
from commands.terminal.output import Output
from commands.terminal.progress import progress
from commands.watch import show_archived, watch
from config import Settings
from models import Approval, ArchivedOrder, DecisionChannel, Order
from service import values
from service.access.log import Doer
from service.calls import connect
from service.errors import BadInput, ServiceError
from service.orders import decisions
from service.orders.archive import opened_archive
from service.orders.batches import OrderOfBatch, looked_up_together
from service.orders.decisions import Taken
from service.orders.document import parse_order
from service.orders.start import STARTS_AT_ONCE, start_order
from service.over import archive_knows_end
from service.runs import find as runs
from service.runs.find import run_link
from service.submission import Started, submit_each
from workflows import wording


async def order(args: argparse.Namespace, settings: Settings, output: Output) -> ExitCode:
    """Start the order of a file, or each of many; a document that is no order stops no other."""
    documents = read_orders(args.files)
    first, second = next(documents, None), next(documents, None)
    if first is None:
        raise BadInput(f"there is no order in {', '.join(args.files)}")
    if second is None:
        return await _start_one(_only(first), args, settings, output)
    return await _start_each(chain((first, second), documents), args, settings, output)


async def _start_one(
    order: Order, args: argparse.Namespace, settings: Settings, output: Output
) -> ExitCode:
    client = await connect(settings)
    async with opened_archive(settings) as archive:
        archived = await archive.of(order.order_id)
        started = await start_order(
            client, order, settings.task_queue, settings.approval_threshold, archived
        )
    said = _started(started, settings, client)
    did = "joined" if started.joined else "started"
    amount = wording.amount_of(order)
    over = f", which is over: {started.ended}" if started.ended else ""
    output.result(
        said,
        f"{did} {started.workflow_id} ({amount}){over}",
        f"  run {started.run_id}",
        f"  {said['ui'] or FORGOTTEN}",
    )
    if args.wait and started.archived:
        return show_archived(started.archived, output)
    if args.wait:
        return await watch(client, [started.workflow_id], output)
    return ExitCode.DONE


async def _start_each(
    documents: Iterator[OrderDocument | BadInput],
    args: argparse.Namespace,
    settings: Settings,
    output: Output,
) -> ExitCode:
    """Start a batch; a person gets the sum of it, a program an object for each order."""
    client = await connect(settings)
    to_watch: dict[str, None] = {}  # keeps the order, and each but once
    ended: dict[str, ArchivedOrder] = {}
    code = ExitCode.DONE

    async def submit(one: OrderOfBatch[OrderDocument | BadInput]) -> Started:
        return await one.start(client, settings.task_queue, settings.approval_threshold)

    with progress("starting", total_bytes(args.files), output) as advance:

        def tell(
            one: OrderOfBatch[OrderDocument | BadInput], outcome: Started | ServiceError
        ) -> None:
            nonlocal code
            document = one.source
            found = {} if isinstance(document, BadInput) else {"source": document.source}
            advance(0 if isinstance(document, BadInput) else len(document.text))
            if isinstance(outcome, ServiceError):
                code = max(code, exit_code(outcome))
                output.error(sentence(outcome, settings), **found)
                return
            if output.as_json:
                output.result({**found, **_started(outcome, settings, client)})
            if args.wait and outcome.archived:
                ended[outcome.workflow_id] = outcome.archived
            elif args.wait:
                to_watch[outcome.workflow_id] = None

        async with opened_archive(settings) as archive:
            orders = looked_up_together(((one, _order_in(one)) for one in documents), archive)
            first = next(orders)
            await first.lookup.rows()  # an archive that does not answer is said once, and now
            tally = await submit_each(chain((first,), orders), submit, tell, STARTS_AT_ONCE)
    tally.require_all("orders")
    if not output.as_json:
        output.result({}, tally.in_words("orders"))
    if args.wait:
        codes = (show_archived(one, output) for one in ended.values())
        return max(code, *codes, await watch(client, list(to_watch), output))
    return code


def _order_in(document: OrderDocument | BadInput) -> Order | BadInput:
    try:
        return _parsed(document)
    except BadInput as error:
        return error


def _only(document: OrderDocument | BadInput) -> Order:
    """Return the one order that was given; raise BadInput that names its file."""
    try:
        return _parsed(document)
    except BadInput as error:
        if isinstance(document, BadInput):
            raise
        raise BadInput(f"{document.source}: {error}") from None


def _parsed(document: OrderDocument | BadInput) -> Order:
    if isinstance(document, BadInput):
        raise document
    return parse_order(document.text)


def _started(run: Started, settings: Settings, client: Client) -> dict[str, object]:
    return {
        "workflow_id": run.workflow_id,
        "run_id": run.run_id,
        "joined": run.joined,
        "ended": run.ended,
        "ui": None if run.archived else run_link(settings, client, run.workflow_id, run.run_id),
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
    approval = Approval(
        approved=approved,
        decided_by=values.short_text(args.by or settings.user_id, "--by"),
        reason=values.short_text(args.reason or "", "--reason"),
        channel=DecisionChannel.TERMINAL,
    )
    client = await connect(settings)
    verdict = "approved" if approved else "rejected"
    async with (
        archive_knows_end(settings, args.id, verdict),
        acting(approval.decided_by, settings, output) as doer,
    ):
        taken = await decisions.decide(client, args.id, approval, doer)
    return _show(taken, client, settings, output)


async def pause(args: argparse.Namespace, settings: Settings, output: Output) -> ExitCode:
    """Stop an order before its next step."""
    return await _steer(decisions.pause, "paused", args, settings, output)


async def resume(args: argparse.Namespace, settings: Settings, output: Output) -> ExitCode:
    """Let a paused order go on."""
    return await _steer(decisions.resume, "resumed", args, settings, output)


async def expedite(args: argparse.Namespace, settings: Settings, output: Output) -> ExitCode:
    """Let an order skip the wait for the business day."""
    return await _steer(decisions.expedite, "expedited", args, settings, output)


async def _steer(
    do: Callable[[Client, str, Doer | None], Awaitable[Taken]],
    to_do: str,
    args: argparse.Namespace,
    settings: Settings,
    output: Output,
) -> ExitCode:
    client = await connect(settings)
    async with (
        archive_knows_end(settings, args.id, to_do),
        acting(settings.user_id, settings, output) as doer,
    ):
        taken = await do(client, args.id, doer)
    return _show(taken, client, settings, output)


def _show(taken: Taken, client: Client, settings: Settings, output: Output) -> ExitCode:
    workflow_id = taken.run.workflow_id
    link = run_link(settings, client, workflow_id, taken.run.run_id)
    state = taken.state.model_dump(mode="json")
    output.result(
        {"workflow_id": workflow_id, **state, "ui": link}, f"{workflow_id}: {taken.verdict}"
    )
    return ExitCode.DONE


async def cancel(args: argparse.Namespace, settings: Settings, output: Output) -> ExitCode:
    """Cancel a run; what an order did is undone, unless it was shipped."""
    client = await connect(settings)
    async with (
        archive_knows_end(settings, args.id, "cancelled"),
        acting(settings.user_id, settings, output) as doer,
    ):
        run = await runs.cancel(client, args.id, doer)
    shows = "what came of it" if run.is_mail else "what is undone"
    link = run_link(settings, client, run.workflow_id, run.run_id)
    output.result(
        {"workflow_id": run.workflow_id, "cancel_requested": True, "ui": link},
        f"{run.workflow_id}: cancel requested; 'starter.py status {args.id}' shows {shows}",
    )
    return ExitCode.DONE
