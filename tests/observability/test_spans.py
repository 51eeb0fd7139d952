"""Spans: none where nobody asked for them, and no delay where nobody takes them."""

import socket
import subprocess
import sys
import time
from collections.abc import Sequence

import pytest
from opentelemetry.context import Context
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor, SpanExportResult
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from yarl import URL

from config import ROOT, Settings, SettingsError
from observability.clean_spans import CleanSpans
from observability.doors import door_span
from observability.tracing import FLUSH_SECONDS, run_spans, tracing
from providers.errors import BadAddress
from providers.spans import provider_call, route_of, tracer_in_use
from providers.transport.http_session import http_call
from tests.support.collector import collecting

SLOWEST_SECONDS = 30.0
"""What a busy machine may need for what takes no time; waiting for an exporter takes longer."""

HEAVY = ("opentelemetry.sdk", "opentelemetry.exporter", "temporalio.contrib.opentelemetry")


def test_without_a_collector_nothing_is_loaded_or_traced() -> None:
    code = f"""
import sys, worker, server, commands.order
from config import Settings
from observability.doors import door_span
from observability.tracing import run_spans, tracing
from providers.spans import provider_call
with tracing(Settings(), "worker"), door_span("POST"), provider_call("SQL", {{}}) as call:
    call.answered(503)
    assert run_spans() == []
print([name for name in sys.modules if name.startswith({HEAVY})])
"""
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


def test_a_process_ends_in_time_though_its_collector_never_answers() -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:
        port = mute.getsockname()[1]
        settings = Settings(otel_exporter_otlp_endpoint=f"http://127.0.0.1:{port}")
        with tracing(settings, "starter"):
            began = time.monotonic()
            for _ in range(5_000):  # more than the queue has room for
                with door_span("starter.py order"):
                    pass
            assert time.monotonic() - began < SLOWEST_SECONDS
            began = time.monotonic()
        assert time.monotonic() - began < FLUSH_SECONDS + 5
    assert tracer_in_use() is None


def test_the_last_spans_of_a_process_are_sent_under_its_name() -> None:
    with collecting() as collector:
        chosen = {"otel_exporter_otlp_endpoint": f"{collector.url}/", "otel_service_name": "shop"}
        with tracing(Settings.model_validate(chosen), "starter"), door_span("starter.py order"):
            assert len(run_spans()) == 1
    assert [(seen.name, seen.service) for seen in collector.spans] == [("starter.py order", "shop")]


def test_the_log_says_once_that_spans_are_dropped(caplog: pytest.LogCaptureFixture) -> None:
    answers = iter([False, False, True, False])

    class Collector(InMemorySpanExporter):
        def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:  # noqa: ARG002
            return SpanExportResult.SUCCESS if next(answers) else SpanExportResult.FAILURE

    exporter = CleanSpans(Collector())
    with caplog.at_level("INFO", "traces"):
        for _ in range(4):
            exporter.export([])

    levels = [record.levelname for record in caplog.records]
    assert levels == ["WARNING", "INFO", "WARNING"]
    assert "takes no spans" in caplog.messages[0]
    assert "takes spans again" in caplog.messages[1]


def test_the_log_says_also_that_the_exporter_itself_fails(
    caplog: pytest.LogCaptureFixture,
) -> None:
    class WithoutCertificate(InMemorySpanExporter):
        def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:  # noqa: ARG002
            raise OSError("could not find a suitable TLS CA certificate bundle")

    assert CleanSpans(WithoutCertificate()).export([]) is SpanExportResult.FAILURE
    assert "takes no spans" in caplog.messages[0]


