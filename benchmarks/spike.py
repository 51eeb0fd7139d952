"""Post many orders at once to the HTTP door: ``python -m benchmarks.spike``.

Thousands of orders come from hundreds of connections. Each has to be answered with 202, or with 503
and when to come back; those that were not taken are posted again until they are. In the end every
order has exactly one run, and every answer named that run. Prints one JSON object: the answers by
status, how long they took (milliseconds), what was lost, and the server's resident memory (MB)
before, halfway, at most and after. Exits with 1 if an answer or an order is not as it should be.

No worker runs, so only accepting is measured. ``--at-once`` is how many requests the server takes
at a time; it answers more with 503.
"""

import argparse
import asyncio
import os
import sys
import tempfile
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from typing import Any

import aiohttp

from benchmarks.rig.comparison import percentile, report
from benchmarks.rig.stage import now, resident_mb, small_order
from client import connect
from config import Settings
from models import Role
from sandbox.stack import Stack
from service.access.keys import add_key
from service.access.records import opened_access
from service.runs.executions import list_executions
from workflows.identity import order_workflow_id

LOOK_SECONDS = 0.02
PATIENCE_SECONDS = 300.0
ANSWER_SECONDS = 120.0

NOT_TAKEN = HTTPStatus.SERVICE_UNAVAILABLE
TAKEN = (HTTPStatus.ACCEPTED, HTTPStatus.OK)
"""200 is a repetition: the call before was answered with 503, or not at all, and counted."""


@dataclass
class Answers:
    """What the server said; ``runs`` are the run ids that it named, by workflow id."""

    statuses: Counter[str] = field(default_factory=Counter)
    runs: dict[str, set[str]] = field(default_factory=dict)
    milliseconds: list[float] = field(default_factory=list)
    again: list[str] = field(default_factory=list)
    without_retry_after: int = 0
    longest_wait: int = 0

    def add(self, order_id: str, status: int, headers: Any, body: Any, seconds: float) -> None:
        """Note one answer."""
        self.statuses[str(status)] += 1
        self.milliseconds.append(seconds * 1000)
        if status in TAKEN:
            self.runs.setdefault(body["instanceId"], set()).add(body["runId"])
            return
        self.again.append(order_id)
        if status == NOT_TAKEN:
            wait = headers.get("Retry-After", "")
            self.without_retry_after += not wait.isdecimal()
            self.longest_wait = max(self.longest_wait, int(wait or 0))


async def post_all(
    session: aiohttp.ClientSession, url: str, order_ids: Sequence[str], connections: int
) -> Answers:
    """Post each order once, on as many connections at a time."""
    answers, waiting = Answers(), iter(order_ids)

    async def post(ids: Iterator[str]) -> None:
        for order_id in ids:
            document = small_order(order_id).model_dump_json().encode()
            began = now()
            try:
                async with session.post(f"{url}/orders", data=document) as answer:
                    body = await answer.json(content_type=None)
                    status, headers = answer.status, answer.headers
            except (aiohttp.ClientError, TimeoutError) as error:
                answers.statuses[type(error).__name__] += 1
                answers.again.append(order_id)
                continue
            answers.add(order_id, status, headers, body, now() - began)

    await asyncio.gather(*(post(waiting) for _ in range(connections)))
    return answers


