"""Runs that somebody starts by hand, and that do nothing."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from temporalio.client import Client, WorkflowFailureError

from tests.support.terminal import DEADLINE_SECONDS

NOBODY = "nobody-serves-it"
"""A task queue without workers."""

Start = Callable[..., Awaitable[None]]


async def start_and_fail(
    client: Client, task_queue: str, workflow_id: str, workflow_type: str, *given: object
) -> None:
    """Start a run of any type under an id, and wait until it has failed; one of Foo is ended."""
    is_ours = workflow_type != "Foo"
    run = await client.start_workflow(
        workflow_type,
        args=given,
        id=workflow_id,
        task_queue=task_queue if is_ours else NOBODY,
    )
    if not is_ours:
        await run.terminate()
    with pytest.raises(WorkflowFailureError):
        await asyncio.wait_for(run.result(), DEADLINE_SECONDS)
