"""An OpenTelemetry collector on loopback: takes spans by OTLP over HTTP and keeps them."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)
from opentelemetry.proto.common.v1.common_pb2 import AnyValue
from opentelemetry.proto.trace.v1.trace_pb2 import Span

ERROR = 2
"""A span's status code."""


@dataclass(frozen=True)
class Seen:
    """A span as it arrived, and the service that sent it."""

    span: Span
    service: str

    @property
    def name(self) -> str:
        return self.span.name

    @property
    def trace(self) -> str:
        return self.span.trace_id.hex()

    @property
    def failed(self) -> bool:
        return self.span.status.code == ERROR

    @property
    def links(self) -> list[str]:
        """Return the traces that it has links to."""
        return [link.trace_id.hex() for link in self.span.links]

    @property
    def said(self) -> dict[str, str | int | bool]:
        return {one.key: _value(one.value) for one in self.span.attributes}


@dataclass
class Collector:
    """What has arrived; ``sent`` is the bodies as they came, ``keys`` the Authorization fields."""

    url: str
    spans: list[Seen] = field(default_factory=list)
    sent: list[bytes] = field(default_factory=list)
    keys: list[str | None] = field(default_factory=list)

    def take(self, body: bytes, key: str | None) -> None:
        self.sent.append(body)
        self.keys.append(key)
        for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
            about = {one.key: _value(one.value) for one in resource.resource.attributes}
            for scope in resource.scope_spans:
                self.spans += [Seen(span, str(about["service.name"])) for span in scope.spans]

    def named(self, name: str) -> list[Seen]:
        return [seen for seen in self.spans if seen.name == name]

    def traces_of(self, workflow_id: str) -> set[str]:
        """Return the traces that have a span of the run itself: its workflow or its activities."""
        return {
            seen.trace
            for seen in self.spans
            if seen.said.get("temporalWorkflowID") == workflow_id and "temporalRunID" in seen.said
        }

    def way_to(self, seen: Seen) -> list[str]:
        """Return the names of the spans from the root of a trace to this one."""
        by_id = {one.span.span_id: one for one in self.spans}
        way = [seen.name]
        while seen.span.parent_span_id:
            seen = by_id[seen.span.parent_span_id]
            way.insert(0, seen.name)
        return way


def _value(value: AnyValue) -> str | int | bool:
    kind = value.WhichOneof("value")
    found: str | int | bool = getattr(value, kind) if kind else ""
    return found


@contextmanager
def collecting() -> Iterator[Collector]:
    """Yield a collector that listens as long as the block lasts."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            assert self.path == "/v1/traces"
            collector.take(body, self.headers["Authorization"])
            answer = ExportTraceServiceResponse().SerializeToString()
            self.send_response(200)
            self.send_header("Content-Type", "application/x-protobuf")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, format: str, *args: object) -> None:
            """Keep quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        collector = Collector(f"http://127.0.0.1:{server.server_port}")
        serving = Thread(target=server.serve_forever)
        serving.start()
        try:
            yield collector
        finally:
            server.shutdown()
            serving.join()
