"""Ledgers with every kind of contradiction: each is found, and correct ledgers are clean."""

import dataclasses
import datetime as dt
from typing import Any

import pytest

from models import (
    ExpenseEdit,
    ListedCharge,
    ListedReceipt,
    ListedRefund,
    ListedReservation,
    ListedShipment,
    ListedStock,
    OrderResult,
    OrderStatus,
    ReceiptResult,
    ReceiptStatus,
    RequestedItem,
    StoredExpense,
)
from service.audit import workbook
from service.audit.books import Books, OrderRun, ReceiptRun
from service.audit.rules import Audit
from tests.support.scripted_books import ScriptedLedgers, audit_of

NOW = dt.datetime(2026, 3, 2, 12, tzinfo=dt.UTC)
BEFORE = NOW - dt.timedelta(hours=1)
LONG_AGO = NOW - dt.timedelta(days=3)
CONTENT = "ab" * 32
OBJECT = ListedReceipt(object_key=f"receipts/{CONTENT}.jpg", stored_at=BEFORE)
OTHER_OBJECT = ListedReceipt(object_key=f"receipts/{'cd' * 32}.jpg", stored_at=BEFORE)

Changes = dict[str, Any]


@pytest.fixture(autouse=True)
def every_order_is_a_part_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook, "PART_SUBJECTS", 1)


def charge(order: str = "o1", **changes: Any) -> ListedCharge:
    row = ListedCharge(
        idempotency_key=f"order-{order}:charge",
        order_id=order,
        created_at=BEFORE,
        transaction_id=f"txn_{order}",
        amount_cents=1_000,
        currency="USD",
    )
    return row.model_copy(update=changes)


def refund(order: str, **changes: Any) -> ListedRefund:
    row = ListedRefund(
        **charge(order, idempotency_key=f"order-{order}:refund").model_dump(),
        refund_id=f"ref_{order}",
    )
    return row.model_copy(update=changes)


def reservation(order: str, status: str) -> ListedReservation:
    return ListedReservation.model_validate(
        {
            "idempotency_key": f"order-{order}:reserve",
            "order_id": order,
            "created_at": BEFORE,
            "reservation_id": f"res_{order}",
            "items": (RequestedItem(sku="mug", quantity=2),),
            "status": status,
        }
    )


def shipment(order: str, **changes: Any) -> ListedShipment:
    row = ListedShipment(
        idempotency_key=f"order-{order}:ship",
        order_id=order,
        created_at=BEFORE,
        shipment_id=f"shp_{order}",
        reservation_id=f"res_{order}",
    )
    return row.model_copy(update=changes)


def expense(**changes: Any) -> StoredExpense:
    row = StoredExpense(
        receipt_id=f"ada-{CONTENT[:16]}",
        user_id="ada",
        merchant="Corner Cafe",
        total_cents=1_230,
        currency="EUR",
        date=None,
        parser="rules",
        object_key=OBJECT.object_key,
        expense_id="exp_1",
        created_at=BEFORE,
    )
    return row.model_copy(update=changes)


def edit(**changes: Any) -> ExpenseEdit:
    known = expense().model_dump(include=set(ExpenseEdit.model_fields))
    made = ExpenseEdit(**known, edited_by="ada", edited_at=NOW)
    return made.model_copy(update={"total_cents": 990, **changes})


def honest() -> Books:
    """Return books of one completed order, one cancelled order and one saved receipt."""
    completed = OrderResult(
        order_id="o1",
        status=OrderStatus.COMPLETED,
        total_cents=1_000,
        currency="USD",
        customer_told=True,
    )
    saved = ReceiptResult(
        receipt_id=expense().receipt_id,
        status=ReceiptStatus.COMPLETED,
        expense_id="exp_1",
        merchant=None,
        total_cents=1_230,
        currency="EUR",
        date=None,
        parser="rules",
        user_told=True,
    )
    receipt_id = f"receipt-{saved.receipt_id}"
    return Books(
        since=NOW - dt.timedelta(days=1),
        read_at=NOW,
        orders={
            "order-o1": OrderRun("order-o1", OrderStatus.COMPLETED, 1_000, completed),
            "order-o2": OrderRun("order-o2", OrderStatus.CANCELLED, 1_000),
        },
        receipts={receipt_id: ReceiptRun(receipt_id, is_open=False, result=saved)},
        ledgers=ScriptedLedgers(
            charges=(charge("o1"), charge("o2")),
            refunds=(refund("o2"),),
            reservations=(reservation("o1", "shipped"), reservation("o2", "released")),
            shipments=(shipment("o1"),),
            stock=(ListedStock(sku="mug", total=9, available=7, reserved=0, shipped=2),),
            expenses=(expense(),),
            objects=(OBJECT,),
            mails=frozenset({"order-o1:confirm", f"{receipt_id}:tell"}),
        ),
    )


