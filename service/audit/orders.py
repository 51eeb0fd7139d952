"""Audit of orders: what each charged, gave back, held and shipped, and what that sums up to."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sized
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
from workflows.identity import order_workflow_id


@dataclass(frozen=True)
class Finding:
    """One thing that does not agree: its kind for programs, and the rest for a person."""

    kind: str
    about: str
    words: str


@dataclass
class Sums:
    """Money of one currency in cents; ``due`` is what completed orders cost."""

    charged: int = 0
    refunded: int = 0
    due: int = 0
    with_open_runs: int = 0


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
        keys = sorted({charge.idempotency_key for charge in what.charges})
        if len(keys) > 1 and (run is None or run.status is None):
            yield Finding("doubled", workflow_id, f"charged under {' and '.join(keys)}")
    for run in books.orders.values():
        if run.status is not None:
            yield from _order(run, done[run.workflow_id])


def _order(run: OrderRun, done: _Done) -> Iterator[Finding]:
    def finding(kind: str, words: str) -> Finding:
        return Finding(kind, run.workflow_id, f"{run.status}, but {words}")

    for charge in done.charges:
        if run.total_cents is not None and charge.amount_cents != run.total_cents:
            charged = wording.money(charge.amount_cents, charge.currency)
            yield finding("wrong_amount", f"{charged} charged, not {run.total_cents} cents")
    yield from (
        finding(kind, words)
        for kind, words in (
            _fulfilled(run.result, done)
            if run.result is not None and run.status is OrderStatus.COMPLETED
            else _undone(done)
        )
    )


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


def _undone(done: _Done) -> Iterator[tuple[str, str]]:
    """What must be true of an order that was not fulfilled, for whatever reason."""
    if len(done.charges) > 1:
        yield "doubled", f"charged {len(done.charges)} times"
    for charge in done.charges:
        back = sum(
            row.amount_cents for row in done.refunds if row.transaction_id == charge.transaction_id
        )
        if back < charge.amount_cents:
            owed = wording.money(charge.amount_cents - back, charge.currency)
            yield "refund_owed", f"{owed} of {charge.transaction_id} were not refunded"
        elif back > charge.amount_cents:
            too_much = wording.money(back - charge.amount_cents, charge.currency)
            yield "refund_too_large", f"{too_much} too much of {charge.transaction_id} refunded"
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
    for run in books.orders.values():
        if run.result is not None and run.status is OrderStatus.COMPLETED:
            sums[run.result.currency].due += run.result.total_cents
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
    """Return the currencies whose sums do not agree to the cent."""
    for currency, one in sorted(sums.items()):
        difference = one.charged - one.refunded - one.with_open_runs - one.due
        if difference:
            amount = wording.money(difference, currency)
            yield Finding(
                "sums",
                currency,
                f"charged less refunded is {amount} away from what is due",
            )
