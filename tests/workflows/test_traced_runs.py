"""Traced runs: their histories replay with and without traces, and no replay is in a trace."""

import base64
import json
from pathlib import Path

import pytest
from opentelemetry import baggage
from opentelemetry.context import attach, detach
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from temporalio.worker import Replayer, UnsandboxedWorkflowRunner

from observability.run_spans import RunSpans
from providers.errors import ProviderUnavailable
from service.runs.replaying import history_in
from tests.record_histories import HISTORIES
from tests.support.pipelines import DATA_CONVERTER, replayer, serving_pipelines
from workflows.registered import WORKFLOWS
from workflows.runners import sandboxed_runner
from workflows.worker_threshold import WorkerThreshold

SOME = sorted(HISTORIES.glob("*_completed*.json"))


@pytest.fixture
def kept() -> InMemorySpanExporter:
    return InMemorySpanExporter()


@pytest.fixture
def spans(kept: InMemorySpanExporter) -> RunSpans:
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(kept))
    return RunSpans(provider.get_tracer("tests"))


def traced_replayer(spans: RunSpans, *, sandboxed: bool) -> Replayer:
    return Replayer(
        workflows=WORKFLOWS,
        workflow_runner=sandboxed_runner() if sandboxed else UnsandboxedWorkflowRunner(),
        data_converter=DATA_CONVERTER,
        interceptors=[spans, WorkerThreshold()],
    )


async def test_a_traced_run_replays_with_and_without_traces(
    spans: RunSpans, kept: InMemorySpanExporter
) -> None:
    unwanted = attach(baggage.set_baggage("customer", "ada"))
    try:
        async with serving_pipelines(interceptors=[spans]) as pipelines:
            pipelines.world.fail("charge_payment", ProviderUnavailable("answered 503"))
            run = await pipelines.order()
            await run.result()
            history = await run.fetch_history()
    finally:
        detach(unwanted)

    names = [span.name for span in kept.get_finished_spans()]
    assert names.count("RunWorkflow:OrderWorkflow") == 1
    assert names.count("RunActivity:charge_payment") == 2
    assert len({span.context.trace_id for span in kept.get_finished_spans() if span.context}) == 1
    assert all(set(one) <= {"traceparent", "tracestate"} for one in headers_in(history.to_json()))

    kept.clear()
    await replayer().replay_workflow(history)
    await traced_replayer(spans, sandboxed=False).replay_workflow(history)
    await traced_replayer(spans, sandboxed=True).replay_workflow(history)
    assert kept.get_finished_spans() == ()


def headers_in(history: str) -> list[dict[str, str]]:
    """Return what stands in the headers of a history's events."""
    found: list[dict[str, str]] = []

    def look(value: object) -> None:
        if isinstance(value, dict):
            payload = value.get("_tracer-data")
            if payload:
                found.append(json.loads(base64.b64decode(payload["data"])))
            for inner in value.values():
                look(inner)
        elif isinstance(value, list):
            for inner in value:
                look(inner)

    look(json.loads(history))
    assert found
    return found


@pytest.mark.parametrize("path", SOME, ids=lambda path: path.stem)
async def test_histories_of_before_replay_with_traces_and_leave_none(
    path: Path, spans: RunSpans, kept: InMemorySpanExporter
) -> None:
    await traced_replayer(spans, sandboxed=True).replay_workflow(history_in(path))
    assert kept.get_finished_spans() == ()
