"""``python -m tests.crash.rolling``: three workers restarted in turn by SIGTERM, under load.

This is a deploy without Worker Versioning. A worker that is told to stop finishes what it has
begun, so no call may be made again and no customer may notice. The last line of output is JSON.
Exit code 0 if every order was completed, each told once, and every call was made once.
"""

import argparse
import asyncio
import json
import re
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from temporalio.client import Client, WorkflowHandle

from client import data_converter
from models import Order, OrderResult, OrderStatus
from sandbox.mailbox import list_mails
from sandbox.stack import Stack
from service.orders.start import start_order
from tests.support.terminal import order_document
from workflows.identity import order_workflow_id
from workflows.order.workflow import OrderWorkflow

Workers = Mapping[str, tuple[str, ...]]
"""Names of workers, in the order in which they are restarted, and the options of each."""

WHOLE: Workers = {"first": (), "second": (), "third": ()}
"""Three workers that serve everything, as ``make dev`` has one."""

BY_ROLE: Workers = {
    "first": ("--role", "workflows"),
    "second": ("--role", "workflows"),
    "third": ("--role", "providers"),
}
"""Without OCR, which takes as long to start as all else. No order can go on without the third."""

CALLS = ("charge", "reserve", "ship")

SLOW_CARD = "tok_slow_1500"
"""Its charge takes 1.5 seconds, so that each worker is told to stop in the middle of several."""

ENDED_SECONDS = 400.0

_CALL = re.compile(r"key (\S+): \d")

Run = WorkflowHandle[OrderWorkflow, OrderResult]


class Rolling:
    """Orders on a stack whose workers are restarted."""

    def __init__(self, stack: Stack, client: Client, workers: Workers, orders: int) -> None:
        self._stack = stack
        self._client = client
        self._workers = workers
        self._names = [f"rolling-{number}" for number in range(orders)]

    async def run(self) -> dict[str, Any]:
        """Restart each worker while a share of the orders is charged and another is shipped."""
        codes = list[int]()
        count = len(self._workers)
        shares = [self._names[number::count] for number in range(count)]
        expedited = list[str]()
        for worker, share in zip(self._workers, shares, strict=True):
            await asyncio.gather(*map(self._start, share), *map(self._expedite, expedited))
            codes.append(await asyncio.to_thread(self._stack.terminate, worker))
            options = self._workers[worker]
            await asyncio.to_thread(self._stack.start_worker, *options, name=worker)
            expedited = share
        await asyncio.gather(*map(self._expedite, expedited))
        async with asyncio.timeout(ENDED_SECONDS):
            ended = await asyncio.gather(*map(self._result, self._names))
        return {
            "orders": len(self._names),
            "exit_codes": codes,
            "ended": dict(Counter(result.status.value for result in ended)),
            **self._what_was_done(),
        }

    async def _start(self, name: str) -> None:
        document = order_document(name, payment_token=SLOW_CARD)
        queue = self._stack.settings.task_queue
        await start_order(self._client, Order.model_validate(document), queue)

    async def _expedite(self, name: str) -> None:
        await self._of(name).signal(OrderWorkflow.expedite)

    async def _result(self, name: str) -> OrderResult:
        return await self._of(name).result()

    def _of(self, name: str) -> Run:
        workflow_id = order_workflow_id(name)
        return self._client.get_workflow_handle_for(OrderWorkflow.run, workflow_id)

    def _what_was_done(self) -> dict[str, Any]:
        log = self._stack.log("provider-api").read_text()
        calls = Counter(_CALL.findall(log))
        wanted = {f"{order_workflow_id(name)}:{call}" for name in self._names for call in CALLS}
        mails = Counter(mail.to for mail in list_mails(self._stack.settings.state_dir / "mailbox"))
        return {
            "calls": sum(calls.values()),
            "made_again": sorted(key for key, times in calls.items() if times > 1),
            "never_made": sorted(wanted - set(calls)),
            "mails": sum(mails.values()),
            "told_twice": sorted(to for to, times in mails.items() if times > 1),
        }


async def roll(folder: Path, orders: int, workers: Workers) -> dict[str, Any]:
    """Put so many orders in flight, restart each worker among them; return what came of it."""
    began = time.monotonic()
    with Stack.isolated(folder) as stack:
        for worker, options in workers.items():
            stack.start_worker(*options, name=worker)
        converter = data_converter(stack.settings)
        client = await Client.connect(stack.temporal_address, data_converter=converter)
        report = await Rolling(stack, client, workers, orders).run()
    return {**report, "seconds": round(time.monotonic() - began, 1)}


def is_clean(report: dict[str, Any]) -> bool:
    """Tell whether nobody could notice that workers were restarted."""
    orders = report["orders"]
    return (
        report["ended"] == {OrderStatus.COMPLETED.value: orders}
        and set(report["exit_codes"]) == {0}
        and report["calls"] == len(CALLS) * orders
        and report["mails"] == orders
        and not report["made_again"]
        and not report["never_made"]
        and not report["told_twice"]
    )


def main() -> int:
    """Parse the command line, run, and print the report; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--orders", type=int, default=200)
    by_role = "workers of workflows and of providers, without OCR, instead of whole ones"
    parser.add_argument("--by-role", action="store_true", help=by_role)
    asked = parser.parse_args()
    workers = BY_ROLE if asked.by_role else WHOLE
    with tempfile.TemporaryDirectory(prefix="rolling-", ignore_cleanup_errors=True) as folder:
        report = asyncio.run(roll(Path(folder), asked.orders, workers))
    sys.stdout.write(f"{json.dumps(report)}\n")
    return 0 if is_clean(report) else 1


if __name__ == "__main__":
    sys.exit(main())
