"""What bears a total out, and what looks like it and does not; all receipts are made up."""

import pytest

from config import Settings
from models import ReceiptFields
from providers.errors import TotalNotFound
from providers.receipt_parser.receipt_rules import RulesParser
from tests.support.printed_receipts import printed

HEAD = ("Harbour Deli Ltd", "VAT no. 418 8220 17", "18/03/2026 12:30")


async def read(text: str) -> ReceiptFields:
    return await RulesParser(Settings()).parse(printed(*HEAD, *text.split(";")))


def about_money(fields: ReceiptFields) -> list[str]:
    return [doubt for doubt in fields.doubts if "total" in doubt or "refunded" in doubt]


BORNE_OUT = {
    "litres at a price": ("Price/Litre £8.80;Volume 32.50 L;AMOUNT £286.00", 28600),
    "litres at a price of three decimals": (
        "Super E10 | 71,46;Menge 40,86 l;Preis/l 1,749 EUR;Gesamt EUR | 71,46",
        7146,
    ),
    "litres times a price": ("V-Power 15.625 L x 192.00;TOTAL | 3,000.00", 300000),
    "columns of net, tax and gross above the sums of them": (
        "Work | Net | VAT | Gross;MOT test | 54.85 | 0.00 | 54.85;Springs | 98.00 | 19.60 | 117.60;"
        "Net | 152.85;VAT | 19.60;Total to pay | £172.45",
        17245,
    ),
    "a product above its amount": (
        "Bavette 0,480kg x 27,90;13,39;Diots x 4 | 8,60;NET A PAYER | 21,99 EUR",
        2199,
    ),
    "a product below its amount": ("MILK 2L | 2.40;2 @ 1.20;BREAD | 4.00;TOTAL | £6.40", 640),
    "the amount on the card's slip": (
        "TOTAL | 45,00 EUR;CARTE BANCAIRE;A0000000421010;NO AUTO 123456;MONTANT = 45,00 EUR",
        4500,
    ),
    "articles, a fee and one more article": (
        "Pizza | 18.00;Delivery fee | 2.50;Cola | 4.00;Discount | -1.00;Total | £23.50",
        2350,
    ),
    "what an insurer pays, between the articles": (
        "Recept celkem | 548,-;hradí pojišťovna | -396,-;doplatek | 152,-;Vitamin | 160,-;"
        "K ÚHRADĚ Kč | 312,-;Platba kartou | 312,-",
        31200,
    ),
    "credits between the articles and the total": (
        "Compute | £61.20;Storage | £22.94;Credits | -£5.00;TOTAL AMOUNT DUE | £79.14",
        7914,
    ),
}


@pytest.mark.parametrize("name", BORNE_OUT)
async def test_a_total_is_borne_out_by(name: str) -> None:
    text, cents = BORNE_OUT[name]
    fields = await read(text)
    assert (fields.total_cents, about_money(fields)) == (cents, [])


NOT_BORNE_OUT = {
    "the subtotal of litres at a price": (
        "Price/Litre £8.80;Volume 32.50 L;Subtotal | £286.00;AMOUNT | £343.20"
    ),
    "litres of one pump, and a car wash": (
        "Volume 40.00 L;Price/Litre 1.50;FUEL AMOUNT | 60.00;TOTAL | 72.00"
    ),
    "a slip with another amount": (
        "TOTAL | 45,00 EUR;CARTE BANCAIRE;A0000000421010;NO AUTO 123456;MONTANT = 54,00 EUR"
    ),
    "a slip that leaves room for a tip": (
        "TOTAL | £45.00;VISA DEBIT;A0000000031010;AUTH 1234;AMOUNT | £45.00;TIP;TOTAL"
    ),
    "a card's name above another total": "Tea | 9.00;TOTAL | £45.00;VISA;AMOUNT | £45.00",
    "the cash that was handed over": "Tea | 9.00;Subtotal | 9.00;CASH | 50.00",
    "the tax": "Tea | 9.00;VAT 20% | 1.50;TOTAL | £45.00",
    "a balance with arrears": "Charges | 100.00;Previous balance | 50.00;Total due | £150.00",
}


