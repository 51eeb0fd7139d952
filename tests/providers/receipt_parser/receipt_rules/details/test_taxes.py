import pytest

from providers.receipt_parser.receipt_rules.details.taxes import TaxReading, find_tax
from providers.receipt_parser.receipt_rules.entries import find_entries
from providers.receipt_parser.receipt_rules.rows import group_rows
from tests.support.printed_receipts import printed

TOTAL_CENTS = 10600


def read(*rows: str) -> TaxReading | None:
    return find_tax(find_entries(group_rows(printed("SHOP", *rows))), TOTAL_CENTS)


@pytest.mark.parametrize(
    ("rows", "cents"),
    [
        (("SUB TOTAL | 100.00", "GST 6% | 6.00", "TOTAL | 106.00"), 600),
        (("TOTAL | 106.00", "GST @6% included in total | RM 6.00"), 600),
        (("TOTAL | 106.00", "GST Summary | Amount | Tax", "SR @6% | 100.00 | 6.00"), 600),
        (
            (
                "TOTAL | 106.00",
                "Tax Code | Amt | Tax",
                "S 6% | 50.00 | 3.00",
                "Z 0% | 53.00 | 0.00",
            ),
            300,
        ),
        (
            (
                *("SUMME | 106,00", "MwSt% | MwSt | Netto | Brutto"),
                *("A 7% | 3,50 | 50,00 | 53,50", "B 5% | 2,50 | 50,00 | 52,50"),
                "Summe | 6,00 | 100,00 | 106,00",
            ),
            600,
        ),
        (("TOTAL | 106.00", "GST SUMMARY", "SR | 6% | 6.00", "TAX TOTAL | 6.00"), 600),
        (("TOTAL | 106.00", "GST 0% | 0.00"), 0),
    ],
)
def test_the_tax_is_told_from_the_table_or_from_its_row(rows: tuple[str, ...], cents: int) -> None:
    reading = read(*rows)
    assert reading is not None
    assert reading.cents == cents
    assert reading.confidence > 0.8


def test_a_tax_that_its_rate_does_not_explain_is_less_sure() -> None:
    reading = read("TOTAL | 106.00", "GST 6% | 9.00")
    assert reading is not None
    assert (reading.cents, reading.confidence) == (900, 0.6)


@pytest.mark.parametrize(
    "rows",
    [
        ("TOTAL | 106.00", "CASH | 106.00"),
        ("TOTAL | 106.00", "GST NO | 100.00"),
        ("TOTAL | 106.00", "GST Summary | Amount | Tax", "SR @6% | 900.00 | 54.00"),
    ],
)
def test_what_does_not_fit_the_total_is_no_tax(rows: tuple[str, ...]) -> None:
    assert read(*rows) is None
