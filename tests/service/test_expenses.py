"""``expenses --csv`` in a spreadsheet: text from a receipt is shown, never run as a formula."""

import csv
import datetime as dt
from decimal import Decimal
from io import StringIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models import LineItem, PaymentMethod, StoredExpense, TaxRow
from service.expenses import ExpenseFilter, MonthTotal, safe_cell, totals_by_month, write_csv

STARTS_A_FORMULA = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20")

dangerous = st.text(
    "=+-@\uff1d\uff0b\uff0d\uff20 \t\r\n\x00\u2028;,|\"'1a", min_size=1, max_size=12
)


def expense(merchant: str) -> StoredExpense:
    made = StoredExpense(
        receipt_id="r",
        user_id="u",
        merchant=None,
        total_cents=1230,
        currency="EUR",
        date=None,
        parser="rules",
        corrected_by=merchant,
        object_key="receipts/x.png",
        expense_id="exp_1",
        created_at=dt.datetime(2026, 1, 5, tzinfo=dt.UTC),
    )
    return made.model_copy(update={"merchant": merchant})  # as rows of earlier versions


def written(merchant: str) -> str:
    file = StringIO(newline="")
    write_csv([expense(merchant)], file)
    return file.getvalue()


@given(dangerous)
@settings(max_examples=60, deadline=None)
def test_no_cell_is_a_formula_whichever_separator_the_spreadsheet_takes(merchant: str) -> None:
    text = written(merchant)

    for separator in (",", ";", "\t"):
        for row in csv.reader(StringIO(text, newline=""), delimiter=separator):
            assert not [cell for cell in row if cell.lstrip(" \"'") and starts_a_formula(cell)]


def starts_a_formula(cell: str) -> bool:
    """Return whether a spreadsheet would run the cell; a leading apostrophe makes it text."""
    return cell.strip().lstrip('"').lstrip().startswith(STARTS_A_FORMULA)


@pytest.mark.parametrize(
    ("currency", "total"), [("EUR", "12.30"), ("JPY", "1230"), ("KWD", "1.230")]
)
def test_the_total_is_also_written_with_the_decimals_of_its_currency(
    currency: str, total: str
) -> None:
    file = StringIO(newline="")
    write_csv([expense("Luna").model_copy(update={"currency": currency})], file)

    (row,) = csv.DictReader(StringIO(file.getvalue(), newline=""))
    assert (row["total_cents"], row["currency"], row["total"]) == ("1230", currency, total)


@given(dangerous)
@settings(max_examples=30, deadline=None)
def test_an_expense_is_a_line(merchant: str) -> None:
    header, line = written(merchant).splitlines()

    assert header.startswith('"date","merchant","total","currency"')
    assert header.endswith('"receipt_id","expense_id","object_key"')
    assert '"' in line


@pytest.mark.parametrize(
    ("merchant", "cell"),
    [
        ("=HYPERLINK(0)", "'=HYPERLINK(0)"),
        ("  @SUM(A1)", "'  @SUM(A1)"),
        ("\uff1d1+1", "'\uff1d1+1"),
        ("x;=1+1", "x;'=1+1"),
        ("\t+1", "' +1"),
        ("\u200b=1", "'\u200b=1"),
        ("\ufeff@SUM(A1)", "'\ufeff@SUM(A1)"),
        ("two\nlines", "two lines"),
    ],
)
def test_a_formula_becomes_text(merchant: str, cell: str) -> None:
    assert safe_cell(merchant) == cell


@pytest.mark.parametrize(
    "merchant", ["Müller & Söhne", 'The "Old" Inn', "A+B", "7-Eleven", "a@b; c"]
)
def test_text_that_is_no_formula_stays_as_it_is(merchant: str) -> None:
    (_, row) = csv.reader(StringIO(written(merchant), newline=""))

    assert row[1] == merchant


def test_amounts_stay_numbers() -> None:
    assert ",1230," in written("Cafe")
    assert safe_cell(-5) == -5
    assert safe_cell(None) is None


def test_which_expenses_are_meant() -> None:
    march = expense("Corner Cafe").model_copy(update={"date": dt.date(2026, 3, 5)})

    for wanted in ({}, {"text": "cORNER"}, {"text": "exp_1"}, {"month": "2026-03"}):
        assert ExpenseFilter(**wanted).matches(march), wanted
    for other in ({"text": "pub"}, {"month": "2026-04"}, {"currency": "USD"}):
        assert not ExpenseFilter(**other).matches(march), other
    assert ExpenseFilter(currency="eur").matches(march)


def test_totals_by_month_and_currency() -> None:
    undated = expense("a")
    march = undated.model_copy(update={"date": dt.date(2026, 3, 5)})
    april = march.model_copy(update={"date": dt.date(2026, 4, 1), "currency": "USD"})

    assert totals_by_month([undated, march, april, march]) == [
        MonthTotal("2026-04", "USD", 1230, 1),
        MonthTotal("2026-03", "EUR", 2460, 2),
        MonthTotal("", "EUR", 1230, 1),
    ]


def test_details_are_columns_with_the_decimals_of_their_currency() -> None:
    formula = LineItem(description='=HYPERLINK("x")', cents=698, quantity=Decimal(2))
    details = {
        "tax_cents": 190,
        "tip_cents": 200,
        "tax_rows": (TaxRow(rate_percent=Decimal(19), net_cents=1000, tax_cents=190),),
        "payment_method": PaymentMethod.CARD,
        "items": (formula, formula.model_copy(update={"quantity": None, "cents": -1})),
    }
    file = StringIO(newline="")
    write_csv([expense("Luna").model_copy(update=details), expense("Sol")], file)

    known, unknown = csv.DictReader(StringIO(file.getvalue(), newline=""))
    assert (known["tax"], known["tip"], known["payment_method"]) == ("1.90", "2.00", "card")
    assert known["taxes"] == "19 %: net 10.00, tax 1.90"
    assert known["items"] == '2 x =HYPERLINK("x"): 6.98;\' =HYPERLINK("x"): -0.01'
    assert {unknown[name] for name in ("tax", "tip", "taxes", "payment_method", "items")} == {""}
