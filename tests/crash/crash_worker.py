"""The worker of the crash tests: production's activities and workflows, with points to stop at.

    python -m tests.crash.crash_worker FOLDER

It adds only SDK hooks and wrappers around providers; policies, limits and providers are those of
``worker.py``. OCR runs in this process too, and so does a worker that pays with Stripe, on a task
queue of its own: one kill ends all of it.
"""

import argparse
import asyncio
import functools
import signal
import sys
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from contextvars import ContextVar
from pathlib import Path
from typing import Any
from unittest.mock import patch

from temporalio import activity
from temporalio.bridge.proto.workflow_activation import WorkflowActivation
from temporalio.bridge.proto.workflow_completion import WorkflowActivationCompletion
from temporalio.client import Client
from temporalio.plugin import SimplePlugin
from temporalio.worker import (
    ActivityInboundInterceptor,
    ExecuteActivityInput,
    Interceptor,
    WorkflowInstance,
    WorkflowInstanceDetails,
    WorkflowRunner,
)

from bootstrap import ocr_activities, provider_activities
from client import connect
from config import Settings
from models import ChargeRequest
from providers.ocr.rapid_ocr import RapidOcrReader
from providers.receipt_parser.receipt_rules import RulesParser
from providers.records.orders import SqlOrderArchive
from providers.records.sql import SqlRecords
from providers.transport.http_session import HttpSession
from tests.crash.api_requests import CONFIRM_PAYMENT
from tests.crash.calls import Call, CallLog
from tests.crash.points import Points, point
from tests.crash.steps import SENDER, sender_of
from tests.crash.with_stripe import paying_with_stripe
from worker import build_worker
from workflows.identity import ocr_task_queue
from workflows.registered import WORKFLOWS

CALLS_FILE = "calls.jsonl"
POINTS_FOLDER = "points"

_running: ContextVar[str] = ContextVar("what the activity is called in points and in the log")


class Hooks:
    """Logs calls, and stops them at points."""

    def __init__(self, folder: Path) -> None:
        self.points = Points(folder / POINTS_FOLDER)
        self.calls = CallLog(folder / CALLS_FILE)

    def log(self, event: str, what: str | None = None, error: str = "") -> None:
        """Log an event of the running activity."""
        info = activity.info()
        name = what or _running.get()
        self.calls.add(Call(name, info.workflow_id or "", info.attempt, event, error))


# --- before the call, and after the answer ------------------------------------------------------


class _ActivityHooks(Interceptor):
    def __init__(self, hooks: Hooks) -> None:
        self._hooks = hooks

    def intercept_activity(self, next: ActivityInboundInterceptor) -> ActivityInboundInterceptor:
        return _HookedActivities(next, self._hooks)


class _HookedActivities(ActivityInboundInterceptor):
    def __init__(self, next: ActivityInboundInterceptor, hooks: Hooks) -> None:
        super().__init__(next)
        self._hooks = hooks

    async def execute_activity(self, input: ExecuteActivityInput) -> Any:
        _running.set(_called(input))
        await self._stop_at("before")
        self._hooks.log("began")
        try:
            answer = await super().execute_activity(input)
        except Exception as error:
            self._hooks.log("failed", error=str(getattr(error, "type", type(error).__name__)))
            await self._stop_at("answered")  # the answer may be a decline
            raise
        self._hooks.log("ended")
        await self._stop_at("answered")
        return answer

    async def _stop_at(self, moment: str) -> None:
        name = point(moment, _running.get(), activity.info().workflow_id or "")
        # Heartbeat, or the server would give the step to another worker meanwhile.
        await self._hooks.points.stop_at(name, _beat)


def _called(input: ExecuteActivityInput) -> str:
    confirms = any(isinstance(arg, ChargeRequest) and arg.payment_id for arg in input.args)
    return CONFIRM_PAYMENT if confirms else activity.info().activity_type


# --- between two steps --------------------------------------------------------------------------


class _HookedRunner(WorkflowRunner):
    def __init__(self, inner: WorkflowRunner, hooks: Hooks) -> None:
        self._inner = inner
        self._hooks = hooks

    def prepare_workflow(self, defn: Any) -> None:
        self._inner.prepare_workflow(defn)

    def set_worker_level_failure_exception_types(self, types: Any) -> None:
        self._inner.set_worker_level_failure_exception_types(types)

    def create_instance(self, det: WorkflowInstanceDetails) -> WorkflowInstance:
        inner = self._inner.create_instance(det)
        return _HookedInstance(inner, det.info.workflow_id, self._hooks.points)


