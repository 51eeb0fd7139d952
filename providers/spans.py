"""A span for each call of a provider, in the trace of the run or the request that makes it.

Where traces are off, a call costs one comparison, and OpenTelemetry is not loaded. What a span may
say is listed in ``observability/clean_spans.py``.
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from opentelemetry.trace import Span, Tracer

_PLAIN = re.compile(r"[a-z_]{1,30}|v\d")
"""A part of a path that is the same for all: what has digits or marks may be somebody's id."""

_ERROR_FROM = 400
"""Lowest HTTP status that a client's span counts as an error."""


class _InUse:
    """The tracer of this process, as there is one log of a process; None: no traces."""

    tracer: "Tracer | None" = None


class Call:
    """A call under way, which may have a span."""

    def __init__(self, span: "Span | None" = None) -> None:
        self._span = span

    def answered(self, status: int) -> None:
        """Note the HTTP status of the answer."""
        if self._span is None:
            return
        self._span.set_attribute("http.response.status_code", status)
        if status >= _ERROR_FROM:
            _failed(self._span, str(status))


def use_tracer(tracer: "Tracer | None") -> None:
    """Trace calls from now on; None: no longer."""
    _InUse.tracer = tracer


def tracer_in_use() -> "Tracer | None":
    """Return the tracer of this process; None if there are no traces."""
    return _InUse.tracer


@contextmanager
def provider_call(name: str, attributes: Mapping[str, str | int]) -> Iterator[Call]:
    """Have a span around the block, if that is part of a trace; an error is named, not quoted."""
    tracer = _InUse.tracer
    if tracer is None:
        yield Call()
        return
    from opentelemetry.trace import SpanKind, get_current_span

    if not get_current_span().get_span_context().is_valid:
        # Such as a look at all runs for the metrics: it would be a trace of its own each time.
        yield Call()
        return
    with tracer.start_as_current_span(
        name,
        kind=SpanKind.CLIENT,
        attributes=dict(attributes),
        record_exception=False,
        set_status_on_exception=False,
    ) as span:
        try:
            yield Call(span)
        except BaseException as error:
            _failed(span, type(error).__name__)
            raise


def route_of(path: str) -> str:
    """Return a path with ``{id}`` for each part that may be one."""
    return "/".join(
        part if not part or _PLAIN.fullmatch(part) else "{id}" for part in path.split("/")
    )


def _failed(span: "Span", error_type: str) -> None:
    from opentelemetry.trace import StatusCode

    span.set_attribute("error.type", error_type)
    span.set_status(StatusCode.ERROR)
