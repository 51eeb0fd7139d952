"""Totals that an everyday receipt shows plainly; all receipts are made up."""

import pytest

from config import Settings
from models import ReceiptFields
from providers.receipt_parser.receipt_rules import RulesParser
from tests.support.printed_receipts import printed

HEAD = ("Harbour Deli Ltd", "2 Quay Road, Leeds LS1 1AA", "14/03/2026 12:30")


async def read(*rows: str) -> ReceiptFields:
    return await RulesParser(Settings()).parse(printed(*HEAD, *rows))


EVERYDAY = {
    "a Flemish total with its taxes": (
        ("Friet | 8,40", "Cola | 3,80", "TOTAAL INCL. | \u20ac 12,20", "BTW 6% incl. | 0,69"),
        1220,
    ),
    "a Norwegian total in kr": (
        ("Starttakst kr | 98,00", "Tid kr | 69,80", "SUM | kr | 167,80", "Betalt Visa kr | 167,80"),
        16780,
    ),
    "prices without decimals": (
        ("Schneiden | Fr. 65.-", "Pflegekur | Fr. 13.-", "Total | Fr. 78.-"),
        7800,
    ),
    "Swedish prices without decimals": (
        ("Glass | 45:- kr", "Kaffe | 30:- kr", "Summa | 75:- kr"),
        7500,
    ),
    "a date with blanks": (
        ("10. 10. 2026 ob 13:20", "Kosilo | 25,00", "Voda | 2,60", "ZA PLA\u010cILO EUR | 27,60"),
        2760,
    ),
    "a bar among the articles of an invoice": (
        (
            "Pernottamento | \u20ac 448,00",
            "Bevande e bar | \u20ac 26,00",
            "Totale fattura | \u20ac 474,00",
        ),
        47400,
    ),
    "change by a name that is also a refund's": (
        ("Bauernbrot | 4,80", "Most | 26,40", "Summe EUR | 31,20", "Bar | 50,00", "Retour | 18,80"),
        3120,
    ),
    "change by a name that nobody knows": (
        ("Sopa | 14.75", "TOTAL | 14.75", "EFECTIVO | 15.00", "LO SUYO | 0.25"),
        1475,
    ),
    "several cards, and cash with change": (
        (
            "Feast | 92.18",
            "TOTAL | 92.18",
            "VISA | 30.00",
            "MC | 52.18",
            "CASH | 20.00",
            "CHANGE | 10.00",
        ),
        9218,
    ),
    "a beginning that is no debit card": (
        ("D\u00e9but 12:04 | Fin 12:41", "\u00c9nergie | 18,76", "Total TTC | 18,76"),
        1876,
    ),
    "a Lithuanian total": (
        ("Vitaminas D | 7,99", "Kremas | 6,28", "MOK\u0116TI | 14,27 EUR", "Kortel\u0117 | 14,27"),
        1427,
    ),
    "an Estonian total": (
        ("Kohv | 3,20", "Kook | 4,10", "KOKKU | 7,30 EUR", "Pangakaart | 7,30"),
        730,
    ),
    "a price of one above that of both": (
        (
            "2 x Skipass",
            "g\u00fcltig ab 09.03.2026 | a 54,50",
            "109,00",
            "2 x KeyCard Pfand | 4,00",
            "GESAMT EUR | 113,00",
        ),
        11300,
    ),
    "an earlier bill that was paid": (
        (
            "Previous bill | \u00a373.45",
            "Payment received - thank you | -\u00a373.45",
            "Balance forward | \u00a30.00",
            "Monthly plan | \u00a365.00",
            "VAT 5% | \u00a33.25",
            "Network fee | \u00a31.30",
            "Total due | \u00a369.55",
        ),
        6955,
    ),
    "a taxi's fare": (
        ("Tarif I | 24,80", "Zuschlag Gro\u00dfraum | 3,00", "Fahrpreis | 27,80 \u20ac"),
        2780,
    ),
    "a fare beside a total": (("Fare | 20.40", "Extras | 3.00", "Total | 23.40"), 2340),
    "euros, and the money before them": (
        ("Kafe | 5.20", "Sok | 7.20", "TOTAL EUR | 12.40", "TOTAL BGN | 24.25"),
        1240,
    ),
    "what an insurer pays": (
        (
            "DOLIPRANE | 4,36",
            "COLLYRE | 16,98",
            "TOTAL TTC | 21,34",
            "PART AMO (CPAM) | -13,87",
            "\u00c0 PAYER | 7,47 \u20ac",
            "CB | 7,47 \u20ac",
        ),
        747,
    ),
}


@pytest.mark.parametrize(("rows", "total_cents"), EVERYDAY.values(), ids=EVERYDAY)
async def test_the_total_is_proven(rows: tuple[str, ...], total_cents: int) -> None:
    fields = await read(*rows)
    assert fields.total_cents == total_cents
    assert not [doubt for doubt in fields.doubts if "total" in doubt or "bills" in doubt]


async def test_an_earlier_bill_that_was_paid_in_part_is_a_doubt() -> None:
    fields = await read(
        "Previous bill | \u00a373.45",
        "Payment received | -\u00a340.00",
        "Plan | \u00a365.00",
        "Total due | \u00a398.45",
    )
    assert "it has a balance of earlier bills" in fields.doubts


async def test_a_number_beside_a_currency_is_no_price_where_prices_have_decimals() -> None:
    fields = await read(
        "Tea | \u00a34.50", "Spin to win | \u00a3100", "TOTAL | \u00a34.50", "CASH | \u00a34.50"
    )
    assert (fields.total_cents, fields.doubts) == (450, ())


async def test_a_total_in_the_former_currency_alone_is_no_total_in_euros() -> None:
    sold = ("Kafe | 10.17", "Sok | 14.08", "TOTAL BGN | 24.25", "EUR | 12.40", "CASH BGN | 24.25")
    fields = await read(*sold)
    assert fields.doubts == ("the total 24.25 may be in BGN",)


async def test_two_totals_that_are_not_at_the_official_rate_are_a_doubt() -> None:
    fields = await read("Kafe | 5.20", "Sok | 7.20", "TOTAL EUR | 12.40", "TOTAL BGN | 25.25")
    assert fields.doubts