def audited(**ledgers: Any) -> Audit:
    """Audit the honest books with some ledgers replaced."""
    books = honest()
    return audit_of(
        dataclasses.replace(books, ledgers=dataclasses.replace(books.ledgers, **ledgers))
    )


def kinds(audit: Audit) -> set[str]:
    return {finding.kind for finding in audit.findings}


def test_honest_books_are_clean_and_sum_up() -> None:
    audit = audit_of(honest())
    assert audit.findings == []
    usd = audit.summary()["sums"]["USD"]
    assert usd == {"charged": 2_000, "refunded": 1_000, "due": 1_000, "with_open_runs": 0}


def test_an_expense_that_somebody_edited_or_deleted_is_no_finding() -> None:
    for made, counted in ((edit(), (1, 0)), (edit(is_deleted=True), (0, 1))):
        audit = audited(edits=(made,))
        assert audit.findings == []
        assert (audit.edited_expenses, audit.deleted_expenses) == counted


@pytest.mark.parametrize(
    ("ledgers", "expected"),
    [
        ({"charges": (charge("o2"),)}, {"lost", "sums"}),
        (
            {"charges": (charge("o1"), charge("o2"), charge("o1", transaction_id="txn_2"))},
            {"doubled", "doubled_key", "sums"},
        ),
        ({"charges": (charge("o1", amount_cents=999), charge("o2"))}, {"wrong_amount", "sums"}),
        ({"charges": (charge("o1", currency="EUR"), charge("o2"))}, {"wrong_amount", "sums"}),
        ({"charges": (charge("o1"), charge("o2"), charge("o9"))}, {"orphan", "sums"}),
        ({"refunds": ()}, {"refund_owed", "sums"}),
        ({"refunds": (refund("o2", amount_cents=900),)}, {"refund_owed", "sums"}),
        ({"refunds": (refund("o2", amount_cents=1_100),)}, {"refund_too_large", "sums"}),
        ({"refunds": (refund("o2"), refund("o1"))}, {"refund_without_cancel", "sums"}),
        ({"shipments": ()}, {"lost"}),
        ({"shipments": (shipment("o1"), shipment("o2"))}, {"shipped_anyway"}),
        ({"shipments": (shipment("o1"), shipment("o9"))}, {"orphan"}),
        (
            {"reservations": (reservation("o1", "shipped"), reservation("o2", "held"))},
            {"stock_held", "stock"},
        ),
        ({"reservations": (reservation("o2", "released"),)}, {"reservations", "stock"}),
        (
            {"stock": (ListedStock(sku="mug", total=9, available=6, reserved=0, shipped=2),)},
            {"stock"},
        ),
        ({"expenses": ()}, {"lost"}),
        ({"expenses": (expense(), expense(expense_id="exp_2"))}, {"doubled", "doubled_key"}),
        ({"expenses": (expense(total_cents=1),)}, {"wrong_amount"}),
        ({"expenses": (expense(), expense(receipt_id="ada-x"))}, {"orphan"}),
        ({"edits": (edit(expense_id="exp_9"),)}, {"orphan"}),
        ({"edits": (edit(),), "unlogged": frozenset({"exp_1"})}, {"unlogged"}),
        (
            {
                "objects": (
                    OBJECT,
                    OTHER_OBJECT,
                )
            },
            {"orphan"},
        ),
        ({"mails": frozenset({"order-o1:confirm"})}, {"mail"}),
    ],
)
def test_each_lie_is_found(ledgers: Changes, expected: set[str]) -> None:
    assert kinds(audited(**ledgers)) == expected


def test_an_open_order_is_counted_and_not_judged() -> None:
    books = honest()
    books.orders["order-o3"] = OrderRun("order-o3", None, 1_000)
    ledgers = dataclasses.replace(books.ledgers, charges=(*books.ledgers.charges, charge("o3")))
    audit = audit_of(dataclasses.replace(books, ledgers=ledgers))
    assert audit.findings == []
    assert audit.open_orders == 1
    assert audit.sums["USD"].with_open_runs == 1_000


def test_what_temporal_no_longer_remembers_is_counted_and_not_judged() -> None:
    forgotten = charge("o0", created_at=LONG_AGO)
    audit = audited(
        charges=(*honest().ledgers.charges, forgotten),
        expenses=(expense(), expense(receipt_id="ada-old", created_at=LONG_AGO)),
        objects=(OBJECT, ListedReceipt(object_key="receipts/old.jpg", stored_at=LONG_AGO)),
    )
    assert audit.findings == []
    assert audit.forgotten == 1


