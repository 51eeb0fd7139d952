"""What a worker and its OCR process serve at their ports, while orders and receipts run."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.pdf_files import cafe_receipt
from tests.support.scraping import Sample, scrape, two_ports, value_of
from tests.support.terminal import Terminal, beside_a_stack, eventually, order_document


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Terminal]:
    """Yield a terminal beside a worker that serves its metrics."""
    with beside_a_stack(tmp_path_factory.mktemp("measured"), worker=False) as terminal:
        changed = {"metrics_port": two_ports()}
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


def test_a_restart_of_the_ocr_process_is_counted(measured: Terminal) -> None:
    (child,) = eventually(measured.ocr_processes, bool)
    assert value_of(scraped(measured), "pipelines_ocr_restarts_total") == 0

    os.kill(child, signal.SIGKILL)

    eventually(measured.ocr_processes, lambda pids: len(pids) == 2)
    assert value_of(scraped(measured), "pipelines_ocr_restarts_total") == 1
