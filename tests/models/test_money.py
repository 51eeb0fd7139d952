"""Money: every currency of ISO 4217 with its own digits, written and read without loss."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from models import (
    AT_A_DOOR,
    DIGITS,
    LARGEST_AMOUNT,
    CurrencyCode,
    amount_as_text,
    amount_of_text,
    digits_of,
    minor_units,
    money_as_text,
)

currencies = st.sampled_from(sorted(DIGITS))
amounts = st.integers(min_value=0, max_value=LARGEST_AMOUNT)

NO_CURRENCIES = ("XXX", "ZZZ", "XTS", "XAU", "XAG", "XDR", "XSU", "DEM", "HRK", "BGN", "ANG")
"""None, none, for tests, gold, silver, units of account, and what was withdrawn."""


def test_the_digits_are_those_of_iso_4217() -> None:
    # https://www.six-group.com/en/products-services/financial-information/data-standards.html
    assert {code: digits for code, digits in DIGITS.items() if digits != 2} == {
        **dict.fromkeys(["BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF"], 0),
        **dict.fromkeys(["UGX", "UYI", "VND", "VUV", "XAF", "XOF", "XPF"], 0),
        **dict.fromkeys(["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"], 3),
        **dict.fromkeys(["CLF", "UYW"], 4),
    }
    assert len(DIGITS) > 150


def test_they_are_not_those_that_shops_print() -> None:
    assert {digits_of(code) for code in ("ALL", "HUF", "IDR", "MGA")} == {2}
    assert digits_of("IQD") == 3
    assert money_as_text(123_456, "HUF") == "1,234.56 HUF"


@pytest.mark.parametrize("code", NO_CURRENCIES)
def test_what_is_no_currency_in_use_is_refused_at_a_door_alone(code: str) -> None:
    currency = TypeAdapter(CurrencyCode)
    assert code not in DIGITS
    with pytest.raises(ValidationError, match="ISO 4217 code of a currency in use, such as USD"):
        currency.validate_python(code, context=AT_A_DOOR)
    # A run that was started with it while it was one is read as before.
    assert currency.validate_python(code) == code


@pytest.mark.parametrize(
    ("amount", "currency", "text", "money"),
    [
        (0, "USD", "0.00", "0.00 USD"),
        (5, "USD", "0.05", "0.05 USD"),
        (1_230, "EUR", "12.30", "12.30 EUR"),
        (-5, "USD", "-0.05", "-0.05 USD"),
        (-123_456, "USD", "-1234.56", "-1,234.56 USD"),
        (99_999_999_999, "USD", "999999999.99", "999,999,999.99 USD"),
        (1_000, "JPY", "1000", "1,000 JPY"),
        (-7, "JPY", "-7", "-7 JPY"),
        (1_000, "KWD", "1.000", "1.000 KWD"),
        (5, "KWD", "0.005", "0.005 KWD"),
        (12_345, "CLF", "1.2345", "1.2345 CLF"),
        (1_230, None, "12.30", "12.30"),
        (1_230, "XXX", "12.30", "12.30 XXX"),
    ],
)
def test_amounts_are_written(amount: int, currency: str | None, text: str, money: str) -> None:
    assert amount_as_text(amount, currency) == text
    assert money_as_text(amount, currency) == money


@settings(deadline=None)
@given(amounts, currencies)
def test_what_is_written_is_read_as_the_same_amount(amount: int, currency: str) -> None:
    assert amount_of_text(amount_as_text(amount, currency), currency) == amount


@settings(deadline=None)
@given(amounts, currencies)
def test_what_people_are_shown_says_the_same(amount: int, currency: str) -> None:
    number, code = money_as_text(amount, currency).split(" ")
    assert (number.replace(",", ""), code) == (amount_as_text(amount, currency), currency)


@settings(deadline=None)
@given(st.integers(min_value=0, max_value=9_999_999), currencies)
def test_whole_units_are_written_with_zeros(units: int, currency: str) -> None:
    zeros = "0" * digits_of(currency)
    text = amount_as_text(minor_units(units, currency), currency)
    assert text == (f"{units}.{zeros}" if zeros else str(units))


@settings(deadline=None)
@given(st.text("0123456789.,", max_size=16) | st.text(max_size=8), currencies)
def test_a_text_is_an_amount_or_none_and_never_more_digits_than_there_are(
    text: str, currency: str
) -> None:
    amount = amount_of_text(text, currency)
    if amount is not None:
        _, _, decimals = text.strip().replace(",", ".").partition(".")
        assert 0 <= amount <= LARGEST_AMOUNT
        assert len(decimals) <= digits_of(currency)
        assert float(amount_as_text(amount, currency)) == float(text.strip().replace(",", "."))


@pytest.mark.parametrize(
    ("text", "currency"),
    [
        ("12.30", "JPY"),
        ("12.0", "JPY"),
        ("1,280", "JPY"),
        ("12.345", "USD"),
        ("1,280", "KWD"),  # 1.280 or 1280?
        ("1.2801", "KWD"),
        ("1e3", "USD"),
        ("-1", "USD"),
        ("1000000000.00", "USD"),
        ("\uff11\uff12", "JPY"),
        ("", "USD"),
    ],
)
def test_what_is_no_amount_of_a_currency(text: str, currency: str) -> None:
    assert amount_of_text(text, currency) is None
