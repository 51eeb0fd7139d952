"""Spans of runs, from their start to each attempt of an activity, by the SDK's own interceptor.

Loaded only where traces are on. Nothing of it is in a history but the ids of the trace, in headers,
which no replay compares: a run may be begun with traces and continued without.
"""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from opentelemetry.trace import StatusCode, Tracer, get_current_span
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from temporalio import activity
from temporalio.api.common.v1 import Payload
from temporalio.client import (
    OutboundInterceptor,
    QueryWorkflowInput,
    StartWorkflowInput,
    WorkflowHandle,
)
from temporalio.contrib.opentelemetry import (
    TracingInterceptor,
    TracingWorkflowInboundInterceptor,
)
from temporalio.exceptions import ApplicationError
from temporalio.worker import (
    ActivityInboundInterceptor,
    ExecuteActivityInput,
    WorkflowInboundInterceptor,
    WorkflowInterceptorClassInput,
)

from observability.doors import trace_of_run

PROPAGATOR = TraceContextTextMapPropagator()
"""Trace ids alone. The SDK's default has baggage, too: headers are never encrypted."""


class RunSpans(TracingInterceptor):
    """For a client, and for the workers that are built on it."""

    def __init__(self, tracer: Tracer) -> None:
        super().__init__(tracer)
        self.text_map_propagator = PROPAGATOR

    def intercept_client(self, next: OutboundInterceptor) -> OutboundInterceptor:
        """Trace starts, signals and updates."""
        return _OfClient(super().intercept_client(next), untraced=next)

    def intercept_activity(self, next: ActivityInboundInterceptor) -> ActivityInboundInterceptor:
        """Trace each attempt of an activity."""
        return _InTrace(super().intercept_activity(_Attempt(next)), self)

    def workflow_interceptor_class(
        self, input: WorkflowInterceptorClassInput
    ) -> type[TracingWorkflowInboundInterceptor]:
        """Trace what a workflow asks for, when it does so for the first time."""
        super().workflow_interceptor_class(input)
        return _OfWorkflow

    def headers_by_run_id(self, run_id: str) -> Mapping[str, Payload]:
        """Return headers of a trace that all activities of a run share."""
        trace_id = UUID(run_id).hex
        carrier = {"traceparent": f"00-{trace_id}-{trace_id[:16]}-01"}
        return {self.header_key: self.payload_converter.to_payloads([carrier])[0]}


class _OfWorkflow(TracingWorkflowInboundInterceptor):
    def __init__(self, next: WorkflowInboundInterceptor) -> None:
        super().__init__(next)
        self.text_map_propagator = PROPAGATOR


class _OfClient(OutboundInterceptor):
    """Traces what changes a run, and no queries: whoever watches one sends them all the time."""

    def __init__(self, traced: OutboundInterceptor, untraced: OutboundInterceptor) -> None:
        super().__init__(traced)
        self._untraced = untraced

    async def start_workflow(self, input: StartWorkflowInput) -> WorkflowHandle[Any, Any]:
        with trace_of_run():
            return await super().start_workflow(input)

    async def query_workflow(self, input: QueryWorkflowInput) -> Any:
        return await self._untraced.query_workflow(input)


class _InTrace(ActivityInboundInterceptor):
    """Gives the activities of a run that nobody traced, such as one started by hand, one trace."""

    def __init__(self, next: ActivityInboundInterceptor, root: RunSpans) -> None:
        super().__init__(next)
        self._root = root

    async def execute_activity(self, input: ExecuteActivityInput) -> Any:
        run_id = activity.info().workflow_run_id
        if self._root.header_key not in input.headers and run_id:
            input.headers = {**input.headers, **self._root.headers_by_run_id(run_id)}
        return await super().execute_activity(input)


class _Attempt(ActivityInboundInterceptor):
    """Says in the span which attempt it is, and by which error it failed, expected ones too."""

    async def execute_activity(self, input: ExecuteActivityInput) -> Any:
        span, this = get_current_span(), activity.info()
        span.set_attribute("temporalAttempt", this.attempt)
        span.set_attribute("temporalIsLocal", this.is_local)
        try:
            return await super().execute_activity(input)
        except BaseException as error:
            named = error.type if isinstance(error, ApplicationError) else None
            span.set_attribute("error.type", named or type(error).__name__)
            span.set_status(StatusCode.ERROR)
            raise
