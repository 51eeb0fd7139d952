"""The oracles see what must never happen, and nothing where all is well."""

import dataclasses

import pytest

from tests.simulation.oracles import (
    ChargeFact,
    FaultKind,
    MailFact,
    OrderFacts,
    ReceiptFacts,
    RefundFact,
    faults_of_order,
    faults_of_receipt,
)

CHARGE = ChargeFact("txn_1", 1000, at=10.0, key="order-7:charge")
LATER_CHARGE = ChargeFact("txn_2", 1000, at=50.0, key="order-7:charge:2")
REFUND = RefundFact("ref_1", "txn_1", 1000, at=20.0)
ON_ITS_WAY = MailFact("<a>", "Order 7 is on its way", "...", at=30.0)
NOT_CHARGED = MailFact("<b>", "Order 7 was cancelled", "You were not charged.", at=30.0)
REFUNDED = MailFact(
    "<b>", "Order 7 was cancelled", "Your payment was refunded as ref_1, in full.", at=30.0
)

COMPLETED = OrderFacts(
    "order-7",
    total=1000,
    status="completed",
    charges=(CHARGE,),
    shipped_at=(25.0,),
    reservations=("shipped",),
    mails=(ON_ITS_WAY,),
    claims_told=True,
)
CANCELLED = OrderFacts(
    "order-7",
    total=1000,
    status="cancelled",
    charges=(CHARGE,),
    refunds=(REFUND,),
    reservations=("released",),
    mails=(REFUNDED,),
    claims_told=True,
)
REJECTED = OrderFacts(
    "order-7",
    total=1000,
    status="rejected",
    mails=(MailFact("<b>", "Order 7 was not approved", "You were not charged.", at=30.0),),
)


@pytest.mark.parametrize(
    "order",
    [
        COMPLETED,
        CANCELLED,
        REJECTED,
        # It was begun anew after it had been rejected, and told so.
        dataclasses.replace(
            COMPLETED,
            charges=(dataclasses.replace(CHARGE, at=40.0),),
            shipped_at=(45.0,),
            mails=(*REJECTED.mails, dataclasses.replace(ON_ITS_WAY, at=50.0)),
            reopened=(35.0,),
        ),
        # A second copy of one mail is the first one's: their ids are the same.
        dataclasses.replace(COMPLETED, mails=(ON_ITS_WAY, ON_ITS_WAY)),
        # What an operator left owing by ending it is said.
        dataclasses.replace(
            CANCELLED,
            status="terminated",
            refunds=(),
            mails=(),
            claims_told=False,
            was_terminated=True,
            says_owed=True,
        ),
        # Tried again with another card, under a key of its own, after the first was given back.
        dataclasses.replace(
            COMPLETED,
            charges=(CHARGE, LATER_CHARGE),
            refunds=(REFUND,),
            shipped_at=(55.0,),
            mails=(dataclasses.replace(ON_ITS_WAY, at=60.0),),
            reopened=(40.0,),
            retried=(40.0,),
        ),
        # Given back, tried again, and declined then: this time nothing was charged.
        dataclasses.replace(
            CANCELLED,
            status="payment_failed",
            mails=(REFUNDED, dataclasses.replace(NOT_CHARGED, at=60.0)),
            reopened=(40.0,),
            retried=(40.0,),
        ),
    ],
)
def test_nothing_is_wrong(order: OrderFacts) -> None:
    assert faults_of_order(order) == []


@pytest.mark.parametrize(
    ("order", "kind"),
    [
        (dataclasses.replace(COMPLETED, status=None), FaultKind.LOST),
        (dataclasses.replace(COMPLETED, status="open"), FaultKind.LOST),
        (dataclasses.replace(CANCELLED, reservations=("held",)), FaultKind.LOST),
        (dataclasses.replace(COMPLETED, mails=()), FaultKind.LOST),
        (
            dataclasses.replace(COMPLETED, shipped_at=(), reservations=("released",)),
            FaultKind.LOST,
        ),
        (dataclasses.replace(COMPLETED, shipped_at=(25.0, 26.0)), FaultKind.DOUBLED),
        (dataclasses.replace(COMPLETED, charges=(CHARGE, LATER_CHARGE)), FaultKind.DOUBLED),
        (dataclasses.replace(CANCELLED, refunds=(REFUND, REFUND)), FaultKind.DOUBLED),
        (dataclasses.replace(COMPLETED, total=999), FaultKind.DOUBLED),
        (
            dataclasses.replace(
                COMPLETED, mails=(ON_ITS_WAY, dataclasses.replace(ON_ITS_WAY, message_id="<c>"))
            ),
            FaultKind.DOUBLED,
        ),
        (dataclasses.replace(COMPLETED, refunds=(REFUND,)), FaultKind.SHIPPED_UNPAID),
        (dataclasses.replace(COMPLETED, charges=()), FaultKind.SHIPPED_UNPAID),
        (dataclasses.replace(CANCELLED, refunds=()), FaultKind.OWED),
        (
            dataclasses.replace(
                CANCELLED, refunds=(dataclasses.replace(REFUND, is_good=False),), mails=()
            ),
            FaultKind.OWED,
        ),
        # Ended by an operator, and neither status nor audit say what is owed.
        (
            dataclasses.replace(CANCELLED, status="terminated", refunds=(), was_terminated=True),
            FaultKind.OWED,
        ),
        (dataclasses.replace(CANCELLED, mails=(NOT_CHARGED,)), FaultKind.TOLD_WRONG),
        (dataclasses.replace(CANCELLED, mails=(ON_ITS_WAY,)), FaultKind.TOLD_WRONG),
        (dataclasses.replace(COMPLETED, mails=(ON_ITS_WAY, REFUNDED)), FaultKind.TOLD_WRONG),
        (dataclasses.replace(CANCELLED, status="payment_failed"), FaultKind.TOLD_WRONG),
        (dataclasses.replace(COMPLETED, shipped_at=(31.0,)), FaultKind.TOLD_WRONG),
    ],
)
def test_what_is_wrong_is_seen(order: OrderFacts, kind: FaultKind) -> None:
    assert kind in {fault.kind for fault in faults_of_order(order)}


TOLD = MailFact("<t>", "Expense saved", "...", at=5.0)


@pytest.mark.parametrize(
    "receipt",
    [
        ReceiptFacts("receipt-1", "completed", expenses=1, mails=(TOLD, TOLD), claims_told=True),
        ReceiptFacts("receipt-1", "failed"),
        ReceiptFacts("receipt-1", "cancelled", expenses=1),
    ],
)
def test_nothing_is_wrong_with_a_receipt(receipt: ReceiptFacts) -> None:
    assert faults_of_receipt(receipt) == []


@pytest.mark.parametrize(
    ("receipt", "kind"),
    [
        (ReceiptFacts("receipt-1", None), FaultKind.LOST),
        (ReceiptFacts("receipt-1", "open"), FaultKind.LOST),
        (ReceiptFacts("receipt-1", "completed"), FaultKind.LOST),
        (ReceiptFacts("receipt-1", "completed", expenses=1, claims_told=True), FaultKind.LOST),
        (ReceiptFacts("receipt-1", "completed", expenses=2), FaultKind.DOUBLED),
        (ReceiptFacts("receipt-1", "failed", mails=(TOLD,)), FaultKind.TOLD_WRONG),
    ],
)
def test_what_is_wrong_with_a_receipt_is_seen(receipt: ReceiptFacts, kind: FaultKind) -> None:
    assert kind in {fault.kind for fault in faults_of_receipt(receipt)}
