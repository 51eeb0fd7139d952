"""What a worker and its OCR process serve at their ports, while orders and receipts run."""

import asyncio
import json
import os
import re
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from config import ROOT
from service.gauges.business import Observer
from tests.support.pdf_files import cafe_receipt, printed_pdf
from tests.support.promql import asked_by
from tests.support.scraping import Sample, scrape, two_ports, value_of
from tests.support.terminal import Terminal, beside_a_stack, eventually, order_document
from workflows import limits

MONITORING = ROOT / "examples/monitoring"
DOCS = ROOT / "docs/metrics.md"


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Terminal]:
    """Yield a terminal beside a worker that serves its metrics."""
    with beside_a_stack(tmp_path_factory.mktemp("measured"), worker=False) as terminal:
        changed = {"metrics_port": two_ports(), "log_format": "json"}
        terminal.stack.settings = terminal.stack.settings.model_copy(update=changed)
        terminal.stack.start_worker()
        yield terminal


def scraped(terminal: Terminal) -> list[Sample]:
    port = terminal.stack.settings.metrics_port or 0
    return scrape(port, port + 1)


def test_money_mails_readings_and_errors_are_counted(measured: Terminal, tmp_path: Path) -> None:
    sold_out = [{"sku": "sku-out-of-stock", "quantity": 1, "unit_price_cents": 700}]
    measured.order(order_document("kept", currency="EUR"))
    measured.until("order-kept", status="waiting_for_business_day")
    assert measured.ended_order(order_document("undone", items=sold_out, currency="EUR"))
    file = tmp_path / "receipt.pdf"
    file.write_bytes(cafe_receipt(3085))
    assert measured.starter("receipt", str(file), "--wait").code == 0

    seen = scraped(measured)

    assert value_of(seen, "pipelines_charged_minor_units_total", currency="EUR") == 3600
    assert value_of(seen, "pipelines_refunded_minor_units_total", currency="EUR") == 700
    assert value_of(seen, "pipelines_provider_errors_total", kind="OutOfStock") >= 1
    assert value_of(seen, "pipelines_mails_total", outcome="sent") >= 1
    assert value_of(seen, "pipelines_receipts_parsed_total", outcome="accepted") == 1
    assert value_of(seen, "pipelines_ocr_pages_total") == 1
    assert value_of(seen, "pipelines_ocr_duration_seconds_count") == 1
    assert value_of(seen, "temporal_workflow_completed_total") >= 1, "the SDK's own"


def test_a_run_is_found_in_the_lines_of_its_activities(measured: Terminal) -> None:
    log = measured.stack.log("worker").read_text().splitlines()
    said = [json.loads(line) for line in log if not line.startswith("worker ready: ")]

    about = {(one.get("workflow_id"), one.get("activity"), one.get("attempt")) for one in said}
    assert ("order-kept", "charge_payment", 1) in about
    assert any(one.get("activity") == "extract_text" for one in said), "its OCR process, too"
    assert all({"time", "level", "logger", "message"} <= one.keys() for one in said)


