"""Exit codes that scripts can trust, and the one line that says what is wrong."""

import asyncio
import json
import os
import re
import resource
import signal
import subprocess
import sys
from concurrent.futures import Future
from functools import partial

import pytest
from temporalio.api.enums.v1 import EventType

from config import ROOT
from sandbox.samples import ORDERS
from sandbox.stack import free_ports
from tests.support.terminal import Answer, Terminal, eventually, meanwhile, order_document, photo

HELP_CPU_SECONDS = 0.5
"""CPU time that the help may take: people wait for it on the way to something else."""


@pytest.fixture(scope="module", autouse=True)
def unanswered(shop: Terminal) -> list[Future[Answer]]:
    """Query an order that no worker serves; the other tests of this file run meanwhile."""
    document = json.dumps(order_document("unserved", cents=64_000))
    assert shop.starter("order", "-", stdin=document, TASK_QUEUE="nobody-serves-it").code == 0
    questions = ("status", "approve", "pause", "cancel")
    return [meanwhile(partial(shop.starter, asked, "unserved", "--json")) for asked in questions]


@pytest.fixture
def nowhere() -> str:
    """Return an address on which nothing listens."""
    return f"127.0.0.1:{free_ports(1)[0]}"


def test_help_answers_within_half_a_second_of_cpu() -> None:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    shown = subprocess.run(
        (sys.executable, "starter.py", "--help"), cwd=ROOT, capture_output=True, check=True
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)

    assert b"exit codes: 0 done" in shown.stdout
    assert b"130 Ctrl-C" in shown.stdout
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    assert cpu < HELP_CPU_SECONDS


@pytest.mark.parametrize(
    "command",
    [
        ("starter.py", "status", "7"),
        ("starter.py", "correct", "7", "--total", "1"),
        ("starter.py", "order", str(ORDERS / "small.json")),
        ("starter.py", "receipt", photo("grocery")),
        ("-m", "sandbox.demo"),
    ],
    ids=lambda command: command[1],
)
def test_without_temporal_one_line_names_the_address_and_what_to_start(
    shop: Terminal, nowhere: str, command: tuple[str, ...]
) -> None:
    answer = shop.python(*command, TEMPORAL_ADDRESS=nowhere)

    assert (answer.code, answer.out) == (3, "")
    assert answer.err == (
        f"error: no Temporal server answers at {nowhere}: nothing listens there; "
        "start one with 'make dev' or set TEMPORAL_ADDRESS\n"
    )


def test_without_s3_nothing_is_started(shop: Terminal, nowhere: str) -> None:
    answer = shop.starter(
        *("receipt", photo("grocery"), "--user", "nobody", "--json"),
        S3_ENDPOINT_URL=f"http://{nowhere}",
    )

    assert answer.code == 3
    assert answer.object["file"] == photo("grocery")
    assert f"http://{nowhere}" in answer.object["error"]
    assert "start the local stack with 'make dev'" in answer.object["error"]
    assert answer.err.count("\n") == 1


def test_without_the_database_the_address_is_named_but_not_its_password(
    shop: Terminal, nowhere: str
) -> None:
    answer = shop.starter("expenses", DATABASE_URL=f"postgresql://ada:hush@{nowhere}/expenses")

    assert (answer.code, answer.out) == (3, "")
    assert nowhere in answer.err
    assert "DATABASE_URL" in answer.err
    assert "hush" not in answer.err
    assert answer.err.count("\n") == 1


@pytest.mark.parametrize(
    ("typed", "meant"), [("recipt", "receipt"), ("aprove", "approve"), ("expence", "expense")]
)
def test_a_mistyped_command_gets_a_suggestion(shop: Terminal, typed: str, meant: str) -> None:
    answer = shop.starter("--json" if typed == "aprove" else typed, typed, "7")

    assert (answer.code, answer.out) == (2, "")
    assert answer.err.endswith(f"error: there is no command {typed!r}: did you mean {meant!r}?\n")


