"""What leaves in spans: names, ids of runs, times and kinds of errors, and nothing else.

Libraries put messages of exceptions, their tracebacks and whole URLs into spans. There stand
addresses, tokens and what a customer wrote. So what may be in a span is listed here; the rest stays
here, whichever library adds it.
"""

import logging
from collections.abc import Mapping, Sequence

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import SERVICE_NAME, Resource
from opentelemetry.sdk.trace import Event, ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.trace import Link, Status
from opentelemetry.util.re import parse_env_headers
from opentelemetry.util.types import AttributeValue
from pydantic import SecretStr

from config import Settings, SettingsError

ATTRIBUTES = frozenset(
    {
        *("temporalWorkflowID", "temporalRunID", "temporalActivityID"),
        *("temporalAttempt", "temporalIsLocal", "process.exit.code"),
        *("error.type", "exception.type", "server.address", "server.port"),
        *("http.request.method", "http.route", "url.template", "http.response.status_code"),
        *("db.system.name", "rpc.system", "rpc.service"),
    }
)

TRACES = "/v1/traces"
"""Where OTLP/HTTP has traces, below the address of a collector."""

logger = logging.getLogger("traces")


class CleanSpans(SpanExporter):
    """An exporter before another one; says once when that begins to fail, and when it ends."""

    def __init__(self, exporter: SpanExporter) -> None:
        self._exporter = exporter
        self._fails = False

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Send what the spans may say."""
        try:
            result = self._exporter.export([cleaned(span) for span in spans])
        except Exception:  # such as a certificate that is missing: OpenTelemetry's log is silent
            result = SpanExportResult.FAILURE
        fails = result is not SpanExportResult.SUCCESS
        if fails and not self._fails:
            logger.warning("the collector at OTEL_EXPORTER_OTLP_ENDPOINT takes no spans: dropped")
        elif self._fails and not fails:
            logger.info("the collector at OTEL_EXPORTER_OTLP_ENDPOINT takes spans again")
        self._fails = fails
        return result

    def shutdown(self) -> None:
        """Close the connection."""
        self._exporter.shutdown()


def cleaned(span: ReadableSpan) -> ReadableSpan:
    """Return a span that says only what is on the list."""
    return ReadableSpan(
        name=span.name,
        context=span.context,
        parent=span.parent,
        resource=span.resource,
        attributes=_listed(span.attributes),
        events=[Event(one.name, _listed(one.attributes), one.timestamp) for one in span.events],
        links=[Link(link.context) for link in span.links],
        kind=span.kind,
        status=Status(span.status.status_code),
        start_time=span.start_time,
        end_time=span.end_time,
        instrumentation_scope=span.instrumentation_scope,
    )


def _listed(attributes: Mapping[str, AttributeValue] | None) -> dict[str, AttributeValue]:
    return {name: value for name, value in (attributes or {}).items() if name in ATTRIBUTES}


def provider_of(settings: Settings, process: str) -> TracerProvider:
    """Return what makes spans and sends them; OTEL_EXPORTER_OTLP_ENDPOINT must be set.

    OpenTelemetry's other variables, such as OTEL_TRACES_SAMPLER, count as it documents them. Raise
    SettingsError for what it cannot use of them, and of our headers.
    """
    # Each retry of each batch would be a line; what matters is said above.
    logging.getLogger("opentelemetry").setLevel(logging.CRITICAL)
    exporter = OTLPSpanExporter(
        endpoint=f"{(settings.otel_exporter_otlp_endpoint or '').rstrip('/')}{TRACES}",
        headers=_headers(settings.otel_exporter_otlp_headers),
    )
    name = settings.otel_service_name or f"pipelines-{process}"
    try:
        provider = TracerProvider(
            resource=Resource.create({SERVICE_NAME: name}), shutdown_on_exit=False
        )
        provider.add_span_processor(BatchSpanProcessor(CleanSpans(exporter)))
    except ValueError as error:
        raise SettingsError(f"OpenTelemetry's settings (OTEL_...): {error}") from None
    return provider


def _headers(listed: SecretStr | None) -> dict[str, str] | None:
    if listed is None:
        return None
    text = listed.get_secret_value()
    headers = dict(parse_env_headers(text, liberal=True))
    names = [one for one in text.split(",") if one.strip()]
    # What it cannot use it leaves out, and a collector refuses spans without their key.
    if len(headers) != len(names) or not all(map(str.isprintable, headers.values())):
        raise SettingsError(
            "OTEL_EXPORTER_OTLP_HEADERS must be NAME=VALUE, separated by commas, each name once, "
            "with %20 for a blank"
        )
    return headers
