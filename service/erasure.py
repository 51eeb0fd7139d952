"""Erase a person: pictures, expenses, addresses and runs; the books of orders stay whole.

Everything is found anew and erased again if it is asked for again, so that what was interrupted
is finished by the same command.
"""

import asyncio
import re
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, closing
from dataclasses import dataclass
from typing import TypeVar

from temporalio.api.common.v1 import WorkflowExecution as ExecutionId
from temporalio.api.workflowservice.v1 import DeleteWorkflowExecutionRequest
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from bootstrap import object_store, personal_records
from config import Settings
from models import Action, PersonalRecords
from providers.errors import ProviderError
from providers.object_store import ReceiptStore
from providers.records import PersonalRecordsOf
from service.access.log import Doer, noted
from service.access.records import recorded
from service.calls import reached
from service.errors import BucketUnreachable, Failed, Refused, ServiceError
from service.orders.archive import opened_archive
from service.orders.missing import archive_missing, without_row
from service.runs.ends import runs_that_count
from service.runs.executions import Execution, list_executions, names_cannot_be_found
from workflows.identity import HASH_DIGITS, RECEIPT_PREFIX, content_of
from workflows.order.workflow import OrderWorkflow
from workflows.receipt.workflow import ReceiptWorkflow
from workflows.search_attributes import CUSTOMER_ID

AT_ONCE = 16
"""Runs and objects that are deleted at a time."""

GONE_SECONDS = 60.0
"""How long the server may take to delete runs, which it does by and by."""

_BETWEEN_QUESTIONS_SECONDS = 0.2
_MOST_NAMED = 5

Item = TypeVar("Item")


@dataclass(frozen=True)
class Person:
    """All that there is of a person.

    ``objects`` are the keys of the pictures that nobody else submitted, too; ``shared`` counts
    those that somebody did, which stay.
    """

    user_id: str
    runs: tuple[Execution, ...]
    objects: tuple[str, ...]
    shared: int
    records: PersonalRecords

    def counts(self) -> dict[str, int]:
        """Return how much of each kind there is."""
        rows = self.records
        return {
            "runs": len(self.runs),
            "pictures": len(self.objects),
            "shared_pictures": self.shared,
            "expenses": rows.expenses,
            "orders": rows.orders,
            "submitted_orders": rows.submitted_orders,
            "actions": rows.actions,
            "access_keys": rows.access_keys,
        }


@asynccontextmanager
async def _opened(settings: Settings) -> AsyncIterator[tuple[ReceiptStore, PersonalRecordsOf]]:
    async with AsyncExitStack() as stack:
        store = stack.enter_context(closing(object_store(settings, attempts=3)))
        yield store, personal_records(settings, stack)


async def find_person(client: Client, settings: Settings, user_id: str) -> Person:
    """Return all that there is of a user or customer.

    Raise Refused while a run of theirs is open: it would bring back what was erased; and where
    runs cannot be found by a name, for want of the keys by which names are hidden.
    """
    if await reached(names_cannot_be_found(client)):
        raise Refused(
            f"nothing of {user_id} is erased: names of runs are hidden in namespace "
            f"{client.namespace}, and PAYLOAD_ENCRYPTION_KEYS is not set: set it as it is for "
            "the workers"
        )
    runs = await _runs_of(client, user_id)
    still_open = sorted({run.workflow_id for run in runs if run.is_open})
    if still_open:
        named = ", ".join(still_open[:_MOST_NAMED])
        more = f" and {len(still_open) - _MOST_NAMED} more" if still_open[_MOST_NAMED:] else ""
        raise Refused(
            f"nothing of {user_id} is erased while {named}{more} "
            f"{'is' if len(still_open) == 1 else 'are'} open: wait for the end, or cancel"
        )
    async with _opened(settings) as (store, records):
        found = await recorded(records.find(user_id))
        contents = {run.workflow_id[-HASH_DIGITS:] for run in runs if _is_receipt(run)}
        contents |= {content_of(key) for key in found.objects}
        of_others = await _contents_of_others(client, user_id, contents)
        stored = await _stored(store) if contents else ()
    theirs = [key for key in stored if content_of(key) in contents]
    shared = {key for key in theirs if content_of(key) in of_others} | set(found.shared_objects)
    objects = tuple(key for key in theirs if key not in shared)
    return Person(user_id, tuple(runs), objects, len(shared), found)


