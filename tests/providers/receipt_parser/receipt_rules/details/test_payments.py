"""How a receipt was paid, in the words of several countries; never which card it was."""

import pytest

from config import Settings
from models import PaymentMethod
from providers.receipt_parser.receipt_rules import RulesParser
from tests.support.printed_receipts import printed


async def paid(*rows: str, currency: str = "EUR") -> PaymentMethod | None:
    text = printed("KORNBLUME", "14.03.2026", "Brot | 11,90", f"TOTAL {currency} | 11,90", *rows)
    return (await RulesParser(Settings()).parse(text)).payment_method


@pytest.mark.parametrize(
    ("rows", "method"),
    [
        (("VISA | 11,90",), "card"),
        (("EC-Karte | 11,90",), "card"),
        (("EC Cash EUR | 11,90",), "card"),
        (("girocard | 11,90",), "card"),
        (("Carte bancaire | 11,90",), "card"),
        (("CB SANS CONTACT | 11,90",), "card"),
        (("Tarjeta | 11,90",), "card"),
        (("Bancomat | 11,90",), "card"),
        (("Dankort | 11,90",), "card"),
        (("MASTERCARD ************4242",), "card"),
        (("Kartenzahlung", "girocard"), "card"),
        (("Payment method: Visa",), "card"),
        (("Zahlungsart: EC-Karte",), "card"),
        (("Bar | 11,90",), "cash"),
        (("Bar | 20,00", "Rückgeld | 8,10"), "cash"),
        (("CASH | 20,00", "CHANGE | 8,10"), "cash"),
        (("Espèces | 11,90",), "cash"),
        (("Contanti | 11,90",), "cash"),
        (("Kontant | 11,90",), "cash"),
        (("Efectivo | 11,90",), "cash"),
        (("Paid in cash",), "cash"),
        (("PayPal | 11,90",), "online_service"),
        (("Swish | 11,90",), "online_service"),
        (("Lastschrift | 11,90",), "direct_debit"),
        (("Payment method: bank transfer",), "credit_transfer"),
    ],
)
async def test_how_it_was_paid(rows: tuple[str, ...], method: str) -> None:
    assert await paid(*rows) == PaymentMethod(method)


@pytest.mark.parametrize(
    "rows",
    [
        (),
        ("VISA | 5,00", "Bar | 6,90"),  # two of them
        ("We accept Visa, Mastercard and Amex",),
        ("NO CASH REFUNDS",),
        ("CASHIER: ANNA",),
        ("Gift card | 11,90",),
        ("Card surcharge | 0,30",),
        ("Bei Barzahlung 2 % Skonto",),
        ("Loyalty card 4242",),
        ("VISA | 5,00",),  # the rest was paid otherwise
    ],
)
async def test_what_does_not_say_how(rows: tuple[str, ...]) -> None:
    assert await paid(*rows) is None


async def test_an_article_is_no_payment() -> None:
    rows = printed("SHOP", "14.03.2026", "CHOCOLATE BAR | 1.90", "TOTAL EUR | 1.90")
    assert (await RulesParser(Settings()).parse(rows)).payment_method is None
