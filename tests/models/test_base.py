"""Texts from outside, cleaned when a model is built."""

import pytest

from models import ReceiptText, TextLine, clean_text


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("a\0b\x1b[31m", "ab[31m"),
        ("two\nlines", "two lines"),
        ("\u202e\u061c\u200fturned", "turned"),
        ("\ufeff\u200b=1", "=1"),
        ("half \ud800", "half \ufffd"),
    ],
)
def test_what_nobody_sees_goes_and_half_a_character_is_replaced(text: str, cleaned: str) -> None:
    assert clean_text(text) == cleaned


def test_a_receipt_with_half_a_character_can_be_written_down() -> None:
    line = TextLine(text="TOTAL \udc00 10.00", confidence=1.0, box=(0, 0, 9, 9))
    text = ReceiptText(lines=(line,), width=9, height=9, engine="pdf")

    assert ReceiptText.model_validate_json(text.model_dump_json()) == text
