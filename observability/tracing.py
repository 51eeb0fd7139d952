"""Traces of runs, sent to an OpenTelemetry collector; off, and not even loaded, by default.

A collector that is away slows nothing down: spans wait in a short queue, from which the oldest are
dropped, and the end of a process waits for it no longer than ``FLUSH_SECONDS``.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from config import Settings
from providers.spans import tracer_in_use, use_tracer

if TYPE_CHECKING:
    from observability.run_spans import RunSpans

FLUSH_SECONDS = 2.0
"""How long the end of a process waits until its last spans are sent."""


@contextmanager
def tracing(settings: Settings, process: str) -> Iterator[None]:
    """Send the spans of the block to OTEL_EXPORTER_OTLP_ENDPOINT; if that is unset, have none.

    ``process`` is worker, server or starter.
    """
    if settings.otel_exporter_otlp_endpoint is None:
        yield
        return
    from observability.clean_spans import provider_of

    provider = provider_of(settings, process)
    use_tracer(provider.get_tracer("pipelines"))
    try:
        yield
    finally:
        use_tracer(None)
        # In a thread, because the exporter's own deadline is that of its retries.
        ending = threading.Thread(target=provider.shutdown, daemon=True)
        ending.start()
        ending.join(FLUSH_SECONDS)


def run_spans() -> "list[RunSpans]":
    """Return the interceptors of a client, and of the workers that are built on it."""
    tracer = tracer_in_use()
    if tracer is None:
        return []
    from observability.run_spans import RunSpans

    return [RunSpans(tracer)]
