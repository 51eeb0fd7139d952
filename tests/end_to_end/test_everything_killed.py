"""SIGKILL of the worker and of Temporal with runs in flight: nothing is lost or done twice."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.alive import lives
from tests.support.pdf_files import cafe_receipt
from tests.support.terminal import (
    Terminal,
    beside_a_stack,
    customer,
    eventually,
    order_document,
)


@pytest.fixture
def doomed(tmp_path: Path) -> Iterator[Terminal]:
    """Yield a terminal beside a stack and a worker that the test kills parts of."""
    with beside_a_stack(tmp_path) as terminal:
        yield terminal


ORDERS = {
    # Its charge was made, the answer was lost, and it waits for its second attempt.
    "dropped": order_document("dropped", payment_token="tok_drop_1"),
    # It waits for a person.
    "asked": order_document("asked", cents=64_000),
    # It waits for a timer.
    "waiting": order_document("waiting"),
    # The provider is processing its charge when the worker is killed.
    "slow": order_document("slow", payment_token="tok_slow_5000"),
}
LATE = order_document("late", payment_token="tok_slow_5000")
"""The provider is processing its charge when Temporal is killed."""


def submit(terminal: Terminal, document: dict[str, Any]) -> None:
    assert terminal.order(document).code == 0


def test_kill_9_of_the_worker_and_then_of_temporal_costs_nothing_but_time(
    doomed: Terminal, tmp_path: Path
) -> None:
    (reader,) = eventually(doomed.ocr_processes, bool)
    os.kill(reader, signal.SIGSTOP)  # so that it is certainly reading when it is killed
    file = tmp_path / "receipt.pdf"
    file.write_bytes(cafe_receipt(3085))
    receipt = doomed.starter("receipt", str(file), "--user", "anna", "--json").object
    eventually(lambda: doomed.runs(receipt["workflow_id"], "extract_text"), bool)
    for order_id in ("dropped", "asked", "waiting"):
        submit(doomed, ORDERS[order_id])
    eventually(lambda: doomed.calls("order-dropped:charge"), bool)
    doomed.until("order-asked", status="awaiting_approval")
    doomed.until("order-waiting", status="waiting_for_business_day")
    submit(doomed, ORDERS["slow"])  # last, because it is slow for a moment only
    eventually(lambda: doomed.in_flight("order-slow:charge"), bool)

    doomed.stack.kill("worker")
    os.kill(reader, signal.SIGKILL)
    doomed.stack.restart("worker")

    watched = doomed.begin("order", "-", "--wait", "--json", stdin=LATE)
    eventually(lambda: doomed.in_flight("order-late:charge"), bool)

    doomed.stack.kill("temporal")
    doomed.stack.restart("temporal")

    assert doomed.starter("approve", "asked").code == 0
    for order_id in (*ORDERS, "late"):
        assert doomed.starter("expedite", order_id).code == 0
    followed = doomed.finish(watched)
    assert followed.code == 0, followed
    for order_id in (*ORDERS, "late"):
        assert doomed.result(f"order-{order_id}")["status"] == "completed"
        assert doomed.keys("charges", order_id) == [f"order-{order_id}:charge"]
        assert doomed.keys("reservations", order_id) == [f"order-{order_id}:reserve"]
        assert doomed.keys("shipments", order_id) == [f"order-{order_id}:ship"]
        assert doomed.keys("refunds", order_id) == []
        assert len(doomed.mails(customer(order_id))) == 1
    assert doomed.result(receipt["workflow_id"])["total_cents"] == 3085
    assert len(doomed.expenses("anna")) == 1

    # The death of a worker ends its OCR child, too.
    last = doomed.ocr_processes()[-1]
    assert doomed.stack.kill("worker") == -signal.SIGKILL
    eventually(lambda: lives(last), lambda alive: not alive)
