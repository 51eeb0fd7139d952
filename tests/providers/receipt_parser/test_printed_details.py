"""Details that a witness reads: kept where the paper bears them out, and never a doubt."""

from decimal import Decimal

import pytest

from models import PaymentMethod, ReceiptFields
from tests.providers.receipt_parser.test_borne_out import checked

BILL = ("Fish Stew | 10.30", "TOTAL EUR | 12.30")


def test_the_rules_read_what_a_model_is_not_asked_for() -> None:
    fields = checked(
        "Flat white 2 x 4.10 | 8.20", "VAT 10% | 0.75", "TOTAL EUR | 8.20", total="8.20"
    )
    (item,) = fields.items
    assert (item.quantity, item.unit_price_cents, item.cents) == (Decimal(2), 410, 820)
    assert [(row.rate_percent, row.tax_cents) for row in fields.tax_rows] == [(Decimal(10), 75)]
    assert fields.doubts == ()


def said(*rows: str, **answer: str) -> ReceiptFields:
    fields = checked(*BILL, *rows, **answer)
    assert fields.doubts == checked(*BILL, *rows).doubts, "no doubt comes of a detail"
    return fields


@pytest.mark.parametrize(
    ("rows", "answer", "tip"),
    [
        (("Mille grazie | 2.00",), "2.00", 200),
        ((), "2.00", None),  # nobody printed it
        (("Mille grazie | 3.00",), "3.00", None),  # nor what the bill was without it
        (("SUGGESTED TIP | 2.00",), "2.00", None),
        (("Mille grazie | 2.00",), "two euros", None),
    ],
)
def test_a_tip_must_be_printed(rows: tuple[str, ...], answer: str, tip: int | None) -> None:
    assert said(*rows, tip=answer).tip_cents == tip


@pytest.mark.parametrize(
    ("rows", "answer", "method"),
    [
        (("VISA",), "card", PaymentMethod.CARD),
        (("VISA | 12.30",), "cash", PaymentMethod.CARD),
        ((), "card", None),
        (("VISA",), "4242424242424242", None),
    ],
)
def test_a_way_to_pay_must_be_printed(
    rows: tuple[str, ...], answer: str, method: PaymentMethod | None
) -> None:
    assert said(*rows, payment_method=answer).payment_method == method
