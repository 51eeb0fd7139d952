"""``python -m tests.crash.chaos``: random kills under a mix of orders and receipts, then an audit.

Worker, front door and providers are those of production, on the local stack. The last line of
output is JSON. Exit code 0 if nothing was lost or doubled and the audit found nothing.
"""

import argparse
import asyncio
import json
import logging
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

import aiohttp
from temporalio.client import (
    Client,
    WorkflowFailureError,
    WorkflowUpdateFailedError,
    WorkflowUpdateRPCTimeoutOrCancelledError,
)
from temporalio.runtime import Runtime, TelemetryConfig
from temporalio.service import RPCError, RPCStatusCode

from bootstrap import object_store
from client import data_converter
from models import Approval, Correction, OrderStatus
from providers.errors import ProviderUnavailable
from sandbox.mailbox import list_mails
from sandbox.samples import RECEIPTS
from sandbox.stack import Stack
from service.audit.books import Books
from service.errors import Unreachable
from service.orders.start import start_order
from service.receipts.start import start_receipt, stored_receipt
from tests.crash.chaos_door import Program, start_door
from tests.crash.chaos_plan import TEXT, Deed, Plan, PlannedOrder, PlannedReceipt, make_plan
from tests.crash.points import until
from tests.crash.with_stripe import paying_with_stripe
from tests.support.pdf_files import cafe_receipt
from tests.support.warm import run_warm
from tests.support.whole_books import read_books
from workflows.identity import order_workflow_id
from workflows.order.workflow import OrderWorkflow
from workflows.receipt.workflow import ReceiptWorkflow

AGAIN_SECONDS = 0.3
"""How soon a person retries what could not be reached."""

PEOPLE_SECONDS = 900.0
QUIET_SECONDS = 600.0
UNREADABLE = "cafe-coffee-stain"


class Chaos:
    """One run of a plan on one stack."""

    def __init__(self, stack: Stack, client: Client, program: Program, plan: Plan) -> None:
        self._stack = stack
        self._program = program
        self._client = client
        self._plan = plan
        self._store = object_store(stack.settings)
        self._queue = stack.settings.task_queue
        self.addresses: dict[str, str] = {}
        """The address for the mail of each acknowledged run, by workflow id."""
        self.kills: Counter[str] = Counter()
        self.seconds_to_quiet = 0.0
        self._last_kill = 0.0

    async def run(self) -> None:
        """Play the plan while parts are killed; return when no run is open any more."""
        killing = asyncio.create_task(self._kill())
        async with asyncio.timeout(PEOPLE_SECONDS):
            await asyncio.gather(
                *map(self._play_order, self._plan.orders),
                *map(self._play_receipt, self._plan.receipts),
            )
        await killing
        await until(self._is_quiet, QUIET_SECONDS, "no run is open")
        self.seconds_to_quiet = time.monotonic() - self._last_kill

    # --- people -------------------------------------------------------------------------------

    async def _play_order(self, planned: PlannedOrder) -> None:
        await asyncio.sleep(planned.at)
        order = planned.order
        began = time.monotonic()
        workflow_id = await _insist(lambda: self._submit(planned))
        self.addresses[workflow_id] = order.customer_email
        for after, deed in planned.deeds:
            await asyncio.sleep(max(0.0, began + after - time.monotonic()))
            await _insist(partial(self._do, planned, deed))

    async def _submit(self, planned: PlannedOrder) -> str:
        if planned.is_posted:
            return await self._program.post(planned.order)
        return (await start_order(self._client, planned.order, self._queue)).workflow_id

    async def _do(self, planned: PlannedOrder, deed: Deed) -> None:
        run = self._client.get_workflow_handle(order_workflow_id(planned.order.order_id))
        if deed is Deed.SUBMIT_AGAIN:
            await self._submit(planned)
        elif deed is Deed.CANCEL:
            await run.cancel()
        elif deed in (Deed.APPROVE, Deed.REJECT):
            approval = Approval(approved=deed is Deed.APPROVE, decided_by="grace")
            await run.signal(OrderWorkflow.on_approval, approval)
        else:
            await run.signal(deed.value)

    async def _play_receipt(self, planned: PlannedReceipt) -> None:
        await asyncio.sleep(planned.at)
        # Readers ignore what follows the end of a file, so each receipt is a different one.
        data = _file_of(planned.sample) + planned.user_id.encode()
        key = await _insist(lambda: asyncio.to_thread(self._store.put_receipt, data))
        receipt = stored_receipt(key, planned.user_id, planned.notify_email)
        started = await _insist(lambda: start_receipt(self._client, receipt, self._queue))
        self.addresses[started.workflow_id] = planned.notify_email
        if planned.sample == UNREADABLE:
            await self._correct(started.workflow_id)

    async def _correct(self, workflow_id: str) -> None:
        """Correct the receipt as soon as it is in review."""
        correction = Correction(total_cents=1140, currency="EUR", corrected_by="ada")
        run = self._client.get_workflow_handle(workflow_id)
        while True:
            with suppress(WorkflowUpdateFailedError):  # it is not in review yet
                await _insist(lambda: run.execute_update(ReceiptWorkflow.correct, correction))
                return
            await asyncio.sleep(AGAIN_SECONDS)

    # --- killers ------------------------------------------------------------------------------

    async def _kill(self) -> None:
        """Kill parts as planned, and restart them."""
        began = time.monotonic()
        for kill in self._plan.kills:
            await asyncio.sleep(kill.gap)
            if time.monotonic() - began > self._plan.kill_seconds:
                return
            sys.stderr.write(f"kill -9 {kill.victim}, {len(self.addresses)} runs submitted\n")
            self._last_kill = time.monotonic()
            await asyncio.to_thread(self._stack.kill, kill.victim)
            await asyncio.sleep(kill.down)
            await asyncio.to_thread(self._stack.restart, kill.victim)
            self.kills[kill.victim] += 1

    async def _is_quiet(self) -> bool:
        running = await self._client.count_workflows("ExecutionStatus = 'Running'")
        return running.count == 0


