"""Every state of a run on the server is shown as a word, and never as a traceback."""

import json
from collections.abc import Iterator

import pytest

from tests.support.terminal import Terminal, eventually, order_document


@pytest.fixture(scope="module")
def pausing(shop: Terminal) -> Iterator[Terminal]:
    """Yield the terminal; a worker that was killed is back afterwards."""
    yield shop
    shop.stack.restart("worker")


def test_a_run_that_the_server_has_paused_is_shown_and_hides_no_other(
    pausing: Terminal,
) -> None:
    for order_id in ("stopped", "beside"):
        pausing.order(order_document(order_id, cents=64_000))
        pausing.until(f"order-{order_id}", status="awaiting_approval")
    at = ("--address", pausing.stack.temporal_address)
    paused = pausing.temporal("workflow", "pause", "--workflow-id", "order-stopped", *at)
    assert paused.code == 0, paused

    listed = eventually(
        lambda: pausing.starter("list", "--json"), lambda said: len(said.objects) == 2
    )
    stuck = pausing.starter("list", "--stuck")
    status = pausing.starter("status", "stopped")
    approved = pausing.starter("approve", "stopped")
    audited = pausing.starter("audit", "--json")

    assert listed.code == 0, listed
    assert {run["workflow_id"] for run in listed.objects} == {"order-stopped", "order-beside"}
    assert stuck.code == 0, stuck
    for answer in (status, approved):
        assert (answer.code, answer.out) == (2, "")
        assert answer.err.startswith("error: order-stopped cannot answer: it was paused on the ")
        assert "temporal workflow unpause --workflow-id order-stopped" in answer.err
    assert audited.code == 0, audited

    pausing.temporal("workflow", "unpause", "--workflow-id", "order-stopped", *at)

    assert pausing.starter("reject", "stopped").code == 0
    assert pausing.starter("reject", "beside").code == 0


def test_a_terminated_order_is_over_and_what_it_owes_is_said(pausing: Terminal) -> None:
    document = order_document("ended", payment_token="tok_visa")
    pausing.order(document)
    pausing.until("order-ended", status="waiting_for_business_day")
    at = ("--address", pausing.stack.temporal_address)
    pausing.temporal("workflow", "terminate", "--workflow-id", "order-ended", *at)
    pausing.stack.kill("worker")

    status = pausing.starter("status", "ended", "--json")
    again = pausing.starter("order", "-", stdin=json.dumps(document))
    listed = eventually(
        lambda: pausing.starter("list", "--status", "terminated", "--json"),
        lambda said: "order-ended" in [run["workflow_id"] for run in said.objects],
    )
    waiting = pausing.starter("list", "--status", "waiting_for_business_day", "--json")

    assert (status.code, status.object["status"], status.object["step"]) == (
        0,
        "terminated",
        "reserve",
    )
    charged, held = status.object["owed"]
    assert charged.startswith("29.00 USD of txn_")
    assert charged.endswith(" are not refunded")
    assert held.startswith("the reservation res_")
    assert again.code == 0
    assert "(29.00 USD), which is over: terminated" in again.out
    assert [run["status"] for run in listed.objects] == ["terminated"]
    assert waiting.objects == []


def test_a_finished_order_says_how_it_ended_without_a_worker(pausing: Terminal) -> None:
    assert "worker" in pausing.stack.ended()

    status = pausing.starter("status", "stopped", "--json")

    assert (status.code, status.object["status"]) == (0, "rejected")
    assert status.object["approval"]["approved"] is False