def test_a_file_that_was_stored_a_moment_ago_may_still_get_its_run() -> None:
    young = OTHER_OBJECT.model_copy(update={"stored_at": NOW - dt.timedelta(seconds=5)})
    assert audited(objects=(OBJECT, young)).findings == []


@pytest.mark.parametrize("order", ["open", "unknown"])
def test_an_order_that_was_charged_under_two_keys_is_found_whatever_its_run(order: str) -> None:
    under_another_id = charge(order, idempotency_key=f"{order}:charge", transaction_id="t-2")
    found = audited(charges=(*honest().ledgers.charges, charge(order), under_another_id))
    assert ("doubled", f"order-{order}") in {(f.kind, f.about) for f in found.findings}


def tried_again(**ledgers: Any) -> Audit:
    """Audit an order that was refunded at first, and completed by its second try."""
    books = honest()
    completed = OrderResult(
        order_id="o2",
        try_number=2,
        status=OrderStatus.COMPLETED,
        total_cents=1_000,
        currency="USD",
        customer_told=True,
    )
    books.orders["order-o2"] = OrderRun("order-o2", OrderStatus.COMPLETED, 1_000, completed)
    again = {
        "charges": (*books.ledgers.charges, second_charge()),
        "reservations": (*books.ledgers.reservations, second_reservation("shipped")),
        "shipments": (*books.ledgers.shipments, second_shipment()),
        "stock": (ListedStock(sku="mug", total=9, available=5, reserved=0, shipped=4),),
        "mails": books.ledgers.mails | {"order-o2:confirm:2"},
        **ledgers,
    }
    return audit_of(dataclasses.replace(books, ledgers=dataclasses.replace(books.ledgers, **again)))


def second_charge(**changes: Any) -> ListedCharge:
    return charge("o2", idempotency_key="order-o2:charge:2", transaction_id="txn_o2-2", **changes)


def second_reservation(status: str) -> ListedReservation:
    row = reservation("o2", status)
    return row.model_copy(
        update={"idempotency_key": "order-o2:reserve:2", "reservation_id": "res_o2-2"}
    )


def second_shipment() -> ListedShipment:
    return shipment("o2", idempotency_key="order-o2:ship:2", shipment_id="shp_o2-2")


def test_an_order_that_was_tried_again_is_charged_once_after_all() -> None:
    audit = tried_again()
    assert audit.findings == []
    assert audit.sums["USD"].due == 2_000


@pytest.mark.parametrize(
    ("ledgers", "expected"),
    [
        ({"refunds": ()}, {"refund_owed", "sums"}),
        ({"charges": (charge("o1"), charge("o2"))}, {"lost", "sums"}),
        (
            {"refunds": (refund("o2"), refund("o2", transaction_id="txn_o2-2", refund_id="r-2"))},
            {"refund_without_cancel", "doubled_key", "sums"},
        ),
        (
            {
                "charges": (
                    charge("o1"),
                    charge("o2"),
                    second_charge(),
                    charge("o2", idempotency_key="order-o2:charge:3", transaction_id="txn_3"),
                )
            },
            {"doubled", "sums"},
        ),
        (
            {"shipments": (shipment("o1"), shipment("o2"), second_shipment())},
            {"shipped_anyway"},
        ),
        (
            {
                "reservations": (
                    reservation("o1", "shipped"),
                    reservation("o2", "held"),
                    second_reservation("shipped"),
                )
            },
            {"stock_held", "stock"},
        ),
        ({"mails": honest().ledgers.mails}, {"mail"}),
    ],
)
def test_what_is_left_of_an_earlier_try_is_found(ledgers: Changes, expected: set[str]) -> None:
    assert kinds(tried_again(**ledgers)) == expected


@pytest.mark.parametrize(("refunds", "found"), [((refund("o2"),), set()), ((), {"doubled"})])
def test_a_try_under_way_is_found_only_if_an_earlier_charge_is_not_refunded(
    refunds: tuple[ListedRefund, ...], found: set[str]
) -> None:
    books = honest()
    books.orders["order-o2"] = OrderRun("order-o2", None, 1_000)
    ledgers = dataclasses.replace(
        books.ledgers, charges=(*books.ledgers.charges, second_charge()), refunds=refunds
    )
    assert kinds(audit_of(dataclasses.replace(books, ledgers=ledgers))) == found
