"""Measure how long a program waits for "accepted" over HTTP: ``python -m benchmarks.door``.

Compares, in turns on warm connections:

- ``POST /orders`` with one bare start of the same order;
- ``POST /receipts`` with one bare put of the same bytes and one bare start.

The server runs beside the stack, in a process of its own as in production; no worker runs, so only
accepting is measured. Figures are milliseconds until the answer.
"""

import argparse
import asyncio
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Awaitable, Callable, Sequence
from contextlib import ExitStack, closing
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

from benchmarks.rig.comparison import Sample, in_turns, percentile, report, summary
from benchmarks.rig.stage import now, small_order
from benchmarks.start import PHOTO, Bare, fresh_name
from client import connect
from config import ROOT
from sandbox.stack import Stack
from service.receipts.start import stored_receipt

SIDES = (("post_order", "bare_order"), ("post_receipt", "bare_receipt"))
NO_LIMIT = 1_000_000
"""Requests a minute of one client: a limit would be measured otherwise."""

ACCEPTED = 202

Start = Callable[[], Awaitable[object]]


class Door:
    """Posts orders and receipts with one access key, over one connection.

    By the plainest client there is: what a larger one takes for itself is not the door's.
    """

    def __init__(self, host: str, port: int, key: str) -> None:
        self._headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
        self._connection = HTTPConnection(host, port)

    async def post(self, path: str, body: bytes) -> None:
        """Post a body and wait, with all else, for the answer; raise RuntimeError if refused."""
        self._connection.request("POST", path, body, self._headers)
        answer = self._connection.getresponse()
        said = answer.read()
        if answer.status != ACCEPTED:
            raise RuntimeError(f"{path} answered {answer.status}: {said[:300]!r}")

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()


class Accepting:
    """Measures one request at a time, each of something new."""

    def __init__(self, door: Door, bare: Bare) -> None:
        self._door = door
        self._bare = bare
        self._photo = PHOTO.read_bytes()
        self.ms: dict[str, list[float]] = {side: [] for pair in SIDES for side in pair}

    async def measure(self, side: str, count: int) -> Sample:
        """Return the figures of one round of one side."""
        taken = []
        for _ in range(count):
            start = self._next(side)
            began = now()
            await start()
            taken.append((now() - began) * 1000)
        self.ms[side] += taken
        return {"ms": round(percentile(taken, 0.5), 2)}

    def forget(self, sides: Sequence[str]) -> None:
        """Discard the durations so far, which were a warm-up."""
        for side in sides:
            self.ms[side].clear()

    def all_rounds(self, side: str) -> Sample:
        """Return the percentiles over all rounds."""
        return {
            "ms_p50": round(percentile(self.ms[side], 0.5), 2),
            "ms_p99": round(percentile(self.ms[side], 0.99), 2),
        }

    def _next(self, side: str) -> Start:
        photo = self._photo + os.urandom(16)  # appended after the picture's end
        order = small_order(fresh_name())
        document = order.model_dump_json().encode()
        receipt = stored_receipt(f"receipts/{'0' * 64}.jpg", "benchmark", None)
        starts: dict[str, Start] = {
            "post_order": lambda: self._door.post("/orders", document),
            "bare_order": lambda: self._bare.start(order),
            "post_receipt": lambda: self._door.post("/receipts", photo),
            "bare_receipt": lambda: self._bare.put_and_start(photo, receipt),
        }
        return starts[side]


def _key(stack: Stack) -> str:
    """Make an access key at the stack's terminal."""
    made = subprocess.run(
        (sys.executable, "starter.py", "keys", "add", "benchmark", "--role", "submit", "--json"),
        cwd=ROOT,
        env=stack.environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    key: str = json.loads(made.stdout)["key"]
    return key


async def _run(args: argparse.Namespace, stack: Stack) -> None:
    settings = stack.settings
    client = await connect(settings)
    samples: dict[str, list[Sample]] = {}
    with ExitStack() as closing_all:
        bare = closing_all.enter_context(closing(Bare(client, settings)))
        door = Door(settings.server_host, settings.server_port, _key(stack))
        accepting = Accepting(closing_all.enter_context(closing(door)), bare)
        for sides in SIDES:
            await in_turns(sides, 1, lambda side: accepting.measure(side, 20))
            accepting.forget(sides)
            samples |= await in_turns(
                sides, args.rounds, lambda side: accepting.measure(side, args.singles)
            )
    result: dict[str, Any] = {
        side: summary(taken) | accepting.all_rounds(side) for side, taken in samples.items()
    }
    for ours, bare_side in SIDES:
        theirs = accepting.all_rounds(bare_side)
        result[f"{ours}_by_bare"] = {
            figure: round(value / theirs[figure], 3)
            for figure, value in accepting.all_rounds(ours).items()
        }
    report("door", result)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the comparison."""
    parser = argparse.ArgumentParser(description="Compare our HTTP door with bare starts.")
    parser.add_argument("--rounds", type=int, default=30, help="rounds of single requests")
    parser.add_argument("--singles", type=int, default=20, help="requests per side and round")
    args = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as name, Stack.isolated(Path(name)) as stack:
        stack.settings = stack.settings.model_copy(update={"server_requests_per_minute": NO_LIMIT})
        stack.start_server()
        os.environ["TEMPORAL_ADDRESS"] = stack.temporal_address
        asyncio.run(_run(args, stack))


if __name__ == "__main__":
    main()
