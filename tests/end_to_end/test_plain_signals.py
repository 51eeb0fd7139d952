"""Temporal's own command line sends our runs plain JSON, as the Temporal UI does."""

import json
from typing import Any

import pytest

from tests.support.terminal import Answer, Terminal, eventually, order_document


def temporal(shop: Terminal, *arguments: str) -> Answer:
    """Run ``temporal workflow ...`` against the stack."""
    return shop.temporal("workflow", *arguments, "--address", shop.stack.temporal_address)


def signal(shop: Terminal, workflow_id: str, name: str, document: str) -> None:
    sent = temporal(
        shop, "signal", "--workflow-id", workflow_id, "--name", name, "--input", document
    )
    assert sent.code == 0, sent


def status(shop: Terminal, workflow_id: str) -> dict[str, Any]:
    answer = temporal(
        shop, "query", "--workflow-id", workflow_id, "--type", "status", "--output", "json"
    )
    assert answer.code == 0, answer
    (state,) = json.loads(answer.out)["queryResult"]
    return dict(state)


def test_an_approval_by_plain_signal_lets_the_order_go_on(shop: Terminal) -> None:
    document = order_document("by-signal", cents=64_000)
    shop.order(document)
    assert status(shop, "order-by-signal")["status"] == "awaiting_approval"

    signal(shop, "order-by-signal", "approval", '{"approved": true, "decided_by": "ada"}')

    shop.until("order-by-signal", status="waiting_for_business_day")
    assert status(shop, "order-by-signal")["approval"]["decided_by"] == "ada"
    assert shop.keys("charges", "by-signal") == ["order-by-signal:charge"]


def test_the_shortest_rejection_counts(shop: Terminal) -> None:
    document = order_document("short-no", cents=64_000)
    shop.order(document)

    signal(shop, "order-short-no", "approval", '{"approved": false}')

    result = shop.result("order-short-no")
    assert (result["status"], result["reason"]) == (
        "rejected",
        "rejected by a signal that names nobody",
    )


@pytest.mark.parametrize(
    ("order_id", "nonsense"),
    [("says-maybe", '{"approved": "perhaps"}'), ("says-true", "true"), ("says-nothing", "{}")],
)
def test_a_signal_that_is_no_decision_hangs_nothing(
    shop: Terminal, order_id: str, nonsense: str
) -> None:
    document = order_document(order_id, cents=64_000)
    shop.order(document)

    signal(shop, f"order-{order_id}", "approval", nonsense)
    assert status(shop, f"order-{order_id}")["status"] == "awaiting_approval"

    assert shop.starter("reject", order_id).code == 0
    assert shop.result(f"order-{order_id}")["status"] == "rejected"


def test_a_signal_that_cannot_count_is_logged_with_the_reason(shop: Terminal) -> None:
    shop.order(order_document("needless"))

    signal(shop, "order-needless", "approval", '{"approved": true}')

    eventually(
        shop.stack.log("worker").read_text,
        lambda log: "approval refused: order needless needs no approval" in log,
    )


def test_pause_resume_and_expedite_need_no_input(shop: Terminal) -> None:
    document = order_document("no-input", cents=64_000)
    shop.order(document)
    for name in ("pause", "expedite"):
        sent = temporal(shop, "signal", "--workflow-id", "order-no-input", "--name", name)
        assert sent.code == 0, sent
    assert status(shop, "order-no-input")["paused"] is True
    signal(shop, "order-no-input", "approval", '{"approved": true}')
    shop.until("order-no-input", waiting_for="resume")

    temporal(shop, "signal", "--workflow-id", "order-no-input", "--name", "resume")

    assert shop.result("order-no-input")["status"] == "completed"


def test_temporals_own_cancel_undoes_the_order(shop: Terminal) -> None:
    shop.order(order_document("stopped"))
    shop.until("order-stopped", status="waiting_for_business_day")

    cancelled = temporal(shop, "cancel", "--workflow-id", "order-stopped")

    assert cancelled.code == 0, cancelled
    assert shop.closed_as("order-stopped") == "CANCELED"
    state = status(shop, "order-stopped")
    assert state["status"] == "cancelled"
    assert [refund["refund_id"] for refund in shop.effects("refunds", "stopped")] == [
        state["refund_id"]
    ]
    assert [held["status"] for held in shop.effects("reservations", "stopped")] == ["released"]
