import pytest

from models import ReceiptText, TextLine
from providers.receipt_parser.receipt_rules.rows import group_rows
from tests.support.printed_receipts import printed


def texts(text: ReceiptText) -> list[str]:
    return [row.text for row in group_rows(text)]


@pytest.mark.parametrize("skew", [-12.0, -3.0, 0.0, 3.0, 12.0])
def test_words_side_by_side_are_a_row_however_the_page_leans(skew: float) -> None:
    text = printed("SHOP", "Tea | 4.50", "Coffee | 2 | 7.10", "TOTAL | 11.60", skew=skew)
    assert texts(text) == ["SHOP", "Tea  4.50", "Coffee  2  7.10", "TOTAL  11.60"]


def test_a_row_follows_the_bend_of_the_paper() -> None:
    def line(text: str, left: int, top: int) -> TextLine:
        return TextLine(text=text, box=(left, top, left + 60, top + 20), confidence=1)

    bent = [line("a", 0, 100), line("b", 100, 106), line("c", 200, 112), line("d", 300, 118)]
    below = [line("e", 0, 125), line("f", 150, 134), line("g", 300, 143)]
    text = ReceiptText(lines=(*below, *bent), width=400, height=300, engine="test")
    assert texts(text) == ["a  b  c  d", "e  f  g"]


def test_pages_keep_their_order_and_their_rows() -> None:
    def line(text: str, left: int, page: int) -> TextLine:
        return TextLine(text=text, box=(left, 10, left + 50, 30), confidence=1, page=page)

    lines = (line("c", 0, 1), line("b", 90, 0), line("a", 0, 0), line("d", 90, 1))
    text = ReceiptText(lines=lines, width=200, height=40, engine="test")
    assert texts(text) == ["a  b", "c  d"]
    assert [row.page for row in group_rows(text)] == [0, 1]
