"""Line items in the forms in which receipts print them."""

import pytest

from config import Settings
from models import ReceiptFields
from providers.errors import TotalNotFound
from providers.receipt_parser.receipt_rules import RulesParser
from tests.support.printed_receipts import printed

HEAD = ("ORCHID TRADING SDN BHD", "Date: 14/03/2024")


async def read(*rows: str) -> ReceiptFields:
    return await RulesParser(Settings()).parse(printed(*HEAD, *rows))


def items(fields: ReceiptFields) -> list[tuple[str, int]]:
    return [(item.description, item.cents) for item in fields.items]


async def test_articles_down_to_the_total() -> None:
    fields = await read("Tea | 4.50 A", "2 x 1.00 Scone | 2.00 B", "TOTAL RM | 6.50", "CASH | 6.50")
    assert items(fields) == [("Tea", 450), ("Scone", 200)]
    assert fields.doubts == ()


async def test_a_name_above_its_prices_is_the_article() -> None:
    fields = await read("OOLONG TEA 100G", "2 x 4.00 | 8.00", "SUBTOTAL | 8.00", "TOTAL RM | 8.00")
    assert items(fields) == [("OOLONG TEA 100G", 800)]


async def test_the_price_of_a_kilogram_is_no_article() -> None:
    fields = await read("Apples | 1.15", "0.5 x | 2.30", "Pears | 2.00", "TOTAL RM | 3.15")
    assert items(fields) == [("Apples", 115), ("Pears", 200)]


async def test_a_discount_is_taken_off() -> None:
    fields = await read("Tea | 4.50", "DISCOUNT | 0.50", "TOTAL RM | 4.00", "CASH | 4.00")
    assert items(fields) == [("Tea", 450), ("DISCOUNT", -50)]


async def test_articles_that_do_not_add_up_block_nothing() -> None:
    fields = await read("Tea | 4.50", "TOTAL RM | 8.00", "CASH | 10.00", "CHANGE | 2.00")
    assert items(fields) == [("Tea", 450)]
    assert fields.doubts == ()


async def test_alternatives_of_total_and_date_are_offered() -> None:
    fields = await read("Tea | 4.50", "SUBTOTAL | 4.50", "SST 6% | 0.27", "TOTAL RM | 4.77")
    assert fields.candidates["total"][:2] == ("4.77", "4.50")
    ambiguous = await RulesParser(Settings()).parse(printed("SHOP", "03/04/2024", "TOTAL | 4.77"))
    assert {str(ambiguous.date), *ambiguous.candidates["date"]} == {"2024-04-03", "2024-03-04"}


async def test_without_a_total_likely_amounts_are_offered() -> None:
    with pytest.raises(TotalNotFound) as missing:
        await read("Tea | 4.50", "Tea | 4.50", "Cake | 2.00")
    assert missing.value.partial is not None
    assert missing.value.partial.candidates["total"] == ("4.50",)
