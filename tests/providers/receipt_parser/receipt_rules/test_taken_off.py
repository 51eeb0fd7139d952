"""What is left to pay below the total: vouchers, advances and fees; all receipts are made up."""

import pytest

from config import Settings
from models import ReceiptFields
from providers.receipt_parser.receipt_rules import RulesParser
from tests.support.printed_receipts import printed

HEAD = ("Harbour Deli Ltd", "2 Quay Road, Leeds LS1 1AA", "14/03/2026 12:30")
TEA = ("Tea | \u00a34.50", "TOTAL | \u00a34.50")


async def read(*rows: str) -> ReceiptFields:
    return await RulesParser(Settings()).parse(printed(*HEAD, *rows))


@pytest.mark.parametrize(
    ("voucher", "left"),
    [
        ("Gift card", "Balance due"),
        ("Geschenkkarte", "Zu zahlen"),
        ("Bon d'achat", "Net \u00e0 payer"),
        ("Vale regalo", "A pagar"),
        ("Buono regalo", "Da pagare"),
        ("Cadeaubon", "Te betalen"),
        ("Presentkort", "Att betala"),
        ("Gavekort", "At betale"),
        ("Bon podarunkowy", "Do zap\u0142aty"),
        ("D\u00e1rkov\u00fd poukaz", "K \u00fahrad\u011b"),
        ("Aj\u00e1nd\u00e9kutalv\u00e1ny", "Fizetend\u0151"),
        ("Vale oferta", "A pagar"),
        ("Lahjakortti", "Maksettava"),
        ("Hediye \u00e7eki", "\u00d6denecek tutar"),
        ("Something new", "Amount due"),
    ],
)
async def test_a_voucher_that_leaves_nothing_to_pay_is_a_doubt(voucher: str, left: str) -> None:
    fields = await read(*TEA, f"{voucher} | -4.50", f"{left} | \u00a30.00")
    assert fields.doubts == ("a voucher may have paid the total 4.50",)


async def test_nothing_is_left_after_a_card_or_cash() -> None:
    assert (await read(*TEA, "VISA | -4.50", "Amount due | \u00a30.00")).doubts == ()
    split = ("VISA | 3.00", "CASH | 1.50", "Balance due | \u00a30.00")
    assert (await read(*TEA, *split)).doubts == ()


async def test_a_gift_card_to_be_won_pays_nothing() -> None:
    fields = await read(*TEA, "VISA | 4.50", "WIN A GIFT CARD OF | \u00a3500.00")
    assert (fields.total_cents, fields.doubts) == (450, ())


@pytest.mark.parametrize(
    ("advance", "left"),
    [
        ("Retainer applied", "Amount due"),
        ("Angezahlt", "Restbetrag"),
        ("A cuenta", "Resto"),
        ("Caparra", "Saldo"),
        ("Reeds voldaan", "Te betalen"),
        ("Handpenning", "Kvar att betala"),
        ("Depositum", "Rest til betaling"),
        ("Ennakkomaksu", "Maksettava"),
        ("Zadatek", "Pozosta\u0142o do zap\u0142aty"),
        ("El\u0151leg", "Fizetend\u0151"),
        ("Cau\u00e7\u00e3o", "Em falta"),
        ("Avans", "Rest de plat\u0103"),
        ("Kapora", "Kalan"),
        ("Something new", "Still open"),
    ],
)
async def test_a_total_of_which_a_part_was_paid_before_is_a_doubt(advance: str, left: str) -> None:
    rows = ("Tea | 44.50", "TOTAL | \u00a344.50", f"{advance} | -30.00", f"{left} | \u00a314.50")
    assert (await read(*rows)).doubts


async def test_fees_between_the_subtotal_and_the_total_confirm_it() -> None:
    fields = await read(
        *("Base fare excl. taxes | 291.16", "Transport tax | 21.84", "Security fees | 20.80"),
        *("Passenger facility charge | 9.00", "Total | \u00a3342.80"),
    )
    assert (fields.total_cents, fields.doubts) == (34280, ())


async def test_an_empty_total_for_another_tip_changes_nothing() -> None:
    fields = await read(
        *("Menu | 130.00", "Pairing | 14.00", "Subtotal | 144.00", "Auto gratuity 20% | 28.80"),
        *("Tax 8.05% | 11.59", "Kitchen fee 2.25% | 3.24", "Total | \u00a3187.63"),
        *("Additional tip | ____", "Total | ____", "Gratuity has been added"),
    )
    assert (fields.total_cents, fields.doubts) == (18763, ())


async def test_the_number_of_a_tax_payer_above_the_items_is_no_tax() -> None:
    fields = await read(
        *("MWST-Nr. CHE-109.877.654", "Schrank | \u00a32'491.00", "MWST 8.1% | \u00a3201.77"),
        *("Rundung | -0.02", "Total | \u00a32'692.75"),
    )
    assert (fields.total_cents, fields.doubts) == (269275, ())


@pytest.mark.parametrize(
    "label", ["TOTAL (2 articles)", "TOTALE 2 ARTICOLI", "Summe EUR (2 Artikel)", "TOTAL 2 ITEMS"]
)
async def test_a_total_may_say_how_many_articles_it_is_for(label: str) -> None:
    rows = ("Tea | 4.50", "Cake | 6.00", f"{label} | \u00a310.50")
    fields = await read(*rows, "TITRE RESTAURANT | 6.00", "VISA | 4.50")
    assert (fields.total_cents, fields.doubts) == (1050, ())