async def erase_person(
    client: Client, settings: Settings, person: Person, doer: Doer | None
) -> None:
    """Erase all that was found of a person.

    Raise DatabaseUnreachable, BucketUnreachable, TemporalGone, or Failed if the server has not
    deleted the runs in time; the same command then erases the rest.
    """
    async with (
        noted(doer, Action.ERASE, "a person") as change,
        _opened(settings) as (store, records),
    ):
        await _archive_orders(client, settings, person.runs)
        for keys in _batches(person.objects):
            await asyncio.gather(*(_delete_object(store, key) for key in keys))
        receipts = frozenset(run.workflow_id for run in person.runs if _is_receipt(run))
        await recorded(records.erase(person.user_id, receipts))
        await _delete_runs(client, person)
        change.after = {**person.counts()}


async def _runs_of(client: Client, user_id: str) -> list[Execution]:
    """Return all runs of a user or customer, also receipts that nobody gave the attribute."""
    prefix = f"{RECEIPT_PREFIX}{user_id}-"
    own_receipt = re.compile(rf"{re.escape(prefix)}[0-9a-f]{{{HASH_DIGITS}}}")

    async def all_of_them() -> list[Execution]:
        named = [run async for run in list_executions(client, f"{CUSTOMER_ID.name} = '{user_id}'")]
        receipts = [
            run
            async for run in list_executions(client, f"WorkflowId STARTS_WITH '{prefix}'")
            # The receipts of ada-b begin as if they were ada's.
            if own_receipt.fullmatch(run.workflow_id)
        ]
        return list({run.run_id: run for run in (*named, *receipts)}.values())

    return await reached(all_of_them())


def _is_receipt(run: Execution) -> bool:
    return run.workflow_type == ReceiptWorkflow.__name__


async def _contents_of_others(client: Client, user_id: str, contents: set[str]) -> set[str]:
    """Return which of the contents are also receipts of somebody else that Temporal remembers."""
    if not contents:
        return set()
    own = {f"{RECEIPT_PREFIX}{user_id}-{content}" for content in contents}

    async def of_others() -> set[str]:
        return {
            run.workflow_id[-HASH_DIGITS:]
            async for run in list_executions(client, f"WorkflowType = '{ReceiptWorkflow.__name__}'")
            if run.workflow_id not in own and run.workflow_id[-HASH_DIGITS:] in contents
        }

    return await reached(of_others())


async def _stored(store: ReceiptStore) -> tuple[str, ...]:
    try:
        listed = await asyncio.to_thread(store.list_receipts)
    except ProviderError as error:
        raise BucketUnreachable(str(error)) from None
    return tuple(one.object_key for one in listed)


async def _delete_object(store: ReceiptStore, key: str) -> None:
    try:
        await asyncio.to_thread(store.delete, key)
    except ProviderError as error:
        raise BucketUnreachable(str(error)) from None


async def _archive_orders(client: Client, settings: Settings, runs: Iterable[Execution]) -> None:
    """Archive their orders that are not: once the runs are gone, nobody else knows the amounts."""
    orders = (run for run in runs if run.workflow_type == OrderWorkflow.__name__)
    latest = {run.workflow_id: run for run in sorted(orders, key=lambda run: run.started_at)}
    ended = await runs_that_count(client, list(latest.values()))
    counting = [run for run in ended if run is not None]
    async with opened_archive(settings) as archive:
        missing = await without_row(archive, counting)
        async for archived in archive_missing(client, archive, missing):
            if archived is not None and isinstance(archived.outcome, ServiceError):
                raise archived.outcome


async def _delete_runs(client: Client, person: Person) -> None:
    for runs in _batches(person.runs):
        await reached(asyncio.gather(*(_delete_run(client, run) for run in runs)))
    left = list(person.runs)
    try:
        async with asyncio.timeout(GONE_SECONDS):
            while left:
                await asyncio.sleep(_BETWEEN_QUESTIONS_SECONDS)
                left = await _runs_of(client, person.user_id)
    except TimeoutError:
        raise Failed(
            f"Temporal still lists {len(left)} runs of {person.user_id} after {GONE_SECONDS:g} s; "
            "all else is erased: ask again later"
        ) from None


async def _delete_run(client: Client, run: Execution) -> None:
    request = DeleteWorkflowExecutionRequest(
        namespace=client.namespace,
        workflow_execution=ExecutionId(workflow_id=run.workflow_id, run_id=run.run_id),
    )
    try:
        await client.workflow_service.delete_workflow_execution(request, retry=True)
    except RPCError as error:
        if error.status is not RPCStatusCode.NOT_FOUND:  # by somebody else, or its retention
            raise


def _batches(items: Sequence[Item]) -> Iterable[Sequence[Item]]:
    return (items[first : first + AT_ONCE] for first in range(0, len(items), AT_ONCE))
