"""Hundreds of runs watched by one command: all to their end, with a few calls at a time."""

import asyncio
import datetime as dt
from collections import Counter
from typing import Any, cast

import pytest
from temporalio.api.enums.v1 import WorkflowExecutionStatus
from temporalio.api.workflowservice.v1 import (
    DescribeWorkflowExecutionRequest,
    DescribeWorkflowExecutionResponse,
)
from temporalio.client import Client, WorkflowHistory
from temporalio.service import RPCError, RPCStatusCode

from commands import watch
from commands.terminal.outcome import ExitCode
from commands.terminal.output import Output
from config import ROOT
from models import OrderState, OrderStatus, OrderStep
from service.errors import TemporalGone
from tests.support.pipelines import DATA_CONVERTER

RUNS = watch.LISTENS_AT_ONCE + 8
HISTORY = (ROOT / "tests" / "histories" / "order_completed.json").read_text(encoding="utf-8")
NOW = dt.datetime(2026, 1, 5, tzinfo=dt.UTC)


class Server:
    """A server whose runs are closed at the second look, and that never reports an end itself."""

    def __init__(self) -> None:
        self.looks: Counter[str] = Counter()
        self.listens = 0
        self.most_listens = 0
        self.gone = asyncio.Event()
        self.cut = asyncio.Event()

    namespace = "default"
    data_converter = DATA_CONVERTER

    @property
    def workflow_service(self) -> "Server":
        return self

    def get_workflow_handle(self, workflow_id: str, **_: Any) -> "Handle":
        return Handle(self, workflow_id)

    async def describe_workflow_execution(
        self, request: DescribeWorkflowExecutionRequest, **_: Any
    ) -> DescribeWorkflowExecutionResponse:
        workflow_id = request.execution.workflow_id
        self.looks[workflow_id] += 1
        await asyncio.sleep(0)
        if self.gone.is_set():
            raise RPCError("connection refused", RPCStatusCode.UNAVAILABLE, b"")
        answer = DescribeWorkflowExecutionResponse()
        info = answer.workflow_execution_info
        info.execution.workflow_id = workflow_id
        info.type.name = "OrderWorkflow"
        info.start_time.FromDatetime(NOW)
        info.status = WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_RUNNING
        if not self.is_open(workflow_id):
            info.status = WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_COMPLETED
            info.close_time.FromDatetime(NOW)
        return answer

    def is_open(self, workflow_id: str) -> bool:
        return self.looks[workflow_id] < 2


class Handle:
    """The part of the SDK's workflow handle that watching uses."""

    def __init__(self, server: Server, workflow_id: str) -> None:
        self.id = workflow_id
        self._server = server

    async def query(self, _: Any) -> OrderState:
        return OrderState.model_validate(
            {
                "order_id": self.id,
                "status": OrderStatus.COMPLETED,
                "step": OrderStep.CONFIRM,
                "customer_told": True,
                "started_at": NOW,
                "elapsed_seconds": 1,
                "paused": False,
                "total_cents": 100,
                "currency": "USD",
                **dict.fromkeys(("waiting_for", "waiting_until", "approval", "reason")),
                "cancel_refused": None,
            }
        )

    async def fetch_history(self) -> WorkflowHistory:
        return WorkflowHistory.from_json(self.id, HISTORY)

    async def result(self) -> dict[str, str]:
        if not self._server.is_open(self.id):
            return {"order_id": self.id}
        self._server.listens += 1
        self._server.most_listens = max(self._server.most_listens, self._server.listens)
        try:
            await self._server.cut.wait()
        finally:
            self._server.listens -= 1
        raise RPCError("transport error", RPCStatusCode.UNKNOWN, b"")


async def test_more_runs_than_the_server_tells_the_ends_of_are_followed_to_their_ends(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(watch, "LOOK_SECONDS", 0.0)
    server = Server()
    workflow_ids = [f"order-{number}" for number in range(RUNS)]

    code = await watch.watch(cast(Client, server), workflow_ids, Output(as_json=True))

    assert code is ExitCode.DONE
    assert capsys.readouterr().out.count('"status": "completed"') == RUNS
    assert server.most_listens == watch.LISTENS_AT_ONCE
    assert server.listens == 0


async def test_a_server_that_went_away_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watch, "LOOK_SECONDS", 0.0)
    server = Server()
    server.gone.set()

    with pytest.raises(TemporalGone, match="does not answer"):
        await watch.watch(cast(Client, server), ["order-1"], Output(as_json=True))


async def test_listening_that_is_cut_off_ends_no_watch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watch, "LOOK_SECONDS", 0.0)
    server = Server()
    server.cut.set()

    code = await watch.watch(cast(Client, server), ["order-1"], Output(as_json=True))

    assert code is ExitCode.DONE
