"""All that waits for a person: approvals, reviews, runs that are stuck, mails that are not sent.

Temporal shows all of these as running, among thousands that need nobody.
"""

import asyncio
import datetime as dt
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from config import Settings
from models import OrderItem, OrderState, OrderStatus, OrderTry, ReceiptState, ReceiptStatus
from service.calls import reached
from service.errors import NoWorker, ServiceError, TemporalGone
from service.mails.standing import MailStanding
from service.mails.untold import untold
from service.receipts.review import listed_in_review
from service.runs.executions import Execution, list_executions
from service.runs.find import State, run_of
from service.runs.history import started_with
from service.runs.listing import query_of
from service.runs.stuck import Backlog, Stuck, among, backlogs, runs_to_ask
from workflows.identity import order_id_of, receipt_id_in
from workflows.search_attributes import (
    CURRENCY,
    CUSTOMER_ID,
    MERCHANT,
    SUBMITTED_BY,
    TOTAL_CENTS,
)

MOST = 100
"""Of each kind that are looked at closely; how many more there are is said."""

MOST_ASKED = 500
"""Runs that are asked whether they are stuck: the oldest."""

STUCK_SECONDS = 10
"""A run that is younger is not asked: it is under way, and most are done by then."""

ANSWER_SECONDS = 3.0
"""How long a run may take to say until when it waits; without it the rest is shown."""

ASKED_AT_ONCE = 8
FRESH_SECONDS = 2.0
"""How long what was seen is shown to others who look."""


@dataclass(frozen=True)
class WaitingOrder:
    """An order that waits for a decision; ``until`` is None if the run does not answer now."""

    workflow_id: str
    order_id: str
    total_cents: int
    currency: str
    customer_id: str | None
    items: tuple[OrderItem, ...]
    submitted_by: str | None
    since: dt.datetime
    until: dt.datetime | None
    is_paused: bool = False


@dataclass(frozen=True)
class WaitingReceipt:
    """A receipt that a person has to look at; ``reason`` says why."""

    workflow_id: str
    receipt_id: str
    user_id: str
    merchant: str | None
    total_cents: int | None
    currency: str | None
    reason: str | None
    since: dt.datetime
    until: dt.datetime | None


@dataclass(frozen=True)
class Waiting:
    """All that waits, each kind with the most urgent first.

    ``more`` says of how many nothing else is said; ``silent`` that runs did not answer, so that
    what is listed may be over already.
    """

    approvals: Sequence[WaitingOrder] = ()
    reviews: Sequence[WaitingReceipt] = ()
    stuck: Sequence[Stuck] = ()
    mails: Sequence[MailStanding] = ()
    backlogs: Sequence[Backlog] = ()
    more: int = 0
    silent: bool = False

    @property
    def count(self) -> int:
        """How many wait."""
        listed = (self.approvals, self.reviews, self.stuck, self.mails)
        return sum(map(len, listed)) + self.more


class WaitingBoard:
    """What waits, asked for at most every two seconds, however many people look."""

    def __init__(self, client: Callable[[], Awaitable[Client]], settings: Settings) -> None:
        self._client = client
        self._settings = settings
        self._asking = asyncio.Lock()
        self._seen: Waiting | None = None
        self._seen_at = self._forgotten_at = -FRESH_SECONDS

    async def look(self) -> Waiting:
        """Return what waits; raise TemporalGone."""
        async with self._asking:
            if self._seen is None or time.monotonic() - self._seen_at > FRESH_SECONDS:
                began = time.monotonic()
                self._seen = await all_waiting(await self._client(), self._settings)
                # What was done meanwhile may be missing in it.
                is_whole = began >= self._forgotten_at
                self._seen_at = time.monotonic() if is_whole else -FRESH_SECONDS
            return self._seen

    def forget(self) -> None:
        """Have the next look ask anew, because somebody did something."""
        self._forgotten_at = time.monotonic()
        self._seen_at = -FRESH_SECONDS


async def all_waiting(client: Client, settings: Settings) -> Waiting:
    """Return everything that waits for a person; raise TemporalGone."""
    asker = _Asker(client)
    approvals, reviews, stuck, mails, behind = await asyncio.gather(
        _approvals(client, asker),
        _reviews(client, asker),
        stuck_runs(client),
        untold(client),
        backlogs(client, settings),
    )
    return Waiting(
        approvals=sorted(approvals, key=lambda one: one.until or one.since),
        reviews=sorted(reviews, key=lambda one: one.until or one.since),
        stuck=stuck,
        mails=mails[::-1],
        backlogs=behind,
        more=asker.more,
        silent=asker.is_silent,
    )


async def next_review(client: Client, user: str | None, besides: str | None) -> str | None:
    """Return the workflow id of the receipt that waits longest, of one user or all.

    ``besides`` is the workflow id of one that is not meant, because somebody has just dealt with
    it or leaves it for later; what follows that one comes first. None if there is no other. Raise
    TemporalGone.
    """
    listed = [found.workflow_id for found in await listed_in_review(client, user)]
    place = listed.index(besides) + 1 if besides in listed else 0
    asker = _Asker(client)
    for workflow_id in [*listed[place:], *listed[:place]]:
        if workflow_id == besides:
            continue
        state = await asker.of_id(workflow_id)
        if state is None or state.status == ReceiptStatus.NEEDS_REVIEW:
            return workflow_id
    return None