def _file_of(sample: str) -> bytes:
    return cafe_receipt() if sample == TEXT else (RECEIPTS / f"{sample}.jpg").read_bytes()


async def _insist(do: Callable[[], Awaitable[Any]]) -> Any:
    """Call ``do`` until it succeeds; return None if its run is closed already."""
    while True:
        try:
            return await do()
        except (ProviderUnavailable, Unreachable, WorkflowUpdateRPCTimeoutOrCancelledError):
            pass
        except RPCError as error:
            if error.status is RPCStatusCode.NOT_FOUND:
                return None  # the run is closed already
        await asyncio.sleep(AGAIN_SECONDS)


# --- afterwards -----------------------------------------------------------------------------------


LOST = {"lost", "orphan", "refund_owed", "stock_held", "mail"}
DOUBLED = {"doubled", "doubled_key", "refund_too_large"}


async def _report(chaos: Chaos, stack: Stack, client: Client) -> dict[str, Any]:
    """Compare what was submitted, what Temporal says, and what every ledger holds."""
    books = await read_books(client, stack.settings)
    by_status = Counter(str(run.status) for run in books.orders.values())
    by_status.update(
        f"receipt {run.result.status if run.result else 'without a result'}"
        for run in books.receipts.values()
    )
    mails = Mails(stack.settings.state_dir / "mailbox", chaos.addresses)
    audit = await asyncio.to_thread(_audit, stack)
    findings = [line for line in audit if "about" in line]
    kinds = Counter(line["finding"] for line in findings)
    failed = await _failed(client, books)
    return {
        "submitted": len(chaos.addresses),
        "completed": dict(sorted(by_status.items())),
        "lost": len(chaos.addresses.keys() - (books.orders.keys() | books.receipts.keys()))
        + len(mails.missing(books))
        # Every photo of the plan is read or corrected, so a failed run means a missing expense.
        + sum(run.result is None for run in books.receipts.values())
        + sum(kinds[kind] for kind in LOST),
        "doubled": len(mails.doubled()) + sum(kinds[kind] for kind in DOUBLED),
        "findings": findings,
        "failed": failed,
        "sums": audit[-1].get("sums"),
        "second_copies_of_mails": mails.copies(),
        "answers_the_mailbox_dropped": mails.dropped(),
        "kills": dict(sorted(chaos.kills.items())),
        "seconds_to_quiet_after_the_last_kill": round(chaos.seconds_to_quiet, 1),
    }


