"""Every parser of what strangers send, with a few inputs; ``make fuzz`` has a thousand."""

import pytest

from tests.fuzz.parsers import PARSERS, fuzz

FEW = {"rules": 6, "witness": 4, "pdf": 4}


@pytest.mark.parametrize("name", PARSERS)
def test_a_parser_raises_its_own_errors_and_ends_in_time(name: str) -> None:
    fuzz(name, FEW.get(name, 40))
