"""Ask every part that runs need whether it can be used: all at the same time, none for long.

Nothing is changed: nobody is charged, and no mail is sent.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass, replace
from enum import StrEnum, auto

from temporalio.client import Client
from temporalio.service import RPCError

import client as temporal
from config import Settings, SettingsError
from environment import Part
from observability.masking import Masking
from probes import probes
from providers.errors import (
    InvalidRequest,
    LanguageModelMisconfigured,
    ProviderError,
    Unauthorized,
    Unfit,
)
from service.calls import connect, service_error
from service.errors import NoWorker, Refused, ServiceError, Unreachable
from service.readiness.namespace import Attribute, attributes_in
from service.readiness.workers import who_works

CHECK_SECONDS = 10.0
"""How long one part may take to answer a person."""

START_SECONDS = 3.0
"""How long one part may hold up the start of a worker."""

ENGINE_SECONDS = 60.0
"""How long the embedded OCR engine may take to be loaded and to read a small picture."""


class State(StrEnum):
    """How a part is."""

    OK = auto()
    WRONG = auto()
    """It does not get right by itself."""
    AWAY = auto()
    """It does not answer, and may come back by itself."""


@dataclass(frozen=True)
class Finding:
    """What was found out about one part."""

    part: str
    state: State
    words: str


Ask = Callable[[], Awaitable[str]]

_PARTS: dict[str, Part] = {
    "temporal": Part.TEMPORAL,
    "search attributes": Part.TEMPORAL,
    "workers": Part.TEMPORAL,
    "token keys": Part.TOKENS,
    "database": Part.RECORDS,
    "access keys": Part.DOOR,
    "bucket": Part.BUCKET,
    "ocr": Part.OCR,
    "parser": Part.PARSER,
    "payment": Part.PROVIDERS,
    "inventory": Part.PROVIDERS,
    "shipping": Part.PROVIDERS,
    "mail": Part.MAIL,
}
"""What is asked, in the order in which it is said."""

_WRONG = (SettingsError, Unauthorized, Unfit, InvalidRequest, LanguageModelMisconfigured)


async def check_all(settings: Settings, parts: Collection[Part]) -> list[Finding]:
    """Ask thoroughly, as a person wants to know it."""
    asked: dict[str, Ask] = {
        **_of_temporal(settings),
        "token keys": lambda: _token_keys(settings),
        **probes(settings, is_thorough=True),
    }
    return await _found(asked, parts, settings, CHECK_SECONDS)


async def check_for_worker(
    client: Client, settings: Settings, parts: Collection[Part]
) -> list[Finding]:
    """Ask what a worker needs before it begins; without what costs time or memory."""
    asked: dict[str, Ask] = {
        "search attributes": lambda: _attributes(client),
        **probes(settings, is_thorough=False),
    }
    return await _found(asked, parts, settings, START_SECONDS)


async def _found(
    asked: dict[str, Ask], parts: Collection[Part], settings: Settings, seconds: float
) -> list[Finding]:
    masking = Masking(settings)
    names = [name for name, part in _PARTS.items() if name in asked and part in parts]
    found = await asyncio.gather(
        *(_finding(name, asked[name], _limit(name, seconds)) for name in names)
    )
    return [replace(one, words=" ".join(masking.masked(one.words).split())) for one in found]


def _limit(name: str, seconds: float) -> float:
    return ENGINE_SECONDS if name == "ocr" and seconds == CHECK_SECONDS else seconds


async def _finding(part: str, ask: Ask, seconds: float) -> Finding:
    """Ask one part; whatever goes wrong is what was found out."""
    try:
        async with asyncio.timeout(seconds):
            return Finding(part, State.OK, await ask())
    except TimeoutError:
        return Finding(part, State.AWAY, f"no answer within {seconds:g} s")
    except (ServiceError, SettingsError, ProviderError, RPCError) as error:
        return Finding(part, _state(error), str(_in_words(error)))
    except Exception as fault:  # a fault of this program: its words may hold anything
        return Finding(part, State.AWAY, f"cannot be told: unexpected {type(fault).__name__}")


def _in_words(error: Exception) -> Exception:
    return service_error(error) if isinstance(error, RPCError) else error


def _state(error: Exception) -> State:
    if isinstance(error, ProviderError | SettingsError):
        return State.WRONG if isinstance(error, _WRONG) else State.AWAY
    is_away = isinstance(error, Unreachable | RPCError) and not isinstance(error, NoWorker)
    return State.AWAY if is_away else State.WRONG


# --- Temporal ---------------------------------------------------------------------------------


def _of_temporal(settings: Settings) -> dict[str, Ask]:
    """Return what asks Temporal, over one connection."""
    connection: list[asyncio.Task[Client]] = []

    async def connected() -> Client:
        if not connection:
            connection.append(asyncio.create_task(connect(settings)))
        return await asyncio.shield(connection[0])

    return {
        "temporal": lambda: _where(connected),
        "search attributes": lambda: _asked_with(connected, _attributes),
        "workers": lambda: _asked_with(connected, lambda client: who_works(client, settings)),
    }


async def _where(connected: Callable[[], Awaitable[Client]]) -> str:
    client = await connected()
    return f"{temporal.address()}, namespace {client.namespace}"


async def _asked_with(
    connected: Callable[[], Awaitable[Client]], ask: Callable[[Client], Awaitable[str]]
) -> str:
    try:
        client = await connected()
    except (ServiceError, SettingsError):
        raise Unreachable("not known, because Temporal cannot be asked") from None
    return await ask(client)


async def _attributes(client: Client) -> str:
    try:
        attributes = await attributes_in(client)
    except Refused as error:
        return f"not known: {error}"
    if wrong := [_wrong_type(one) for one in attributes if one.found != one.wanted]:
        raise SettingsError(
            f"namespace {client.namespace}: {', '.join(wrong)}: run 'python starter.py setup'"
        )
    return f"{len(attributes)} with their types"


def _wrong_type(attribute: Attribute) -> str:
    if attribute.found is None:
        return f"{attribute.name} is missing"
    return f"{attribute.name} is {attribute.found}, not {attribute.wanted}"


async def _token_keys(settings: Settings) -> str:
    count = len(settings.token_encryption_keys.get_secret_value().split(","))
    return f"{count} of TOKEN_ENCRYPTION_KEYS"
