"""One call under its idempotency key: replayed, refused, struck by a fault, or done once.

This order is what makes a retry safe: the stored answer is looked for before anything
happens, a fault strikes before the effect, and only after the commit may an answer leave.
"""

import asyncio
import hashlib
import json
import logging
import os
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from sandbox.provider_api.effects import refusal
from sandbox.provider_api.ledger import Answer, Ledger
from sandbox.provider_api.scenarios import RETRY_AFTER_SECONDS, Call, Fault, FaultKind

logger = logging.getLogger(__name__)

_KILLED = 137
"""Exit code of a process that got kill -9, which a crash point imitates."""


class Delivery(StrEnum):
    """What becomes of the answer on its way."""

    SEND = "send"
    DROP = "drop"
    HANG = "hang"


@dataclass(frozen=True)
class Outcome:
    """An answer, and how it is to be delivered."""

    answer: Answer
    replayed: bool = False
    retry_after_seconds: int | None = None
    delivery: Delivery = Delivery.SEND


@dataclass(frozen=True)
class Request:
    """A call that changes something, ready to run.

    ``content`` is method, path and body: a key stands for exactly one of these. ``subject`` is
    what the call changes, if that can be changed by one call at a time only, whatever their keys.
    """

    call: Call
    key: str
    content: tuple[str, str, Any]
    order_id: str | None
    fault: Fault | None
    effect: Callable[[sqlite3.Connection], Answer]
    subject: str | None = None

    @property
    def worked_on(self) -> str:
        """Name what no other call may work on meanwhile, and what faults are counted for."""
        return self.subject or self.key

    def content_hash(self) -> str:
        """Return the hash of the content, so that no payment token is stored."""
        canonical = json.dumps(self.content, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(canonical.encode()).hexdigest()


@dataclass(frozen=True)
class CrashPoint:
    """Where the process dies once, as if by kill -9: a hook for crash tests.

    Written ``before_effect:CALL:ORDER_ID`` or ``after_commit:CALL:ORDER_ID``, where CALL is
    one of ``scenarios.Call``. The marker file makes it once, also after a restart.
    """

    moment: str
    call: str
    order_id: str
    marker: Path

    @classmethod
    def parse(cls, text: str, database: Path) -> "CrashPoint":
        """Return the crash point that the text describes; raise ValueError if it describes none."""
        moment, _, rest = text.partition(":")
        call, _, order_id = rest.partition(":")
        if moment not in ("before_effect", "after_commit") or call not in set(Call) or not order_id:
            raise ValueError(f"{text} is not before_effect or after_commit:CALL:ORDER_ID")
        marker = database.with_name(f"{database.name}.crashed-{moment}-{call}-{order_id}")
        return cls(moment, Call(call), order_id, marker)

    def reached(self, moment: str, request: Request) -> None:
        """End the process if this is the moment, the call and the order, for the first time."""
        if (moment, request.call, request.order_id) != (self.moment, self.call, self.order_id):
            return
        try:
            self.marker.touch(exist_ok=False)
        except FileExistsError:
            return
        os._exit(_KILLED)


class IdempotentCalls:
    """Runs each call once per key; knows which keys are being worked on."""

    def __init__(self, ledger: Ledger, crash_point: CrashPoint | None = None) -> None:
        self._ledger = ledger
        self._crash_point = crash_point
        self._in_flight: set[str] = set()

    def in_flight(self, key: str) -> bool:
        """Return whether a call of this key is being worked on, so that its effect may follow."""
        return key in self._in_flight

    async def run(self, request: Request) -> Outcome:
        """Run the call once, or replay its answer; return the outcome."""
        if request.worked_on in self._in_flight:
            return Outcome(in_progress(request.worked_on))
        self._in_flight.add(request.worked_on)
        try:
            outcome = await self._run(request)
        finally:
            self._in_flight.discard(request.worked_on)
        logger.info(
            "%s of order %s, key %s: %d%s%s",
            request.call,
            request.order_id,
            request.key,
            outcome.answer.status,
            " replayed" if outcome.replayed else "",
            "" if outcome.delivery is Delivery.SEND else f", {outcome.delivery}",
        )
        return outcome

    async def _run(self, request: Request) -> Outcome:
        stored = self._ledger.stored_answer(request.key)
        if stored is None:
            struck = await self._strike(request)
            if struck is not None:
                return struck
            self._reached("before_effect", request)
            answer = await self._ledger.apply(request.key, request.content_hash(), request.effect)
            self._reached("after_commit", request)
        elif stored.request_hash != request.content_hash():
            return Outcome(
                refusal(
                    422,
                    "idempotency_key_reused",
                    f"the idempotency key {request.key} was used before with other content",
                )
            )
        else:
            answer = stored.answer
        drop = await self._strikes(request, FaultKind.DROP)
        return Outcome(
            answer,
            replayed=stored is not None,
            delivery=Delivery.DROP if drop else Delivery.SEND,
        )

    async def _strike(self, request: Request) -> Outcome | None:
        if request.fault is not None and request.fault.kind in (
            FaultKind.SLOW,
            FaultKind.PROCESSING,
        ):
            await asyncio.sleep(request.fault.number / 1_000)
        if await self._strikes(request, FaultKind.FAIL):
            return Outcome(refusal(503, "unavailable", "try again later"))
        if await self._strikes(request, FaultKind.RATE_LIMITED):
            return Outcome(
                refusal(429, "rate_limited", f"try again in {RETRY_AFTER_SECONDS} seconds"),
                retry_after_seconds=RETRY_AFTER_SECONDS,
            )
        if await self._strikes(request, FaultKind.HANG):
            return Outcome(refusal(503, "unavailable", "nobody answers"), delivery=Delivery.HANG)
        return None

    async def _strikes(self, request: Request, kind: FaultKind) -> bool:
        fault = request.fault
        if fault is None or fault.kind is not kind:
            return False
        return await self._ledger.use_fault(request.worked_on, fault)

    def _reached(self, moment: str, request: Request) -> None:
        if self._crash_point is not None:
            self._crash_point.reached(moment, request)


def in_progress(key: str) -> Answer:
    """Return the answer to a request about a key that is being worked on."""
    return refusal(
        409, "idempotency_key_in_use", f"a request of the key {key} is being worked on; ask again"
    )
