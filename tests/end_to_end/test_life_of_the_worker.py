"""Start and end of ``worker.py``: each role alone, drained by SIGTERM, its OCR child killed."""

import contextlib
import http.client
import json
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox.stack import Stack, free_ports
from tests.support.alive import lives
from tests.support.pdf_files import cafe_receipt
from tests.support.production import PRODUCTION
from tests.support.terminal import (
    COMMAND_SECONDS,
    Terminal,
    beside_a_stack,
    eventually,
    order_document,
)
from tests.support.warm import run_warm


@pytest.fixture(scope="module")
def without_worker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Terminal]:
    """Yield a terminal beside a stack on which each test starts and ends its own workers."""
    with beside_a_stack(tmp_path_factory.mktemp("workers"), worker=False) as terminal:
        yield terminal


def expect_to_be_read(terminal: Terminal, cents: int, folder: Path) -> None:
    """Submit a PDF of text, which a worker's OCR process reads in a moment; wait for its end."""
    file = folder / "receipt.pdf"
    file.write_bytes(cafe_receipt(cents))
    receipt = terminal.starter("receipt", str(file), "--wait", "--json")
    assert receipt.objects[-1]["result"]["total_cents"] == cents


def with_health_port(terminal: Terminal) -> None:
    """Give the next worker a port of its own."""
    (port,) = free_ports(1)
    terminal.stack.settings = terminal.stack.settings.model_copy(update={"health_port": port})


def expect_to_become_ready(terminal: Terminal) -> None:
    """Ask the worker that was started last until Temporal sees it ask for work."""
    port = terminal.stack.settings.health_port
    assert asked(port, "/healthz") == (200, {"status": "ok"})
    eventually(lambda: asked(port, "/readyz"), lambda seen: seen == (200, {"status": "ok"}))


def asked(port: int | None, path: str) -> tuple[int, object]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=COMMAND_SECONDS)
    with contextlib.closing(connection):
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, json.load(answer)


def kill_the_ocr_child(terminal: Terminal) -> None:
    """Kill it, and wait until its worker has another."""
    (first,) = eventually(lambda: terminal.ocr_processes("drained"), bool)

    os.kill(first, signal.SIGKILL)

    both = eventually(lambda: terminal.ocr_processes("drained"), lambda pids: len(pids) == 2)
    assert both[1] != first
    assert "the OCR process ended (exit code -9)" in terminal.stack.log("drained").read_text()


def test_a_killed_ocr_child_comes_back_and_sigterm_lets_a_step_finish_for_the_next_workers(
    without_worker: Terminal, tmp_path: Path
) -> None:
    terminal = without_worker
    with_health_port(terminal)
    terminal.stack.start_worker(name="drained")
    expect_to_become_ready(terminal)
    kill_the_ocr_child(terminal)
    expect_to_be_read(terminal, 3085, tmp_path)
    terminal.order(order_document("slow", payment_token="tok_slow_2000"))
    eventually(lambda: terminal.in_flight("order-slow:charge"), bool)

    assert terminal.stack.terminate("drained") == 0

    assert not any(lives(pid) for pid in terminal.ocr_processes("drained"))
    assert terminal.keys("charges", "slow") == ["order-slow:charge"]

    # Each role alone; together they serve everything.
    roles = ("workflows", "providers", "ocr")
    for role in roles:
        with_health_port(terminal)
        terminal.stack.start_worker("--role", role, name=role)
        expect_to_become_ready(terminal)
    expect_to_be_read(terminal, 2750, tmp_path)

    terminal.until("order-slow", status="waiting_for_business_day")
    assert terminal.calls("order-slow:charge") == 1
    assert "serves workflows on pipelines (" in terminal.stack.log("workflows").read_text()
    assert "serves providers on pipelines (" in terminal.stack.log("providers").read_text()
    assert len(terminal.ocr_processes("ocr")) == 1
    assert [terminal.stack.terminate(role) for role in roles] == [0, 0, 0]


def test_a_worker_loses_its_readiness_with_temporal(tmp_path: Path) -> None:
    with beside_a_stack(tmp_path, worker=False) as terminal:
        with_health_port(terminal)
        terminal.stack.start_worker("--role", "providers")
        expect_to_become_ready(terminal)
        port = terminal.stack.settings.health_port

        terminal.stack.kill("temporal")

        (status, said) = eventually(lambda: asked(port, "/readyz"), lambda seen: seen[0] != 200)
        assert status == 503
        assert said == {
            "status": "unavailable",
            "worker": "Temporal does not answer it: unavailable",
        }
        assert asked(port, "/healthz")[0] == 200


def test_a_worker_without_temporal_ends_with_3_and_names_the_address(
    tmp_path: Path,
) -> None:
    stack = Stack.isolated(tmp_path)

    code, out, err = run_warm(("worker.py",), "", stack.environment(), COMMAND_SECONDS)

    assert (code, out) == (3, "")
    assert err == (
        f"error: no Temporal server answers at {stack.temporal_address}: nothing listens there; "
        "start one with 'make dev' or set TEMPORAL_ADDRESS\n"
    )


def test_in_production_nobody_is_told_to_start_the_sandbox(tmp_path: Path) -> None:
    stack = Stack.isolated(tmp_path)
    production = {**PRODUCTION, "TEMPORAL_ADDRESS": stack.temporal_address}

    answers = [
        run_warm(arguments, "", {**os.environ, **production}, COMMAND_SECONDS)
        for arguments in (("worker.py",), ("starter.py", "list"))
    ]

    for code, _, err in answers:
        assert code == 3
        assert err == (
            f"error: no Temporal server answers at {stack.temporal_address}: nothing listens "
            "there; check TEMPORAL_ADDRESS, and whether this machine may reach it\n"
        )
