"""Refunds whose sign is not printed, or not in each row; all receipts are made up."""

import pytest

from config import Settings
from models import ReceiptFields
from providers.receipt_parser.receipt_rules import RulesParser
from tests.support.printed_receipts import printed

HEAD = ("Harbour Deli Ltd", "2 Quay Road, Leeds LS1 1AA", "14/03/2026 12:30")
THROW = "Merino throw | \u00a364.00"


async def read(*rows: str) -> ReceiptFields:
    return await RulesParser(Settings()).parse(printed(*HEAD, *rows))


@pytest.mark.parametrize(
    "title",
    [
        "EFTPOS REFUND",
        "Subject: Your refund for order LL-30881",
        "Nota de Cr\u00e9dito NC 2026/14",
        "Credit note CN 2081",
        "Betreff: Ihre Gutschrift GS 4410",
    ],
)
async def test_a_refund_is_known_by_its_title(title: str) -> None:
    fields = await read(title, THROW, "Total | \u00a364.00")
    assert (fields.total_cents, fields.doubts) == (-6400, ())


@pytest.mark.parametrize(
    "total",
    [
        "Refund total",
        "Total refunded",
        "Amount refunded",
        "Total rembours\u00e9",
        "Totale rimborsato",
        "Erstattungsbetrag",
    ],
)
async def test_a_total_that_is_called_a_refund_is_money_back(total: str) -> None:
    fields = await read(THROW, "VISA | \u00a364.00", f"{total} | \u00a364.00")
    assert (fields.total_cents, fields.doubts) == (-6400, ())


async def test_a_refund_beside_another_total_is_a_doubt() -> None:
    fields = await read(
        THROW, "Total | \u00a364.00", "VISA | \u00a364.00", "Refund total | \u00a320.00"
    )
    assert fields.doubts


async def test_a_journey_back_is_no_refund() -> None:
    rows = ("Outward | Fri 6 March, Leeds", "Return | Sun 8 March, London")
    fields = await read(*rows, "1 Adult Off-Peak Return | \u00a364.00", "Total paid | \u00a364.00")
    assert fields.total_cents == 6400
    assert "money may have been refunded" not in fields.doubts


async def test_what_was_handed_back_may_have_no_minus() -> None:
    fields = await read("REFUND", "Throw | -64.00", "TOTAL | -64.00", "CASH | \u00a364.00")
    assert (fields.total_cents, fields.doubts) == (-6400, ())
    fields = await read("REFUND", "TOTAL | -64.00", "CASH | \u00a364.00")
    assert (fields.total_cents, fields.doubts) == (-6400, ())


async def test_a_refund_less_a_fee_is_what_is_left() -> None:
    fare = "Fare refunded | \u00a347.90"
    fields = await read("Refund", fare, "Less handling fee | -10.00", "Refund total | \u00a337.90")
    assert (fields.total_cents, fields.doubts) == (-3790, ())
    fields = await read("Refund", fare, "Returned hat | -10.00", "Total | \u00a337.90")
    assert fields.doubts == ("only a part may have been refunded",)


@pytest.mark.parametrize("back", ["Do zwrotu", "To be refunded", "Zu erstatten", "A rembourser"])
async def test_a_corrected_invoice_gives_the_difference_back(back: str) -> None:
    fields = await read(
        "Faktura koryguj\u0105ca FK/2026/05/07",
        "Przed korekt\u0105: kawa | 1 000,00 | 230,00 | 1 230,00",
        "Po korekcie: kawa | 800,00 | 184,00 | 984,00",
        "R\u00f3\u017cnica | -200,00 | -46,00 | -246,00",
        f"{back}: \u00a3246,00",
    )
    assert (fields.total_cents, fields.doubts) == (-24600, ())