@pytest.mark.parametrize(
    "command", [("starter.py", "list"), ("-m", "sandbox.demo")], ids=lambda command: command[1]
)
def test_a_setting_that_is_wrong_is_named(shop: Terminal, command: tuple[str, ...]) -> None:
    answer = shop.python(*command, PAYMENT_PROVIDER="barter")

    assert (answer.code, answer.out) == (2, "")
    assert answer.err == "error: setting PAYMENT_PROVIDER: Input should be 'http' or 'stripe'\n"


def test_a_run_that_was_terminated_gives_1(shop: Terminal) -> None:
    document = order_document("terminated", cents=64_000)
    shop.order(document)
    following = meanwhile(lambda: shop.order(document, "--wait"))
    shop.until("order-terminated", status="awaiting_approval")

    shop.temporal(
        *("workflow", "terminate", "--workflow-id", "order-terminated", "--reason", "a test"),
        *("--address", shop.stack.temporal_address),
    )

    answer = following.result()
    assert answer.code == 1
    assert "terminated" in answer.objects[-1]["error"]
    assert answer.err.startswith("error: order-terminated: ")
    assert answer.err.count("\n") == 1


def test_an_order_that_is_watched_names_the_day_it_waits_for_and_how_to_skip_it(
    shop: Terminal,
) -> None:
    following = shop.begin("order", "-", "--wait", stdin=order_document("dated"))
    (said,) = eventually(
        lambda: [line for line in following.said() if "business day" in line], bool
    )
    assert re.fullmatch(
        r"order-dated: wait, waits for the next business day until \w+ [\d-]{10} 09:00 UTC; "
        r"'starter.py expedite order-dated' ends the wait\n",
        said,
    )

    assert shop.starter("expedite", "dated").code == 0

    assert shop.finish(following).code == 0


def test_ctrl_c_ends_the_watching_and_not_the_run(shop: Terminal) -> None:
    document = order_document("watched", cents=64_000)
    following = shop.begin("order", "-", "--wait", stdin=document)
    # The first step that it shows: from now on it only watches.
    (first,) = eventually(following.said, bool)
    assert first.startswith("order-watched: approval, waits for an approval until ")
    assert first.endswith("; 'starter.py approve order-watched' ends the wait\n")

    following.send_signal(signal.SIGINT)

    answer = shop.finish(following)
    assert answer.code == 130
    assert answer.err == f"{first}\ninterrupted; what was started goes on\n"
    assert shop.state("order-watched")["status"] == "awaiting_approval"
    assert shop.starter("reject", "watched").code == 0


def test_a_closed_pipe_is_no_failure(shop: Terminal) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "w") as closed_pipe:
        listing = subprocess.run(
            (sys.executable, "starter.py", "list", "--json"),
            cwd=ROOT,
            env=shop.stack.environment(),
            stdout=closed_pipe,
            stderr=subprocess.PIPE,
            check=False,
        )

    assert (listing.returncode, listing.stderr) == (0, b"")


def test_without_a_worker_a_question_says_after_10_s_what_is_missing(
    unanswered: list[Future[Answer]],
) -> None:
    answers = [answer.result() for answer in unanswered]

    start = "start one with 'make dev' or 'python worker.py'"
    missing = f"no worker answered within 10 s; {start}"
    kept = f"no worker answered within 10 s; what was sent may still count when one does; {start}"
    sent = (
        "no worker answered within 10 s; it was sent, and takes effect as soon as the run goes on; "
        f"{start}"
    )
    assert [answer.code for answer in answers] == [3, 3, 3, 3]
    assert [answer.object["error"] for answer in answers] == [missing, kept, sent, sent]
    assert [answer.err for answer in answers] == [
        f"error: {answer.object['error']}\n" for answer in answers
    ]


async def test_a_cancel_that_no_worker_answered_is_in_the_history(
    shop: Terminal, unanswered: list[Future[Answer]]
) -> None:
    await asyncio.gather(*map(asyncio.wrap_future, unanswered))
    client = await shop.connect()
    history = await client.get_workflow_handle("order-unserved").fetch_history()
    asked = EventType.EVENT_TYPE_WORKFLOW_EXECUTION_CANCEL_REQUESTED
    assert [event.event_type for event in history.events].count(asked) == 1
