"""Traces: one a run, from the door to the call of a provider, and nothing secret in them."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from pydantic import SecretStr

from models import Role
from tests.support.collector import Collector, collecting
from tests.support.http_door import Door, Person, Reply
from tests.support.leaks import found_in
from tests.support.pdf_files import cafe_receipt
from tests.support.terminal import Terminal, beside_a_stack, eventually, order_document

KEY = "a-key-of-the-collector"
STARTED = ["POST /orders", "StartWorkflow:OrderWorkflow"]


@pytest.fixture(scope="module")
def collector() -> Iterator[Collector]:
    with collecting() as collector:
        yield collector


@pytest.fixture(scope="module")
def traced(tmp_path_factory: pytest.TempPathFactory, collector: Collector) -> Iterator[Door]:
    """Yield the door of a stack whose processes all send traces."""
    with beside_a_stack(tmp_path_factory.mktemp("traced"), worker=False) as terminal:
        chosen = {
            "otel_exporter_otlp_endpoint": collector.url,
            "otel_exporter_otlp_headers": SecretStr(f"authorization=Bearer%20{KEY}"),
        }
        terminal.stack.settings = terminal.stack.settings.model_copy(update=chosen)
        terminal.stack.start_worker()
        terminal.stack.start_server()
        yield Door(terminal)


def asked(traced: Door, path: str, document: object = None, **options: Any) -> Reply:
    async def ask() -> Reply:
        async with aiohttp.ClientSession() as session:
            person = Person(traced.url, traced.key("opal", Role.OPERATE), session)
            return await person.post(path, document, **options)

    reply = asyncio.run(ask())
    assert reply.status < 300, reply
    return reply


def finished(collector: Collector, workflow: str, workflow_id: str) -> None:
    """Wait until the end of a run has arrived, and the spans before it."""
    eventually(
        lambda: [
            seen.said["temporalWorkflowID"]
            for seen in collector.named(f"CompleteWorkflow:{workflow}")
        ],
        lambda ended: workflow_id in ended,
    )


def test_an_order_is_one_trace_from_the_request_to_each_call(
    traced: Door, collector: Collector
) -> None:
    hostile = order_document("spanned", payment_token="tok_fail_503_1")
    asked(traced, "/orders", hostile)
    traced.shop.until("order-spanned", status="waiting_for_business_day")
    asked(traced, "/orders/spanned/expedite")
    assert traced.shop.result("order-spanned")["status"] == "completed"
    finished(collector, "OrderWorkflow", "order-spanned")

    (trace,) = collector.traces_of("order-spanned")
    spans = [seen for seen in collector.spans if seen.trace == trace]
    activity = [*STARTED, "StartActivity:charge_payment", "RunActivity:charge_payment"]
    eventually(lambda: collector.named("POST /orders"), bool)
    charges = [seen for seen in spans if seen.name == "POST /charges"]
    assert [collector.way_to(seen) for seen in charges] == [[*activity, "POST /charges"]] * 2
    assert [seen.said["http.response.status_code"] for seen in charges] == [503, 201]
    assert [seen.failed for seen in charges] == [True, False]
    attempts = [seen for seen in spans if seen.name == "RunActivity:charge_payment"]
    assert [seen.said["temporalAttempt"] for seen in attempts] == [1, 2]
    assert [seen.said.get("error.type") for seen in attempts] == ["ProviderUnavailable", None]
    names = {seen.name for seen in spans}
    assert {"POST /shipments", "SMTP send", "RunWorkflow:OrderWorkflow"} <= names
    assert any(name.startswith("SQL ") for name in names)
    assert len([seen for seen in spans if seen.name == "RunWorkflow:OrderWorkflow"]) == 1
    assert {seen.service for seen in spans} == {"pipelines-server", "pipelines-worker"}


def test_what_people_do_later_is_linked_to_the_trace_of_the_run(
    traced: Door, collector: Collector
) -> None:
    asked(traced, "/orders", order_document("decided", cents=64_000))
    traced.shop.until("order-decided", status="awaiting_approval")
    assert traced.shop.starter("approve", "decided", "--by", "opal").code == 0
    traced.shop.until("order-decided", status="waiting_for_business_day")

    handled = eventually(lambda: collector.named("HandleUpdate:approval"), bool)[0]
    assert {handled.trace} == collector.traces_of("order-decided")
    (command,) = eventually(lambda: collector.named("starter.py approve"), bool)
    assert handled.links == [command.trace]
    assert command.service == "pipelines-starter"


def test_a_receipt_is_one_trace_with_its_picture_and_its_reading(
    traced: Door, collector: Collector, tmp_path: Path
) -> None:
    file = tmp_path / "receipt.pdf"
    file.write_bytes(cafe_receipt(3085))
    answer = traced.shop.starter("receipt", str(file), "--wait", "--json")
    assert answer.code == 0, answer
    workflow_id = answer.objects[-1]["workflow_id"]
    finished(collector, "ReceiptWorkflow", workflow_id)

    (trace,) = collector.traces_of(workflow_id)
    (read,) = [seen for seen in collector.named("S3 get") if seen.trace == trace]
    assert collector.way_to(read) == [
        "starter.py receipt",
        "StartWorkflow:ReceiptWorkflow",
        "StartActivity:extract_text",
        "RunActivity:extract_text",
        "S3 get",
    ]


def test_each_run_of_a_batch_has_a_trace_of_its_own(traced: Door, collector: Collector) -> None:
    ids = ["one", "two", "three"]
    lines = "\n".join(json.dumps(order_document(f"of-{name}")) for name in ids)
    assert traced.shop.starter("order", "-", "--json", stdin=lines).code == 0
    for name in ids:
        traced.shop.until(f"order-of-{name}", status="waiting_for_business_day")
    runs = [f"order-of-{name}" for name in ids]
    eventually(lambda: all(collector.traces_of(run) for run in runs), bool)

    traces = [collector.traces_of(run) for run in runs]
    assert [len(one) for one in traces] == [1, 1, 1]
    assert len(set.union(*traces)) == 3


def test_a_stranger_cannot_choose_the_trace(traced: Door, collector: Collector) -> None:
    chosen = "c0ffee00" * 4
    headers = {"traceparent": f"00-{chosen}-c0ffee00c0ffee00-00", "baggage": "who=tok_visa"}
    asked(traced, "/orders", order_document("strange"), headers=headers)
    traced.shop.until("order-strange", status="waiting_for_business_day")
    eventually(lambda: collector.traces_of("order-strange"), bool)

    (trace,) = collector.traces_of("order-strange")
    assert trace != chosen
    requests = eventually(
        lambda: [seen for seen in collector.named("POST /orders") if seen.trace == trace], bool
    )
    assert requests[0].links == [chosen]


def test_a_worker_killed_within_a_call_leaves_one_trace(traced: Door, collector: Collector) -> None:
    shop: Terminal = traced.shop
    asked(traced, "/orders", order_document("killed", payment_token="tok_slow_3000"))
    eventually(lambda: shop.in_flight("order-killed:charge"), bool)
    shop.stack.kill("worker")
    shop.stack.restart("worker")
    shop.until("order-killed", status="waiting_for_business_day")
    again = eventually(
        lambda: [
            seen
            for seen in collector.named("RunActivity:charge_payment")
            if seen.said["temporalWorkflowID"] == "order-killed"
        ],
        bool,
    )

    assert {again[-1].trace} == collector.traces_of("order-killed")
    assert again[-1].said["temporalAttempt"] == 2


def test_a_run_that_was_started_by_hand_has_one_trace_too(
    traced: Door, collector: Collector
) -> None:
    shop = traced.shop
    document = order_document("by-hand", payment_token="tok_declined")
    started = shop.temporal(
        *("workflow", "start", "--address", shop.stack.temporal_address),
        *("--task-queue", shop.stack.settings.task_queue, "--type", "OrderWorkflow"),
        *("--workflow-id", "order-by-hand", "--input", json.dumps(document)),
    )
    assert started.code == 0, started
    shop.closed_as("order-by-hand")

    calls = eventually(
        lambda: [seen for seen in collector.named("POST /charges") if seen.failed], bool
    )
    assert calls
    assert len(eventually(lambda: collector.traces_of("order-by-hand"), bool)) == 1


def test_nothing_secret_has_left(traced: Door, collector: Collector) -> None:
    asked(traced, "/orders", order_document("bad-mail", customer_email="bounce@customers.example"))
    traced.shop.until("order-bad-mail", status="waiting_for_business_day")
    asked(traced, "/orders/bad-mail/expedite")
    assert traced.shop.result("order-bad-mail")["customer_told"] is False
    finished(collector, "OrderWorkflow", "order-bad-mail")

    everything = b"\n".join(collector.sent).decode(errors="replace")
    assert found_in(everything) == []
    assert "card" not in everything, "the provider's own words"
    assert "Traceback" not in everything
    assert "?" not in "".join(str(value) for seen in collector.spans for value in seen.said)
    assert set(collector.keys) == {f"Bearer {KEY}"}