async def _failed(client: Client, books: Books) -> dict[str, str]:
    """Return the reasons of the runs that Temporal closed as Failed, by workflow id."""
    failed = {id: run for id, run in books.orders.items() if run.status is OrderStatus.FAILED}
    without_result = {id: run for id, run in books.receipts.items() if run.result is None}
    reasons: dict[str, str] = {}
    for workflow_id in (*failed, *without_result):
        try:
            await client.get_workflow_handle(workflow_id).result()
        except WorkflowFailureError as failure:
            reasons[workflow_id] = str(failure.cause)
    return reasons


class Mails:
    """The mailbox; every run of the plan has an address of its own and gets one mail."""

    def __init__(self, folder: Path, addresses: Mapping[str, str]) -> None:
        self._addresses = addresses
        self._received: defaultdict[str, Counter[str]] = defaultdict(Counter)
        for mail in list_mails(folder):
            self._received[mail.to][mail.message_id] += 1

    def missing(self, books: Books) -> set[str]:
        """Return the runs that report a mail to an address that got none."""
        told = {
            run.workflow_id
            for run in books.orders.values()
            if run.result and run.result.customer_told
        } | {
            run.workflow_id
            for run in books.receipts.values()
            if run.result and run.result.user_told
        }
        return {run for run in told if not self._received[self._addresses[run]]}

    def doubled(self) -> set[str]:
        """Return the addresses that got two different mails."""
        return {to for to, mails in self._received.items() if len(mails) > 1}

    def copies(self) -> int:
        """Return the number of second copies, which have the Message-ID of the first."""
        return sum(sum(mails.values()) - len(mails) for mails in self._received.values())

    def dropped(self) -> int:
        """Return the number of mails whose answer the mailbox dropped because of their address."""
        return sum(to.startswith("drop@") for to in self._received)


def _audit(stack: Stack) -> list[dict[str, Any]]:
    """Run the audit as an operator does; return its lines."""
    command = ("starter.py", "audit", "--json")
    _, said, _ = run_warm(command, "", stack.environment(), QUIET_SECONDS)
    return [json.loads(line) for line in said.splitlines()]


async def run_chaos(folder: Path, plan: Plan, payment: str = "http") -> dict[str, Any]:
    """Run a plan on a stack of its own, paying with this PAYMENT_PROVIDER; return the report."""
    stack = Stack.isolated(folder)
    if payment == "stripe":
        stack = Stack(paying_with_stripe(stack.settings), stack.temporal_address)
    with stack:
        stack.start_worker()
        client = await Client.connect(
            stack.temporal_address,
            data_converter=data_converter(stack.settings),
            runtime=Runtime(telemetry=TelemetryConfig(logging=None)),
        )
        start_door(stack)
        async with aiohttp.ClientSession() as session:
            chaos = Chaos(stack, client, await Program.known_to(stack, session), plan)
            await chaos.run()
        return await _report(chaos, stack, client)


def is_clean(report: dict[str, Any]) -> bool:
    """Return whether nothing was lost or doubled, and all ledgers agree."""
    return not (report["lost"] or report["doubled"] or report["findings"])


def main() -> int:
    """Run the chaos test; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--orders", type=int, default=300)
    parser.add_argument("--receipts", type=int, default=30)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--payment", choices=("http", "stripe"), default="http")
    wanted = parser.parse_args()
    logging.disable(logging.CRITICAL)
    plan = make_plan(wanted.orders, wanted.receipts, wanted.seed)
    with tempfile.TemporaryDirectory(prefix="chaos-", ignore_cleanup_errors=True) as folder:
        report = asyncio.run(run_chaos(Path(folder), plan, wanted.payment))
    sys.stdout.write(json.dumps({**report, "seed": wanted.seed, "payment": wanted.payment}) + "\n")
    return 0 if is_clean(report) else 1


if __name__ == "__main__":
    sys.exit(main())
