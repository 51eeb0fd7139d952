"""What everybody holds at the end of a simulation: server, ledgers, mailbox, audit.

Only reading and sorting: what it means is said by ``oracles``.
"""

import asyncio
import contextlib
import datetime as dt
import email
import email.policy
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from bootstrap import ledger_providers
from models import (
    ListedCharge,
    ListedRefund,
    ListedReservation,
    ListedShipment,
    OrderState,
    StoredExpense,
)
from service.audit.orders import Finding, order_of
from service.audit.report import audit
from service.errors import NotFound, ServiceError
from service.orders.archive import opened_archive
from service.orders.missing import archive_missing, ended_orders, without_row
from service.runs.executions import TERMINATED, TIMED_OUT
from service.runs.find import State, find_run
from service.status import standing_of
from tests.simulation.oracles import (
    OPEN,
    ChargeFact,
    Fault,
    FaultKind,
    MailFact,
    OrderFacts,
    ReceiptFacts,
    RefundFact,
)
from tests.simulation.people import Happened
from tests.simulation.plan.steps import PlannedOrder
from tests.simulation.world import World
from tests.support.whole_books import gathered
from workflows.identity import receipt_workflow_id

ASKED_AT_ONCE = 16

OWING = {"refund_owed", "refund_pending", "stock_held", "shipped_anyway", "not_archived"}
"""Findings of the audit that say what is left to do for an order that an operator ended."""

DOUBLED = {"doubled", "doubled_key", "refund_too_large"}

Row = TypeVar("Row")


@dataclass(frozen=True)
class _Standing:
    """Where a run stands: its last state, None while it is open, whether it owes anything, and how
    asking for that failed."""

    state: State | None = None
    owes: bool = False
    error: str = ""


class Facts:
    """What was read at the end, by workflow id."""

    def __init__(self, happened: Happened) -> None:
        self._happened = happened
        self._charges: dict[str, list[ListedCharge]] = {}
        self._refunds: dict[str, list[ListedRefund]] = {}
        self._reservations: dict[str, list[ListedReservation]] = {}
        self._shipments: dict[str, list[ListedShipment]] = {}
        self._expenses: dict[str, list[StoredExpense]] = {}
        self._mails: dict[str, list[MailFact]] = {}
        self._standings: dict[str, _Standing | None] = {}
        self.findings: list[Finding] = []

    async def read(self, world: World) -> None:
        """Read everything."""
        async with contextlib.AsyncExitStack() as closing:
            ledgers = ledger_providers(world.settings, closing)
            self._charges = _by(order_of, await gathered(ledgers.payments.charges()))
            self._refunds = _by(order_of, await gathered(ledgers.payments.refunds()))
            self._reservations = _by(order_of, await gathered(ledgers.inventory.reservations()))
            self._shipments = _by(order_of, await gathered(ledgers.shipping.shipments()))
            self._expenses = _by(_receipt_of, await ledgers.expenses.list())
        mailbox = world.settings.state_dir / "mailbox"
        self._mails = await asyncio.to_thread(_mails_by_address, mailbox)
        self._standings = await _standings(
            world, [*self._happened.orders, *self._happened.receipts]
        )
        await _archive_what_was_ended_from_outside(world)
        self.findings = (await audit(world.client, world.settings)).findings

    def statuses(self) -> Iterable[str]:
        """Yield how each acknowledged submission ended."""
        for workflow_id in self._happened.orders:
            yield str(self._status(workflow_id))
        for workflow_id in self._happened.receipts:
            yield f"receipt {self._status(workflow_id)}"

    def orders(self) -> Iterable[OrderFacts]:
        """Yield the facts of each order."""
        owing = {finding.about for finding in self.findings if finding.kind in OWING}
        for workflow_id, planned in self._happened.orders.items():
            stands = self._standings[workflow_id]
            yield OrderFacts(
                workflow_id=workflow_id,
                total=_price(planned),
                status=self._status(workflow_id),
                charges=tuple(
                    ChargeFact(
                        row.transaction_id,
                        row.amount_cents,
                        row.created_at.timestamp(),
                        row.idempotency_key,
                    )
                    for row in self._charges.get(workflow_id, ())
                ),
                refunds=tuple(
                    RefundFact(
                        row.refund_id,
                        row.transaction_id,
                        row.amount_cents,
                        row.created_at.timestamp(),
                        is_good=row.status == "succeeded",
                    )
                    for row in self._refunds.get(workflow_id, ())
                ),
                shipped_at=tuple(
                    row.created_at.timestamp() for row in self._shipments.get(workflow_id, ())
                ),
                reservations=tuple(row.status for row in self._reservations.get(workflow_id, ())),
                mails=tuple(self._mails.get(planned.order.customer_email, ())),
                reopened=tuple(self._happened.reopened.get(workflow_id, ())),
                retried=tuple(self._happened.retried.get(workflow_id, ())),
                was_terminated=workflow_id in self._happened.terminated,
                says_owed=workflow_id in owing or bool(stands and stands.owes),
                claims_told=bool(
                    stands and isinstance(stands.state, OrderState) and stands.state.customer_told
                ),
            )

    def receipts(self) -> Iterable[ReceiptFacts]:
        """Yield the facts of each receipt."""
        for workflow_id, planned in self._happened.receipts.items():
            yield ReceiptFacts(
                workflow_id=workflow_id,
                status=self._status(workflow_id),
                expenses=len(self._expenses.get(workflow_id, ())),
                mails=tuple(self._mails.get(planned.notify_email or "", ())),
            )

    def unexplained(self) -> Iterable[Fault]:
        """Yield what the audit found and nobody caused by ending a run, and who cannot be asked."""
        for workflow_id, stands in self._standings.items():
            if stands and stands.error:
                yield Fault(FaultKind.LOST, workflow_id, f"its status fails: {stands.error}")
        for finding in self.findings:
            if finding.kind == "sums" or self._is_caused(finding):
                continue
            kind = FaultKind.DOUBLED if finding.kind in DOUBLED else FaultKind.LOST
            yield Fault(kind, finding.about, f"audit: {finding.kind}: {finding.words}")

    def _is_caused(self, finding: Finding) -> bool:
        # Each run has a clock of its own: what was begun anew may end earlier than the end that
        # stands in the archive, which therefore keeps that. Nobody's clock does so in reality.
        if finding.kind == "not_archived" and finding.about in self._happened.reopened:
            return True
        return finding.about in self._happened.terminated and finding.kind in OWING

    def _status(self, workflow_id: str) -> str | None:
        stands = self._standings[workflow_id]
        if stands is None:
            return None
        if stands.error:
            return "unknown"
        return str(stands.state.status) if stands.state else OPEN