class Memory:
    """The resident memory of a process in MB: ``before``, ``half``, ``peak`` and ``after``."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self.figures = {"before": resident_mb(pid)}

    @asynccontextmanager
    async def watched(self) -> AsyncIterator[None]:
        """Look every few milliseconds during the block."""
        seen = [self.figures["before"]]

        async def look() -> None:
            while True:
                seen.append(resident_mb(self._pid))
                await asyncio.sleep(LOOK_SECONDS)

        looking = asyncio.create_task(look())
        try:
            yield
        finally:
            looking.cancel()
            with suppress(asyncio.CancelledError):
                await looking
            self.figures["half"] = max(seen[: len(seen) // 2 + 1])
            self.figures["peak"] = max(seen)

    def rounded(self) -> dict[str, float]:
        """Return the figures, with what there is after it all."""
        self.figures["after"] = resident_mb(self._pid)
        return {name: round(value, 1) for name, value in self.figures.items()}


async def _key(settings: Settings) -> str:
    async with opened_access(settings) as access:
        return (await add_key(access.keys, "spike", Role.SUBMIT)).text.get_secret_value()


async def _runs(settings: Settings, wanted: int) -> Counter[tuple[str, str]]:
    """Return how often each run is there, once as many as wanted are, or time is up."""
    client, query = await connect(settings), "WorkflowType = 'OrderWorkflow'"
    with suppress(TimeoutError):
        async with asyncio.timeout(PATIENCE_SECONDS):
            while True:
                if (await client.count_workflows(query)).count >= wanted:
                    break
                await asyncio.sleep(LOOK_SECONDS)
    found: Counter[tuple[str, str]] = Counter()
    async for run in list_executions(client, query):
        found[run.workflow_id, run.run_id] += 1
    return found


async def _run(args: argparse.Namespace, stack: Stack) -> bool:
    """Measure and report; return whether all is as it should be."""
    settings = stack.settings
    url = f"http://{settings.server_host}:{settings.server_port}"
    key = await _key(settings)
    async with aiohttp.ClientSession(
        headers={"Authorization": f"Bearer {key}", "Content-Type": "application/json"},
        connector=aiohttp.TCPConnector(limit=args.connections),
        timeout=aiohttp.ClientTimeout(total=ANSWER_SECONDS),
    ) as session:
        # What a server imports and caches with its first requests is no growth.
        warm = await _until_taken(session, url, _names("warm", args.connections), 1)
        memory = Memory(stack.pid("server"))
        names = _names("spike", args.orders)
        async with memory.watched():
            began = now()
            spike = await post_all(session, url, names, args.connections)
            seconds = now() - began
        # Politely: no more at a time than are taken.
        at_once = max(1, min(args.connections, settings.server_share // 2))
        again = await _until_taken(session, url, spike.again, at_once)
    answered = [*spike.runs.items(), *again.items(), *warm.items()]
    runs = await _runs(settings, len(answered))
    by_id = Counter(workflow_id for workflow_id, _ in runs.elements())
    wanted = {order_workflow_id(name) for name in names}
    result = {
        "orders": args.orders,
        "connections": args.connections,
        "taken_at_once": settings.server_requests_at_once,
        "seconds": round(seconds, 2),
        "answers_per_second": round(args.orders / seconds, 1),
        "answers": dict(spike.statuses),
        "ms_p50": round(percentile(spike.milliseconds, 0.5), 1),
        "ms_p99": round(percentile(spike.milliseconds, 0.99), 1),
        "posted_again": len(spike.again),
        "unexpected": sum(
            count
            for status, count in spike.statuses.items()
            if status not in {str(HTTPStatus.ACCEPTED.value), str(NOT_TAKEN.value)}
        ),
        "without_retry_after": spike.without_retry_after,
        "lost": len(wanted - set(by_id)),
        "twice": sum(count > 1 for count in by_id.values()),
        "answered_with_another_run": sum(
            len(named) != 1 or (workflow_id, next(iter(named))) not in runs
            for workflow_id, named in answered
        ),
        "server_rss_mb": memory.rounded(),
    }
    report("spike", result)
    wrong = ("unexpected", "without_retry_after", "lost", "twice", "answered_with_another_run")
    return not any(result[name] for name in wrong)


async def _until_taken(
    session: aiohttp.ClientSession, url: str, order_ids: Sequence[str], connections: int
) -> dict[str, set[str]]:
    """Post orders until each is taken, as late as the server asks; return the runs by id."""
    runs: dict[str, set[str]] = {}
    deadline = now() + PATIENCE_SECONDS
    while order_ids and now() < deadline:
        answers = await post_all(session, url, order_ids, connections)
        runs |= answers.runs
        order_ids = answers.again
        if order_ids:
            await asyncio.sleep(answers.longest_wait)
    return runs


def _names(prefix: str, count: int) -> list[str]:
    return [f"{prefix}-{number}" for number in range(count)]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the spike; return 1 if an order was lost, or an answer is none of those promised."""
    default = Settings.model_fields["server_requests_at_once"].default
    parser = argparse.ArgumentParser(prog="spike", description="Post many orders at once.")
    parser.add_argument("--orders", type=int, default=5000)
    parser.add_argument("--connections", type=int, default=200)
    parser.add_argument("--at-once", type=int, default=default, help="requests that are taken")
    args = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as name:
        stack = Stack.isolated(Path(name))
        limits = {"server_requests_at_once": args.at_once}
        stack.settings = stack.settings.model_copy(update=limits)
        with stack:
            stack.start_server()
            os.environ["TEMPORAL_ADDRESS"] = stack.temporal_address  # how we find the server
            return 0 if asyncio.run(_run(args, stack)) else 1


if __name__ == "__main__":
    sys.exit(main())
