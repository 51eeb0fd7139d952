"""What the routes work with: Temporal, the stores, and who is who, opened once a process."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Annotated

from fastapi import Depends, Request
from temporalio.client import Client
from temporalio.runtime import Runtime

from config import Settings, SettingsError
from service.access.callers import Callers, opened_callers
from service.access.people import People, opened_people
from service.calls import connect, runtime_of
from service.errors import TemporalGone
from service.orders.archive import Archive, opened_archive
from service.receipts.start import Intake, opened_intake


@dataclass
class Backend:
    """Everything that is open; ``people`` is None unless there is an issuer who knows some."""

    settings: Settings
    archive: Archive
    callers: Callers
    people: People | None
    intake: Intake
    runtime: Runtime
    _client: Client | None = None
    _connecting: "asyncio.Task[Client] | None" = field(default=None, repr=False)

    async def client(self) -> Client:
        """Return the client, which reconnects by itself once it was connected.

        Until then all that ask share one attempt, or each would wait for those before it. Raise
        TemporalGone.
        """
        if self._client is not None:
            return self._client
        if self._connecting is None or self._connecting.done():
            self._connecting = asyncio.create_task(connect(self.settings, runtime=self.runtime))
        try:
            self._client = await asyncio.shield(self._connecting)
        except SettingsError as error:  # such as a namespace that somebody has still to create
            raise TemporalGone(str(error)) from None
        return self._client


@asynccontextmanager
async def opened_backend(
    settings: Settings, runtime: Runtime | None = None
) -> AsyncIterator[Backend]:
    """Yield the backend; raise SettingsError if a setting cannot be used.

    Nobody is asked yet: a server that starts before Temporal or the database does answers 503.
    """
    async with AsyncExitStack() as stack:
        archive = await stack.enter_async_context(opened_archive(settings))
        callers = await stack.enter_async_context(opened_callers(settings))
        people = await stack.enter_async_context(opened_people(settings))
        intake = stack.enter_context(opened_intake(settings))
        yield Backend(settings, archive, callers, people, intake, runtime or runtime_of(settings))


def backend_of(request: Request) -> Backend:
    """Return the backend that the application was started with."""
    backend: Backend = request.app.state.backend
    return backend


async def _opened(request: Request) -> Backend:
    return backend_of(request)  # the framework would call a plain function in a thread


OpenBackend = Annotated[Backend, Depends(_opened)]
