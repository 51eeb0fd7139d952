"""Rows of taxes of several countries: kept if they belong together and add up, else left out."""

from decimal import Decimal

import pytest

from config import Settings
from models import ReceiptFields, TaxRow
from providers.receipt_parser.receipt_rules import RulesParser
from tests.support.printed_receipts import printed

Row = tuple[str | None, int | None, int, int | None]


async def read(*rows: str) -> ReceiptFields:
    return await RulesParser(Settings()).parse(printed("KORNBLUME", "14.03.2026", *rows))


def tax_row(row: Row) -> TaxRow:
    rate, net, tax, gross = row
    return TaxRow(
        rate_percent=None if rate is None else Decimal(rate),
        net_cents=net,
        tax_cents=tax,
        gross_cents=gross,
    )


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (  # Germany
            (
                "SUMME EUR | 14,04",
                "Steuer % Netto Steuer Brutto",
                "A 19,00% 10,00 1,90 | 11,90",
                "B 7,00% 2,00 0,14 | 2,14",
                "Gesamtbetrag 12,00 2,04 | 14,04",
            ),
            [("19", 1000, 190, 1190), ("7", 200, 14, 214)],
        ),
        (("SUMME EUR | 11,90", "inkl. MwSt 19 % | 1,90"), [("19", None, 190, None)]),
        (("SUMME EUR | 11,90", "MwSt 19% von 10,00 | 1,90"), [("19", 1000, 190, None)]),
        (  # France
            ("TOTAL TTC EUR | 12,00", "TVA 20% 10,00 2,00 | 12,00"),
            [("20", 1000, 200, 1200)],
        ),
        (
            ("SOUS-TOTAL HT EUR | 10,00", "TVA 5,5 % | 0,55", "TOTAL TTC | 10,55"),
            [("5.5", None, 55, None)],
        ),
        (("TOTALE EUR | 12,20", "di cui IVA 22% | 2,20"), [("22", None, 220, None)]),  # Italy
        (  # the United Kingdom
            (
                "TOTAL GBP | 17.00",
                "VAT SUMMARY",
                "Rate Net VAT",
                "20.00% 10.00 | 2.00",
                "0.00% 5.00 | 0.00",
            ),
            [("20", 1000, 200, None), ("0", 500, 0, None)],
        ),
        (
            ("SUBTOTAL USD | 12.97", "Sales Tax 8.25% | 1.07", "TOTAL | 14.04"),
            [("8.25", None, 107, None)],
        ),
        (("SUBTOTAL USD | 12.97", "Sales Tax | 1.07", "TOTAL | 14.04"), [(None, None, 107, None)]),
        (  # Canada and India have two of one receipt
            ("SUBTOTAL CAD | 100.00", "GST 5% | 5.00", "QST 9.975% | 9.98", "TOTAL | 114.98"),
            [("5", None, 500, None), ("9.975", None, 998, None)],
        ),
        (  # gross and tax, in a table without the net
            ("SUMME CHF | 107,70", "MWST Satz Brutto MWST", "7,70% 107,70 | 7,70"),
            [("7.7", None, 770, 10770)],
        ),
        (  # the rate is a column of its own
            ("SUMME EUR | 11,90", "MwSt% Netto MwSt Brutto", "19,00 10,00 1,90 | 11,90"),
            [("19", 1000, 190, 1190)],
        ),
    ],
)
async def test_rows_of_taxes(rows: tuple[str, ...], expected: list[Row]) -> None:
    fields = await read(*rows)
    assert fields.tax_rows == tuple(map(tax_row, expected))
    assert fields.tax_cents == sum(row[2] for row in expected)


@pytest.mark.parametrize(
    "rows",
    [
        # net, tax and gross do not belong together
        ("SUMME EUR | 11,90", "Steuer % Netto Steuer Brutto", "A 19,00% 10,00 2,90 | 11,90"),
        # one of two rows is missing
        ("SUMME EUR | 14,04", "Steuer % Netto Steuer Brutto", "A 19,00% 10,00 1,90 | 11,90"),
        ("SUMME EUR | 11,90", "Rabatt 20% | 2,00"),
        ("TOTAL USD | 14.04", "TAX EXEMPT | 0.00"),
    ],
)
async def test_rows_that_do_not_add_up_are_left_out(rows: tuple[str, ...]) -> None:
    fields = await read(*rows)
    assert fields.tax_rows == ()


async def test_those_of_a_refund_are_negative() -> None:
    fields = await read("GUTSCHRIFT", "Betrag EUR | -11,90", "MwSt 19% | -1,90", "Summe | -11,90")
    assert fields.total_cents == -1190
    assert fields.tax_rows == (tax_row(("19", None, -190, None)),)


async def test_no_tax_is_on_a_tip() -> None:
    fields = await read(
        *("Zwischensumme EUR | 11,90", "Trinkgeld | 2,00", "Summe EUR | 13,90"),
        *("Steuer % Netto Steuer Brutto", "A 19,00% 10,00 1,90 | 11,90"),
    )
    assert (fields.total_cents, fields.tip_cents) == (1390, 200)
    assert fields.tax_rows == (tax_row(("19", 1000, 190, 1190)),)


async def test_the_row_that_sums_up_two_taxes_is_not_counted_twice() -> None:
    fields = await read(
        *("SUMA PLN | 129,98", "PTU A 23% | 18,70", "PTU B 8% | 2,22", "SUMA PTU | 20,92"),
    )
    assert fields.tax_cents == 2092
    assert [row.tax_cents for row in fields.tax_rows] == [1870, 222]
