"""Amounts beside the total that look like one: savings, taxes in it, prizes, instalments, rounding.

All of these receipts are made up. Each kind has a neighbour that must stay a doubt.
"""

import pytest

from config import Settings
from providers.receipt_parser.receipt_rules import RulesParser
from tests.support.printed_receipts import printed
from tests.support.printed_receipts import read_below_head as read

TEA = ("Tea | \u00a34.50", "TOTAL | \u00a34.50", "VISA | \u00a34.50")


@pytest.mark.parametrize(
    "row",
    [
        "TOTAL INCLUDES VAT OF | \u00a30.41",
        "Sie sparen total | 0,70",
        "WIN \u00a35,000.00 CASH",
        "FSA TOTAL | 2.25",
        "3 monthly payments: first today | 1.50",
    ],
)
async def test_an_amount_that_is_no_total_is_no_rival(row: str) -> None:
    fields = await read(*TEA, row)
    assert (fields.total_cents, fields.doubts) == (450, ())


@pytest.mark.parametrize("row", ["TOTAL INCLUDING VAT | \u00a35.40", "TOTAL DUE | \u00a35.40"])
async def test_another_total_is_a_doubt(row: str) -> None:
    assert (await read(*TEA, row)).doubts


@pytest.mark.parametrize(
    ("rows", "total"),
    [
        (("Room | 250.00", "Subtotal | 250.00", "ISH 3% | 7.50", "Total | \u00a3257.50"), 25750),
        (
            (
                "Work | 150,00",
                "Base imponible | 150,00",
                "IVA 21 % | 31,50",
                "Retenci\u00f3n IRPF 15 % | -22,50",
                "TOTAL A PAGAR | \u00a3159,00",
            ),
            15900,
        ),
        (
            (
                "Base fare | 30.00",
                "Transportation tax | 2.25",
                "Seat selection | 4.00",
                "Total charged | \u00a336.25",
            ),
            3625,
        ),
        (
            (
                "Stay | 70,00",
                "Preneseno | 70,00",
                "Boravi\u0161na pristojba | 2,10",
                "Ukupno | \u00a372,10",
            ),
            7210,
        ),
        (
            (
                "Arbete | 100,00",
                "Moms 25% | 25,00",
                "Totalt inkl. moms | 125,00",
                "Skattereduktion ROT | -40,00",
                "Att betala | \u00a385,00",
            ),
            8500,
        ),
        (
            (
                "Z\u00e1loha lahev | 12,00",
                "Chl\u00e9b | 48,00",
                "Celkem | \u00a360,00",
                "Hotovost | 60,00",
            ),
            6000,
        ),
        (
            (
                "Opening balance | \u00a371.08",
                "Payment received, thank you | -\u00a371.08",
                "Power | \u00a340.00",
                "Total due | \u00a340.00",
            ),
            4000,
        ),
    ],
)
async def test_what_is_added_or_taken_off_bears_the_total_out(
    rows: tuple[str, ...], total: int
) -> None:
    fields = await read(*rows)
    assert (fields.total_cents, fields.doubts) == (total, ())


@pytest.mark.parametrize(
    "rows",
    [
        # not the share that it says
        ("Room | 250.00", "Subtotal | 250.00", "ISH 3% | 9.50", "Total | \u00a3258.50"),
        # withheld from a total: two sums may be meant
        (
            "Work | 150,00",
            "Base imponible | 150,00",
            "IVA 21 % | 31,50",
            "TOTAL FACTURA | \u00a3181,50",
            "Retenci\u00f3n IRPF 15 % | -22,50",
            "TOTAL A PAGAR | \u00a3159,00",
        ),
        # an advance, not a bottle
        ("Z\u00e1loha | 12,00", "Chl\u00e9b | 48,00", "Celkem | \u00a360,00", "Hotovost | 60,00"),
        # less was paid than was open
        (
            "Opening balance | \u00a371.08",
            "Payment received, thank you | -\u00a351.08",
            "Power | \u00a340.00",
            "Total due | \u00a360.00",
        ),
    ],
)
async def test_what_does_not_add_up_stays_a_doubt(rows: tuple[str, ...]) -> None:
    assert (await read(*rows)).doubts


async def test_the_amount_below_its_label_may_have_a_currency_beside_it() -> None:
    slip = ("CARD SLIP", "IMPORTE:", "45,95 EUR")
    assert (await read(*slip)).total_cents == 4595


async def test_forints_are_rounded_to_five_and_have_no_decimals() -> None:
    head = ("Kisvend\u00e9gl\u0151 Kft.", "6720 Szeged, Hungary", "2026.10.19. 15:42")
    rows = (
        "Leves | 4 237",
        "\u00d6SSZESEN | 4 237 Ft",
        "KEREK\u00cdT\u00c9S | -2 Ft",
        "FIZETEND\u0150 | 4 235 Ft",
        "K\u00c9SZP\u00c9NZ | 5 000 Ft",
        "VISSZAJ\u00c1R\u00d3 | 765 Ft",
    )
    fields = await RulesParser(Settings()).parse(printed(*head, *rows))
    assert (fields.currency, fields.total_cents, fields.doubts) == ("HUF", 423500, ())


async def test_a_protected_origin_is_no_currency() -> None:
    rows = ("Asiago DOP | 4,00% | 8,72", "Totale | \u20ac 8,72", "Contanti | 8,72")
    fields = await read(*rows)
    assert (fields.currency, fields.doubts) == ("EUR", ())


async def test_a_day_and_a_time_may_have_been_joined() -> None:
    head = ("Sen Vang Coffee", "Da Nang, Vietnam", "2026-11-1115:45")
    rows = ("BANH MI | 128,000", "TOTAL | 128,000", "CARD | 128,000")
    fields = await RulesParser(Settings()).parse(printed(*head, *rows))
    assert str(fields.date) == "2026-11-11"
