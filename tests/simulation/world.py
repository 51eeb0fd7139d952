"""The world of a simulation: the local stack on which runs can skip time, and workers of any build.

``WorkflowEnvironment.start_time_skipping_v2`` is the SDK's dev server with a ``TimeSkipper`` around
its client. The same skipper here is put around a client of the local stack, so that server,
settings and search attributes are those of ``make dev``.
"""

import asyncio
import contextlib
import sys
import uuid
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from pathlib import Path

import aiohttp
from google.protobuf.field_mask_pb2 import FieldMask
from temporalio.api.common.v1 import TimeSkippingConfig, WorkflowExecution
from temporalio.api.enums.v1 import ResetReapplyExcludeType
from temporalio.api.workflow.v1 import WorkflowExecutionOptions
from temporalio.api.workflowservice.v1 import (
    ResetWorkflowExecutionRequest,
    UpdateWorkflowExecutionOptionsRequest,
)
from temporalio.client import Client, WorkflowHistory
from temporalio.runtime import Runtime, TelemetryConfig
from temporalio.service import RPCError
from temporalio.testing import TimeSkipper

from client import data_converter
from sandbox.processes import Part as Process
from sandbox.stack import Stack
from tests.simulation.plan.builds import TODAY, Build
from tests.simulation.plan.steps import ForgetKeys, Kill, Part
from tests.simulation.sim_worker import READY

TIME_SKIPPING = "--dynamic-config-value=frontend.WorkflowTimeSkippingEnabled=true"
WORKERS = (Part.WORKER_1, Part.WORKER_2, Part.OCR)

PASSING_SECONDS = 5.0
"""How long a jump of a run's clock is waited for: one whose step is tried again stands still."""


class World:
    """Everything that a plan is played on; made by ``open_world``."""

    def __init__(self, stack: Stack, client: Client) -> None:
        self.stack = stack
        self.settings = stack.settings
        self.client = client
        self.queue = stack.settings.task_queue
        self._skipper = TimeSkipper(client)
        self._builds: dict[Part, Build] = {}

    # --- time -----------------------------------------------------------------------------------

    async def pass_time(self, workflow_id: str, duration: timedelta) -> None:
        """Let so much time pass for one run, or at least ask for it; nothing if it is over."""
        if not duration:
            return
        run = self.client.get_workflow_handle(workflow_id)
        with contextlib.suppress(RPCError, RuntimeError, TimeoutError):
            async with asyncio.timeout(PASSING_SECONDS):
                await self._skipper.fast_forward(run, duration)

    async def let_time_fly(self, workflow_id: str) -> None:
        """Have one run skip whatever it waits for from now on; nothing if it is over."""
        with contextlib.suppress(RPCError):
            await self.client.workflow_service.update_workflow_execution_options(
                UpdateWorkflowExecutionOptionsRequest(
                    namespace=self.client.namespace,
                    workflow_execution=WorkflowExecution(workflow_id=workflow_id),
                    workflow_execution_options=WorkflowExecutionOptions(
                        time_skipping_config=TimeSkippingConfig(enabled=True)
                    ),
                    update_mask=FieldMask(paths=["time_skipping_config"]),
                )
            )

    # --- parts ----------------------------------------------------------------------------------

    async def start_worker(self, part: Part, build: Build = TODAY) -> None:
        """Start a worker of this build and wait until it serves."""
        role = ("--role", "ocr") if part is Part.OCR else ()
        process = Process(
            name=part,
            command=(
                *(sys.executable, "-u", "-m", "tests.simulation.sim_worker"),
                *role,
                *build.arguments(),
            ),
            environment=build.environment(),
            is_ready=lambda output: READY in output,
        )
        await asyncio.to_thread(self.stack.start_part, process)
        self._builds[part] = build

    async def happen(self, event: Kill | ForgetKeys) -> None:
        """Let one event of the plan happen, to its end."""
        if isinstance(event, ForgetKeys):
            await self.forget_keys()
            return
        await asyncio.to_thread(self.stack.kill, event.part)
        await asyncio.sleep(event.down_seconds)
        if event.part in WORKERS:
            await self.start_worker(event.part, event.build or TODAY)
        else:
            await asyncio.to_thread(self.stack.restart, event.part)

    async def repair(self) -> None:
        """Replace workers of other builds by today's; what is up stays up."""
        for part, build in self._builds.items():
            if build != TODAY:
                await asyncio.to_thread(self.stack.kill, part)
                await self.start_worker(part)

    async def forget_keys(self) -> None:
        """Have the provider forget all keys, as real ones do after a day."""
        key = self.settings.provider_api_key.get_secret_value()
        async with (
            aiohttp.ClientSession(headers={"Authorization": f"Bearer {key}"}) as session,
            session.post(f"{self.settings.provider_api_url}/forget-keys", json={}) as answer,
        ):
            answer.raise_for_status()

    # --- operators ------------------------------------------------------------------------------

    async def history(self, workflow_id: str) -> WorkflowHistory:
        """Return the history of the latest run of a workflow id."""
        return await self.client.get_workflow_handle(workflow_id).fetch_history()

    async def reset(
        self,
        history: WorkflowHistory,
        to_event: int,
        without: Sequence[ResetReapplyExcludeType.ValueType],
    ) -> None:
        """Reset a run to a point; raise RPCError if the server does not allow it."""
        await self.client.workflow_service.reset_workflow_execution(
            ResetWorkflowExecutionRequest(
                namespace=self.client.namespace,
                workflow_execution=WorkflowExecution(
                    workflow_id=history.workflow_id, run_id=history.run_id
                ),
                reason="simulated operator",
                workflow_task_finish_event_id=to_event,
                request_id=str(uuid.uuid4()),
                reset_reapply_exclude_types=without,
            )
        )


@contextlib.asynccontextmanager
async def open_world(folder: Path, workers: Sequence[Part] = WORKERS) -> AsyncIterator[World]:
    """Start a stack of its own with its workers; stop all of it at the end."""
    stack = Stack.isolated(folder, temporal_options=(TIME_SKIPPING,))
    await asyncio.to_thread(stack.start)
    try:
        client = await Client.connect(
            stack.temporal_address,
            data_converter=data_converter(stack.settings),
            # The plan says what was killed; do not log every retried call as well.
            runtime=Runtime(telemetry=TelemetryConfig(logging=None)),
        )
        world = World(stack, client)
        await asyncio.gather(*map(world.start_worker, workers))
        yield world
    finally:
        await asyncio.to_thread(stack.stop)
