"""The command ``retry``: say what trying again would do, and with ``--yes`` do it."""

import argparse
import sys
from collections.abc import Sequence
from contextlib import AsyncExitStack, closing

from pydantic import SecretStr
from temporalio.client import Client

from commands.describe import FORGOTTEN
from commands.doer import acting
from commands.terminal.outcome import ExitCode, exit_code, sentence
from commands.terminal.output import Output
from commands.terminal.progress import progress
from config import Settings
from service.calls import connect
from service.errors import BadInput, RunNotFound, ServiceError
from service.orders.archive import find_archived
from service.orders.effects import PlannedEffect
from service.orders.retry import (
    OrderRetry,
    payment_token,
    plan_archived,
    plan_order,
    start_order_again,
)
from service.receipts.retry import (
    RETRIES_AT_ONCE,
    FileGone,
    ReceiptRetry,
    failed_receipts,
    plan_failed,
    plan_receipt,
    receipt_store,
    start_receipt_again,
)
from service.runs.find import find_run, run_link
from service.submission import Started, submit_each

FROM_STANDARD_INPUT = "-"


async def retry(args: argparse.Namespace, settings: Settings, output: Output) -> ExitCode:
    """Try one run again, or all receipts that failed; without ``--yes`` only say what it would."""
    if args.failed == (args.id is not None):
        raise BadInput("either an ID or --failed is needed")
    if args.failed and args.payment_token is not None:
        raise BadInput("--failed is about receipts: they have no payment token")
    token = None if args.payment_token is None else _token(args.payment_token)
    client = await connect(settings)
    if args.failed:
        return await _retry_failed(client, args.yes, settings, output)
    try:
        run = await find_run(client, args.id)
    except RunNotFound as missing:
        row = await find_archived(settings, args.id)
        if row is None:
            raise
        order = await plan_archived(client, settings, row, token, missing.latest_run_id)
        return await _retry_order(client, order, args.yes, settings, output)
    if run.is_order:
        order = await plan_order(client, settings, run, token)
        return await _retry_order(client, order, args.yes, settings, output)
    if token is not None:
        raise BadInput(f"{run.workflow_id} is a receipt: it has no payment token")
    with closing(receipt_store(settings)) as store:
        receipt = await plan_receipt(client, store, run)
    started = None
    if args.yes:
        async with acting(settings.user_id, settings, output) as doer:
            started = await start_receipt_again(client, receipt, settings, doer)
    _show_receipt(client, receipt, started, settings, output)
    return ExitCode.DONE


def _token(given: str) -> SecretStr:
    """Return the token that was given, or the first line of standard input for ``-``."""
    return payment_token(
        sys.stdin.readline().rstrip("\r\n") if given == FROM_STANDARD_INPUT else given
    )


async def _retry_order(
    client: Client, order: OrderRetry, is_agreed: bool, settings: Settings, output: Output
) -> ExitCode:
    started = None
    if is_agreed:
        async with acting(settings.user_id, settings, output) as doer:
            started = await start_order_again(client, settings, order, doer)
    _show_order(client, order, started, settings, output)
    return ExitCode.DONE


async def _retry_failed(
    client: Client, is_agreed: bool, settings: Settings, output: Output
) -> ExitCode:
    workflow_ids = await failed_receipts(client)
    code, skipped, not_failed = ExitCode.DONE, 0, set[str]()
    async with AsyncExitStack() as opened:
        store = opened.enter_context(closing(receipt_store(settings)))
        advance = opened.enter_context(progress("trying again", len(workflow_ids), output))
        doer = None
        if is_agreed:
            doer = await opened.enter_async_context(acting(settings.user_id, settings, output))

        async def submit(workflow_id: str) -> Started:
            planned = await plan_failed(client, store, workflow_id)
            if planned is None:
                not_failed.add(workflow_id)
                return Started(workflow_id, "", joined=True)
            started = None
            if is_agreed:
                started = await start_receipt_again(client, planned, settings, doer)
            _show_receipt(client, planned, started, settings, output)
            return started or Started(workflow_id, planned.run.run_id, joined=False)

        def tell(workflow_id: str, outcome: Started | ServiceError) -> None:
            nonlocal code, skipped
            advance(1)
            if isinstance(outcome, FileGone):
                skipped += 1
                output.result({"workflow_id": workflow_id, "skipped": str(outcome)}, str(outcome))
            elif isinstance(outcome, ServiceError):
                code = max(code, exit_code(outcome))
                output.error(sentence(outcome, settings), workflow_id=workflow_id)

        tally = await submit_each(workflow_ids, submit, tell, RETRIES_AT_ONCE)
    tally.require_all("receipts")
    did = "tried again" if is_agreed else "would be tried again"
    refused = tally.refused - skipped
    output.note(
        f"{tally.started} failed receipts {did}"
        f"{f', {skipped} skipped: their files are gone' if skipped else ''}"
        f"{f', {refused} refused' if refused else ''}{_agree(is_agreed or not tally.started)}"
    )
    return code


def _agree(is_agreed: bool) -> str:
    return "" if is_agreed else "; nothing was started: add --yes to do so"


def _show_order(
    client: Client, retry: OrderRetry, started: Started | None, settings: Settings, output: Output
) -> None:
    run_id = started.run_id if started else retry.run_id
    link = None
    if started or not retry.is_forgotten:
        link = run_link(settings, client, retry.workflow_id, run_id)
    earlier, number = retry.earlier, retry.order.try_number
    output.result(
        {
            "workflow_id": retry.workflow_id,
            "run_id": run_id,
            "try_number": number,
            "started": started is not None,
            "ended": earlier.status,
            "reason": earlier.reason,
            "effects": [vars(effect) for effect in retry.effects],
            "ui": link,
        },
        f"{retry.workflow_id}: try {number} "
        f"{'started' if started else 'would start'}, after {earlier.status}",
        *_effects_in_words(retry.effects),
        f"  {link or FORGOTTEN}{_agree(started is not None)}",
    )


def _effects_in_words(effects: Sequence[PlannedEffect]) -> list[str]:
    return [
        f"  {one.effect:<12} {one.plan:<12}  {one.words}{f', key {one.key}' if one.key else ''}"
        for one in effects
    ]


def _show_receipt(
    client: Client,
    retry: ReceiptRetry,
    started: Started | None,
    settings: Settings,
    output: Output,
) -> None:
    run_id = started.run_id if started else retry.run.run_id
    link = run_link(settings, client, retry.run.workflow_id, run_id)
    text = "reused" if retry.reuses_text else "repeated"
    output.result(
        {
            "workflow_id": retry.run.workflow_id,
            "run_id": run_id,
            "started": started is not None,
            "ended": retry.earlier.status,
            "reason": retry.earlier.reason,
            "file": "reused",
            "text": text,
            "ui": link,
        },
        f"{retry.run.workflow_id}: {'started again' if started else 'would start again'}, after "
        f"{retry.earlier.status} ({' '.join((retry.earlier.reason or 'no reason').split())})",
        f"  file reused, text {text}, fields and expense repeated",
        f"  {link}",
    )