@pytest.mark.parametrize(
    "listed", ["garbage", "a=b\nc: d", "authorization=Bearer%0AX", "a=1,b", "a=ä"]
)
def test_headers_that_would_be_left_out_are_refused(listed: str) -> None:
    settings = Settings.model_validate(
        {"otel_exporter_otlp_endpoint": "http://127.0.0.1:9", "otel_exporter_otlp_headers": listed}
    )
    with (
        pytest.raises(SettingsError, match=r"^OTEL_EXPORTER_OTLP_HEADERS must be NAME=VALUE"),
        tracing(settings, "worker"),
    ):
        pass


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "100000"),
        ("OTEL_BSP_SCHEDULE_DELAY", "-1"),
        ("OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT", "many"),
    ],
)
def test_what_opentelemetry_cannot_use_is_said_in_a_sentence(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    settings = Settings(otel_exporter_otlp_endpoint="http://127.0.0.1:9")
    with (
        pytest.raises(SettingsError, match=r"^OpenTelemetry's settings \(OTEL_\.\.\.\): "),
        tracing(settings, "worker"),
    ):
        pass


@pytest.fixture
def kept(monkeypatch: pytest.MonkeyPatch) -> InMemorySpanExporter:
    """Return what would have left, with traces on."""
    exporter, provider = InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(CleanSpans(exporter)))
    monkeypatch.setattr("providers.spans._InUse.tracer", provider.get_tracer("tests"))
    return exporter


def test_what_libraries_say_does_not_leave(kept: InMemorySpanExporter) -> None:
    tracer = tracer_in_use()
    assert tracer
    with (
        pytest.raises(ValueError, match="ada"),
        tracer.start_as_current_span("StartWorkflow:OrderWorkflow", context=Context()) as span,
    ):
        span.set_attribute("url.full", "https://ada:tok_visa@shop.example/?key=tok_visa")
        span.set_attribute("temporalWorkflowID", "order-7")
        raise ValueError("no mail to ada@customers.example")

    (left,) = kept.get_finished_spans()
    assert dict(left.attributes or {}) == {"temporalWorkflowID": "order-7"}
    assert left.status.description is None
    assert not left.status.is_ok
    assert [dict(event.attributes or {}) for event in left.events] == [
        {"exception.type": "ValueError"}
    ]
    assert not any(word in left.to_json() for word in ("ada", "tok_visa", "Traceback"))


def test_a_call_says_where_and_not_what(kept: InMemorySpanExporter) -> None:
    url = URL("https://api.example/v1/charges/ch_1Ada?email=ada@customers.example")
    with door_span("POST"), http_call("GET", url) as call:
        call.answered(404)
    with pytest.raises(BadAddress), door_span("POST"), provider_call("SMTP send", {}):
        raise BadAddress("refused ada@customers.example")

    http, _, mail, _ = kept.get_finished_spans()
    assert http.name == "GET /v1/charges/{id}"
    assert dict(http.attributes or {}) == {
        "http.request.method": "GET",
        "server.address": "api.example",
        "server.port": 443,
        "url.template": "/v1/charges/{id}",
        "http.response.status_code": 404,
        "error.type": "404",
    }
    assert dict(mail.attributes or {}) == {"error.type": "BadAddress"}
    assert mail.events == ()


def test_a_call_outside_of_any_trace_has_no_span(kept: InMemorySpanExporter) -> None:
    with provider_call("SQL list runs", {}):
        pass
    assert kept.get_finished_spans() == ()


@pytest.mark.parametrize(
    ("path", "route"),
    [
        ("/charges", "/charges"),
        ("/v1/payment_intents/pi_3Q/cancel", "/v1/payment_intents/{id}/cancel"),
        ("/reservations/ada%40customers.example", "/reservations/{id}"),
        ("", ""),
    ],
)
def test_a_route_has_no_ids(path: str, route: str) -> None:
    assert route_of(path) == route


def test_a_batch_of_runs_is_no_single_trace(kept: InMemorySpanExporter) -> None:
    from observability.doors import trace_of_run

    tracer = tracer_in_use()
    assert tracer
    with door_span("starter.py order"):
        for number in range(3):
            with trace_of_run(), tracer.start_as_current_span(f"StartWorkflow:{number}"):
                pass

    spans = kept.get_finished_spans()
    starts = [span for span in spans if span.name.startswith("StartWorkflow")]
    traces = [span.context.trace_id for span in starts if span.context]
    (door,) = (span for span in spans if span.kind.name == "SERVER")
    assert door.context
    assert traces[0] == door.context.trace_id
    assert len(set(traces)) == 3
    roots = [span for span in spans if span.name == "starter.py order" and span is not door]
    assert [span.links[0].context.trace_id for span in roots] == [traces[0]] * 2
