"""How whole cents are written."""

import pytest

from models import cents_as_text


@pytest.mark.parametrize(
    ("cents", "text"),
    [
        (0, "0.00"),
        (5, "0.05"),
        (1_230, "12.30"),
        (99_999_999_999, "999999999.99"),
        (-5, "-0.05"),
        (-1_230, "-12.30"),
    ],
)
def test_cents_are_written_in_units(cents: int, text: str) -> None:
    assert cents_as_text(cents) == text
