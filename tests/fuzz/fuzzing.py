"""Calls that nobody thought of, made by Schemathesis from the OpenAPI document of a real server.

Beside values made up it sends ids of runs that are there, in every state that an order or a receipt
can be in, because a call about nothing shows only how 404 looks.
"""

import asyncio
import json
import os
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path

import aiohttp

from config import ROOT
from models import Role
from tests.support.http_door import Door, Person
from tests.support.pdf_files import cafe_receipt, printed_pdf
from tests.support.terminal import DEADLINE_SECONDS, LOOK_SECONDS, order_document

CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_schema_conformance",
    "response_headers_conformance",
)
FUZZ_SECONDS = 900.0
ANSWER_SECONDS = 20
SEED = 11

_CONFIGURATION = """
request-timeout = {seconds}
continue-on-failure = true
hooks = "tests.fuzz.hooks"

[dictionaries.runs]
values = {runs}

[dictionaries.expenses]
values = {expenses}

[parameters]
# A call that waits for a change would wait as long as nothing changes.
"query.wait" = 0
"path.id" = {{ dictionary = "runs", probability = 0.7 }}
"query.id" = {{ dictionary = "runs", probability = 0.7 }}

[[operations]]
include-path = "/expenses/{{id}}"
parameters."path.id" = {{ dictionary = "expenses", probability = 0.7 }}

[[operations]]
# A stream ends when its run does, which may take days: here are only those of no run.
include-path-regex = "/events$"
parameters."path.id" = "missing"
"""


@dataclass(frozen=True)
class Fuzzed:
    """What came of it: the exit code, what Schemathesis printed, and the answers by status."""

    code: int
    said: str
    statuses: Counter[int]

    @property
    def cases(self) -> int:
        """The calls that were answered."""
        return self.statuses.total()

    @property
    def are_answers(self) -> bool:
        """Whether they show something: all were answered, none for want of a key or of patience."""
        missing = {0, HTTPStatus.UNAUTHORIZED, HTTPStatus.TOO_MANY_REQUESTS}
        found = {HTTPStatus.OK, HTTPStatus.ACCEPTED, HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT}
        return not missing & set(self.statuses) and found <= set(self.statuses)


def fuzz(door: Door, folder: Path, *options: str, of_each: int, seed: int = SEED) -> Fuzzed:
    """Call a door as its document says, and as it does not; ``options`` are of Schemathesis.

    ``of_each`` is how many orders and receipts there are of each kind to be asked for.
    """
    runs, expenses = asyncio.run(_something_to_ask_for(door, of_each))
    configuration, calls = folder / "schemathesis.toml", folder / "calls.ndjson"
    configuration.write_text(
        _CONFIGURATION.format(
            seconds=ANSWER_SECONDS, runs=json.dumps(runs), expenses=json.dumps(expenses)
        )
    )
    done = subprocess.run(
        (
            *(sys.executable, "-m", "schemathesis.cli", "--config-file", str(configuration)),
            *("run", f"{door.url}/openapi.json", "--checks", ",".join(CHECKS)),
            *("--header", f"Authorization: Bearer {door.key('fuzz', Role.OPERATE)}"),
            *("--seed", str(seed), "--generation-database", "none", "--no-color"),
            *("--report", "ndjson", "--report-ndjson-path", str(calls), "--warnings", "off"),
            *options,
        ),
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "120"},
        capture_output=True,
        text=True,
        timeout=FUZZ_SECONDS,
        check=False,
    )
    return Fuzzed(done.returncode, done.stdout + done.stderr, _statuses(calls))


def _statuses(calls: Path) -> Counter[int]:
    """Return how many calls were answered with each status, 0 for none."""
    statuses: Counter[int] = Counter()
    with calls.open(encoding="utf-8") as lines:
        for line in lines:
            recorded = json.loads(line).get("ScenarioFinished", {}).get("recorder", {})
            for call in recorded.get("interactions", {}).values():
                statuses[call["response"]["status_code"] if call["response"] else 0] += 1
    return statuses


def _without_a_total(number: int) -> list[tuple[str, str]]:
    """Return the rows of a receipt that waits for a person, with enough text to need no OCR."""
    words = ("Corner Cafe", "12 Harbour Street", "Thank you for your visit", "See you again soon")
    return [*((word, "") for word in words), (f"Receipt no {number}", "")]


async def _something_to_ask_for(door: Door, of_each: int) -> tuple[list[str], list[str]]:
    """Return the ids of orders and receipts that are there, and those of expenses."""
    async with aiohttp.ClientSession() as session:
        buyer = Person(door.url, door.key("buyer", Role.SUBMIT), session)
        orders = [
            (await buyer.post("/orders", order_document(f"made-{cents}-{number}", cents))).body
            for cents in (2_900, 60_000)
            for number in range(of_each)
        ]
        pictures = [
            *(cafe_receipt(1_200 + number) for number in range(of_each)),
            *(printed_pdf(_without_a_total(number)) for number in range(of_each)),
        ]
        receipts = [(await buyer.post("/receipts", data=one)).body for one in pictures]
        ids = [one["instanceId"] for one in orders] + [one["receiptId"] for one in receipts]
        async with asyncio.timeout(DEADLINE_SECONDS):
            while True:
                saved = (await buyer.get("/expenses")).body["items"]
                if len(saved) == of_each:
                    return ids, [one["expenseId"] for one in saved]
                await asyncio.sleep(LOOK_SECONDS)