class _HookedInstance(WorkflowInstance):
    """Stops when a result or a signal arrives, before the workflow sees it.

    The server has recorded it, except for the result of a local activity.
    """

    def __init__(self, inner: WorkflowInstance, workflow_id: str, points: Points) -> None:
        self._inner = inner
        self._workflow_id = workflow_id
        self._points = points
        self._activities: dict[int, str] = {}

    def activate(self, act: WorkflowActivation) -> WorkflowActivationCompletion:
        if not act.is_replaying:
            for job in act.jobs:
                if job.HasField("resolve_activity"):
                    self._stop_at(self._activities[job.resolve_activity.seq])
                elif job.HasField("signal_workflow"):
                    self._stop_at(job.signal_workflow.signal_name)
        completion = self._inner.activate(act)
        for command in completion.successful.commands:
            for scheduled in (command.schedule_activity, command.schedule_local_activity):
                if name := scheduled.activity_type:
                    again = name == "charge_payment" and name in self._activities.values()
                    self._activities[scheduled.seq] = CONFIRM_PAYMENT if again else name
        return completion

    def _stop_at(self, what: str) -> None:
        self._points.stop_thread_at(point("between", what, self._workflow_id))

    def get_thread_id(self) -> int | None:
        # A workflow that is stopped at a point is not deadlocked. The SDK would interrupt the
        # thread in which it last ran, which may run another workflow by now.
        return None

    def get_info(self) -> Any:
        return self._inner.get_info()

    def get_serialization_context(self, command_info: Any) -> Any:
        return self._inner.get_serialization_context(command_info)

    def get_external_store_context(self, command_info: Any) -> Any:
        return self._inner.get_external_store_context(command_info)


# --- after the effect and before the answer, of providers in this process -----------------------
# Effects of servers are stopped on the wire, by tests/crash/proxy.py.


def _hook_providers(hooks: Hooks, undo: AsyncExitStack) -> None:
    ours = ((RulesParser, "parse"), (SqlRecords, "save"), (SqlOrderArchive, "archive"))
    for owner, name in ours:
        real = getattr(owner, name)
        undo.enter_context(patch.object(owner, name, _stopping_after(real, hooks, name)))
    read = _stopping_thread_after(RapidOcrReader.read, hooks)
    undo.enter_context(patch.object(RapidOcrReader, "read", read))
    exchange = _naming_the_sender(HttpSession.exchange)
    undo.enter_context(patch.object(HttpSession, "exchange", exchange))


def _beat() -> None:
    if not activity.info().is_local:
        activity.heartbeat()


def _effect_point() -> str:
    return point("effect", _running.get(), activity.info().workflow_id or "")


def _stopping_after(
    real: Callable[..., Awaitable[Any]], hooks: Hooks, name: str
) -> Callable[..., Awaitable[Any]]:
    @functools.wraps(real)
    async def hooked(*arguments: Any) -> Any:
        hooks.log("began", name)
        answer = await real(*arguments)
        await hooks.points.stop_at(_effect_point(), _beat)
        return answer

    return hooked


def _stopping_thread_after(real: Callable[..., Any], hooks: Hooks) -> Callable[..., Any]:
    @functools.wraps(real)
    def hooked(*arguments: Any) -> Any:
        hooks.log("began", "read")
        answer = real(*arguments)
        hooks.points.stop_thread_at(_effect_point())
        return answer

    return hooked


def _naming_the_sender(real: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
    @functools.wraps(real)
    async def hooked(*arguments: Any, headers: Mapping[str, str], body: Any = None) -> Any:
        info = activity.info()
        sender = sender_of(info.workflow_id or "", _running.get(), info.attempt)
        return await real(*arguments, headers={**headers, SENDER: sender}, body=body)

    return hooked


# --- the process --------------------------------------------------------------------------------


async def serve(folder: Path) -> None:
    """Serve everything until SIGTERM."""
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    settings = Settings()
    hooks = Hooks(folder)
    plugin = SimplePlugin(
        "crash-points",
        interceptors=[_ActivityHooks(hooks)],
        workflow_runner=lambda inner: _HookedRunner(_given(inner), hooks),
    )
    config: dict[str, Any] = {**(await connect(settings)).config(), "plugins": [plugin]}
    client = Client(**config)
    async with AsyncExitStack() as parts:
        _hook_providers(hooks, parts)
        for paying in (settings, paying_with_stripe(settings)):
            activities = await parts.enter_async_context(provider_activities(paying))
            worker = build_worker(
                client, paying.task_queue, activities=activities, workflows=WORKFLOWS
            )
            await parts.enter_async_context(worker)
        await parts.enter_async_context(
            build_worker(
                client,
                ocr_task_queue(settings.task_queue),
                activities=ocr_activities(settings),
                max_activities=settings.ocr_concurrency,
            )
        )
        sys.stdout.write("worker ready\n")
        sys.stdout.flush()
        await stop.wait()


def _given(runner: WorkflowRunner | None) -> WorkflowRunner:
    if runner is None:
        raise TypeError("the OCR worker has a runner too")
    return runner


def main() -> None:
    """Parse the command line and serve."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="where points and the log of calls are kept")
    asyncio.run(serve(parser.parse_args().folder))


if __name__ == "__main__":
    main()
