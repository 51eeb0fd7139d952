"""Who calls, and what is logged of what they do: for doors at which people show a key."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial

from config import Settings
from models import Principal
from service.access.keys import principal_of_key
from service.access.log import Doer
from service.access.records import opened_access


@dataclass(frozen=True)
class Callers:
    """``principal_of`` tells whose a key is, ``doer_of`` logs what somebody does."""

    principal_of: Callable[[str], Awaitable[Principal | None]]
    doer_of: Callable[[Principal], Doer]


@asynccontextmanager
async def opened_callers(settings: Settings) -> AsyncIterator[Callers]:
    """Yield both, on one database; raise SettingsError if its URL cannot be used."""
    async with opened_access(settings) as access:

        def doer_of(principal: Principal) -> Doer:
            return Doer.signed_in(principal, access.log)

        yield Callers(partial(principal_of_key, access.keys), doer_of)
