"""What an issuer publishes, kept for a while: nobody waits for the issuer at every call.

Without bounds a key that the issuer has withdrawn would count for ever, and everybody who sends a
token of an unknown key would make us ask the issuer.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

from providers.errors import ProviderError, ProviderUnavailable

FRESH_SECONDS = 600.0
"""After so long it is fetched again."""

STALE_SECONDS = 3600.0
"""So long the old one counts while the issuer does not answer."""

PAUSE_SECONDS = 5.0
"""Between two attempts to reach an issuer that did not answer."""

Value = TypeVar("Value")
Clock = Callable[[], float]


class Remembered(Generic[Value]):
    """A value that is fetched when it is first asked for; all that ask meanwhile share that."""

    def __init__(
        self, fetch: Callable[[], Awaitable[Value]], clock: Clock = time.monotonic
    ) -> None:
        self._fetch = fetch
        self._clock = clock
        self._fetching = asyncio.Lock()
        self._known: tuple[float, Value] | None = None
        self._failed: tuple[float, str] | None = None

    async def value(self) -> Value:
        """Return the value, at most an hour old; raises a retryable error if there is none."""
        if self._known is None:
            return await self._anew(FRESH_SECONDS)
        fetched_at, value = self._known
        age = self._clock() - fetched_at
        if age < FRESH_SECONDS or (age < STALE_SECONDS and self._fetching.locked()):
            return value
        try:
            return await self._anew(FRESH_SECONDS)
        except ProviderError:
            if age >= STALE_SECONDS:
                raise
            return value

    async def younger(self, seconds: float) -> Value:
        """Return the value, which is fetched again if it is not younger than this.

        Raises a retryable error.
        """
        return await self._anew(seconds)

    async def _anew(self, unless_younger: float) -> Value:
        async with self._fetching:
            now = self._clock()
            if self._known is not None and now - self._known[0] < unless_younger:
                return self._known[1]
            if self._failed is not None and now - self._failed[0] < PAUSE_SECONDS:
                raise ProviderUnavailable(self._failed[1])
            try:
                value = await self._fetch()
            except ProviderError as error:
                self._failed = (self._clock(), str(error))
                raise
            self._known, self._failed = (self._clock(), value), None
            return value
