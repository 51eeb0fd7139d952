"""The namespace of our runs in Temporal and its search attributes: what is there, what is missing.

A server without one of them starts no run, and a run in flight that wants to set it stands still.
"""

import asyncio
import datetime as dt
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import NamedTuple

from google.protobuf.duration_pb2 import Duration
from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.operatorservice.v1 import (
    AddSearchAttributesRequest,
    ListSearchAttributesRequest,
)
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import (
    DescribeNamespaceRequest,
    DescribeTaskQueueRequest,
    RegisterNamespaceRequest,
)
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from connection.causes import is_namespace_missing
from service.calls import reached, service_error
from service.errors import BadInput, Failed, Refused
from workflows.search_attributes import SEARCH_ATTRIBUTES

KNOWN_SECONDS = 30.0
"""How long a cluster may take until all of it knows a new namespace or a new search attribute."""

LOOK_SECONDS = 0.2

_NOT_FOR_US = (RPCStatusCode.UNIMPLEMENTED, RPCStatusCode.PERMISSION_DENIED)
"""What Temporal Cloud answers where its own console or command line is wanted."""


class Attribute(NamedTuple):
    """A search attribute of ours: its type, and the one that the server says it has, if any."""

    name: str
    wanted: str
    found: str | None


# --- what is there ----------------------------------------------------------------------------


async def attributes_in(client: Client) -> list[Attribute]:
    """Return our search attributes as the client's namespace has them.

    Raise Refused where the server lets nobody list them, as Temporal Cloud may.
    """
    there = await _types(client)
    return [
        Attribute(key.name, type_name(key.indexed_value_type), there.get(key.name))
        for key in SEARCH_ATTRIBUTES
    ]


async def retention_of(client: Client) -> dt.timedelta | None:
    """Return how long the client's namespace keeps runs that ended; None if there is no such.

    Raise BadInput for a name that the server refuses.
    """
    request = DescribeNamespaceRequest(namespace=client.namespace)
    try:
        answer = await reached(client.workflow_service.describe_namespace(request))
    except RPCError as error:
        if is_namespace_missing(error):
            return None
        if error.status is RPCStatusCode.INVALID_ARGUMENT:
            raise BadInput(f"TEMPORAL_NAMESPACE cannot be used: {error.message}") from None
        raise
    return answer.config.workflow_execution_retention_ttl.ToTimedelta()


def type_name(kind: int) -> str:
    """Return the name of a type as the ``temporal`` command line wants it, such as KeywordList."""
    name = IndexedValueType.Name(IndexedValueType.ValueType(kind))
    return name.removeprefix("INDEXED_VALUE_TYPE_").title().replace("_", "")


async def _types(client: Client) -> Mapping[str, str]:
    request = ListSearchAttributesRequest(namespace=client.namespace)
    try:
        answer = await client.operator_service.list_search_attributes(request)
    except RPCError as error:
        if error.status in _NOT_FOR_US:
            raise Refused(
                f"this Temporal does not let us list its search attributes: {error.message}"
            ) from None
        raise service_error(error) from None
    return {name: type_name(kind) for name, kind in answer.custom_attributes.items()}


# --- what is made -----------------------------------------------------------------------------


async def create_namespace(client: Client, keep: dt.timedelta) -> None:
    """Create the client's namespace, which keeps runs that ended so long; wait until it is known.

    Raise BadInput for a time that the server refuses, Refused where it is not for us to
    create one, Failed if it is not known in time.
    """
    request = RegisterNamespaceRequest(
        namespace=client.namespace,
        workflow_execution_retention_period=Duration(seconds=int(keep.total_seconds())),
        description="receipts and orders",
    )
    try:
        await client.workflow_service.register_namespace(request)
    except RPCError as error:
        if error.status is RPCStatusCode.INVALID_ARGUMENT:
            raise BadInput(
                f"namespace {client.namespace!r} cannot be created: {error.message}"
            ) from None
        if error.status in _NOT_FOR_US:
            raise Refused(
                f"this Temporal does not let us create namespace {client.namespace!r}: create it "
                f"where its operators do, such as in Temporal Cloud's console ({error.message})"
            ) from None
        if error.status is not RPCStatusCode.ALREADY_EXISTS:  # by another setup, just now
            raise service_error(error) from None
    await _until(lambda: _is_known(client), f"namespace {client.namespace!r}")


async def create_attribute(client: Client, name: str) -> None:
    """Create one of our search attributes, and wait until the namespace has it.

    Raise Refused where it is not for us to create one, or there is no room, Failed if it is not
    known in time.
    """
    (kind,) = (key.indexed_value_type for key in SEARCH_ATTRIBUTES if key.name == name)
    request = AddSearchAttributesRequest(
        namespace=client.namespace,
        search_attributes={name: IndexedValueType.ValueType(kind)},
    )
    try:
        await client.operator_service.add_search_attributes(request)
    except RPCError as error:
        if error.status in (RPCStatusCode.INVALID_ARGUMENT, *_NOT_FOR_US):
            raise Refused(
                f"search attribute {name} ({type_name(kind)}) cannot be created in namespace "
                f"{client.namespace!r}: {error.message}"
            ) from None
        if error.status is not RPCStatusCode.ALREADY_EXISTS:
            raise service_error(error) from None
    await _until(lambda: _has(client, name), f"search attribute {name}")


async def _is_known(client: Client) -> bool:
    """Tell whether the parts of the server that are asked next know the namespace."""
    queue = DescribeTaskQueueRequest(
        namespace=client.namespace, task_queue=TaskQueue(name="not-used")
    )
    try:
        await client.operator_service.list_search_attributes(
            ListSearchAttributesRequest(namespace=client.namespace)
        )
        await client.workflow_service.describe_task_queue(queue)
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND:
            return False
        if error.status not in _NOT_FOR_US:
            raise service_error(error) from None
    return True


async def _has(client: Client, name: str) -> bool:
    return name in await _types(client)


async def _until(is_so: Callable[[], Awaitable[bool]], what: str) -> None:
    """Wait until the server knows what was created; raise Failed if it does not in time."""
    deadline = time.monotonic() + KNOWN_SECONDS
    while not await is_so():
        if time.monotonic() > deadline:
            raise Failed(f"{what} was created, and is not known after {KNOWN_SECONDS:g} s")
        await asyncio.sleep(LOOK_SECONDS)
