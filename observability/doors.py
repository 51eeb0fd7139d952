"""Where traces begin: one for each request and each command, unless it starts several runs.

A trace is to be that of one run. So a command that starts a thousand begins another trace for each
of them but the first, with a link to its own.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING

from providers.spans import tracer_in_use

if TYPE_CHECKING:
    from opentelemetry.trace import Link, Span


def are_traced() -> bool:
    """Return whether doors have spans: whether traces are on."""
    return tracer_in_use() is not None


class Door:
    """A request or a command under way; ``span`` is None where traces are off."""

    def __init__(self, name: str, span: "Span | None" = None) -> None:
        self.name = name
        self._span = span
        self._has_run = False

    def named(self, name: str) -> None:
        """Have another name, once it is known what was asked for."""
        self.name = name
        if self._span is not None:
            self._span.update_name(name)

    def say(self, attribute: str, value: str | int) -> None:
        """Add an attribute."""
        if self._span is not None:
            self._span.set_attribute(attribute, value)

    def fail(self, error_type: str) -> None:
        """Say that it failed."""
        if self._span is not None:
            from opentelemetry.trace import StatusCode

            self._span.set_attribute("error.type", error_type)
            self._span.set_status(StatusCode.ERROR)

    def take_run(self) -> bool:
        """Return whether the run that is started now is the first, and so in this trace."""
        is_first, self._has_run = not self._has_run, True
        return is_first


_DOOR: ContextVar[Door | None] = ContextVar("door", default=None)


@contextmanager
def door_span(name: str, *, caller: str | None = None) -> Iterator[Door]:
    """Begin a trace that lasts as long as the block, if traces are on.

    ``caller`` is a traceparent that a client sent: its trace is linked and not joined. Otherwise a
    stranger could choose which traces are kept, and have all runs in one.
    """
    tracer = tracer_in_use()
    if tracer is None:
        yield Door(name)
        return
    from opentelemetry.context import Context
    from opentelemetry.trace import SpanKind

    with tracer.start_as_current_span(
        name,
        context=Context(),
        kind=SpanKind.SERVER,
        links=_links(caller),
        record_exception=False,
        set_status_on_exception=False,
    ) as span:
        door = Door(name, span)
        token = _DOOR.set(door)
        try:
            yield door
        finally:
            _DOOR.reset(token)


@contextmanager
def trace_of_run() -> Iterator[None]:
    """Have the block, which starts a run, in the trace of its door or in one of its own."""
    door, tracer = _DOOR.get(), tracer_in_use()
    if tracer is None or door is None or door.take_run():
        yield
        return
    from opentelemetry.context import Context
    from opentelemetry.trace import Link, get_current_span

    linked = Link(get_current_span().get_span_context())
    with tracer.start_as_current_span(
        door.name,
        context=Context(),
        links=[linked],
        record_exception=False,
        set_status_on_exception=False,
    ):
        yield


def _links(traceparent: str | None) -> "list[Link]":
    if traceparent is None:
        return []
    from opentelemetry.trace import Link, get_current_span
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

    said = TraceContextTextMapPropagator().extract({"traceparent": traceparent})
    span = get_current_span(said).get_span_context()
    return [Link(span)] if span.is_valid else []
