"""Call Temporal; every failure of that becomes a service error in one sentence.

The server answers "not found" alike for a run that never was and one that is over, and says
nothing at all if no worker is up; a person needs to know which.
"""

import asyncio
import datetime as dt
import re
from collections.abc import Awaitable
from typing import TypeVar

from temporalio.client import (
    Client,
    WorkflowQueryFailedError,
    WorkflowUpdateFailedError,
    WorkflowUpdateRPCTimeoutOrCancelledError,
)
from temporalio.runtime import Runtime
from temporalio.service import RPCError, RPCStatusCode

import client as temporal
from config import Settings
from connection.causes import TemporalUnreachable
from encryption.keyring import PayloadKeyMissing
from service.errors import (
    Failed,
    NoWorker,
    Refused,
    RunCodeFails,
    SearchAttributeMissing,
    ServiceError,
    TemporalBusy,
    TemporalGone,
    Unreachable,
)

ANSWER_SECONDS = 10.0
"""How long a worker may take to answer a query or an update."""

HEALTH_LIMIT = dt.timedelta(seconds=2)
"""How long the server may take to say that it is well: whoever asks often asks this too."""

MAY_COUNT = "; what was sent may still count when one does"
"""What becomes of an update that no worker answered: the server may keep it until one does."""

WAS_SENT = "; it was sent, and takes effect as soon as the run goes on"
"""What becomes of a signal or a cancel that the server has taken: it is in the run's history."""

CODE_FAILS = "the run cannot answer because its code fails"

_GONE = (RPCStatusCode.UNAVAILABLE, RPCStatusCode.DEADLINE_EXCEEDED, RPCStatusCode.UNKNOWN)
"""What is left after the ten seconds for which the SDK itself tries again; and UNKNOWN, at once,
for a call that waited when its connection was cut."""

_NOT_ABOUT_THE_CALL = (
    *_GONE,
    RPCStatusCode.RESOURCE_EXHAUSTED,
    RPCStatusCode.UNAUTHENTICATED,
    RPCStatusCode.PERMISSION_DENIED,
)
"""What would be answered to any other call as well."""

_LACKS_ATTRIBUTE = re.compile(
    r"Namespace (?P<namespace>\S+) has no mapping defined for search attribute (?P<attribute>\w+)"
)

Answer = TypeVar("Answer")


def runtime_of(settings: Settings) -> Runtime:
    """Return the SDK's runtime of a process that serves metrics; see ``client.runtime_of``."""
    return temporal.runtime_of(settings)


async def connect(
    settings: Settings, *, has_namespace: bool = True, runtime: Runtime | None = None
) -> Client:
    """Connect to Temporal; raise TemporalGone, with the address tried, if it does not answer.

    Raise SettingsError if it can never be used; see ``client.connect``.
    """
    try:
        return await temporal.connect(settings, has_namespace=has_namespace, runtime=runtime)
    except TemporalUnreachable as error:
        raise TemporalGone(str(error)) from None


async def ask_whether_it_answers(client: Client) -> None:
    """Raise TemporalGone if Temporal does not answer a client that was connected once."""
    await reached(client.service_client.check_health(timeout=HEALTH_LIMIT))


def service_error(error: RPCError) -> ServiceError:
    """Return the service error that says what the server's error means."""
    where = f"Temporal at {temporal.address()}"
    if error.status is RPCStatusCode.RESOURCE_EXHAUSTED:
        return TemporalBusy(f"{where} takes no more for now: {error.message}")
    if lacking := _LACKS_ATTRIBUTE.search(error.message):
        return SearchAttributeMissing(
            f"namespace {lacking['namespace']} of {where} lacks the search attribute "
            f"{lacking['attribute']}: 'python starter.py setup' creates it"
        )
    if error.status in _GONE:
        return TemporalGone(f"{where} does not answer: {error.message}")
    return Unreachable(f"{where} answers {error.status.name.lower()}: {error.message}")


async def reached(call: Awaitable[Answer]) -> Answer:
    """Await a call to the server; raise TemporalGone if it went away, TemporalBusy if it is busy.

    Raise another service error if it refuses us or was not set up for us. Every other RPCError is
    the caller's to understand, such as NOT_FOUND.
    """
    try:
        return await call
    except PayloadKeyMissing as error:
        raise Failed(str(error)) from None
    except RPCError as error:
        if error.status in _NOT_ABOUT_THE_CALL or _LACKS_ATTRIBUTE.search(error.message):
            raise service_error(error) from None
        raise


async def answered(call: Awaitable[Answer], unanswered: str = "") -> Answer:
    """Await an answer of the run itself.

    Raise Refused if the run refuses or is over, RunCodeFails if its code fails, NoWorker if no
    worker answers; ``unanswered`` then adds what becomes of what was sent.
    """
    try:
        # Not the SDK's own time limit, which begins anew when the server gives up first.
        return await asyncio.wait_for(call, ANSWER_SECONDS)
    except PayloadKeyMissing as error:
        raise Failed(str(error)) from None
    except WorkflowUpdateFailedError as error:
        raise Refused(getattr(error.cause, "message", str(error.cause))) from None
    except WorkflowQueryFailedError as error:
        raise Failed(f"the run cannot answer: {error}{unanswered}") from None
    except (WorkflowUpdateRPCTimeoutOrCancelledError, RPCError, TimeoutError) as error:
        if isinstance(error, RPCError) and error.status is RPCStatusCode.NOT_FOUND:
            raise Refused("the run is over") from None
        if _code_fails(error):
            raise RunCodeFails(CODE_FAILS + unanswered) from None
        raise NoWorker(f"no worker answered within {ANSWER_SECONDS:g} s{unanswered}") from None


def _code_fails(error: Exception) -> bool:
    """Whether the server says that the run cannot answer, and not only that it saw no worker."""
    return (
        isinstance(error, RPCError)
        and error.status is RPCStatusCode.FAILED_PRECONDITION
        and "no poller" not in error.message
    )