@dataclass
class _Asker:
    """Asks runs where they stand, a few at a time, and none any more once no worker answers."""

    client: Client
    is_silent: bool = False
    more: int = 0
    free: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(ASKED_AT_ONCE))

    def shown(self, oldest_first: list[Execution]) -> list[Execution]:
        """Return those that are looked at, and count the others."""
        self.more += max(0, len(oldest_first) - MOST)
        return oldest_first[:MOST]

    async def state(self, found: Execution) -> State | None:
        """Return where a run stands by its own word; None if it does not say."""
        async with self.free:
            if self.is_silent:
                return None
            try:
                async with asyncio.timeout(ANSWER_SECONDS):
                    return await (await run_of(self.client, found)).state()
            except (NoWorker, TimeoutError):
                self.is_silent = True
            except TemporalGone:
                raise
            except ServiceError:  # it is over, its code fails, or the server paused it
                pass
            except RPCError as error:
                if error.status is not RPCStatusCode.NOT_FOUND:  # deleted since it was listed
                    raise
            return None

    async def of_id(self, workflow_id: str) -> State | None:
        """As ``state``, of the latest run of an id."""
        listed = await reached(_listed(self.client, f"WorkflowId = '{workflow_id}'", 1))
        return await self.state(listed[0]) if listed else None


async def _approvals(client: Client, asker: _Asker) -> list[WaitingOrder]:
    query = query_of("order", OrderStatus.AWAITING_APPROVAL) + " AND ExecutionStatus = 'Running'"
    oldest_first = (await reached(_listed(client, query)))[::-1]

    async def ask(found: Execution) -> WaitingOrder | None:
        state, order = await asyncio.gather(asker.state(found), _order(client, found))
        if isinstance(state, OrderState) and (
            state.status is not OrderStatus.AWAITING_APPROVAL or state.approval
        ):
            return None  # decided since it was listed
        return _approval(found, state, order)

    asked = await asyncio.gather(*map(ask, asker.shown(oldest_first)))
    return [one for one in asked if one is not None]


async def _order(client: Client, found: Execution) -> OrderTry | None:
    try:
        return await started_with(client, found, OrderTry)
    except RPCError as error:
        if error.status is not RPCStatusCode.NOT_FOUND:
            raise
        return None


def _approval(found: Execution, state: State | None, order: OrderTry | None) -> WaitingOrder:
    shown = found.search_attributes
    return WaitingOrder(
        workflow_id=found.workflow_id,
        order_id=order_id_of(found.workflow_id) or found.workflow_id,
        total_cents=shown.get(TOTAL_CENTS) or (order.total_cents if order else 0),
        currency=shown.get(CURRENCY) or (order.currency if order else ""),
        customer_id=order.customer_id if order else shown.get(CUSTOMER_ID),
        items=order.items if order else (),
        submitted_by=order.submitted_by if order else shown.get(SUBMITTED_BY),
        since=found.started_at,
        until=state.waiting_until if state else None,
        is_paused=isinstance(state, OrderState) and state.paused,
    )


async def _reviews(client: Client, asker: _Asker) -> list[WaitingReceipt]:
    async def ask(found: Execution) -> WaitingReceipt | None:
        state = await asker.state(found)
        if isinstance(state, ReceiptState) and state.status is not ReceiptStatus.NEEDS_REVIEW:
            return None  # settled since it was listed
        return _review(found, state if isinstance(state, ReceiptState) else None)

    listed = await listed_in_review(client, None)
    asked = await asyncio.gather(*map(ask, asker.shown(listed)))
    return [one for one in asked if one is not None]


def _review(found: Execution, state: ReceiptState | None) -> WaitingReceipt:
    shown = found.search_attributes
    return WaitingReceipt(
        workflow_id=found.workflow_id,
        receipt_id=receipt_id_in(found.workflow_id),
        user_id=state.user_id if state else shown.get(CUSTOMER_ID) or "",
        merchant=shown.get(MERCHANT) or (state.fields.merchant if state and state.fields else None),
        total_cents=shown.get(TOTAL_CENTS),
        currency=shown.get(CURRENCY),
        reason=state.reason if state else None,
        since=found.started_at,
        until=state.waiting_until if state else None,
    )


async def stuck_runs(client: Client) -> list[Stuck]:
    """Return the runs in which something fails, the oldest first; the oldest alone are asked."""
    before = dt.datetime.now(dt.UTC) - dt.timedelta(seconds=STUCK_SECONDS)
    query = f"{query_of()} AND StartTime < '{before.isoformat()}'"
    oldest_first = (await runs_to_ask(client, query))[::-1]
    return [one async for one in among(client, oldest_first[:MOST_ASKED]) if one.failing]


async def _listed(client: Client, query: str, limit: int | None = None) -> list[Execution]:
    return [found async for found in list_executions(client, query, limit)]
