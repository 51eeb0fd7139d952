"""A person's terminal beside a local stack: runs commands and looks at their effects.

Every command runs in a process of its own, as it does for a person: only then can exit codes and
the split of stdout and stderr be tested. What ``begin`` starts is a new interpreter, too.
"""

import asyncio
import http.client
import json
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlencode

from temporalio.api.enums.v1 import PendingActivityState
from temporalio.client import Client, WorkflowHandle
from temporalio.contrib.pydantic import pydantic_data_converter

from config import ROOT
from sandbox.mailbox import StoredMail, list_mails
from sandbox.samples import RECEIPTS
from sandbox.stack import Stack
from tests.support.leaks import found_in
from tests.support.warm import Command, run_warm

COMMAND_SECONDS = 600.0
DEADLINE_SECONDS = 300.0
"""Only what hangs takes as long, also on a machine that is busy with other things."""
LOOK_SECONDS = 0.2
DELETES_AT_ONCE = (
    # A run is deleted once the server has noted that all its tasks are done, every 30 s by default.
    '--dynamic-config-value=history.transferProcessorUpdateAckInterval="1s"',
    '--dynamic-config-value=history.visibilityProcessorUpdateAckInterval="1s"',
)

Seen = TypeVar("Seen")


@dataclass(frozen=True)
class Answer:
    """The output and the exit code of a command."""

    code: int
    out: str
    err: str

    @property
    def objects(self) -> list[dict[str, Any]]:
        """Return the objects that ``--json`` printed; fails if a line of stdout is not one."""
        objects = [json.loads(line) for line in self.out.splitlines()]
        assert all(isinstance(found, dict) for found in objects), self.out
        return objects

    @property
    def object(self) -> dict[str, Any]:
        """Return the only object that ``--json`` printed."""
        (found,) = self.objects
        return found


class Terminal:
    """Runs commands on one stack; fails if one prints a secret."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack

    # --- what a person types -----------------------------------------------------------------

    def starter(self, *arguments: str, stdin: str = "", **environment: str) -> Answer:
        """Run ``starter.py`` until it ends."""
        return self.python("starter.py", *arguments, stdin=stdin, **environment)

    def python(self, *arguments: str, stdin: str = "", **environment: str) -> Answer:
        """Run any of our command lines until it ends."""
        surroundings = {**self.stack.environment(), **environment}
        return self._heard(Answer(*run_warm(arguments, stdin, surroundings, COMMAND_SECONDS)))

    def temporal(self, *arguments: str) -> Answer:
        """Run Temporal's own command line until it ends."""
        done = subprocess.run(
            (str(Path(sys.executable).parent / "temporal"), *arguments),
            cwd=ROOT,
            env=self.stack.environment(),
            capture_output=True,
            text=True,
            timeout=COMMAND_SECONDS,
            check=False,
        )
        return self._heard(Answer(done.returncode, done.stdout, done.stderr))

    def begin(self, *arguments: str, stdin: Mapping[str, Any] | None = None) -> Command:
        """Start ``starter.py`` without waiting for its end; ``finish`` does."""
        given = json.dumps(stdin) if stdin else ""
        return Command(("starter.py", *arguments), given, self.stack.environment())

    def finish(self, command: Command) -> Answer:
        """Wait for the end of a command that ``begin`` started."""
        return self._heard(Answer(*command.finish(COMMAND_SECONDS)))

    def order(self, document: Mapping[str, Any], *options: str) -> Answer:
        """Submit an order on standard input, as programs do."""
        return self.starter("order", "-", "--json", *options, stdin=json.dumps(document))

    def ended_order(self, document: Mapping[str, Any]) -> dict[str, Any]:
        """Submit an order, wait for the end of its run, and return the result."""
        answer = self.order(document)
        assert answer.code == 0, answer
        return self.result(answer.object["workflow_id"])

    def _heard(self, answer: Answer) -> Answer:
        assert found_in(answer.out + answer.err) == [], answer
        return answer

    # --- what came of it ---------------------------------------------------------------------

    async def connect(self) -> Client:
        """Connect to the stack's Temporal server."""
        return await Client.connect(
            self.stack.temporal_address, data_converter=pydantic_data_converter
        )

    def state(self, workflow_id: str) -> dict[str, Any]:
        """Return a run's status, by a query."""

        async def query() -> dict[str, Any]:
            handle: WorkflowHandle[Any, Any] = (await self.connect()).get_workflow_handle(
                workflow_id
            )
            answer: dict[str, Any] = await handle.query("status")
            return answer

        return asyncio.run(query())

    def until(self, workflow_id: str, **wanted: Any) -> dict[str, Any]:
        """Wait until a run's status has these values; return it."""
        return eventually(
            lambda: self.state(workflow_id),
            lambda state: {name: state[name] for name in wanted} == wanted,
        )

    def result(self, workflow_id: str) -> dict[str, Any]:
        """Wait for the end of a run; return its result."""

        async def wait() -> dict[str, Any]:
            handle: WorkflowHandle[Any, Any] = (await self.connect()).get_workflow_handle(
                workflow_id
            )
            answer: dict[str, Any] = await asyncio.wait_for(handle.result(), DEADLINE_SECONDS)
            return answer

        return asyncio.run(wait())

    def closed_as(self, workflow_id: str) -> str:
        """Wait until a run is closed; return its status in Temporal's words."""

        async def describe() -> str:
            handle = (await self.connect()).get_workflow_handle(workflow_id)
            status = (await handle.describe()).status
            return status.name if status else "RUNNING"

        return eventually(lambda: asyncio.run(describe()), lambda status: status != "RUNNING")

    def runs(self, workflow_id: str, activity: str) -> bool:
        """Return whether a worker is running this activity of a run."""

        async def describe() -> bool:
            handle = (await self.connect()).get_workflow_handle(workflow_id)
            pending = (await handle.describe()).raw_description.pending_activities
            return any(
                found.activity_type.name == activity
                and found.state == PendingActivityState.PENDING_ACTIVITY_STATE_STARTED
                for found in pending
            )

        return asyncio.run(describe())

    def ocr_processes(self, worker: str = "worker") -> list[int]:
        """Return the process ids of a worker's OCR processes so far, oldest first."""
        log = self.stack.log(worker).read_text()
        return [int(pid) for pid in re.findall(r"serves OCR on \S+ \(process (\d+)\)", log)]

    def effects(self, table: str, order_id: str) -> list[dict[str, Any]]:
        """Return an order's rows in a ledger: charges, refunds, reservations or shipments."""
        status, answer = self._ask_providers(table, order_id=order_id)
        assert status == http.HTTPStatus.OK, answer
        rows: list[dict[str, Any]] = answer["data"]
        return rows

    def in_flight(self, key: str) -> bool:
        """Return whether the provider is still processing the charge of this key."""
        return self._ask_providers("charges", idempotency_key=key)[0] == http.HTTPStatus.CONFLICT

    def calls(self, key: str) -> int:
        """Return how often the providers were called with an idempotency key."""
        return self.stack.log("provider-api").read_text().count(f"key {key}:")

    def _ask_providers(self, table: str, **filters: str) -> tuple[int, dict[str, Any]]:
        settings = self.stack.settings
        host = settings.provider_api_url.removeprefix("http://")
        key = settings.provider_api_key.get_secret_value()
        connection = http.client.HTTPConnection(host, timeout=COMMAND_SECONDS)
        try:
            path = f"/{table}?{urlencode(filters)}"
            connection.request("GET", path, headers={"Authorization": f"Bearer {key}"})
            response = connection.getresponse()
            return response.status, json.load(response)
        finally:
            connection.close()

    def keys(self, table: str, order_id: str) -> list[str]:
        """Return the idempotency keys of an order's rows in a ledger."""
        return [effect["idempotency_key"] for effect in self.effects(table, order_id)]

    def mails(self, to: str) -> list[StoredMail]:
        """Return the mails that arrived for an address."""
        folder = self.stack.settings.state_dir / "mailbox"
        return [mail for mail in list_mails(folder) if mail.to == to]

    def expenses(self, user: str) -> list[dict[str, Any]]:
        """Return a user's expenses."""
        answer = self.starter("expenses", "--user", user, "--json")
        assert answer.code == 0, answer
        return answer.objects


