"""Orders whose last run's status is not theirs: the ledgers say what became of them."""

import dataclasses
from typing import Any

import pytest

from models import ListedStock, OrderStatus
from service.audit.books import Books, OrderRun, run_in_archive
from service.audit.rules import Audit
from tests.service.audit.test_audit_archive import archived
from tests.service.audit.test_audit_rules import (
    charge,
    honest,
    kinds,
    refund,
    reservation,
    second_charge,
    second_reservation,
    second_shipment,
    shipment,
)
from tests.support.scripted_books import audit_of

FULFILLED: dict[str, Any] = {
    "charges": (charge("o1"), charge("o2")),
    "refunds": (),
    "reservations": (reservation("o1", "shipped"), reservation("o2", "shipped")),
    "shipments": (shipment("o1"), shipment("o2")),
    "stock": (ListedStock(sku="mug", total=9, available=5, reserved=0, shipped=4),),
}
"""What the ledgers hold if the first try of order o2 was shipped and paid."""


def audited(run: OrderRun, **ledgers: Any) -> Audit:
    """Audit books in which order o2 ended with this run, its first try shipped and paid."""
    books: Books = honest()
    books.orders["order-o2"] = run
    held = dataclasses.replace(books.ledgers, **{**FULFILLED, **ledgers})
    return audit_of(dataclasses.replace(books, ledgers=held))


def o2(status: OrderStatus, **changes: Any) -> OrderRun:
    return OrderRun("order-o2", status, 1_000, **changes)


OTHER_ENDS = {
    "a refused run, and no other is known": o2(OrderStatus.FAILED, is_refused=True),
    "the first try was terminated": o2(OrderStatus.TERMINATED),
    "the first try timed out": o2(OrderStatus.TIMED_OUT),
    "an archived one that was terminated": run_in_archive(
        archived("o2", status=OrderStatus.TERMINATED)
    ),
    "a second try was terminated": o2(OrderStatus.TERMINATED, try_number=2),
    "a second try could not settle the first": o2(OrderStatus.FAILED, try_number=2),
    "a second try was cancelled before it began": o2(OrderStatus.CANCELLED, try_number=2),
}


@pytest.mark.parametrize("run", OTHER_ENDS.values(), ids=OTHER_ENDS)
def test_an_order_that_is_shipped_and_paid_owes_nothing(run: OrderRun) -> None:
    audit = audited(run)
    assert audit.findings == []
    assert audit.sums["USD"].due == 2_000


@pytest.mark.parametrize("run", OTHER_ENDS.values(), ids=OTHER_ENDS)
@pytest.mark.parametrize(
    ("ledgers", "expected"),
    [
        ({"charges": (charge("o1"),)}, {"shipped_anyway"}),
        ({"refunds": (refund("o2"),)}, {"shipped_anyway"}),
        ({"shipments": (shipment("o1"),)}, {"refund_owed", "sums"}),
        (
            {"charges": (charge("o1"), charge("o2", amount_cents=900))},
            {"wrong_amount", "sums"},
        ),
        (
            {"charges": (charge("o1"), charge("o2"), second_charge())},
            {"refund_owed", "sums"},
        ),
        (
            {
                "charges": (charge("o1"), charge("o2"), second_charge()),
                "reservations": (
                    *FULFILLED["reservations"],
                    second_reservation("shipped"),
                ),
                "shipments": (shipment("o1"), shipment("o2"), second_shipment()),
                "stock": (ListedStock(sku="mug", total=9, available=3, reserved=0, shipped=6),),
            },
            {"refund_owed", "shipped_anyway", "sums"},
        ),
    ],
    ids=["unpaid", "refunded", "unshipped", "too little", "charged twice", "shipped twice"],
)
def test_one_that_is_not_is_still_found(
    run: OrderRun, ledgers: dict[str, Any], expected: set[str]
) -> None:
    assert kinds(audited(run, **ledgers)) == expected


@pytest.mark.parametrize("status", [OrderStatus.CANCELLED, OrderStatus.FAILED])
@pytest.mark.parametrize("number", [None, 1])
def test_what_a_try_says_that_it_undid_is_not_believed_to_be_shipped(
    status: OrderStatus, number: int | None
) -> None:
    found = kinds(audited(o2(status, try_number=number)))
    assert found == {"refund_owed", "shipped_anyway", "sums"}


@pytest.mark.parametrize("run", OTHER_ENDS.values(), ids=OTHER_ENDS)
def test_a_refund_that_is_pending_after_the_end_of_its_run_is_found(run: OrderRun) -> None:
    pending = refund("o2", status="pending")
    rows: dict[str, Any] = {
        "refunds": (pending,),
        "reservations": (reservation("o1", "shipped"), reservation("o2", "released")),
        "shipments": (shipment("o1"),),
        "stock": (ListedStock(sku="mug", total=9, available=7, reserved=0, shipped=2),),
    }
    (found,) = audited(run, **rows).findings
    assert (found.kind, found.about) == ("refund_pending", "order-o2")
    assert "the refund ref_o2 of 10.00 USD is pending, and no run follows it" in found.words
    ended = {**rows, "refunds": (refund("o2"),)}
    assert audited(run, **ended).findings == []


def test_a_refund_that_is_pending_while_its_run_is_open_is_no_finding() -> None:
    rows: dict[str, Any] = {
        "refunds": (refund("o2", status="pending"),),
        "reservations": (reservation("o1", "shipped"), reservation("o2", "released")),
        "shipments": (shipment("o1"),),
        "stock": (ListedStock(sku="mug", total=9, available=7, reserved=0, shipped=2),),
    }
    assert audited(OrderRun("order-o2", None, 1_000), **rows).findings == []
