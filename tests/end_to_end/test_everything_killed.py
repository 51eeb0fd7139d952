"""kill -9 of the worker or of Temporal with runs in flight: nothing is lost, nothing done twice."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox.stack import Stack
from tests.end_to_end.terminal import Terminal, customer, eventually, order_document, photo


@pytest.fixture
def doomed(tmp_path: Path, transcript: list[str]) -> Iterator[Terminal]:
    """Give a terminal beside a stack and a worker of which something will be killed."""
    with Stack.isolated(tmp_path) as stack:
        stack.start_worker()
        yield Terminal(stack, transcript)


ORDERS = {
    # Its charge happened, the answer was lost, and it waits for its second attempt.
    "dropped": order_document("dropped", payment_token="tok_drop_1"),
    # A person's turn.
    "asked": order_document("asked", cents=64_000),
    # A timer.
    "waiting": order_document("waiting"),
    # The providers work on its charge when the kill comes.
    "slow": order_document("slow", payment_token="tok_slow_2500"),
}


def bring_into_flight(terminal: Terminal) -> None:
    """Submit all orders and wait until each is where its comment says."""
    for document in ORDERS.values():
        assert terminal.order(document).code == 0
    eventually(lambda: terminal.calls("order-dropped:charge"), bool)
    terminal.until("order-asked", status="awaiting_approval")
    terminal.until("order-waiting", status="waiting_for_business_day")
    eventually(lambda: terminal.in_flight("order-slow:charge"), bool)


def assert_each_order_happens_once(terminal: Terminal) -> None:
    """Let all orders go on, and check that each key has exactly one effect and one mail."""
    assert terminal.starter("approve", "asked").code == 0
    for order_id in ORDERS:
        assert terminal.starter("expedite", order_id).code == 0
    for order_id, document in ORDERS.items():
        assert terminal.ended_order(document)["status"] == "completed"
        assert terminal.keys("charges", order_id) == [f"order-{order_id}:charge"]
        assert terminal.keys("reservations", order_id) == [f"order-{order_id}:reserve"]
        assert terminal.keys("shipments", order_id) == [f"order-{order_id}:ship"]
        assert terminal.keys("refunds", order_id) == []
        assert len(terminal.mails(customer(order_id))) == 1


def test_a_killed_worker_costs_nothing_but_time(doomed: Terminal) -> None:
    (reader,) = eventually(doomed.ocr_processes, bool)
    os.kill(reader, signal.SIGSTOP)  # so that the kill certainly meets it in the middle
    receipt = ("receipt", photo("grocery"), "--user", "anna", "--json")
    workflow_id = doomed.starter(*receipt).object["workflow_id"]
    eventually(lambda: doomed.runs(workflow_id, "extract_text"), bool)
    bring_into_flight(doomed)

    doomed.stack.kill("worker")
    os.kill(reader, signal.SIGKILL)
    doomed.stack.restart("worker")

    assert_each_order_happens_once(doomed)
    ended = doomed.starter(*receipt, "--wait").objects[-1]
    assert ended["result"]["total_cents"] == 3085
    assert len(doomed.expenses("anna")) == 1


def test_a_killed_temporal_server_forgets_nothing(doomed: Terminal) -> None:
    bring_into_flight(doomed)

    doomed.stack.kill("temporal")
    doomed.stack.restart("temporal")

    assert_each_order_happens_once(doomed)
