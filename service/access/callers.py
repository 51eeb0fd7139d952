"""Who calls, and what is logged of what they do: for doors at which people show a key."""

import datetime as dt
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial

from config import Settings
from models import ActionLogEntry, Principal, Role
from service.access.keys import (
    add_key_that_nobody_has,
    end_session,
    has_ended,
    principal_of_key,
    principal_of_key_id,
    revoke_key,
)
from service.access.log import Doer, entries
from service.access.records import opened_access


@dataclass(frozen=True)
class Callers:
    """``principal_of`` tells whose a key is, ``principal_of_id`` whose the key of an id is.

    ``doer_of`` logs what somebody does, ``actions_on`` has the newest rows about a workflow id or
    an expense's id; ``admit`` makes a key, by its id, that only a session can stand for, and
    ``end`` revokes such a key. ``end_session`` and ``has_ended`` are for sessions of other keys.
    """

    principal_of: Callable[[str], Awaitable[Principal | None]]
    principal_of_id: Callable[[str], Awaitable[Principal | None]]
    doer_of: Callable[[Principal], Doer]
    actions_on: Callable[[str], Awaitable[list[ActionLogEntry]]]
    admit: Callable[[str, str, Role], Awaitable[None]]
    end: Callable[[str], Awaitable[object]]
    end_session: Callable[[str, dt.timedelta], Awaitable[None]]
    has_ended: Callable[[str], Awaitable[bool]]


@asynccontextmanager
async def opened_callers(settings: Settings) -> AsyncIterator[Callers]:
    """Yield them all, on one database; raise SettingsError if its URL cannot be used."""
    async with opened_access(settings) as access:

        def doer_of(principal: Principal) -> Doer:
            return Doer.signed_in(principal, access.log)

        yield Callers(
            principal_of=partial(principal_of_key, access.keys),
            principal_of_id=partial(principal_of_key_id, access.keys),
            doer_of=doer_of,
            actions_on=partial(entries, access.log),
            admit=partial(add_key_that_nobody_has, access.keys),
            end=partial(revoke_key, access.keys),
            end_session=partial(end_session, access.keys),
            has_ended=partial(has_ended, access.keys),
        )
