from config import Settings
from models import ReceiptText
from providers.receipt_parser.receipt_rules import RulesParser
from service.receipts.excerpt import excerpt
from tests.support.printed_receipts import printed
from workflows.receipt.progress import NOTHING_READ

ITEMS = tuple(f"Article {number} | 1.00" for number in range(1, 13))
RECEIPT = printed(
    *("ORCHID TRADING SDN BHD", "12, JALAN BUNGA", "Date: 14/03/2024", *ITEMS),
    *("TOTAL RM | 12.00", "CASH | 20.00", "CHANGE | 8.00", "Thank you", "Come again"),
)


async def test_the_rows_around_each_field_are_shown_and_marked() -> None:
    fields = await RulesParser(Settings()).parse(RECEIPT)

    shown = excerpt(RECEIPT, fields)

    assert shown[0] == "  merchant | ORCHID TRADING SDN BHD"
    assert "      date | Date: 14/03/2024" in shown
    total = shown.index(next(line for line in shown if line.strip().startswith("total")))
    assert shown[total] == "     total | TOTAL RM  12.00"
    assert [line.split("| ")[1] for line in shown[total - 2 : total]] == [
        "Article 11  1.00",
        "Article 12  1.00",
    ]
    assert shown[total - 3] == "..."
    assert shown[-1].endswith("CHANGE  8.00")


def test_without_a_total_the_beginning_of_all_is_shown() -> None:
    shown = excerpt(printed(*(f"row {number}" for number in range(60))), NOTHING_READ)

    assert [line.split("| ")[1] for line in shown] == [f"row {number}" for number in range(40)]


def test_a_receipt_without_text_shows_nothing() -> None:
    text = ReceiptText(lines=(), width=10, height=10, engine="test")
    assert excerpt(text, NOTHING_READ) == []