@contextmanager
def beside_a_stack(folder: Path, worker: bool = True) -> Iterator[Terminal]:
    """Yield a terminal beside a stack of its own; fail if any part of it logs a secret."""
    isolated = Stack.isolated(folder, DELETES_AT_ONCE)
    # On a busy machine a receipt would take minutes.
    isolated.settings = isolated.settings.model_copy(update={"ocr_niceness": 0})
    with isolated as stack:
        if worker:
            stack.start_worker()
        yield Terminal(stack)
    for log in sorted((folder / "logs").glob("*.log")):
        assert found_in(log.read_text(errors="replace")) == [], log


def eventually(look: Callable[[], Seen], is_right: Callable[[Seen], bool]) -> Seen:
    """Call ``look`` until ``is_right`` accepts its value, and return that value.

    Fails after ``DEADLINE_SECONDS`` with the last value.
    """
    deadline = time.monotonic() + DEADLINE_SECONDS
    while not is_right(seen := look()):
        assert time.monotonic() < deadline, f"after {DEADLINE_SECONDS:g} s still: {seen}"
        time.sleep(LOOK_SECONDS)
    return seen


def meanwhile(do: Callable[[], Seen]) -> Future[Seen]:
    """Call ``do`` in a thread of its own; the future gets what it returns or raises."""
    thread = ThreadPoolExecutor(1)
    try:
        return thread.submit(do)
    finally:
        thread.shutdown(wait=False)


def photo(sample: str) -> str:
    """Return the path of a sample receipt."""
    return str(RECEIPTS / f"{sample}.jpg")


def order_document(order_id: str, cents: int = 2900, **changes: Any) -> dict[str, Any]:
    """Return an order of one item, as JSON; above 50,000 cents it needs an approval."""
    return {
        "order_id": order_id,
        "customer_id": f"cus-{order_id}"[:64],
        "customer_email": customer(order_id),
        "payment_token": "tok_visa",
        "items": [{"sku": "mug", "quantity": 1, "unit_price_cents": cents}],
        **changes,
    }


def customer(order_id: str) -> str:
    """Return the address that an order's mails go to."""
    return f"{order_id}@customers.example"
