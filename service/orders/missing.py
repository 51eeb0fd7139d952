"""Ended orders that the archive lacks, and their rows from Temporal's histories.

An order archives itself as its last step. One that was terminated, that timed out, or that ended
before there was an archive has none; its row can be written for as long as its history remains.
"""

import asyncio
import datetime as dt
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass

from temporalio.client import Client
from temporalio.converter import DataConverter

from models import (
    KEY_IS_MISSING,
    ArchivedOrder,
    OrderIds,
    OrderResult,
    OrderState,
    OrderStatus,
    OrderToArchive,
    OrderTry,
    is_encrypted,
)
from service.calls import reached
from service.errors import DatabaseUnreachable, Failed, ServiceError, TemporalGone
from service.orders.archive import Archive
from service.orders.ended import ended_order, owed_by
from service.runs.ends import is_refusal, runs_that_count
from service.runs.executions import Execution, latest_executions
from service.runs.history import RunHistory, decoded, read_history
from service.runs.reading import reader_of
from workflows.identity import order_id_of, order_workflow_id
from workflows.order.workflow import OrderWorkflow

AT_ONCE = 16
"""Histories that are read at a time."""

AT_A_TIME = 1_000
"""Orders that are looked up with one query."""


@dataclass(frozen=True)
class Archiving:
    """What became of one ended order: its row was written, or why it was not."""

    workflow_id: str
    outcome: OrderResult | ServiceError


async def ended_orders(client: Client) -> list[Execution]:
    """List the run of each order whose end is the order's, if the order is over."""
    latest = await reached(latest_executions(client, OrderWorkflow.__name__))
    closed = [run for run in latest if not run.is_open]
    return [run for run in await runs_that_count(client, closed) if run is not None]


async def without_row(archive: Archive, ended: Sequence[Execution]) -> list[Execution]:
    """Return those of the ended runs that the archive lacks; raise DatabaseUnreachable."""
    missing: list[Execution] = []
    for first in range(0, len(ended), AT_A_TIME):
        runs = ended[first : first + AT_A_TIME]
        ids = [order_id for run in runs if (order_id := order_id_of(run.workflow_id))]
        missing += missing_in(await archive.of_all(ids), runs)
    return missing


def missing_in(rows: Mapping[str, ArchivedOrder], runs: Iterable[Execution]) -> list[Execution]:
    """Return those of the runs that are over and have no row, by order id.

    A row of a later end of the same order will do, and so does that of a shipped one: no later try
    takes that back.
    """
    return [run for run in runs if run.closed_at and not _has_row(run, run.closed_at, rows)]


def _has_row(run: Execution, closed_at: dt.datetime, rows: Mapping[str, ArchivedOrder]) -> bool:
    row = rows.get(order_id_of(run.workflow_id) or "")
    if row is None:
        return False
    is_shipped = row.result.status is OrderStatus.COMPLETED
    return is_shipped or row.run_id == run.run_id or row.ended_at >= closed_at


async def archive_missing(
    client: Client, archive: Archive, missing: Sequence[Execution]
) -> AsyncIterator[Archiving | None]:
    """Write the rows of ended orders, some at a time; yield None for a run of no order.

    Raise DatabaseUnreachable or TemporalGone, which would be said of all.
    """
    free = asyncio.Semaphore(AT_ONCE)

    async def write(run: Execution) -> Archiving | None:
        async with free:
            return await _write(client, archive, run)

    writing = [asyncio.create_task(write(run)) for run in missing]
    try:
        for written in writing:
            yield await written
    finally:
        for written in writing:
            written.cancel()


async def _write(client: Client, archive: Archive, run: Execution) -> Archiving | None:
    history = await read_history(client, run)
    try:
        ended = await order_to_archive(reader_of(client, run.workflow_id), run, history)
        if ended is None:
            return None
        await archive.add(ended)
    except (DatabaseUnreachable, TemporalGone):
        raise
    except ServiceError as error:
        return Archiving(run.workflow_id, error)
    return Archiving(run.workflow_id, ended.result)


async def order_to_archive(
    converter: DataConverter, run: Execution, history: RunHistory
) -> OrderToArchive | None:
    """Return what is to be archived of a run that is over; None if it is a run of no order.

    Raise Failed if the key to its payment token is missing.
    """
    order = await own_order(converter, run, history)
    if order is None:
        return None
    if is_encrypted(order.payment_token):
        raise Failed(f"{run.workflow_id} cannot be archived: {KEY_IS_MISSING}")
    state = await ended_order(converter, run, history)
    ended = {
        "workflow_id": run.workflow_id,
        "run_id": run.run_id,
        "first_run_id": history.first_run_id or run.run_id,
        "step": state.step,
        "result": _result_of(state),
        "cancel_refused": state.cancel_refused,
        "owed": owed_by(state, run, history),
        "started_at": run.started_at,
        "ended_at": run.closed_at or run.started_at,
    }
    return OrderToArchive.model_validate({**dict(order), **ended})


async def own_order(
    converter: DataConverter, run: Execution, history: RunHistory
) -> OrderTry | None:
    """Return the order whose end this run is; None if it is none, or did nothing for another."""
    order = await decoded(converter, history.input, OrderTry)
    if order is None or order_workflow_id(order.order_id) != run.workflow_id:
        return None
    return None if is_refusal(history) else order


def _result_of(state: OrderState) -> OrderResult:
    return OrderResult(
        order_id=state.order_id,
        try_number=state.try_number,
        status=state.status,
        total_cents=state.total_cents,
        currency=state.currency,
        reason=state.reason,
        approval=state.approval,
        customer_told=state.customer_told,
        **state.model_dump(include=set(OrderIds.model_fields)),
    )