async def _standings(world: World, workflow_ids: list[str]) -> dict[str, _Standing | None]:
    places = asyncio.Semaphore(ASKED_AT_ONCE)

    async def ask(workflow_id: str) -> _Standing | None:
        async with places:
            try:
                run = await find_run(world.client, workflow_id)
            except NotFound:
                return None
            if run.is_open:
                return _Standing()
            try:
                stands = await standing_of(world.client, run)
            except Exception as error:
                return _Standing(error=repr(error))
            return _Standing(stands.state, bool(stands.owed))

    found = await asyncio.gather(*map(ask, workflow_ids))
    return dict(zip(workflow_ids, found, strict=True))


def _receipt_of(row: StoredExpense) -> str:
    return receipt_workflow_id(row.receipt_id)


async def _archive_what_was_ended_from_outside(world: World) -> None:
    """Write the rows that those orders could not, as an operator does; all others have theirs."""
    ended = [
        run for run in await ended_orders(world.client) if run.status in (TERMINATED, TIMED_OUT)
    ]
    async with opened_archive(world.settings) as archive:
        missing = await without_row(archive, ended)
        async for written in archive_missing(world.client, archive, missing):
            if written is not None and isinstance(written.outcome, ServiceError):
                raise written.outcome


def _by(workflow_id_of: Callable[[Row], str], rows: Iterable[Row]) -> dict[str, list[Row]]:
    found: defaultdict[str, list[Row]] = defaultdict(list)
    for row in rows:
        found[workflow_id_of(row)].append(row)
    return dict(found)


def _price(planned: PlannedOrder) -> int:
    return sum(item.quantity * item.unit_price_cents for item in planned.order.items)


def _mails_by_address(folder: Path) -> dict[str, list[MailFact]]:
    """Return the mails by whom they were delivered to, in the order in which they came."""
    found: defaultdict[str, list[MailFact]] = defaultdict(list)
    for file in sorted(folder.glob("*.eml")):
        mail = email.message_from_bytes(file.read_bytes(), policy=email.policy.default)
        came = dt.datetime.strptime(file.name.split("-")[0], "%Y%m%dT%H%M%S.%f%z")
        found[str(mail["To"])].append(
            MailFact(
                message_id=str(mail["Message-ID"]),
                subject=str(mail["Subject"]),
                body=mail.get_content(),
                at=came.timestamp(),
            )
        )
    return dict(found)
