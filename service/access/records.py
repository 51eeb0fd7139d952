"""The records of access keys and of actions, and what it means that they do not answer."""

from collections.abc import AsyncIterator, Awaitable
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TypeVar

from bootstrap import AccessRecords, access_records
from config import Settings
from providers.errors import ProviderError
from service.errors import DatabaseUnreachable

Answer = TypeVar("Answer")


@asynccontextmanager
async def opened_access(settings: Settings) -> AsyncIterator[AccessRecords]:
    """Yield the records; raise SettingsError if their URL cannot be used."""
    async with AsyncExitStack() as closing:
        yield access_records(settings, closing)


async def recorded(call: Awaitable[Answer]) -> Answer:
    """Await a call to the records; raise DatabaseUnreachable if they do not answer."""
    try:
        return await call
    except ProviderError as error:
        raise DatabaseUnreachable(str(error)) from None