@pytest.mark.parametrize("name", NOT_BORNE_OUT)
async def test_a_total_is_not_borne_out_by(name: str) -> None:
    fields = await read(NOT_BORNE_OUT[name])
    assert fields.doubts


async def test_a_tip_on_the_slip_is_in_the_total() -> None:
    fields = await read(
        "Dinner | 100.00;TOTAL | £100.00;AID A0000000031010;AMOUNT | £100.00;TIP | £20.00;"
        "TOTAL | £120.00;AUTH CODE 123456"
    )
    assert fields.total_cents == 12000


NOTHING = {
    "the tenth coffee is free": "LATTE | £3.40;LOYALTY FREE DRINK | -£3.40;TOTAL | £0.00",
    "a discount of all": "LATTE | £3.40;SUBTOTAL | £3.40;COMP 100% | -£3.40;TOTAL | £0.00",
    "an even exchange": "RETURN SHOE | -£50.00;SHOE 10 | £50.00;TOTAL | £0.00",
}


@pytest.mark.parametrize("name", NOTHING)
async def test_nothing_was_spent(name: str) -> None:
    fields = await read(NOTHING[name])
    assert (fields.total_cents, about_money(fields)) == (0, [])


@pytest.mark.parametrize(
    "text",
    [
        "Tea | £1.00;LATTE | £3.40;GIFT VOUCHER | -£3.40;TOTAL | £0.00",
        "LATTE | £3.40;GIFT VOUCHER | -£3.40;TOTAL | £0.00",
        "LATTE | £3.40;TOTAL | £0.00",
        "Callout | £50.00;Total | £50.00;Balance due | £0.00",
        "LATTE | £3.40;DISCOUNT | -£3.40;CARD | £3.40;TOTAL | £0.00",
    ],
)
async def test_a_zero_is_no_total_by_itself(text: str) -> None:
    try:
        fields: ReceiptFields | None = await read(text)
    except TotalNotFound as error:
        fields = error.partial
    assert fields
    assert fields.total_cents != 0
    assert fields.doubts or fields.total_cents == 5000


BACK = {
    "an exchange, the refund without a minus": (
        "RETOUR BALLERINE | -59,90;"
        "ESPADRILLE | 45,00;TOTAL TTC | -14,90 €;REMBOURSE ESPECES | 14,90",
        -1490,
    ),
    "an exchange in German": (
        "Hose Rückgabe | -59,90;Hose | 49,90;Summe EUR | -10,00;Rückzahlung bar | 10,00",
        -1000,
    ),
    "what was kept of a ticket": (
        "Conferma di rimborso n. 4418;Biglietto | € 34,10;Trattenuta | € -6,80;"
        "Importo rimborsato | € 27,30",
        -2730,
    ),
    "a Swedish credit note": (
        "KREDITFAKTURA 90418;Retur | 1 250,00;Moms 25% | 312,50;Att erhålla SEK | 1 562,50",
        -156250,
    ),
    "a Serbian refund": (
        "PROMET REFUNDACIJA;Kafa | 200,00;Ukupna refundacija: | 200,00;Gotovina | 200,00",
        -20000,
    ),
    "a Lithuanian credit note": (
        "Kreditinė sąskaita faktūra Nr. 5;Prekė | 100,00;Iš viso | 100,00",
        -10000,
    ),
}


@pytest.mark.parametrize("name", BACK)
async def test_money_went_back(name: str) -> None:
    text, cents = BACK[name]
    fields = await read(text)
    assert (fields.total_cents, about_money(fields)) == (cents, [])


async def test_a_minus_that_the_articles_do_not_come_to_stays_a_doubt() -> None:
    fields = await read("BOOTS | 59,90;TOTAL TTC | -14,90 €;REMBOURSE ESPECES | 14,90")
    assert fields.doubts
