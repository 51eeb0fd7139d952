"""Places for requests that are under way: so many in all, so many of one address or caller.

A body comes in before anybody knows who calls, so that the address counts first; the caller counts
besides, once known. Else one of them could take all places, and nobody else would be answered.
"""

from collections import Counter
from functools import lru_cache
from http import HTTPStatus
from ipaddress import IPv6Address, IPv6Network, ip_address

from fastapi import Request

from web.problems import Problem

BUSY_SECONDS = 1
"""When to come back to a server that has all hands full."""

IPV6_PREFIX = 64
"""Bits of an IPv6 address that name a network: one machine has all the addresses in it."""


class Shares:
    """How much each of some clients holds at a time, at most ``most``."""

    def __init__(self, most: int) -> None:
        self.most = most
        self._held: Counter[str] = Counter()

    def refusal(self, client: str) -> str | None:
        """Return why a client gets no more now, or None."""
        if self._held[client] < self.most:
            return None
        return f"{self.most} requests of {client} are under way, which is the share of one"

    def take(self, client: str) -> None:
        """Count one more."""
        self._held[client] += 1

    def leave(self, client: str) -> None:
        """Count one less; who holds nothing is forgotten."""
        self._held[client] -= 1
        if self._held[client] <= 0:
            del self._held[client]


class Pool:
    """Places for ``most`` requests at a time, at most ``share`` of one address or one caller."""

    def __init__(self, most: int, share: int) -> None:
        self.most = most
        self.taken = 0
        self.addresses = Shares(share)
        self.callers = Shares(share)

    def refusal(self, address: str) -> str | None:
        """Return why an address gets no place now, or None."""
        if self.taken >= self.most:
            return f"{self.most} requests are under way, which is as many as are taken"
        return self.addresses.refusal(address)


class Place:
    """The place of one request, from its head to the end of its answer."""

    def __init__(self, pool: Pool, address: str) -> None:
        self._pool = pool
        self._address = address
        self._caller: str | None = None
        pool.taken += 1
        pool.addresses.take(address)

    def claim(self, caller: str) -> None:
        """Count the place to a caller as well; raise Problem 503 if they have their share."""
        if self._caller is not None:
            return
        if refusal := self._pool.callers.refusal(caller):
            again = {"Retry-After": str(BUSY_SECONDS)}
            raise Problem(HTTPStatus.SERVICE_UNAVAILABLE, refusal, again)
        self._pool.callers.take(caller)
        self._caller = caller

    def leave(self) -> None:
        """Let another request have the place."""
        self._pool.taken -= 1
        self._pool.addresses.leave(self._address)
        if self._caller is not None:
            self._pool.callers.leave(self._caller)


def count_to(request: Request, caller: str) -> None:
    """Count a request to its caller, once known; raise Problem 503 if they have their share."""
    place: Place | None = getattr(request.state, "place", None)
    if place is not None:
        place.claim(caller)


@lru_cache(4_096)
def network_of(address: str) -> str:
    """Return what an address counts as: of IPv6 its network, of anything else itself."""
    try:
        known = ip_address(address)
    except ValueError:
        return address
    if not isinstance(known, IPv6Address):
        return address
    if known.ipv4_mapped is not None:
        return str(known.ipv4_mapped)
    return address if known.is_loopback else str(IPv6Network((int(known), IPV6_PREFIX), False))
