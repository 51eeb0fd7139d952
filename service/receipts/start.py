"""Start receipts: the same file of the same user joins the run that exists.

A file is checked and stored before its run is started, so that a run never waits for its file.
"""

import asyncio
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass

from temporalio.client import Client
from temporalio.common import WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError

from bootstrap import object_store
from config import Settings
from models import Receipt, ReceiptStatus
from providers.errors import ImageTooLarge, NotAnImage, ProviderError
from providers.object_store import ObjectStore, ReceiptStore
from service.calls import reached
from service.errors import BadInput, BucketUnreachable
from service.runs.attributes import hidden
from service.submission import Started
from workflows import search_attributes
from workflows.identity import receipt_id_of, receipt_workflow_id
from workflows.limits import WORKFLOW_TASK_LIMIT
from workflows.receipt.workflow import ReceiptWorkflow

PUT_ATTEMPTS = 3
"""How often a file is put before its run is started, when nobody else would try again."""

SUBMISSIONS_AT_ONCE = 8
"""Files that are stored and started at a time; more would only wait for the same bucket."""


SOON_SECONDS = 1.0
"""How long a page waits for the bucket's word; its pictures are fetched by themselves."""


@dataclass(frozen=True)
class Submission:
    """Whose files are stored where, and who is told of each expense; None tells nobody."""

    client: Client
    store: ObjectStore
    settings: Settings
    user_id: str
    notify_email: str | None


class Intake:
    """Takes files of anybody, into a store that is open as long as it is used."""

    def __init__(self, store: ReceiptStore, settings: Settings) -> None:
        self._store = store
        self._settings = settings

    def of(self, client: Client, user_id: str, notify_email: str | None) -> Submission:
        """Return what one user's files are submitted with."""
        return Submission(client, self._store, self._settings, user_id, notify_email)

    async def has_lost(self, object_key: str) -> bool:
        """Return whether the bucket says that it has a file no longer, and says so soon."""
        try:
            async with asyncio.timeout(SOON_SECONDS):
                return not await asyncio.to_thread(self._store.holds, object_key)
        except (ProviderError, TimeoutError):
            return False  # it may have it


@contextmanager
def opened_intake(settings: Settings) -> Iterator[Intake]:
    """Yield what takes files; its store is closed at the end."""
    with closing(object_store(settings, attempts=PUT_ATTEMPTS)) as store:
        yield Intake(store, settings)


@contextmanager
def submitting(
    client: Client, settings: Settings, user_id: str, notify_email: str | None
) -> Iterator[Submission]:
    """Yield what one user's files are submitted with; the store is closed at the end."""
    with opened_intake(settings) as intake:
        yield intake.of(client, user_id, notify_email)


async def submit_receipt(submission: Submission, data: bytes, *, only_new: bool = False) -> Started:
    """Check a file, store it and start its run.

    With ``only_new`` a run that failed or was cancelled is joined, too. Raise BadInput if the file
    is no receipt, BucketUnreachable or TemporalGone if it cannot be stored or started now.
    """
    object_key = await asyncio.to_thread(_store, submission.store, data)
    receipt = stored_receipt(object_key, submission.user_id, submission.notify_email)
    task_queue = submission.settings.task_queue
    return await start_receipt(submission.client, receipt, task_queue, only_new=only_new)


def _store(store: ObjectStore, data: bytes) -> str:
    try:
        return store.put_receipt(data)
    except (NotAnImage, ImageTooLarge) as error:
        raise BadInput(str(error)) from None
    except ProviderError as error:
        raise BucketUnreachable(str(error)) from None


def stored_receipt(object_key: str, user_id: str, notify_email: str | None) -> Receipt:
    """Return the receipt that the store holds under a key; its id is its user and its content."""
    return Receipt(
        receipt_id=receipt_id_of(user_id, object_key),
        user_id=user_id,
        object_key=object_key,
        notify_email=notify_email,
    )


async def start_receipt(
    client: Client, receipt: Receipt, task_queue: str, *, only_new: bool = False
) -> Started:
    """Start a receipt that is stored, or join the run of the same file of the same user.

    A run that failed is not joined: submitting the file again tries again, unless it is to be
    ``only_new``. Raise TemporalGone if nobody answers.
    """
    reuse = WorkflowIDReusePolicy
    workflow_id = receipt_workflow_id(receipt.receipt_id)
    try:
        handle = await reached(
            client.start_workflow(
                ReceiptWorkflow.run,
                receipt,
                id=workflow_id,
                task_queue=task_queue,
                id_reuse_policy=(
                    reuse.REJECT_DUPLICATE if only_new else reuse.ALLOW_DUPLICATE_FAILED_ONLY
                ),
                task_timeout=WORKFLOW_TASK_LIMIT,
                search_attributes=hidden(
                    client, search_attributes.of_receipt(receipt, ReceiptStatus.RUNNING)
                ),
                static_summary=f"Receipt of {receipt.user_id}: {receipt.object_key}",
            )
        )
    except WorkflowAlreadyStartedError as existing:
        return Started(workflow_id, existing.run_id or "", joined=True)
    return Started(workflow_id, handle.result_run_id or "", joined=False)
