"""Where a run stands: by its own word while it is open, by its history once it is over."""

from dataclasses import dataclass, field

from temporalio.client import Client

from service.errors import Failed, ServiceError
from service.history import read_history
from service.orders.ended import ended_order, owed_by
from service.pending import failing_workflow_task
from service.receipts.ended import ended_receipt
from service.runs import Run, State, find_run


@dataclass(frozen=True)
class Standing:
    """Where a run stands; ``owed`` is what a run that was ended from outside left undone."""

    run: Run
    state: State
    owed: list[str] = field(default_factory=list)


async def standing(client: Client, run_id: str) -> Standing:
    """Say where one run stands; raise RunNotFound, or as ``standing_of``."""
    return await standing_of(client, await find_run(client, run_id))


async def standing_of(client: Client, run: Run) -> Standing:
    """Say where a run stands; raise NoWorker, PausedByServer, or Failed with the reason.

    The server's word on the end comes first, and a run that is over needs no worker.
    """
    if not run.is_open:
        return await _ended(client, run)
    try:
        return Standing(run, await run.state())
    except ServiceError:
        failing = await failing_workflow_task(client, run.description)
        if failing is None:
            raise
        raise Failed(f"{run.workflow_id} cannot answer: {failing.words()}") from None


async def _ended(client: Client, run: Run) -> Standing:
    history = await read_history(client, run.execution)
    if not run.is_order:
        return Standing(run, await ended_receipt(client.data_converter, run.execution, history))
    state = await ended_order(client.data_converter, run.execution, history)
    return Standing(run, state, owed_by(state, run.execution, history))