def test_the_front_door_shows_the_state_of_the_business(measured: Terminal) -> None:
    stack = measured.stack
    worker_port = stack.settings.metrics_port
    port = two_ports()
    own = {"metrics_port": port, "metrics_refresh_seconds": 1.0}
    stack.settings = stack.settings.model_copy(update=own)
    stack.start_server()
    stack.settings = stack.settings.model_copy(update={"metrics_port": worker_port})
    sold_out = [{"sku": "sku-out-of-stock", "quantity": 1, "unit_price_cents": 2900}]
    refused = "tok_refund_fail_503_99"
    measured.order(order_document("asking", cents=64_000))
    measured.order(order_document("owed", payment_token=refused, items=sold_out))
    measured.until("order-owed", status="compensating")
    assert measured.starter("setup").code == 0
    at = ("--schedule-id", "nightly-audit", "--address", stack.temporal_address)
    assert measured.temporal("schedule", "trigger", *at).code == 0

    seen = eventually(
        lambda: scrape(port),
        lambda seen: (
            any(one.name == "pipelines_audit_findings" for one in seen)
            and value_of(seen, "pipelines_runs_stuck") == 1
            and value_of(seen, "pipelines_runs", status="awaiting_approval") == 1
        ),
    )

    assert value_of(seen, "pipelines_runs", pipeline="order", status="compensating") == 1
    assert value_of(seen, "pipelines_runs", pipeline="receipt", status="completed") == 1
    assert value_of(seen, "pipelines_approvals_expiring") == 0
    started = measured.state("order-owed")["elapsed_seconds"]
    assert 0 < value_of(seen, "pipelines_longest_compensation_seconds") < started
    assert value_of(seen, "pipelines_oldest_approval_age_seconds") > 0
    assert value_of(seen, "pipelines_oldest_review_age_seconds") == 0
    assert abs(time.time() - value_of(seen, "pipelines_state_refreshed_timestamp_seconds")) < 60

    ours = {one.name for one in (*seen, *scraped(measured)) if one.name.startswith("pipelines_")}
    documented = set(re.findall(r"^\| `(pipelines_\w+)` ", DOCS.read_text(), re.MULTILINE))
    parts = ("_bucket", "_sum", "_count")
    bare = {re.sub(rf"({'|'.join(parts)})$", "", name) for name in ours}
    assert bare == documented

    served = [*seen, *scraped(measured)]
    missing = [
        (asked.metric, sorted(asked.labels), query)
        for query in queries()
        for asked in asked_by(query)
        if not any(asked.metric == one.name and asked.labels <= one.labels.keys() for one in served)
    ]
    assert missing == []


def queries() -> list[str]:
    """Return what the alert rules and the dashboard ask Prometheus."""
    rules = (MONITORING / "alerts.yml").read_text()
    board = json.loads((MONITORING / "grafana/dashboards/pipelines.json").read_text())
    found = re.findall(r"^ +expr: (.+)$", rules, re.MULTILINE)
    found += [target["expr"] for panel in board["panels"] for target in panel["targets"]]
    assert len(found) > 20
    return found


async def test_what_waits_for_people_and_who_was_not_told_is_counted(
    measured: Terminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sold_out = [{"sku": "sku-out-of-stock", "quantity": 1, "unit_price_cents": 2900}]
    file = tmp_path / "receipt.pdf"
    file.write_bytes(printed_pdf([("Corner Cafe", ""), ("Main Street 1", ""), ("04.03.2026", "")]))
    untold = order_document("untold", items=sold_out, customer_email="bounce@customer.example")

    def start_them() -> None:
        receipt = measured.starter("receipt", str(file), "--json").object["workflow_id"]
        measured.ended_order(untold)
        measured.until(receipt, status="needs_review")
        measured.until("order-asking", status="awaiting_approval")

    await asyncio.to_thread(start_them)
    observer = Observer(measured.stack.settings)
    client = await measured.connect()

    seen = await observer.look(client)
    assert (seen.untold, seen.expiring_approvals) == (1, 0)
    assert 0 < seen.oldest_review < time.time() - file.stat().st_mtime

    # As it is four hours before an approval ends.
    monkeypatch.setattr("service.gauges.business.EXPIRING", limits.APPROVAL_LIMIT)
    assert (await observer.look(client)).expiring_approvals == 1


def test_a_restart_of_the_ocr_process_is_counted(measured: Terminal) -> None:
    (child,) = eventually(measured.ocr_processes, bool)
    assert value_of(scraped(measured), "pipelines_ocr_restarts_total") == 0

    os.kill(child, signal.SIGKILL)

    eventually(measured.ocr_processes, lambda pids: len(pids) == 2)
    assert value_of(scraped(measured), "pipelines_ocr_restarts_total") == 1
