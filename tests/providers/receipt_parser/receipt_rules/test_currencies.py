import pytest

from providers.receipt_parser.receipt_rules.currencies import find_currency
from providers.receipt_parser.receipt_rules.rows import group_rows
from tests.support.printed_receipts import printed


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        (("TOTAL | RM4.50",), "MYR"),
        (("Amount (RM)", "TOTAL | 4.50"), "MYR"),
        (("TOTAL EUR | 4,50",), "EUR"),
        (("TOTAL | 4,50 €",), "EUR"),
        (("TOTAL | £4.50",), "GBP"),
        (("TOTAL | S$4.50",), "SGD"),
        (("TOTAL CHF | 4.50",), "CHF"),
        (("ORCHID SDN BHD", "TOTAL | $4.50"), "MYR"),
        (("Selangor, Malaysia", "TOTAL | 4.50"), "MYR"),
        (("MwSt 19%", "Hauptstraße 4", "SUMME | 4,50"), "EUR"),
        (("Springfield IL 62704", "SALES TAX | 0.30", "TOTAL | $4.50"), "USD"),
        (("TOTAL | $4.50",), "USD"),
        (("ORCHID SDN BHD", "TOTAL RM | 4.50"), "MYR"),  # BHD is no dinar here
        (("ORCHID SDN BHD 123456", "TOTAL | 4.50"), "MYR"),
        (("TOTAL BHD | 4.500",), "BHD"),
        (("TOTAL | 4.500 KWD",), "KWD"),
        (("TOTAL | K.D. 4.500",), "KWD"),
        (("TOTAL KRW | 12,000",), "KRW"),
        (("TOTAL | 12.000 VND",), "VND"),
        (("TOTAL | \u00a51,280",), "JPY"),
        (("TOTAL | 1,280\u5186",), "JPY"),
        (("TOTAL | \u00a512.80",), "CNY"),
        (("TOTAL | \u20a912,000",), "KRW"),
        (("TOTAL KD | 4.500",), "KWD"),
        (("Salmiya, Kuwait", "TOTAL | 4.500"), "KWD"),
        (("Seoul, Korea", "TOTAL | 6,900"), "KRW"),
        (("TASTE OF KOREA", "TOTAL | $6.90"), "USD"),  # where there are hundredths
    ],
)
def test_the_currency_is_told_by_code_symbol_or_country(rows: tuple[str, ...], code: str) -> None:
    reading = find_currency(group_rows(printed("SHOP", *rows)), None)
    assert reading is not None
    assert reading.code == code


def test_the_default_is_for_receipts_that_show_nothing() -> None:
    rows = group_rows(printed("SHOP", "TOTAL | 4.50"))
    assert find_currency(rows, None) is None
    default = find_currency(rows, "NZD")
    assert default is not None
    assert (default.code, default.confidence) == ("NZD", 0.5)
    euros = find_currency(group_rows(printed("TOTAL EUR | 4.50")), "NZD")
    assert euros is not None
    assert euros.code == "EUR"
