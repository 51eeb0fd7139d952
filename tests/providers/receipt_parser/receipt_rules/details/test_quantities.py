"""Quantities and unit prices, where they are printed and their product is the item's amount."""

from decimal import Decimal

import pytest

from config import Settings
from models import LineItem
from providers.receipt_parser.receipt_rules import RulesParser
from tests.support.printed_receipts import printed


async def items(*rows: str, total: str = "EUR | 99,00") -> tuple[LineItem, ...]:
    """Read items between a head and a total that they need not add up to."""
    text = printed("KORNBLUME", "14.03.2026", *rows, f"TOTAL {total}")
    return (await RulesParser(Settings()).parse(text)).items


@pytest.mark.parametrize(
    ("row", "quantity", "price"),
    [
        ("2 x 3,49 Milch | 6,98", "2", 349),
        ("Milch 2 x 3,49 | 6,98 A", "2", 349),
        ("Milch 3,49 x 2 | 6,98 A", "2", 349),
        ("Milch 2 Stk x 3,49 | 6,98", "2", 349),
        ("Milk 3 @ 1.99 | 5.97", "3", 199),
        ("Milk 3 @ $1.99 ea | 5.97", "3", 199),
        ("Milk 2 pcs @ RM 3.00 | 6.00", "2", 300),
        ("Lait 2 à 3,49 | 6,98", "2", 349),
        ("Latte 2*3,49 | 6,98", "2", 349),
        ("Tomaten 0,482 kg x 2,99 EUR/kg | 1,44", "0.482", 299),
        ("Carport 2 x 1.234,50 | 2.469,00", "2", 123450),
        ("2 | Lamb Shank | 16.00 | 32.00", "2", 1600),
        ("Lamb Shank | 2 | 16.00 | 32.00", "2", 1600),
        ("Lamb Shank | 16.00 | 2 | 32.00", "2", 1600),
        ("Consulting | 1 | 120.00 | 120.00", "1", 12000),
        ("Baguette x2 | 2,60", "2", None),
        ("2x Baguette | 2,60", "2", None),
    ],
)
async def test_quantity_and_price_of_one_row(row: str, quantity: str, price: int | None) -> None:
    (item,) = await items(row)
    assert (item.quantity, item.unit_price_cents) == (Decimal(quantity), price)
    words = item.description
    assert words in ("Milch", "Milk", "Lait", "Latte", "Tomaten", "Carport") or not any(
        sign.isdigit() for sign in words
    )


@pytest.mark.parametrize(
    "row",
    [
        "2 x 3,49 Milch | 7,98",  # does not come to it
        "2 Lamb Shank | 32.00",  # a number, and nobody says of what
        "7 UP | 1.99",
        "Multivitamin 24 x 500mg | 4.80",
        "Holz 10 x 20 cm | 3.00",
        "Bluse Gr. 38 | 39.95 | 39.95",
        "Wein 2x0,75l | 12.01",
        "Gratis 2 x 0,00 | 0,00",
    ],
)
async def test_what_is_no_quantity_is_left_out(row: str) -> None:
    for item in await items(row):
        assert (item.quantity, item.unit_price_cents) == (None, None)


async def test_a_row_of_its_own_belongs_to_the_item_that_it_comes_to() -> None:
    below = await items("Milch | 6,98 A", "2 Stk x 3,49", "Brot | 2,00 A")
    above = await items("Brot | 2,00 A", "2 x 3,49", "Milch | 6,98 A")
    for found in (below, above):
        counted = {one.description: one.quantity for one in found}
        assert counted == {"Milch": 2, "Brot": None}


async def test_currencies_without_decimals_and_with_three() -> None:
    (yen,) = await items("Tea 3 x 1,200 | 3,600", total="JPY | 3,600")
    assert (yen.quantity, yen.unit_price_cents, yen.cents) == (Decimal(3), 1200, 3600)
    (dinar,) = await items("Tea 2 x 1.250 | 2.500", total="KWD | 2.500")
    assert (dinar.quantity, dinar.unit_price_cents, dinar.cents) == (Decimal(2), 1250, 2500)
