"""Audit of orders: what each charged, gave back, held and shipped, and what that sums up to."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sized
from dataclasses import dataclass, field

from models import (
    Listed,
    ListedCharge,
    ListedRefund,
    ListedReservation,
    ListedShipment,
    OrderResult,
    OrderStatus,
    RequestedItem,
)
from service.audit.books import Books, OrderRun
from workflows import wording
from workflows.identity import order_workflow_id, try_of
from workflows.order.steps import CHARGE, RESERVE, SHIP

_ENDED_FROM_OUTSIDE = (OrderStatus.TERMINATED, OrderStatus.TIMED_OUT)
"""Ends by which a run says nothing of what it did."""


@dataclass(frozen=True)
class Finding:
    """One thing that does not agree: its kind for programs, and the rest for a person."""

    kind: str
    about: str
    words: str


@dataclass
class Sums:
    """Money of one currency in minor units; ``due`` is what shipped orders cost."""

    charged: int = 0
    refunded: int = 0
    due: int = 0
    with_open_runs: int = 0

    def add(self, other: "Sums") -> None:
        """Add those of another part."""
        for name, amount in vars(other).items():
            setattr(self, name, getattr(self, name) + amount)


def order_of(row: Listed) -> str:
    """Return the workflow id of the order that an effect is of."""
    return order_workflow_id(row.order_id)


# --- orders -------------------------------------------------------------------------------------


@dataclass
class _Done:
    """What the ledgers hold of one order."""

    charges: list[ListedCharge] = field(default_factory=list)
    refunds: list[ListedRefund] = field(default_factory=list)
    reservations: list[ListedReservation] = field(default_factory=list)
    shipments: list[ListedShipment] = field(default_factory=list)

    def owed_of(self, charge: ListedCharge) -> int:
        """Return how much of a charge is not refunded; below 0 if too much is."""
        return charge.amount_cents - sum(
            row.amount_cents for row in self.refunds if row.transaction_id == charge.transaction_id
        )

    def at_try(self, workflow_id: str, number: int) -> "tuple[_Done, _Done]":
        """Divide what was done by the tries before this one from all else."""
        return self._divided(workflow_id, lambda made_by: made_by is None or made_by >= number)

    def only_try(self, workflow_id: str, number: int) -> "tuple[_Done, _Done]":
        """Divide what was done by all other tries from what this one did."""
        return self._divided(workflow_id, lambda made_by: made_by == number)

    def _divided(
        self, workflow_id: str, is_second: Callable[[int | None], bool]
    ) -> "tuple[_Done, _Done]":
        """Divide what was done by the try that did it, which is None under an unknown key."""

        def half(row: Listed, step: str) -> _Done:
            return divided[is_second(try_of(row.idempotency_key, workflow_id, step))]

        divided = (_Done(), _Done())
        charged_by = {charge.transaction_id: half(charge, CHARGE) for charge in self.charges}
        for charge in self.charges:
            charged_by[charge.transaction_id].charges.append(charge)
        for refund in self.refunds:
            charged_by.get(refund.transaction_id, divided[is_second(None)]).refunds.append(refund)
        for reservation in self.reservations:
            half(reservation, RESERVE).reservations.append(reservation)
        for shipment in self.shipments:
            half(shipment, SHIP).shipments.append(shipment)
        return divided

    def is_shipped_and_paid(self) -> bool:
        """Tell whether this is all that a fulfilled try does, and nothing else."""
        counts = (len(self.charges), len(self.refunds), len(self.shipments))
        return counts == (1, 0, 1) and [row.status for row in self.reservations] == ["shipped"]


def _done_by_order(books: Books) -> dict[str, _Done]:
    done: dict[str, _Done] = defaultdict(_Done)
    for charge in books.ledgers.charges:
        done[order_of(charge)].charges.append(charge)
    for refund in books.ledgers.refunds:
        done[order_of(refund)].refunds.append(refund)
    for reservation in books.ledgers.reservations:
        done[order_of(reservation)].reservations.append(reservation)
    for shipment in books.ledgers.shipments:
        done[order_of(shipment)].shipments.append(shipment)
    return done


def audit_orders(books: Books) -> Iterator[Finding]:
    """Return what does not agree about the orders that are closed, and who was charged twice."""
    done = _done_by_order(books)
    for workflow_id, what in done.items():
        run = books.orders.get(workflow_id)
        keys = _charged_twice(workflow_id, what)
        if keys and (run is None or run.status is None):
            yield Finding("doubled", workflow_id, f"charged under {' and '.join(keys)}")
    for run in books.orders.values():
        if run.status is not None:
            yield from _order(run, done[run.workflow_id])


def _charged_twice(workflow_id: str, done: _Done) -> list[str]:
    """Return the keys under which an order was charged, if those are too many.

    Each try of an order has a key of its own, and begins once the earlier charge is refunded.
    """
    keys = {charge.idempotency_key for charge in done.charges}
    if all(try_of(key, workflow_id, CHARGE) for key in keys):
        keys = {row.idempotency_key for row in done.charges if done.owed_of(row) > 0}
    return sorted(keys) if len(keys) > 1 else []


def audit_archive(books: Books) -> Iterator[Finding]:
    """Return the orders that ended without a row, and those whose row says something else."""
    for workflow_id in sorted(books.not_archived):
        yield Finding("not_archived", workflow_id, "over, but not archived: 'starter.py archive'")
    for row in books.ledgers.archive:
        run = books.orders[row.workflow_id]
        if run.result is None or row.run_id != run.run_id:
            continue
        if (row.result.status, row.result.total_cents) != (run.status, run.total_cents):
            ended, archived = (
                f"{one.status} over {wording.money(one.total_cents, one.currency)}"
                for one in (run.result, row.result)
            )
            yield Finding("archive", row.workflow_id, f"{ended}, but archived as {archived}")


def _order(run: OrderRun, done: _Done) -> Iterator[Finding]:
    def finding(kind: str, words: str) -> Finding:
        return Finding(kind, run.workflow_id, f"{run.status}, but {words}")

    for charge in done.charges:
        if run.total_cents is not None and charge.amount_cents != run.total_cents:
            charged = wording.money(charge.amount_cents, charge.currency)
            asked = wording.money(run.total_cents, charge.currency)
            yield finding("wrong_amount", f"{charged} charged, not {asked}")
    yield from (finding(kind, words) for kind, words in _wrong(run, done))


def _wrong(run: OrderRun, done: _Done) -> Iterator[tuple[str, str]]:
    if run.result is None or run.status is not OrderStatus.COMPLETED:
        fulfilled = _fulfilled_anyway(run, done)
        yield from _undone(run.workflow_id, fulfilled[0] if fulfilled else done)
        return
    earlier, last = done.at_try(run.workflow_id, run.result.try_number)
    yield from _fulfilled(run.result, last)
    yield from _undone(run.workflow_id, earlier)


def _fulfilled_anyway(run: OrderRun, done: _Done) -> tuple[_Done, _Done] | None:
    """Divide what all other tries did from what the one did that shipped and was paid; else None.

    Such an order owes nothing, whatever a later try says that did nothing, or that an operator
    ended. What the last try says of itself is not doubted here.
    """
    for row in done.shipments:
        number = try_of(row.idempotency_key, run.workflow_id, SHIP)
        is_before = run.try_number is not None and (number or run.try_number) < run.try_number
        says_nothing = run.is_refused or run.status in _ENDED_FROM_OUTSIDE
        if number is None or not (is_before or says_nothing):
            continue
        divided = done.only_try(run.workflow_id, number)
        if divided[1].is_shipped_and_paid():
            return divided
    return None


def _fulfilled(result: OrderResult, done: _Done) -> Iterator[tuple[str, str]]:
    if len(done.charges) != 1:
        yield _lost_or_doubled(done.charges), f"charged {len(done.charges)} times"
    elif done.charges[0].currency != result.currency:
        yield "wrong_amount", f"charged in {done.charges[0].currency}, not {result.currency}"
    if done.refunds:
        yield "refund_without_cancel", f"refunded as {done.refunds[0].refund_id}"
    if len(done.shipments) != 1:
        yield _lost_or_doubled(done.shipments), f"shipped {len(done.shipments)} times"
    if [row.status for row in done.reservations] != ["shipped"]:
        yield "reservations", f"reservations are {[row.status for row in done.reservations]}"


def _lost_or_doubled(effects: Sized) -> str:
    return "doubled" if len(effects) > 1 else "lost"


def _undone(workflow_id: str, done: _Done) -> Iterator[tuple[str, str]]:
    """What must be true of tries that were not fulfilled, for whatever reason."""
    tries = [try_of(row.idempotency_key, workflow_id, CHARGE) for row in done.charges]
    if len(set(tries)) < len(tries) or (None in tries and len(tries) > 1):
        yield "doubled", f"charged {len(done.charges)} times"
    for charge in done.charges:
        owed = done.owed_of(charge)
        amount = wording.money(abs(owed), charge.currency)
        if owed > 0:
            yield "refund_owed", f"{amount} of {charge.transaction_id} were not refunded"
        elif owed < 0:
            yield "refund_too_large", f"{amount} too much of {charge.transaction_id} refunded"
    for refund in done.refunds:
        if refund.is_pending:
            amount = wording.money(refund.amount_cents, refund.currency)
            yield (
                "refund_pending",
                f"the refund {refund.refund_id} of {amount} is pending, and no run follows it any "
                "more: audit again until it has an end; if it fails, refund it at the payment "
                "provider",
            )
    if done.shipments:
        yield "shipped_anyway", f"shipped as {done.shipments[0].shipment_id}"
    held = [row.reservation_id for row in done.reservations if row.status == "held"]
    if held:
        yield "stock_held", f"still holds {wording.item_list(_items(done.reservations))}"


def _items(reservations: Iterable[ListedReservation]) -> list[RequestedItem]:
    return [item for row in reservations if row.status == "held" for item in row.items]


# --- money --------------------------------------------------------------------------------------


def sum_up(books: Books) -> dict[str, Sums]:
    """Sum what the ledgers hold of the orders that Temporal remembers."""
    sums: dict[str, Sums] = defaultdict(Sums)
    for charge in books.ledgers.charges:
        _add(sums[charge.currency], books, charge, charged=charge.amount_cents)
    for refund in books.ledgers.refunds:
        _add(sums[refund.currency], books, refund, refunded=refund.amount_cents)
    done = _done_by_order(books)
    for run in books.orders.values():
        if run.result is not None and run.status is OrderStatus.COMPLETED:
            sums[run.result.currency].due += run.result.total_cents
        elif run.status is not None and (tries := _fulfilled_anyway(run, done[run.workflow_id])):
            (charge,) = tries[1].charges
            cents = charge.amount_cents if run.total_cents is None else run.total_cents
            sums[charge.currency].due += cents
    return dict(sums)


def _add(sums: Sums, books: Books, row: Listed, charged: int = 0, refunded: int = 0) -> None:
    run = books.orders.get(order_of(row))
    if run is None and row.created_at < books.since:
        return
    sums.charged += charged
    sums.refunded += refunded
    if run is not None and run.status is None:
        sums.with_open_runs += charged - refunded


def disagreeing(sums: dict[str, Sums]) -> Iterator[Finding]:
    """Return the currencies whose sums do not agree to the minor unit."""
    for currency, one in sorted(sums.items()):
        difference = one.charged - one.refunded - one.with_open_runs - one.due
        if difference:
            amount = wording.money(difference, currency)
            yield Finding(
                "sums",
                currency,
                f"charged less refunded is {amount} away from what is due",
            )
