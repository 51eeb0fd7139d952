"""Taxes, tips, items and payments as people read them."""

import datetime as dt
from decimal import Decimal

from models import ExpenseToSave, LineItem, PaymentMethod, PurchaseDetails, TaxRow
from workflows import purchase_wording, wording

DETAILS = PurchaseDetails(
    tax_cents=190,
    tip_cents=200,
    tax_rows=(
        TaxRow(rate_percent=Decimal(19), net_cents=1000, tax_cents=190, gross_cents=1190),
        TaxRow(tax_cents=7),
    ),
    payment_method=PaymentMethod.DIRECT_DEBIT,
    items=(
        LineItem(description="Milk", cents=698, quantity=Decimal(2), unit_price_cents=349),
        LineItem(description="Baguette", cents=260, quantity=Decimal(2)),
        LineItem(description="Discount", cents=-50),
    ),
)
NOTHING = PurchaseDetails()


def test_what_is_known_is_said() -> None:
    assert purchase_wording.facts(DETAILS, "EUR") == [
        ("tax", "1.90 EUR"),
        ("taxes", "19 %: net 10.00, tax 1.90, gross 11.90; tax 0.07"),
        ("tip", "2.00 EUR"),
        ("paid", "by direct debit"),
    ]
    assert [purchase_wording.line_item(item, "EUR") for item in DETAILS.items] == [
        "2 x 3.49 Milk: 6.98",
        "2 x Baguette: 2.60",
        "Discount: -0.50",
    ]
    assert purchase_wording.facts(NOTHING, "EUR") == []
    assert purchase_wording.tax_row(DETAILS.tax_rows[0], "JPY") == (
        "19 %: net 1000, tax 190, gross 1190"
    )


def test_the_mail_says_what_is_in_the_total_where_that_is_known() -> None:
    expense = ExpenseToSave(
        receipt_id="ada-1",
        user_id="ada",
        merchant="Cafe Luna",
        total_cents=1390,
        currency="EUR",
        date=dt.date(2026, 2, 28),
        parser="rules",
        object_key="receipts/1.png",
    )
    mail = wording.expense_mail("key", "ada@example.com", expense, "exp_1")
    said = "Your receipt was saved as expense exp_1: 13.90 EUR at Cafe Luna on 2026-02-28.\n"
    assert mail.body == said

    known = expense.model_copy(update=dict(DETAILS))
    mail = wording.expense_mail("key", "ada@example.com", known, "exp_1")
    assert mail.body == f"{said}It includes 1.90 EUR tax and 2.00 EUR tip; paid by direct debit.\n"
