"""Reading what a run's history holds, as that run may: also where payloads are encrypted.

What was copied from another run is not decrypted, and what a failure says stands in a payload of
its own, which no person can read.
"""

from collections.abc import Iterator
from typing import Any

from temporalio.api.failure.v1 import Failure
from temporalio.api.history.v1 import HistoryEvent
from temporalio.api.workflow.v1 import PendingActivityInfo
from temporalio.client import Client
from temporalio.converter import DataConverter, WorkflowSerializationContext

from encryption.keyring import PayloadKeyMissing

_WITH_FAILURE = ("failure", "last_failure")


def reader_of(client: Client, workflow_id: str) -> DataConverter:
    """Return what reads the payloads of one run."""
    context = WorkflowSerializationContext(client.namespace, workflow_id)
    return client.data_converter.with_context(context)


async def show_failures(reader: DataConverter, event: HistoryEvent | PendingActivityInfo) -> None:
    """Write into an event, or a pending activity, what its failures say, as far as we may read it.

    Where the key is missing, that is what they then say.
    """
    for failure in _failures_in(event):
        await _show(reader, failure)


def _failures_in(event: HistoryEvent | PendingActivityInfo) -> Iterator[Failure]:
    of: Any = event
    if isinstance(event, HistoryEvent):
        attributes = event.WhichOneof("attributes")
        if attributes is None:
            return
        of = getattr(event, attributes)
    for name in _WITH_FAILURE:
        field = of.DESCRIPTOR.fields_by_name.get(name)
        if field is not None and field.message_type and of.HasField(name):
            yield getattr(of, name)


async def _show(reader: DataConverter, failure: Failure) -> None:
    if failure.HasField("encoded_attributes"):
        try:
            (said,) = await reader.decode([failure.encoded_attributes])
        except PayloadKeyMissing as error:
            failure.message = str(error)
        else:
            if isinstance(said, dict) and isinstance(said.get("message"), str):
                failure.message = said["message"]
    if failure.HasField("cause"):
        await _show(reader, failure.cause)
