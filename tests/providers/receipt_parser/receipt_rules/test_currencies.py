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
        (("Tax | $0.30", "TOTAL | $4.50"), "USD"),
        (("(503) 555-0142", "TOTAL | $4.50"), "USD"),
        (("03/14/2024", "TOTAL | $4.50"), "USD"),
        (("Mar 14, 2024", "TOTAL | $4.50"), "USD"),
        (("Tip | $1.00", "TOTAL | $4.50"), "USD"),
        (("TOTAL | J$450.00",), "JMD"),
        (("TOTAL | FJ$4.50",), "FJD"),
        (("TOTAL | TT$4.50",), "TTD"),
        (("TOTAL | RD$ 450.00",), "DOP"),
        (("TOTAL | S/ 4.50",), "PEN"),
        (("TOTAL | Gs. 45.000",), "PYG"),
        (("TOTAL | \u20a1 4 500",), "CRC"),
        (("TOTAL | 4.500 JD",), "JOD"),
        (("TOTAL | KSh 450.00",), "KES"),
        (("TOTAL | GH\u20b54.50",), "GHS"),
        (("TOTAL | 450,00 din",), "RSD"),
        (("Abidjan", "TOTAL | 4 500 FCFA"), "XOF"),
        (("Douala, Cameroun", "TOTAL | 4 500 FCFA"), "XAF"),
        (("TVA 19% | 0,72", "Numerar | 4,50", "TOTAL | 4,50"), "RON"),
        (("C.U.I. RO123456", "TOTAL TVA | 0,72", "TOTAL | 4,50"), "RON"),
        (("CELKEM CZK | 500,00", "CELKEM EUR (1 EUR = 24,30 CZK) | 20,58"), "CZK"),
        (("TVA 20% | 0,75", "TOTAL TTC | 4,50"), "EUR"),
        (("VSK 24% | 872", "Samtals | 4.500 kr."), "ISK"),
        (("Sporth\u00f6rnan AB", "Varav moms 25% | 50,00", "Summa | 249,00"), "SEK"),
        (("Billett voksen | 44,00 kr", "Totalt | 44,00 kr"), "NOK"),
        (("Tak for bes\u00f8get", "Total | 44,00 kr"), "DKK"),
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
        (("TASTE OF KOREA", "Tax | $0.40", "TOTAL | $6.90"), "USD"),  # where there are hundredths
        (("Guelph, ON N1H 3T9", "TOTAL | $4.50"), "CAD"),
        (("Tea | $4.00", "HST 13% | $0.50", "TOTAL | $4.50"), "CAD"),
        (("ABN 12 345 678 901", "TOTAL | $4.50"), "AUD"),
        (("Sydney NSW 2000", "TOTAL | $4.50"), "AUD"),
        (("Auckland, New Zealand", "GST 15% | $0.59", "TOTAL | $4.50"), "NZD"),
        (("RFC ABC010203XY9", "IVA 16% | $0.62", "TOTAL | $4.50"), "MXN"),
        (("Raffles Place, Singapore 048616", "TOTAL | $4.50"), "SGD"),
        (("TOTAL | HK$4.50",), "HKD"),
        (("TOTAL | A$4.50",), "AUD"),
        (("TOTAL | R$ 4,50",), "BRL"),
        (("TOTAL | Fr. 4.50",), "CHF"),
        (("TOTAL | \u20b94.50",), "INR"),
        (("CHE-123.456.789 MWST", "TOTAL Fr. | 4.50"), "CHF"),
        (("TOTAL | Rs. 4.50",), "INR"),
        (("TOTAL | 4,50 z\u0142",), "PLN"),
        (("TOTAL | 4,50 K\u010d",), "CZK"),
        (("TOTAL | 450 Ft",), "HUF"),
        (("TOTAL | 4,50 lei",), "RON"),
        (("TOPLAM | *4,50", "TOPKDV | *0,04"), "TRY"),
        (("CELKEM | 4,50",), "CZK"),
        (("Kvitto", "Att betala | 4,50 kr"), "SEK"),
        (("Herav mva 15% | 0,59", "Sum | 4,50 kr"), "NOK"),
        (("CVR 12345678", "I alt | 4,50 kr"), "DKK"),
        (("Bangkok, Thailand", "TOTAL | 4.50"), "THB"),
        (("TRY OUR NEW PIE", "Tax | $0.30", "TOTAL | $4.50"), "USD"),
        (("EURO DELI", "Tax | $0.30", "TOTAL | $4.50"), "USD"),
        (("Singapore noodles | $4.50", "Tax | $0.30", "TOTAL | $4.50"), "USD"),
        (("London Fog | $4.50", "Tax | $0.30", "TOTAL | $4.50"), "USD"),
        (("IBAN EUR DE00 1234 5678", "TOTAL GBP | 4.50"), "GBP"),
        (("Tulsa, OK 74103", "TOTAL | 4.50"), "USD"),
        (("Tea | \u20ac4.50", "TOTAL | \u20ac4.50", "USD 5.01 at today's rate"), "EUR"),
    ],
)
def test_the_currency_is_told_by_code_symbol_or_country(rows: tuple[str, ...], code: str) -> None:
    reading = find_currency(group_rows(printed("SHOP", *rows)), None)
    assert reading is not None
    assert (reading.code, reading.doubt) == (code, None)


def test_the_default_is_for_receipts_that_show_nothing() -> None:
    rows = group_rows(printed("SHOP", "TOTAL | 4.50"))
    assert find_currency(rows, None) is None
    default = find_currency(rows, "NZD")
    assert default is not None
    assert (default.code, default.confidence) == ("NZD", 0.5)
    euros = find_currency(group_rows(printed("TOTAL EUR | 4.50")), "NZD")
    assert euros is not None
    assert euros.code == "EUR"


@pytest.mark.parametrize(
    "rows",
    [
        ("TOTAL | EUR 100,00", "Exchange rate 1 EUR = 1.1234 USD", "AMOUNT | USD 112,34"),
        ("TOTAL | 4,50 kr",),
        ("Tea | $4.50", "GST included | $0.41", "TOTAL | $4.50"),
        ("Tarjeta | $4.50", "TOTAL | $4.50"),
        ("TOTAL | $4.50",),
        ("24/10/2023", "TOTAL | $4.50"),
        ("24/10/2023", "Tax | $0.30", "TOTAL | $4.50"),
        ("(784) 555-0142 - (758) 555-0142 - (242) 555-0142", "TOTAL | $4.50"),
        ("TOTAL | 4 500 FCFA",),
        ("Hong Kong", "Sydney NSW 2000", "TOTAL | $4.50"),
    ],
)
def test_what_may_be_two_currencies_is_a_doubt(rows: tuple[str, ...]) -> None:
    reading = find_currency(group_rows(printed("SHOP", *rows)), None)
    assert reading is not None
    assert reading.doubt
