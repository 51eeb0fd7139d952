"""Receipts of the whole world, whose currency only an address, a tax or a local sign tells."""

import pytest

from providers.receipt_parser.receipt_rules.currencies import find_currency
from providers.receipt_parser.receipt_rules.rows import group_rows
from tests.support.printed_receipts import printed


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        # Local signs.
        (("Kasbah - Rabat", "ICE 001884420000071", "Net \u00e0 payer | 92,00 DH"), "MAD"),
        (("Dubai", "TRN 100 1234 5678 9012", "Total | 92.00"), "AED"),
        (("Montevideo", "TOTAL | $U 450,00"), "UYU"),
        (("TOTAL | L. 450.00",), "HNL"),
        (("TOTAL | Q 45.00",), "GTQ"),
        (("TOTAL | B/. 45.00",), "PAB"),
        (("Managua, Nicaragua", "TOTAL | C$ 450.00"), "NIO"),
        (("TOTAL | C$4.50",), "CAD"),
        (("La Paz, Bolivia", "TOTAL | Bs. 45.00"), "BOB"),
        (("Caracas", "RIF J-12345678-9", "TOTAL | Bs. 450,00"), "VES"),
        (("Chi\u015fin\u0103u, Moldova", "TOTAL | 45,00 lei"), "MDL"),
        (("TOTAL | 4,50 \u03b5\u03c5\u03c1\u03ce",), "EUR"),
        (("TOTAL | 74.00 NIS",), "ILS"),
        # Taxes and registers.
        (("RUT: 76.123.456-K", "TOTAL | $4.500"), "CLP"),
        (("RUT: 211234560017", "TOTAL | $450,00"), "UYU"),
        (("RTN 08011990123456", "ISV 15% | 6.75", "TOTAL | 51.75"), "HNL"),
        (("RNC 101-12345-6", "ITBIS | 6.75", "TOTAL | $51.75"), "DOP"),
        (("RUC 20512345678", "IGV | 6.75", "TOTAL | 51.75"), "PEN"),
        (("RUC 1790012345001", "IVA | 6.75", "TOTAL | $51.75"), "USD"),
        (("RUC 80012345-1", "Timbrado 12345678", "TOTAL | 45.000"), "PYG"),
        (("IVU 11.5% | 6.75", "TOTAL | 51.75"), "USD"),
        (("VAT No. 300123456789003", "Total | 51.75"), "SAR"),
        # Addresses, phones and domains.
        (("HaNamal 12, Haifa", "Total | 74.00"), "ILS"),
        (("Cartago, Costa Rica", "Total | 8 450"), "CRC"),
        (("Tel. +216 71 123 456", "Total | 74.500"), "TND"),
        (("(876) 555-0142", "Total | 74.00"), "JMD"),
        (("www.kafe-sever.rs", "Ukupno | 740,00"), "RSD"),
        (("Nairobi", "Total | 740.00"), "KES"),
        # The languages of countries that have euros.
        (("Carrer Gran 41, Olot", "NIF 40288190M", "LLIURAT | 10,00", "TOTAL | 7,85"), "EUR"),
        (("DOCUMENTO COMMERCIALE", "TOTALE | 12,50", "di cui IVA | 1,14"), "EUR"),
        (("Kokku | 12,50", "Sularaha | 20,00"), "EUR"),
        # What looks like something of another country.
        (("Chicago, IL 60622", "TOTAL | 59.36"), "USD"),
        (("Madison, WI 53704", "(608) 555-0134", "TOTAL | 59.36"), "USD"),
        (("Bishop, CA 93514", "STR 08 TRN 4417", "TOTAL | 59.36"), "USD"),
        (("Salem, MA 01970", "PAPER CUP | 2.00", "CROP TOP | 4.00", "TOTAL | 6.00"), "USD"),
        (("CHE-123.456.789 MWST", "8400 Winterthur", "TOTAL | 78.00"), "CHF"),
    ],
)
def test_a_currency_is_told_by_what_only_its_country_prints(
    rows: tuple[str, ...], code: str
) -> None:
    reading = find_currency(group_rows(printed("SHOP", *rows)), None)
    assert reading is not None
    assert (reading.code, reading.doubt) == (code, None)


@pytest.mark.parametrize(
    "rows",
    [
        ("Havana Cafe", "TOTAL | 4.50"),
        ("Bombay Kitchen", "TOTAL | 4.50"),
        ("PAPER CUP 2.00", "TOTAL | 4.50"),
        ("5 L. 2.50", "TOTAL | 4.50"),
    ],
)
def test_names_of_shops_and_articles_tell_no_currency(rows: tuple[str, ...]) -> None:
    assert find_currency(group_rows(printed(*rows)), None) is None


@pytest.mark.parametrize("total", ["Bs. 45.00", "92,00 DH"])
def test_a_sign_of_two_countries_is_a_doubt_if_no_address_tells(total: str) -> None:
    reading = find_currency(group_rows(printed("SHOP", f"TOTAL | {total}")), None)
    assert reading is not None
    assert reading.doubt
